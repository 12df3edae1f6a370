"""CI is not green while a test skips for what set-up should have brought."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.required import VARIABLE, may_skip

SPOKEN = "tests/unit/test_word_tiers.py::test_the_same_samples_give_the_same_words"


@pytest.mark.parametrize(
    ("reason", "wants_gpu", "allowed"),
    [
        ("Chromium is not installed: make setup-system", False, False),
        ("redis-server is not installed", False, False),
        ("needs unshare", False, False),
        ("needs root on Linux to make a network namespace", False, True),
        ("there is no CUDA card", True, True),
        ("no test recordings: set VOICEJURY_TEST_DATA", False, False),
    ],
)
def test_only_a_missing_card_or_privilege_lets_a_test_skip(
    tmp_path: Path, reason: str, wants_gpu: bool, allowed: bool
) -> None:
    assert may_skip(reason, wants_gpu=wants_gpu, recordings=tmp_path) is allowed


def test_recordings_must_be_used_only_where_their_folder_is(tmp_path: Path) -> None:
    reason = "speech/jfk.flac is not there: set VOICEJURY_TEST_DATA to the folder of test recordings"
    assert may_skip(reason, wants_gpu=False, recordings=tmp_path / "nowhere")
    assert not may_skip(reason, wants_gpu=False, recordings=tmp_path)


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)])
def test_a_missing_program_fails_the_run_where_everything_is_required(required: str, code: int) -> None:
    environment = {**os.environ, "PATH": "", VARIABLE: required}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SPOKEN]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout
    assert "espeak-ng is not installed" in done.stdout
