"""With VOICEJURY_REQUIRE_ALL a test that skips has failed, but for what no set-up can bring to a machine."""

import os
from pathlib import Path

VARIABLE = "VOICEJURY_REQUIRE_ALL"
RECORDINGS_SIGN = "VOICEJURY_TEST_DATA"  # every reason to skip for want of recordings names it
PRIVILEGES = ("needs root on Linux", "no network can be made here")  # of a network namespace


def is_wanted() -> bool:
    return bool(os.environ.get(VARIABLE))


def may_skip(reason: str, *, wants_gpu: bool, recordings: Path) -> bool:
    """Without a card, without the folder of recordings, without the right to make a network."""
    if RECORDINGS_SIGN in reason:
        return not recordings.is_dir()
    return wants_gpu or reason.startswith(PRIVILEGES)
