"""What the warm-up leaves for the first take to load: nothing."""

import numpy as np

from inference.analysis.judging import JudgeTools
from inference.analysis.warm import warm_up
from inference.domain import alignment
from inference.models.estimators import build_estimator
from tests.unit.synthetic_singers import Singer, score, sing, track_of, tune

LOOPS = (
    alignment.banded_path,
    alignment.placement_credit,
    alignment.steady_pitches,
    alignment.matched_onsets,
)


def test_after_the_warm_up_no_take_compiles_anything() -> None:
    warm_up(JudgeTools(build_estimator("tiny"), None, "not looked for"))
    before = [len(loop.signatures) for loop in LOOPS]
    assert all(before)
    song = tune(4, 12.0)
    for track in (sing(song, Singer(cents=300.0, drop=0.3)), track_of(np.full(1200, np.nan))):
        score(song, track)
    assert [len(loop.signatures) for loop in LOOPS] == before
