"""The laws on real recordings: a voice against two annotators, and mixes, which must only be judged without harm."""

import math

import pytest

from inference.analysis.judging import JudgeTools, judge, sung_file
from inference.audio.files import load_mono_16k
from inference.domain.live_score import LiveScorer
from inference.models.estimators import build_estimator
from signaling.songs.ultrastar import load_ultrastar
from tests.accuracy.takes import FINAL, by_notes, parts_of, score_of, tracked, vocadito_sound
from tests.support.corpus import annotated_melody
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import RULES, score, tune

MIX_S = 30.0  # of each mix: enough for lines and rests
MIXES = (
    "Jonathan Coulton - Monkey Shines/audio.mp3",
    "Jonathan Coulton - Mr. Fancy Pants/audio.mp3",
    "Joshua Morin - On the run/audio.ogg",
)


@pytest.mark.parametrize("annotator", ["A1", "A2"])
def test_the_annotated_notes_are_recognised_and_live_agrees(annotator: str) -> None:
    melody = annotated_melody(recording(f"pitch/vocadito_1/vocadito_1_notes{annotator}.csv"))
    track = tracked(vocadito_sound())
    take = parts_of(score_of(by_notes(melody), track))
    assert take.pitch >= 95
    assert take.rhythm >= 85
    live = LiveScorer(melody, RULES)
    for song_s, f0_hz in zip(track.times_s, track.f0_hz, strict=True):
        live.judge_frame(float(song_s), float(f0_hz), True, track.hop_s)
    live.finished(100.0)
    assert live.score().pitch == pytest.approx(take.pitch, abs=3)


@pytest.mark.parametrize("seed", range(3))
def test_another_song_is_worth_ten_at_most(seed: int) -> None:
    assert parts_of(score(tune(seed, 33.0), tracked(vocadito_sound()))).most <= 10


@pytest.mark.parametrize("mix", MIXES)
def test_a_mix_against_its_own_song_gives_a_defined_verdict(mix: str) -> None:
    """Robustness only: what a network makes of a whole band is no singer's score."""
    audio = recording(f"songs/{mix}")
    sound = load_mono_16k(audio)[: round(MIX_S * 16_000)]
    tools = JudgeTools(build_estimator(FINAL), None, "no recogniser")
    verdict = judge(sung_file(sound), load_ultrastar(audio.parent), tools, RULES)
    for value in (verdict.pitch, verdict.rhythm, verdict.total):
        assert math.isfinite(value)
        assert 0 <= value <= 100
    assert verdict.reasons["lyrics"] == "no recogniser"
    assert len(verdict.lines) > 5
