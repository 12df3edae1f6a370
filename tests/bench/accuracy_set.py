"""The singing that accuracy is measured on: synthetic voices from bass to soprano, and one real singer."""

import csv
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import signal

from inference.audio.files import load_mono_16k
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.domain.contour import runs
from inference.domain.melody import Melody
from inference.domain.track import Floats, PitchTrack
from tests.support.channel import Samples, with_bleed, with_noise
from tests.support.voice import Voice, sound_of
from tests.unit.synthetic_singers import Singer, sing, tune

DATA = Path(os.environ.get("VOICEJURY_TEST_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
BACKING = "mixtures/Kevin_MacLeod_-_Vibe_Ace.hq.ogg"
REAL_SINGER = "pitch/vocadito_1/vocadito_1"
SECONDS = 12.0
CONDITIONS = ("clean", "20 dB", "10 dB", "bleed")
BLEED_DB = -20.0
GLIDE_S = 0.060  # from note to note: 10 to 90 % of the way in 29 ms, where the real singer below takes 58 to 134


@dataclass(frozen=True, slots=True)
class Part:
    """Who sings: the lowest or highest note of the tune, and the voice."""

    name: str
    seed: int
    voice: Voice
    vibrato_cents: float
    lowest_midi: int | None = None
    highest_midi: int | None = None


# E2 (40) is the lowest note, C6 (84) the highest; formants go up with the voice as tracts get shorter.
PARTS = (
    Part("bass", 0, Voice(0.88, 1.2), 25.0, lowest_midi=40),
    Part("bass, dark", 1, Voice(0.90, 1.6), 40.0, lowest_midi=42),
    Part("baritone", 2, Voice(0.94, 1.3), 30.0, lowest_midi=45),
    Part("tenor", 3, Voice(1.0, 1.2), 50.0, lowest_midi=48),
    Part("tenor, breathy", 4, Voice(1.0, 1.5, breath_db=-30.0), 20.0, lowest_midi=50),
    Part("alto", 5, Voice(1.06, 1.3), 35.0, lowest_midi=54),
    Part("soprano", 6, Voice(1.12, 1.3), 60.0, lowest_midi=60),
    Part("soprano, high", 7, Voice(1.15, 1.4), 45.0, highest_midi=84),
)


@dataclass(frozen=True, slots=True)
class Sung:
    """One recording with its truth."""

    name: str
    samples: Samples  # 16 kHz
    times_s: Floats  # of the truth
    f0_hz: Floats  # 0 = unvoiced
    onsets_s: Floats


def synthetic(condition: str, parts: tuple[Part, ...] = PARTS) -> Iterator[Sung]:
    """Each part through one of CONDITIONS."""
    backing = load_mono_16k(DATA / BACKING)
    for part in parts:
        sung = _sung(part)
        yield replace(sung, samples=_through(sung.samples, condition, part.seed, backing))


def _sung(part: Part) -> Sung:
    melody = _in_range(tune(part.seed, SECONDS), part)
    singer = Singer(vibrato_cents=part.vibrato_cents, noise_cents=1.0, seed=part.seed)
    track = gliding(sing(melody, singer))
    samples = sound_of(track, replace(part.voice, jitter_cents=0.0, seed=part.seed))
    return Sung(part.name, samples, track.times_s, track.f0_hz, _heard_onsets(melody))


def gliding(track: PitchTrack, glide_s: float = GLIDE_S) -> PitchTrack:
    """Goes from note to note in an S of `glide_s` in place of one frame, as a voice must; its borders stay."""
    frames = round(glide_s / track.hop_s)
    weights = signal.windows.hann(frames + 1)
    f0_hz = track.f0_hz.copy()
    for start, end in runs(f0_hz > 0):
        octaves = np.pad(np.log2(f0_hz[start:end]), frames // 2, mode="edge")
        f0_hz[start:end] = 2.0 ** np.convolve(octaves, weights / weights.sum(), mode="valid")
    return replace(track, f0_hz=f0_hz)


def _heard_onsets(melody: Melody) -> Floats:
    """Of all notes but those that go on at the pitch of the one before: the singer has a consonant at every second."""
    notes = [note for phrase in melody.phrases for note in phrase.notes]
    same = [a.midi == b.midi and b.onset_s - a.offset_s < 0.01 for a, b in pairwise(notes)]
    silent = [is_same and number % 2 == 0 for number, is_same in enumerate([False, *same])]
    return np.array([note.onset_s for note, is_silent in zip(notes, silent, strict=True) if not is_silent])


def _in_range(melody: Melody, part: Part) -> Melody:
    """The tune transposed so that its lowest or highest note is the part's."""
    midis = [note.midi for phrase in melody.phrases for note in phrase.notes]
    by = part.lowest_midi - min(midis) if part.lowest_midi is not None else (part.highest_midi or 0) - max(midis)
    phrases = (
        replace(phrase, notes=tuple(replace(note, midi=note.midi + by) for note in phrase.notes))
        for phrase in melody.phrases
    )
    return Melody(tuple(phrases))


def _through(samples: Samples, condition: str, seed: int, backing: Samples) -> Samples:
    """Pink noise from 40 Hz on, or a backing; both begin elsewhere for each singer."""
    match condition:
        case "20 dB":
            return with_noise(samples, 20.0, seed)
        case "10 dB":
            return with_noise(samples, 10.0, seed)
        case "bleed":
            return with_bleed(samples, np.roll(backing, -seed * 7 * SAMPLE_RATE_HZ), BLEED_DB)
    return samples


def real_singer() -> Sung:
    """vocadito_1 with the f0 that a human corrected and the notes of the first annotator."""
    times_s, f0_hz = np.loadtxt(DATA / f"{REAL_SINGER}_f0.csv", delimiter=",").T
    return Sung("vocadito_1", load_mono_16k(DATA / f"{REAL_SINGER}.wav"), times_s, f0_hz, annotated_notes("A1")[0])


def annotated_notes(annotator: str) -> tuple[Floats, Floats]:
    """Onsets in seconds and MIDI pitches of A1 or A2."""
    with (DATA / f"{REAL_SINGER}_notes{annotator}.csv").open(encoding="utf-8") as file:
        rows = [[float(value) for value in row] for row in csv.reader(file)]
    return np.array([row[0] for row in rows]), np.array([69 + 12 * math.log2(row[1] / 440) for row in rows])
