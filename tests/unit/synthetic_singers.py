"""Synthetic singers: a melody becomes the pitch track of somebody who sings it."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.melody import Lyrics, Melody, Note, NoteKind, Phrase
from inference.domain.rules import ScoringRules
from inference.domain.take_score import Heard, TakeScore, Written, score_take
from inference.domain.track import Floats, PitchTrack

HOP_S = 0.010
RULES = ScoringRules()
NO_WORDS = Lyrics("", ())
NO_RECOGNISER = Heard("", "no recogniser")
SCALE = (0, 2, 4, 5, 7, 9, 11)


@dataclass(frozen=True, slots=True)
class Singer:
    cents: float = 0.0  # everything sharp by so much
    note_sd_cents: float = 0.0  # each note out by a random amount
    vibrato_cents: float = 20.0
    vibrato_hz: float = 5.5
    jitter_s: float = 0.0  # sd of each onset
    late_s: float = 0.0
    drop: float = 0.0  # share of the notes left out
    scoop_s: float = 0.06
    tempo: float = 1.0
    noise_cents: float = 4.0
    consonant_s: float = 0.04  # unvoiced at the start of every second note
    seed: int = 0


def tune(seed: int, seconds: float = 60.0) -> Melody:
    """A melody with notes of 0.25 to 0.8 s, lines of eight notes and rests between them."""
    rng = np.random.default_rng(1000 + seed)
    tonic, degree, now = 55 + int(rng.integers(0, 12)), 2, 0.5
    phrases: list[Phrase] = []
    while now < seconds:
        notes: list[Note] = []
        for _ in range(8):
            degree = int(
                np.clip(
                    degree + rng.choice([-3, -2, -1, 0, 1, 2, 3], p=[0.06, 0.14, 0.24, 0.12, 0.24, 0.14, 0.06]), -3, 9
                )
            )
            midi = tonic + 12 * (degree // 7) + SCALE[degree % 7]
            length = float(rng.choice([0.25, 0.4, 0.5, 0.8], p=[0.3, 0.3, 0.25, 0.15]))
            notes.append(Note(now, now + length, midi, NoteKind.NORMAL, "la", True))
            now += length
        phrases.append(Phrase(notes[0].onset_s, now, tuple(notes), " ".join("la" for _ in notes)))
        now += float(rng.uniform(0.4, 1.2))
    return Melody(tuple(phrases))


def sing(melody: Melody, singer: Singer) -> PitchTrack:
    rng = np.random.default_rng(singer.seed)
    notes = [note for phrase in melody.phrases for note in phrase.notes]
    frames = round((notes[-1].offset_s * max(1.0, singer.tempo) + 2.0) / HOP_S)
    midi = np.full(frames, np.nan)
    for number, note in enumerate(notes):
        if rng.random() < singer.drop:
            continue
        onset = note.onset_s * singer.tempo + singer.late_s + rng.normal(0.0, singer.jitter_s)
        offset = note.offset_s * singer.tempo + singer.late_s
        voiced = onset + (singer.consonant_s if number % 2 else 0.0)
        start, end = max(0, round(voiced / HOP_S)), min(frames, round(offset / HOP_S))
        if end <= start:
            continue
        t = HOP_S * np.arange(end - start)
        cents = singer.cents + rng.normal(0.0, singer.note_sd_cents)
        vibrato = singer.vibrato_cents * np.sin(2 * np.pi * singer.vibrato_hz * t + rng.uniform(0, 6))
        scoop = -80.0 * np.clip(1 - t / singer.scoop_s, 0, 1) if singer.scoop_s > 0 else 0.0
        midi[max(0, start - 4) : start] = np.nan if number % 2 else midi[max(0, start - 4) : start]
        midi[start:end] = note.midi + (cents + vibrato + scoop + rng.normal(0, singer.noise_cents, len(t))) / 100.0
    return track_of(midi)


def track_of(midi: Floats) -> PitchTrack:
    voiced = ~np.isnan(midi)
    f0_hz = np.where(voiced, 440.0 * 2.0 ** ((np.nan_to_num(midi, nan=69.0) - 69.0) / 12.0), 0.0)
    return PitchTrack(0.0, HOP_S, f0_hz, voiced.astype(float), np.ones(len(midi), dtype=np.bool_), "synthetic")


def with_gap(track: PitchTrack, start_s: float, end_s: float) -> PitchTrack:
    measured = track.measured.copy()
    measured[round(start_s / HOP_S) : round(end_s / HOP_S)] = False
    return replace(track, measured=measured)


def score(melody: Melody, track: PitchTrack, rules: ScoringRules = RULES) -> TakeScore:
    return score_take(Written(melody, NO_WORDS, None), track, track.times_s, NO_RECOGNISER, rules)
