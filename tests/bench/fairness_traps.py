"""The traps of the usual recipes: one stem sung many ways, by three judges."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from inference.domain.melody import Melody, Note
from inference.domain.track import PitchTrack
from tests.accuracy.takes import FIXED_KEY, by_stem, parts_of, score_of
from tests.bench.fairness_recipes import by_centred_cents, by_hz
from tests.unit.synthetic_singers import Singer, sing, track_of, tune

SECONDS = 60.0
SEEDS = (801, 802, 803)  # of the melodies
OTHER_SONG = 10  # added to the seed of a melody
Sung = Callable[[Melody, int], PitchTrack]


@dataclass(frozen=True, slots=True)
class Row:
    """Points of one way of singing, the mean of the melodies."""

    case: str
    hz: float
    cents: float
    pitch: float
    rhythm: float
    pitch_in_key: float  # with the key fixed


def rows() -> list[Row]:
    stems = {seed: sing(tune(seed, SECONDS), Singer(seed=seed)) for seed in SEEDS}
    return [_row(case, sung, stems) for case, sung in cases().items()]


def _row(case: str, sung: Sung, stems: dict[int, PitchTrack]) -> Row:
    found = []
    for seed, stem in stems.items():
        take = sung(tune(seed, SECONDS), seed)
        free = parts_of(score_of(by_stem(stem), take))
        fixed = parts_of(score_of(by_stem(stem), take, FIXED_KEY))
        hz, cents = by_hz(stem.f0_hz, take.f0_hz), by_centred_cents(stem.f0_hz, take.f0_hz)
        found.append((hz, cents, free.pitch, free.rhythm, fixed.pitch))
    return Row(case, *np.mean(found, axis=0).tolist())


def cases() -> dict[str, Sung]:
    """Every way of singing, in the order of the table."""
    return {
        "another take of the same notes": _how(),
        "every note out by sd 25 cents": _how(note_sd_cents=25.0),
        "every note out by sd 50 cents": _how(note_sd_cents=50.0),
        "every note out by sd 100 cents": _how(note_sd_cents=100.0),
        "every note out by sd 200 cents": _how(note_sd_cents=200.0),
        "everything 20 cents sharp": _how(cents=20.0),
        "everything 50 cents sharp": _how(cents=50.0),
        "everything a semitone up": _how(cents=100.0),
        "everything a fourth up": _how(cents=500.0),
        "everything an octave down": _how(cents=-1200.0),
        "onset jitter sd 50 ms": _how(jitter_s=0.05),
        "onset jitter sd 100 ms": _how(jitter_s=0.1),
        "onset jitter sd 200 ms": _how(jitter_s=0.2),
        "constant latency 150 ms": _how(late_s=0.15),
        "constant latency 400 ms": _how(late_s=0.4),
        "3 % slower": _how(tempo=1.03),
        "half the notes left out": _how(drop=0.5),
        "three quarters of the notes left out": _how(drop=0.75),
        "vibrato of 100 cents at 6 Hz": _how(vibrato_cents=100.0, vibrato_hz=6.0),
        "a random other song": _other_song,
        "words spoken in rhythm": _spoken,
        "hum on one note, in rhythm": _one_note,
        "a siren over two octaves": _siren,
        "noise blips": _blips,
        "silence": _silence,
    }


def _how(**habits: Any) -> Sung:
    return lambda melody, seed: sing(melody, Singer(seed=seed + 100, **habits))


def _other_song(_melody: Melody, seed: int) -> PitchTrack:
    return sing(tune(seed + OTHER_SONG, SECONDS), Singer(seed=seed + 100))


def _spoken(melody: Melody, seed: int) -> PitchTrack:
    """Voiced where the song is; the pitch of speech changes with each syllable."""
    voiced = sing(melody, Singer(seed=seed + 100)).f0_hz > 0
    nodes = np.arange(0, len(voiced) + 15, 15)
    midi = 52 + np.random.default_rng(seed).normal(0, 2.5, len(nodes))
    return track_of(np.where(voiced, np.interp(np.arange(len(voiced)), nodes, midi), np.nan))


def _one_note(melody: Melody, seed: int) -> PitchTrack:
    """The first note, again and again."""

    def same(note: Note) -> Note:
        return replace(note, midi=melody.phrases[0].notes[0].midi)

    lines = tuple(replace(phrase, notes=tuple(same(note) for note in phrase.notes)) for phrase in melody.phrases)
    return sing(Melody(lines), Singer(seed=seed + 100))


def _siren(melody: Melody, seed: int) -> PitchTrack:
    frames = len(sing(melody, Singer(seed=seed)).f0_hz)
    return track_of(60.0 + 12.0 * np.sin(2 * np.pi * np.arange(frames) / 400.0))


def _blips(melody: Melody, seed: int) -> PitchTrack:
    """What a tracker makes of noise: now and then a few frames of any pitch."""
    rng = np.random.default_rng(seed)
    midi = np.full(len(sing(melody, Singer(seed=seed)).f0_hz), np.nan)
    for start in rng.integers(0, len(midi) - 5, len(midi) // 30):
        midi[start : start + int(rng.integers(1, 5))] = rng.uniform(40, 80)
    return track_of(midi)


def _silence(melody: Melody, seed: int) -> PitchTrack:
    return track_of(np.full(len(sing(melody, Singer(seed=seed)).f0_hz), np.nan))


def recipes_on_other_songs(melodies: dict[str, PitchTrack], every: int) -> list[tuple[float, float]]:
    """What the two recipes give one written song for another, for every n-th pair."""
    pairs = list(itertools.permutations(melodies.values(), 2))[::every]
    return [(by_hz(written.f0_hz, sung.f0_hz), by_centred_cents(written.f0_hz, sung.f0_hz)) for written, sung in pairs]
