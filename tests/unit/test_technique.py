"""Technique on contours whose vibrato, scoops, rests and range are known."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from inference.analysis.technique_message import add_technique, technique_message
from inference.analysis.verdict import verdict_message
from inference.domain.medians import median_of, running_median
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.technique import TakeTechnique, take_technique
from inference.domain.track import Floats, PitchTrack
from inference.domain.vibrato import held_note
from tests.unit.synthetic_singers import HOP_S, RULES, Singer, score, sing, track_of, tune

SONG = tune(3, 20.0)
STRAIGHT = Singer(vibrato_cents=0.0, scoop_s=0.0)
MIDIS = (60, 64, 62, 67, 65, 59)
NOTE_FIELDS: tuple[Literal["sung_offset_s", "vibrato_hz", "vibrato_cents", "stability_cents", "scoop"], ...] = (
    "sung_offset_s",
    "vibrato_hz",
    "vibrato_cents",
    "stability_cents",
    "scoop",
)
STEP_S = 1.5  # from note to note, of which the first second is sung
NOTES = tuple(
    Note(0.5 + STEP_S * i, 1.5 + STEP_S * i, midi, NoteKind.NORMAL, "la", True) for i, midi in enumerate(MIDIS)
)
SPACED = Melody((Phrase(0.5, NOTES[-1].offset_s, NOTES, "la la la la la la"),))


def technique_of(song: Melody, track: PitchTrack) -> TakeTechnique:
    return take_technique(score(song, track), track, track.times_s, RULES)


def spaced(shapes: dict[int, Floats] | None = None) -> PitchTrack:
    """The spaced notes held straight; `shapes` are cents that the beginning of a note departs by."""
    midi = np.full(round((NOTES[-1].offset_s + 1.0) / HOP_S), np.nan)
    noise = np.random.default_rng(0).normal(0.0, 0.03, len(midi))
    for number, note in enumerate(NOTES):
        start = round(note.onset_s / HOP_S)
        midi[start : round(note.offset_s / HOP_S)] = note.midi
        shape = (shapes or {}).get(number, np.zeros(0))
        midi[start : start + len(shape)] += shape / 100.0
    return track_of(midi + noise)


@pytest.mark.parametrize("rate_hz", [5.0, 5.8, 6.4, 7.0])
@pytest.mark.parametrize("extent_cents", [30.0, 60.0, 120.0])
def test_the_vibrato_of_a_singer_is_found(rate_hz: float, extent_cents: float) -> None:
    how = technique_of(SONG, sing(SONG, Singer(vibrato_hz=rate_hz, vibrato_cents=extent_cents, scoop_s=0.0)))
    assert how.vibrato is not None
    assert how.vibrato.rate_hz == pytest.approx(rate_hz, abs=0.2)
    assert how.vibrato.extent_cents == pytest.approx(extent_cents, rel=0.15)
    assert (how.vibrato_share or 0) >= 0.9
    assert how.scoops == 0  # the first wave of a vibrato is no scoop
    assert how.stability_cents == pytest.approx(4.0, abs=1.0)  # the noise of the singer, and no wave in it


@pytest.mark.parametrize("noise_cents", [0.0, 4.0, 12.0])
def test_straight_notes_have_no_vibrato_and_a_share_of_zero(noise_cents: float) -> None:
    how = technique_of(SONG, sing(SONG, replace(STRAIGHT, noise_cents=noise_cents)))
    assert how.vibrato is None
    assert how.vibrato_share == 0
    assert how.stability_cents == pytest.approx(noise_cents, abs=2.0)
    assert (how.attack_cents or 0) <= noise_cents + 1.0


def test_a_slow_waver_and_a_fast_tremble_are_no_vibrato() -> None:
    for rate_hz in (2.5, 10.0):
        how = technique_of(SONG, sing(SONG, Singer(vibrato_hz=rate_hz, vibrato_cents=60.0, scoop_s=0.0)))
        assert how.vibrato is None


def test_of_silence_nothing_is_claimed() -> None:
    track = track_of(np.full(3000, np.nan))
    how = technique_of(SONG, track)
    known = {name for name in TakeTechnique.__slots__ if name != "notes" and getattr(how, name) is not None}
    assert known == {"scoops", "breaths"}
    assert (how.scoops, how.breaths) == (0, 0)
    assert not technique_message(how).ListFields()


def test_speech_in_rhythm_has_no_vibrato() -> None:
    voiced = sing(SONG, Singer()).f0_hz > 0
    for seed in range(5):
        nodes = np.arange(0, len(voiced) + 15, 15)
        midi = np.interp(np.arange(len(voiced)), nodes, 52 + np.random.default_rng(seed).normal(0, 2.5, len(nodes)))
        assert technique_of(SONG, track_of(np.where(voiced, midi, np.nan))).vibrato is None


def test_scoops_are_counted_and_belong_to_their_notes() -> None:
    rise = np.linspace(-180.0, 0.0, 12)
    track = spaced({1: rise, 4: rise})
    how = technique_of(SPACED, track)
    assert how.scoops == 2
    assert [note.scoop for note in how.notes] == [False, True, False, False, True, False]


def test_a_small_rise_a_slow_one_and_a_fall_are_no_scoops() -> None:
    track = spaced({0: np.linspace(-40, 0, 12), 1: np.linspace(-200, 0, 40), 2: np.linspace(200, 0, 12)})
    assert technique_of(SPACED, track).scoops == 0


def test_a_leap_up_from_a_joined_note_is_no_scoop() -> None:
    midi = np.concatenate([np.full(50, np.nan), np.full(100, 60.0), np.linspace(60, 64, 8), np.full(92, 64.0)])
    notes = (Note(0.5, 1.5, 60, NoteKind.NORMAL, "la", True), Note(1.5, 2.5, 64, NoteKind.NORMAL, "la", True))
    how = technique_of(Melody((Phrase(0.5, 2.5, notes, "la la"),)), track_of(np.pad(midi, 20, constant_values=np.nan)))
    assert how.scoops == 0


def test_range_longest_note_tuning_and_breaths_of_known_notes() -> None:
    long = replace(NOTES[3], offset_s=NOTES[3].offset_s + 0.38)
    song = Melody((Phrase(0.5, NOTES[-1].offset_s, (*NOTES[:3], long, *NOTES[4:]), ""),))
    track = spaced()
    f0_hz = track.f0_hz * 2 ** (8 / 1200)
    place = round(NOTES[3].offset_s / HOP_S)
    f0_hz[place : place + 38] = f0_hz[place - 1]  # held so much longer than the others
    how = technique_of(song, replace(track, f0_hz=f0_hz))
    assert how.longest_note_s == pytest.approx(1.38, abs=0.03)
    assert how.longest_note_at_s == pytest.approx(NOTES[3].onset_s, abs=0.03)
    assert how.lowest_midi == pytest.approx(59.08, abs=0.05)
    assert how.highest_midi == pytest.approx(67.08, abs=0.05)
    assert how.tuning_cents == pytest.approx(8.0, abs=2.0)
    assert how.breaths == 4  # of the five rests one is shorter than a breath


def test_the_range_is_told_as_it_was_sung_in_another_key() -> None:
    how = technique_of(SONG, sing(SONG, replace(STRAIGHT, cents=-1700.0)))
    low = min(note.midi for phrase in SONG.phrases for note in phrase.notes)
    assert how.lowest_midi == pytest.approx(low - 17, abs=0.2)


def test_a_rest_that_was_not_received_is_no_breath() -> None:
    whole, torn = spaced(), spaced()
    torn.measured[round(1.7 / HOP_S) : round(1.8 / HOP_S)] = False
    assert technique_of(SPACED, whole).breaths == 5
    assert technique_of(SPACED, torn).breaths == 4


def test_dynamics_are_the_span_of_the_level_and_unknown_without_one() -> None:
    track = spaced()
    level_db = np.where(np.arange(len(track.f0_hz)) < len(track.f0_hz) // 2, -32.0, -20.0)
    level_db[track.f0_hz == 0] = -90.0
    assert technique_of(SPACED, track).dynamics_db is None
    assert technique_of(SPACED, replace(track, level_db=level_db)).dynamics_db == pytest.approx(12.0)


def test_each_matched_note_tells_where_it_ended_and_how_it_was_held() -> None:
    track = sing(SPACED, Singer(vibrato_cents=50.0, vibrato_hz=6.0, scoop_s=0.0, late_s=0.2))
    take = score(SPACED, track)
    verdict = verdict_message(take, RULES)
    add_technique(verdict, take.slots, take_technique(take, track, track.times_s, RULES))
    notes = verdict.lines[0].notes
    assert len(notes) == len(NOTES)
    for note, written in zip(notes, NOTES, strict=True):
        assert note.sung_offset_s == pytest.approx(written.offset_s, abs=0.06)
        assert note.vibrato_hz == pytest.approx(6.0, abs=0.2)
        assert note.vibrato_cents == pytest.approx(50.0, rel=0.15)
        assert note.HasField("stability_cents")
    assert verdict.technique.vibrato_hz == pytest.approx(6.0, abs=0.2)


def test_technique_changes_no_score() -> None:
    track = sing(SONG, Singer())
    take = score(SONG, track)
    plain, told = verdict_message(take, RULES), verdict_message(take, RULES)
    add_technique(told, take.slots, take_technique(take, track, track.times_s, RULES))
    told.ClearField("technique")
    for line in told.lines:
        for note in line.notes:
            for name in NOTE_FIELDS:
                note.ClearField(name)
    assert told == plain


def test_too_few_voiced_frames_are_no_held_note() -> None:
    cents = np.full(60, np.nan)
    cents[:8] = 0.0
    assert held_note(cents, RULES) is None


def test_a_running_median_is_numpys_to_the_last_bit() -> None:
    rng = np.random.default_rng(7)
    values = np.round(rng.normal(60.0, 3.0, 2_000), 1)
    values[rng.random(2_000) < 0.2] = np.nan
    for width in (3, 4, 5, 9):
        padded = np.pad(values, width // 2, constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(padded, width)[: len(values)]
        expected = np.full(len(values), np.nan)
        expected[~np.isnan(values)] = np.nanmedian(windows[~np.isnan(values)], axis=1)
        assert np.array_equal(running_median(values, width), expected, equal_nan=True)
    for count in (1, 2, 7, 8, 301):
        some = rng.normal(0.0, 1.0, count)
        assert median_of(some) == np.median(some)
