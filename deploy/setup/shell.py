"""Runs a program, shows its output only when it fails, and turns the common failures into remedies."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.setup.errors import CommandFailedError, SetupError

ROOT = Path(__file__).resolve().parent.parent.parent
HEAD_LINES = 10  # npm says why first
TAIL_LINES = 15  # pip says it last
REMEDIES = (
    ("No space left on device", "the disk is full: free 2 GB and run the same command again"),
    ("Permission denied", "this folder or its cache cannot be written: run as its owner (never with sudo)"),
    ("EACCES", "this folder or its cache cannot be written: run as its owner (never with sudo)"),
    ("No matching distribution found", "no wheel for this Python or machine: try make PYTHON=python3.12 setup"),
    ("Could not find a version", "no wheel for this Python or machine: try make PYTHON=python3.12 setup"),
    ("Temporary failure in name resolution", "there is no network: connect and run the same command again"),
    ("ENOTFOUND", "there is no network: connect and run the same command again"),
    ("Connection refused", "the package registry refused: check the network or its proxy, then try again"),
    ("timed out", "the package registry is slow or away: run the same command again"),
)


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def remedy_for(output: str) -> str:
    for sign, remedy in REMEDIES:
        if sign in output:
            return remedy
    return "read the lines above, then run the same command again"


def shortened(output: str) -> str:
    lines = output.splitlines()
    if len(lines) <= HEAD_LINES + TAIL_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:HEAD_LINES], "  ...", *lines[-TAIL_LINES:]])


def run(
    command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, show: bool = False
) -> None:
    """Raises CommandFailedError with the last lines of output; `show` lets the output through."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise SetupError(f"{words[0]} was not found", "install it, then run the same command again") from error
    except OSError as error:
        raise SetupError(f"{words[0]} does not start: {error.strerror}", remedy_for(str(error))) from error
    if done.returncode:
        output = done.stdout or ""
        print(shortened(output), file=sys.stderr)
        raise CommandFailedError(f"`{' '.join(words[:4])} ...` ended with code {done.returncode}", remedy_for(output))
