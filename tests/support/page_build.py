"""The built page, made again when its sources are newer."""

import shutil
import subprocess
from pathlib import Path

from tests.support.places import ROOT

FRONTEND = ROOT / "frontend"
BUILT = FRONTEND / "dist" / "index.html"
BUILD_TIMEOUT_S = 180.0


def _sources() -> list[Path]:
    return [file for folder in ("src", "public") for file in (FRONTEND / folder).rglob("*") if file.is_file()] + [
        FRONTEND / "index.html",
        FRONTEND / "package.json",
        FRONTEND / "vite.config.ts",
    ]


def is_fresh() -> bool:
    if not BUILT.exists():
        return False
    built_at = BUILT.stat().st_mtime
    return all(source.stat().st_mtime <= built_at for source in _sources() if source.exists())


def missing_tool() -> str | None:
    """Why the page cannot be built here, or None."""
    if shutil.which("npm") is None:
        return "npm is not installed"
    if not (FRONTEND / "node_modules").is_dir():
        return "frontend/node_modules is missing: run make setup"
    return None


def ensure_page() -> None:
    """Raises CalledProcessError with the build's output when the sources do not build."""
    if not is_fresh():
        subprocess.run(
            ["npm", "run", "build"],
            cwd=FRONTEND,
            check=True,
            timeout=BUILD_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
