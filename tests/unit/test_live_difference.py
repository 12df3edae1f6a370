"""The verdict says why it differs from the live score."""

from dataclasses import replace

import numpy as np
import pytest
from voicejury.v1 import song_pb2, verdict_pb2

from inference.analysis.judging import JudgeTools, judge, sung_file
from inference.analysis.live_difference import why_live_differs
from inference.models.estimators import build_estimator
from tests.unit.recordings import voice
from tests.unit.synthetic_singers import RULES

MIDIS = (60, 64, 62, 67)
RATE_HZ = 16_000


def verdict_of(live: float | None, pitch: float | None = 80.0, **more: float) -> verdict_pb2.Verdict:
    return verdict_pb2.Verdict(pitch=pitch, live_pitch=live, **{"measured": 1.0, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "verdict", [verdict_of(None), verdict_of(50.0, None), verdict_of(82.9), verdict_of(77.1)], ids=str
)
def test_nothing_is_said_where_both_agree_or_one_is_missing(verdict: verdict_pb2.Verdict) -> None:
    assert why_live_differs(verdict, 40.0, 40.0, RULES) is None


@pytest.mark.parametrize(
    ("more", "until_s", "said"),
    [
        ({}, 20.0, "the last 20 s of the song were not sung"),
        ({"measured": 0.8}, 40.0, "20 % of the notes were lost"),
        ({"latency_s": 0.31}, 40.0, "+310 ms"),
        ({"clock_drift_ppm": 5000.0}, 40.0, "+200 ms"),
        ({"key_shift_semitones": -3.0}, 40.0, "-3 semitones"),
        ({"chance_pitch": 0.38}, 40.0, "aligns the whole take"),
    ],
)
def test_each_difference_has_its_cause(more: dict[str, float], until_s: float, said: str) -> None:
    reason = why_live_differs(verdict_of(60.0, **more), until_s, 40.0, RULES)
    assert reason is not None
    assert "20 points below" in reason
    assert said in reason


@pytest.mark.parametrize(("pitch", "chance", "is_luck"), [(75.0, 0.38, True), (95.0, 0.38, False), (75.0, 0.0, False)])
def test_luck_is_named_where_live_took_too_little_of_it_off(pitch: float, chance: float, is_luck: bool) -> None:
    reason = why_live_differs(verdict_of(pitch + 4.0, pitch, chance_pitch=chance), 40.0, 40.0, RULES)
    assert reason is not None
    assert "4 points above" in reason
    assert ("other tunes earn 38 %" in reason) is is_luck
    assert ("aligns the whole take" in reason) is not is_luck


def test_a_verdict_of_half_a_song_says_why_live_was_higher() -> None:
    notes = [
        song_pb2.Note(onset_s=0.5 + i, offset_s=1.4 + i, midi=midi, syllable="la", starts_word=True)
        for i, midi in enumerate(MIDIS)
    ]
    phrase = song_pb2.Phrase(onset_s=0.5, offset_s=4.4, notes=notes, text="la la la la")
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    song = song_pb2.Song(title="Scale", voices=[song_pb2.Voice(reference=reference)])
    sound = np.zeros(round(2.6 * RATE_HZ), np.float32)
    for i, midi in enumerate(MIDIS[:2]):
        start = round((0.5 + i) * RATE_HZ)
        note = voice(440 * 2 ** ((midi - 69) / 12), 0.9)
        sound[start : start + len(note)] = note
    tools = JudgeTools(build_estimator("tiny"), None, "none")
    verdict = judge(replace(sung_file(sound), live_pitch=97.0), song, tools, RULES, lambda _stage, _fraction: None)
    assert verdict.pitch < 90
    assert "were not sung" in verdict.reasons["live"]
