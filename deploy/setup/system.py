"""Programs that only the tests need: Chromium, Redis, PostgreSQL, eSpeak NG. Tests skip what stays missing."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.setup.errors import CommandFailedError
from deploy.setup.shell import run, say

UPDATE_TRIES = 3
UPDATE_PAUSE_S = 5
APT_ENV = {"DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Program:
    """What apt and Homebrew call it, and how to see whether it is there."""

    apt: str
    brew: str
    is_there: Callable[[], bool]


def any_of(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def has_postgresql() -> bool:
    """Debian keeps initdb out of PATH."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


PROGRAMS = (
    Program("chromium", "chromium", any_of("chromium", "chromium-browser", "google-chrome")),
    Program("redis-server", "redis", any_of("redis-server")),
    Program("postgresql", "postgresql@16", has_postgresql),
    Program("espeak-ng", "espeak-ng", any_of("espeak-ng")),
)


def root_prefix() -> list[str] | None:
    """The words before a command that needs root; None where root is out of reach."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def apt_install(prefix: list[str], packages: list[str]) -> None:
    apt = [*prefix, "apt-get", "-o", "DPkg::Lock::Timeout=120", "-qq"]
    for attempt in range(1, UPDATE_TRIES + 1):
        try:
            run([*apt, "update"], env=APT_ENV)
            break
        except CommandFailedError:
            if attempt == UPDATE_TRIES:
                raise
            time.sleep(UPDATE_PAUSE_S * attempt)
    run([*apt, "install", "-y", "--no-install-recommends", *packages], env=APT_ENV)


def install_missing() -> None:
    missing = [program for program in PROGRAMS if not program.is_there()]
    if not missing:
        return
    names = " ".join(program.apt for program in missing)
    if platform.system() == "Darwin":
        say(f"missing: {' '.join(p.brew for p in missing)}; their tests skip. Remedy: brew install them")
        return
    prefix = root_prefix()
    if prefix is None or not shutil.which("apt-get"):
        say(f"missing: {names}; their tests skip. Remedy: install them with your package manager")
        return
    say(f"installing {names} ...")
    try:
        apt_install(prefix, [program.apt for program in missing])
    except CommandFailedError as error:
        say(f"{names} could not be installed ({error.remedy}); their tests skip")
