"""References and tracks that make no sense: a defined result, never NaN, never a free point."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.domain.aligned_take import align_take
from inference.domain.lines import line_evidence
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rules import Level, rules_for
from inference.domain.take_score import TakeScore, Written, score_take
from inference.domain.track import PitchTrack
from tests.unit.synthetic_singers import HOP_S, NO_RECOGNISER, NO_WORDS, RULES, Singer, score, sing, track_of, tune


def melody(*notes: tuple[float, float, float], kind: NoteKind = NoteKind.NORMAL) -> Melody:
    """Of (onset_s, length_s, midi)."""
    made = tuple(Note(onset, onset + length, midi, kind, "la", True) for onset, length, midi in notes)
    if not made:
        return Melody(())
    return Melody((Phrase(made[0].onset_s, max(note.offset_s for note in made), made, "la"),))


def by_stem(stem: PitchTrack, track: PitchTrack) -> TakeScore:
    return score_take(Written(Melody(()), NO_WORDS, stem), track, track.times_s, NO_RECOGNISER, RULES)


SILENCE = track_of(np.full(400, np.nan))
EMPTY = track_of(np.zeros(0))
STEADY = track_of(np.full(400, 60.0))


@pytest.mark.parametrize("track", [SILENCE, EMPTY, STEADY], ids=["silence", "empty", "one pitch"])
@pytest.mark.parametrize("stem", [SILENCE, EMPTY], ids=["silent stem", "empty stem"])
def test_a_reference_without_a_voiced_frame_measures_nothing(stem: PitchTrack, track: PitchTrack) -> None:
    take = by_stem(stem, track)
    assert (take.pitch, take.rhythm, take.lyrics, take.total) == (None, None, None, None)
    assert set(take.reasons) == {"pitch", "rhythm", "lyrics", "total"}
    assert take.confidence == 0


def test_no_notes_measure_nothing() -> None:
    take = score(melody(), STEADY)
    assert (take.pitch, take.rhythm, take.total) == (None, None, None)


def test_notes_of_zero_length_have_no_pitch() -> None:
    take = score(melody((1.0, 0.0, 60.0), (2.0, 0.0, 62.0)), STEADY)
    assert take.pitch is None
    assert take.reasons["pitch"] == "the song has no notes with a pitch"
    check(take)


def test_one_note_is_judged_and_silence_earns_nothing_on_it() -> None:
    song = melody((0.5, 2.0, 60.0))
    sung = np.full(400, np.nan)
    sung[50:250] = 60.0
    right, silent = score(song, track_of(sung)), score(song, SILENCE)
    assert (right.pitch or 0) >= 98
    assert (right.rhythm or 0) >= 98
    assert (silent.pitch, silent.rhythm) == (0, 0)


def test_one_held_note_as_a_stem_is_judged() -> None:
    sung = np.full(400, np.nan)
    sung[50:250] = 60.0
    assert (by_stem(track_of(sung), track_of(sung)).pitch or 0) >= 98
    assert (by_stem(track_of(sung), SILENCE).pitch, by_stem(track_of(sung), SILENCE).rhythm) == (0, 0)


def test_freestyle_alone_measures_nothing() -> None:
    take = score(melody((0.5, 1.0, 60.0), (2.0, 1.0, 62.0), kind=NoteKind.FREESTYLE), STEADY)
    assert (take.pitch, take.rhythm, take.total) == (None, None, None)


@pytest.mark.parametrize("late_s", [-0.3, 0.0, 0.4])
def test_rap_alone_is_judged_by_rhythm_at_any_latency(late_s: float) -> None:
    onsets = np.cumsum([0.4, 0.3, 0.6, 0.35, 0.5, 0.8, 0.3, 0.45, 0.7, 0.3, 0.55, 0.4])
    song = melody(*((float(onset), 0.2, 60.0) for onset in onsets), kind=NoteKind.RAP)
    spoken = np.full(900, np.nan)
    for onset in onsets + late_s:
        spoken[max(0, round(onset / HOP_S)) : round((onset + 0.18) / HOP_S)] = 50.0 + 3 * math.sin(7 * onset)
    take, silent = score(song, track_of(spoken)), score(song, SILENCE)
    assert take.pitch is None
    assert take.reasons["pitch"] == "the song has no notes with a pitch"
    assert (take.rhythm or 0) >= 90
    assert take.latency_s == pytest.approx(late_s, abs=0.05)
    assert silent.rhythm == 0


def test_nothing_received_is_not_measured() -> None:
    song = tune(3, 10.0)
    lost = sing(song, Singer())
    lost.measured[:] = False
    take = score(song, lost)
    assert (take.pitch, take.rhythm, take.total) == (None, None, None)
    assert "too little sound" in take.reasons["pitch"]


def numbers(take: TakeScore) -> Iterator[float]:
    parts = (take.pitch, take.rhythm, take.total, take.coverage, take.measured, take.confidence, take.latency_s)
    yield from (value for value in (*parts, take.chance.pitch, take.chance.rhythm) if value is not None)
    yield take.clock_drift_ppm
    for line in line_evidence(take, RULES):
        yield from (value for value in (line.pitch, line.rhythm, line.measured) if value is not None)
        yield from (value for note in line.notes for value in (note.credit, note.cents_off))
        yield from (value for loss in line.losses for value in (loss.points, loss.song_s, loss.ms, loss.cents))


def check(take: TakeScore) -> None:
    assert all(math.isfinite(value) for value in numbers(take))
    assert all(0 <= points <= 100 for points in (take.pitch, take.rhythm, take.total) if points is not None)
    if take.total is not None:
        lost = sum(loss.points for line in line_evidence(take, RULES) for loss in line.losses)
        assert lost == pytest.approx(100 - take.total, abs=0.01)
    assert 0 <= take.chance.pitch < 1
    assert 0 <= take.chance.rhythm < 1
    for part in ("pitch", "rhythm", "total"):
        assert (getattr(take, part) is None) == (part in take.reasons)


notes = st.builds(
    Note,
    st.floats(-0.5, 6.0),
    st.floats(-0.5, 6.0),
    st.floats(20.0, 110.0),
    st.sampled_from(NoteKind),
    st.just("la"),
    st.booleans(),
)
voices = st.lists(
    st.tuples(st.sampled_from([0.0, 41.2, 110.0, 220.0, 233.1, 440.0, 1975.5]), st.integers(1, 60), st.booleans()),
    max_size=12,
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(notes, max_size=6),
    voices,
    st.floats(-3.0, 3.0),
    st.sampled_from(Level),
    st.sampled_from([None, 0.0, 0.2]),
    st.booleans(),
)
def test_any_track_against_any_melody_gives_points_or_a_reason(
    written: list[Note],
    voice: list[tuple[float, int, bool]],
    first_s: float,
    level: Level,
    route_s: float | None,
    stem: bool,
) -> None:
    f0_hz = np.array([pitch for pitch, length, _measured in voice for _ in range(length)])
    measured = np.array([known for _pitch, length, known in voice for _ in range(length)], dtype=np.bool_)
    track = PitchTrack(0.0, HOP_S, f0_hz, (f0_hz > 0).astype(float), measured, "any")
    line = Phrase(0.0, 6.0, tuple(written), "la")
    song = Written(Melody((line,) if written else ()), NO_WORDS, track if stem else None)
    song_s = first_s + track.times_s
    song_s[5::97] = np.nan
    check(score_take(song, track, song_s, NO_RECOGNISER, rules_for(level), route_s))
    found = align_take(song, track, song_s, RULES)
    assert math.isfinite(found.cost_semitones)
    assert math.isfinite(found.latency_s)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 20.0, 60.0, 150.0]), st.sampled_from([0.0, 0.03, 0.1]))
def test_octaves_and_one_delay_change_nothing(seed: int, sd_cents: float, jitter_s: float) -> None:
    """Laws 5 and 6 as properties, on singers good and bad; of the bad ones several delays explain nearly as much."""
    is_bad = sd_cents > 60.0 or jitter_s > 0.03
    song = tune(seed, 10.0)
    plain = score(song, sing(song, Singer(seed=seed, note_sd_cents=sd_cents, jitter_s=jitter_s)))
    moved = sing(song, Singer(seed=seed, note_sd_cents=sd_cents, jitter_s=jitter_s, cents=1200.0, late_s=0.25))
    take = score(song, moved)
    assert take.pitch == pytest.approx(plain.pitch, abs=3.0 if is_bad else 1.0)
    assert take.rhythm == pytest.approx(plain.rhythm, abs=6.0 if is_bad else 3.0)
