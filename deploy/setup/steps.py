"""The steps of `make setup`: Python, packages, page, demo song, judge. Each runs only when its inputs changed."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from deploy.setup import stamps
from deploy.setup.errors import SetupError
from deploy.setup.node import Node, find_node
from deploy.setup.shell import ROOT, run, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
FRONTEND = ROOT / "frontend"
DEMO_GENERATOR = ROOT / "deploy/demo_song"
DEMO_CACHE = ROOT / "build/demo_song"
NEEDED_BYTES = 2 * 1024**3  # measured: .venv 1.2 GB (with Node by pip), node_modules 0.25 GB, and room for caches
UNPINNED = ROOT / "requirements/unpinned.txt"
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")


def step(name: str, inputs: Iterable[Path], facts: Iterable[str], product: Path, work: Callable[[], None]) -> None:
    """Runs `work` unless the stamp and the product say that it was done for these inputs."""
    value = stamps.digest(inputs, str(ROOT), *facts)
    if product.exists() and stamps.is_current(name, value):
        return
    stamps.forget(name)
    say(f"{name} ...")
    started = time.monotonic()
    work()
    stamps.write(name, value)
    say(f"{name}: {time.monotonic() - started:.0f} s")


def check_folder() -> None:
    if not os.access(ROOT, os.W_OK):
        raise SetupError(f"{ROOT} cannot be written", "clone into a folder of yours, and run without sudo")
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES and not PYTHON.exists():
        raise SetupError(f"only {free // 1024**2} MB of disk are free", "free 2 GB, then run the same command again")


def virtual_environment() -> None:
    def work() -> None:
        run([sys.executable, "-m", "venv", "--clear", VENV])

    step("python environment", [], [sys.version], PYTHON, work)


def python_packages(kind: str) -> None:
    """Installs requirements/`kind`.txt and what must be new, then this project beside it."""
    requirements = ROOT / f"requirements/{kind}.txt"

    def work() -> None:
        run([*PIP, "-r", requirements, "-r", UNPINNED])
        run([*PIP, "--no-deps", "-e", "."])

    made_at = str((VENV / "pyvenv.cfg").stat().st_mtime_ns)  # a new environment is empty, whatever the stamp says
    step(f"{kind} packages", [requirements, UNPINNED, ROOT / "pyproject.toml"], [made_at], VENV / "bin/voicejury", work)


def page_packages(node: Node) -> None:
    def work() -> None:
        node.npm("ci", "--no-audit", "--no-fund", cwd=FRONTEND)

    inputs = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    step("page packages", inputs, [node.version], FRONTEND / "node_modules/.package-lock.json", work)


def page(node: Node) -> None:
    def work() -> None:
        node.npm("run", "build", cwd=FRONTEND)

    step("page", [FRONTEND], [node.version], FRONTEND / "dist/index.html", work)


def demo_song() -> None:
    """Builds the demo song once beside the code; `serve` copies it into its data folder."""

    def work() -> None:
        fresh = DEMO_CACHE.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        run([PYTHON, "-m", "deploy.demo_song", "--out", fresh])
        shutil.rmtree(DEMO_CACHE, ignore_errors=True)
        fresh.rename(DEMO_CACHE)

    step("demo song", [DEMO_GENERATOR], [], DEMO_CACHE / "song.json", work)


def judge() -> None:
    """Compiles the judge's loops beside their code, so that the first verdict comes as fast as the second."""

    def work() -> None:
        run([PYTHON, "-m", "inference.warm"])

    domain = ROOT / "inference/domain"
    step("judge", [domain], [str(PYTHON.stat().st_mtime_ns)], domain / "__pycache__", work)


def prepare(kind: str) -> None:
    """Everything that a run needs, with the packages of requirements/`kind`.txt."""
    check_folder()
    virtual_environment()
    python_packages(kind)
    node = find_node(PYTHON)
    page_packages(node)
    page(node)
    demo_song()
    judge()
