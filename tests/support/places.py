"""Where tests find and leave things."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RECORDINGS = Path(os.environ.get("VOICEJURY_TEST_DATA", ROOT.parent / "shared" / "data"))
TEST_RESULTS = ROOT / "test-results"


def result_file(test_name: str, leaf: str) -> Path:
    """A path under test-results/, which git ignores; its folder exists."""
    folder = TEST_RESULTS / re.sub(r"[^a-z0-9_-]+", "-", test_name.lower())[:80]
    folder.mkdir(parents=True, exist_ok=True)
    return folder / leaf
