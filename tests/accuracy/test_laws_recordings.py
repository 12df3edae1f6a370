"""The laws on a real voice, through the real pitch network."""

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.audio.files import load_mono_16k
from inference.domain.live_score import LiveScorer
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.take_score import TakeScore, Written, score_take
from inference.domain.track import PitchTrack
from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import NO_RECOGNISER, NO_WORDS, RULES, score, tune

FOLDER = "pitch/vocadito_1"


@cache
def samples() -> NDArray[np.float32]:
    return load_mono_16k(recording(f"{FOLDER}/vocadito_1.wav"))


def tracked(sound: NDArray[np.float32]) -> PitchTrack:
    return track_pitch(sound, np.ones(len(sound), dtype=np.bool_), build_estimator("tiny"))


@cache
def voice() -> PitchTrack:
    return tracked(samples())


def against_itself(track: PitchTrack) -> TakeScore:
    return score_take(Written(Melody(()), NO_WORDS, voice()), track, track.times_s, NO_RECOGNISER, RULES)


def annotated(path: Path) -> Melody:
    with path.open(encoding="utf-8") as file:
        rows = [[float(value) for value in row] for row in csv.reader(file)]
    notes = [
        Note(onset_s, onset_s + length_s, 69 + 12 * math.log2(f0_hz / 440), NoteKind.NORMAL, "", True)
        for onset_s, f0_hz, length_s in rows
    ]
    return Melody((Phrase(notes[0].onset_s, notes[-1].offset_s, tuple(notes), ""),))


def test_the_recording_against_itself_is_worth_98_in_each_part() -> None:
    take = against_itself(voice())
    assert min(take.pitch or 0, take.rhythm or 0) >= 98


@pytest.mark.parametrize("annotator", ["A1", "A2"])
def test_the_annotated_notes_are_recognised_and_live_agrees(annotator: str) -> None:
    melody = annotated(recording(f"{FOLDER}/vocadito_1_notes{annotator}.csv"))
    take = score(melody, voice())
    assert (take.pitch or 0) >= 95
    assert (take.rhythm or 0) >= 85
    live = LiveScorer(melody, RULES)
    for song_s, f0_hz in zip(voice().times_s, voice().f0_hz, strict=True):
        live.judge_frame(float(song_s), float(f0_hz), True, voice().hop_s)
    live.finished(100.0)
    assert live.score().pitch == pytest.approx(take.pitch, abs=3)


def test_room_noise_at_20_db_costs_at_most_three_points() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.1 * float(np.sqrt(np.mean(samples() ** 2))), len(samples()))
    take = against_itself(tracked((samples() + noise).astype(np.float32)))
    assert min(take.pitch or 0, take.rhythm or 0) >= 95


def test_a_fan_is_worth_nothing() -> None:
    fan = np.random.default_rng(1).normal(0.0, 0.05, len(samples())).astype(np.float32)
    take = against_itself(tracked(fan))
    assert (take.pitch, take.rhythm) == (0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_another_song_is_worth_ten_at_most(seed: int) -> None:
    take = score(tune(seed, 33.0), voice())
    assert (take.pitch or 0) <= 10
    assert (take.rhythm or 0) <= 10


def test_a_speech_is_worth_fifteen_at_most_in_pitch() -> None:
    speech = np.tile(load_mono_16k(recording("speech/jfk.flac")), 3)
    assert (against_itself(tracked(speech)).pitch or 0) <= 15
