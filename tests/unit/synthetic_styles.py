"""Ways to sing a melody, beside the plain singer: displaced, halved, legato, ornamented, spoken, never silent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from inference.domain.melody import Melody, Note
from inference.domain.track import Floats, PitchTrack
from tests.unit.synthetic_singers import HOP_S, Singer, sing, track_of

KEPT = 0.5  # of a displaced note's length, at least: what the next note cuts off was not sung


def displaced(melody: Melody, seed: int) -> Melody:
    """Each note by up to half its length, in order: none starts before half of the one before it was sung."""
    rng = np.random.default_rng(seed)
    lines = []
    for phrase in melody.phrases:
        moved: list[Note] = []
        for number, note in enumerate(phrase.notes):
            half_s = 0.5 * (note.offset_s - note.onset_s)
            least_s = -half_s
            if number:
                before = phrase.notes[number - 1]
                kept_s = KEPT * (before.offset_s - before.onset_s)
                least_s = min(half_s, max(-half_s, moved[-1].onset_s + kept_s - note.onset_s))
            by_s = rng.uniform(least_s, half_s)
            moved.append(replace(note, onset_s=max(0.0, note.onset_s + by_s), offset_s=note.offset_s + by_s))
        lines.append(replace(phrase, notes=tuple(moved)))
    return Melody(tuple(lines))


def half_of(melody: Melody, seed: int) -> Melody:
    """A random half of the notes; every second one for seed 0."""
    count = sum(len(phrase.notes) for phrase in melody.phrases)
    order = np.random.default_rng(seed).permutation(count)[::2] if seed else np.arange(0, count, 2)
    kept, number, lines = set(order.tolist()), 0, []
    for phrase in melody.phrases:
        numbered = list(enumerate(phrase.notes, number))
        number += len(phrase.notes)
        lines.append(replace(phrase, notes=tuple(note for place, note in numbered if place in kept)))
    return Melody(tuple(lines))


def on_one_note(melody: Melody, midi: float = 60.0) -> Melody:
    return Melody(
        tuple(replace(line, notes=tuple(replace(n, midi=midi) for n in line.notes)) for line in melody.phrases)
    )


@dataclass(frozen=True, slots=True)
class Legato:
    """Glides from note to note, and consonants that do not stop the voice."""

    glide_s: float = 0.08  # the longest; half of it at least
    dip_cents: float = 0.0  # how far a voiced consonant pulls the pitch down, on every second note or so
    dip_s: float = 0.08
    gap_s: float = 0.08  # of the unvoiced consonants, on the other notes


def sing_legato(melody: Melody, how: Legato, seed: int) -> PitchTrack:
    """Another seed is another take of the same words: the consonants stay."""
    rng, words = np.random.default_rng(seed), np.random.default_rng(0)

    def drawn(note: Note, before: Note | None, time_s: Floats) -> Floats:
        midi = np.full(len(time_s), float(note.midi))
        if before is not None and note.onset_s - before.offset_s < 0.02:
            glide_s = rng.uniform(0.5, 1.0) * how.glide_s
            midi += (before.midi - note.midi) * np.clip(1.0 - time_s / glide_s, 0.0, 1.0)
        if words.random() < 0.5:
            midi -= how.dip_cents / 100.0 * np.clip(1.0 - np.abs(2.0 * time_s / how.dip_s - 1.0), 0.0, 1.0)
        else:
            midi[time_s < how.gap_s] = np.nan
        swell = np.clip((time_s - 0.15) / 0.2, 0.0, 1.0)
        midi += 0.4 * swell * np.sin(2 * np.pi * 5.5 * time_s + rng.uniform(0, 6))
        return np.asarray(midi + rng.normal(0.0, 0.04, len(time_s)))

    return _drawn(melody, drawn)


def sing_gamakas(melody: Melody, semitones: float, rate_hz: float, seed: int) -> PitchTrack:
    """Seven notes in ten swing by +-semitones around their pitch, each with its own rate and side."""
    rng = np.random.default_rng(seed)

    def drawn(note: Note, _before: Note | None, time_s: Floats) -> Floats:
        swing = semitones * rng.choice([-1.0, 1.0]) * np.sin(2 * np.pi * rng.uniform(0.85, 1.15) * rate_hz * time_s)
        ornamented = rng.random() < 0.7
        return np.asarray(note.midi + ornamented * swing + rng.normal(0.0, 0.04, len(time_s)))

    return _drawn(melody, drawn)


def talk_in_time(melody: Melody, seed: int) -> PitchTrack:
    """Voiced where the melody is, its pitch wandering like speech around 165 Hz."""
    rng = np.random.default_rng(seed)
    voiced = sing(melody, Singer(seed=seed)).f0_hz > 0
    nodes = np.arange(0, len(voiced) + 15, 15)
    midi = np.interp(np.arange(len(voiced)), nodes, 52 + rng.normal(0, 2.5, len(nodes)))
    return track_of(np.where(voiced, midi, np.nan))


def sing_over_rests(melody: Melody, seed: int) -> PitchTrack:
    """The last note of each line is held until the next line."""
    track = sing(melody, Singer(seed=seed))
    f0_hz = track.f0_hz.copy()
    for line, following in pairwise(melody.phrases):
        span = slice(round(line.offset_s / track.hop_s), round(following.onset_s / track.hop_s))
        f0_hz[span] = 440.0 * 2.0 ** ((line.notes[-1].midi - 69.0) / 12.0)
    return replace(track, f0_hz=f0_hz)


def _drawn(melody: Melody, draw: Callable[[Note, Note | None, Floats], Floats]) -> PitchTrack:
    """A track of what is drawn for each note, given the note before it and the seconds since its onset."""
    notes = [note for phrase in melody.phrases for note in phrase.notes]
    midi = np.full(round((notes[-1].offset_s + 2.0) / HOP_S), np.nan)
    before: Note | None = None
    for note in notes:
        start, end = round(note.onset_s / HOP_S), round(note.offset_s / HOP_S)
        midi[start:end] = draw(note, before, HOP_S * np.arange(end - start, dtype=np.float64))
        before = note
    return track_of(midi)
