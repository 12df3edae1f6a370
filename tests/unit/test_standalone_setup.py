"""Set-up: steps that run only when their inputs changed, and failures that name their remedy."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.setup import stamps, steps
from deploy.setup.errors import CommandFailedError, SetupError
from deploy.setup.node import is_recent, version_of
from deploy.setup.shell import ROOT, remedy_for, run


@pytest.fixture(autouse=True)
def own_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")


def test_a_step_runs_again_only_when_an_input_or_its_product_changed(tmp_path: Path) -> None:
    source, product = tmp_path / "source", tmp_path / "product"
    source.write_text("one")
    runs: list[str] = []

    def build() -> None:
        runs.append("built")
        product.touch()

    def go() -> None:
        steps.step("page", [source], [], product, build)

    go()
    go()
    assert len(runs) == 1
    source.write_text("two")
    go()
    assert len(runs) == 2
    product.unlink()
    go()
    assert len(runs) == 3


def test_a_step_that_failed_is_not_taken_for_done(tmp_path: Path) -> None:
    product = tmp_path / "product"
    product.touch()

    def fail() -> None:
        raise SetupError("no", "yes")

    with pytest.raises(SetupError):
        steps.step("page", [], [], product, fail)
    runs: list[int] = []
    steps.step("page", [], [], product, lambda: runs.append(1))
    assert runs == [1]


def test_what_a_build_leaves_behind_changes_no_digest(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/main.ts").write_text("a")
    before = stamps.digest([tmp_path])
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.js").write_text("b")
    assert stamps.digest([tmp_path]) == before
    (tmp_path / "src/main.ts").write_text("c")
    assert stamps.digest([tmp_path]) != before


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("npm error code EACCES", "cannot be written"),
        ("ERROR: No matching distribution found for numba", "no wheel for this Python"),
        ("something new", "read the lines above"),
    ],
)
def test_the_common_failures_name_their_remedy(output: str, remedy: str) -> None:
    assert remedy in remedy_for(output)


def test_a_failed_command_tells_its_code_and_shows_its_output(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandFailedError, match="code 4"):
        run(["sh", "-c", "echo No space left on device; exit 4"])
    assert "No space left" in capfd.readouterr().err


def test_a_missing_program_is_named() -> None:
    with pytest.raises(SetupError, match="no-such-program was not found"):
        run(["no-such-program"])


@pytest.mark.parametrize(
    ("version", "recent"), [("v22.11.1", True), ("v24.0.0", True), ("v20.19.0", False), ("", False), ("22", False)]
)
def test_node_20_is_the_oldest_that_is_used(version: str, recent: bool) -> None:
    assert is_recent(version) is recent


def test_a_node_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    assert version_of(tmp_path / "node") == ""


def find_python(path: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path)}
    script = [str(Path("/bin/sh")), str(ROOT / "deploy/setup/find_python.sh")]
    return subprocess.run(script, env=environment, capture_output=True, text=True, timeout=20)


def stand_in(path: Path, code: str) -> None:
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


def test_a_machine_without_a_recent_python_is_told_the_remedy(tmp_path: Path) -> None:
    stand_in(tmp_path / "python3", "exit 1")
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "no Python 3.11 or newer" in done.stderr
    assert "Remedy: apt-get install python3" in done.stderr


def test_a_python_without_venv_is_told_the_package(tmp_path: Path) -> None:
    stand_in(tmp_path / "python3", 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac')
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr


def test_an_old_python3_is_passed_over_for_a_newer_one_beside_it(tmp_path: Path) -> None:
    stand_in(tmp_path / "python3", "exit 1")
    stand_in(tmp_path / "python3.12", "exit 0")
    done = find_python(tmp_path)
    assert done.stdout.strip() == str(tmp_path / "python3.12")


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(SetupError, match="cannot be written"):
        steps.check_folder()
