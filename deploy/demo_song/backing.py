"""The band: plucked chords, a bass, a soft pad and a faint music box, in a small room."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from deploy.demo_song.score import BEAT_S, CHORDS, INTRO_BEATS, SONG_END_S, SungNote

Samples = NDArray[np.float64]

CHORD_MIDI = {"F": (53, 57, 60, 65), "C": (52, 55, 60, 64), "G": (50, 55, 58, 62)}  # G stands for G minor
BASS_MIDI = {"F": 41, "C": 36, "G": 43}
ARPEGGIO = (0, 2, 1, 3)  # which tone of the chord falls on each half beat
PAN = (-0.45, 0.15, -0.15, 0.45)
PLUCK_S = 1.8
ROOM_S = 1.1
ROOM_GAIN = 0.16
TICK_GAIN = 0.05
PEAK = 0.8


def _hz(midi: float) -> float:
    return float(440.0 * 2 ** ((midi - 69) / 12))


@cache
def _pluck(midi: float, sample_rate_hz: int, brightness: float, length_s: float = PLUCK_S) -> Samples:
    """A string: harmonics a little sharp, the high ones die first."""
    at_s = np.arange(int(length_s * sample_rate_hz)) / sample_rate_hz
    tone = np.zeros(len(at_s))
    for harmonic in range(1, 13):
        hz = harmonic * _hz(midi) * np.sqrt(1 + 0.00012 * harmonic**2)
        if hz < 9000:
            decay = np.exp(-at_s * (1.7 + 0.55 * harmonic))
            tone += harmonic**-brightness * decay * np.sin(2 * np.pi * hz * at_s)
    fade = np.clip((length_s - at_s) / 0.1, 0, 1)
    return np.asarray(tone * fade * np.clip(at_s / 0.004, 0, 1))


@cache
def _pad(midi: float, length_s: float, sample_rate_hz: int) -> Samples:
    at_s = np.arange(int(length_s * sample_rate_hz)) / sample_rate_hz
    tone = sum(
        harmonic**-2.2 * np.sin(2 * np.pi * harmonic * _hz(midi) * detune * at_s)
        for harmonic in range(1, 5)
        for detune in (0.9985, 1.0015)
    )
    envelope = np.clip(at_s / 0.35, 0, 1) * np.clip((length_s - at_s) / 0.4, 0, 1)
    return np.asarray(tone * envelope)


def _add(track: Samples, at_s: float, part: Samples, gain: float, pan: float, sample_rate_hz: int) -> None:
    """Pan goes from -1 (left) to 1 (right), at equal power."""
    start = round(at_s * sample_rate_hz)
    part = part[: max(0, track.shape[1] - start)]
    angle = (pan + 1) * np.pi / 4
    track[0, start : start + len(part)] += gain * np.cos(angle) * part
    track[1, start : start + len(part)] += gain * np.sin(angle) * part


def _chords(track: Samples, sample_rate_hz: int) -> None:
    for index, chord in enumerate(["F", "C", *CHORDS]):
        at_s = (index * 2 + INTRO_BEATS - 4) * BEAT_S
        for half_beat, tone in enumerate(ARPEGGIO):
            string = _pluck(CHORD_MIDI[chord][tone] + 0.0, sample_rate_hz, 0.95)
            _add(track, at_s + half_beat * BEAT_S / 2, string, 0.15, PAN[tone], sample_rate_hz)
        _add(track, at_s, _pluck(BASS_MIDI[chord] + 0.0, sample_rate_hz, 1.3), 0.17, 0.0, sample_rate_hz)
        for place, midi in enumerate(CHORD_MIDI[chord][:3]):
            _add(track, at_s, _pad(midi + 0.0, 2 * BEAT_S + 0.4, sample_rate_hz), 0.022, PAN[place], sample_rate_hz)


def _music_box(track: Samples, lines: list[list[SungNote]], sample_rate_hz: int) -> None:
    """The melody an octave up, far behind: enough to find the note, too little to lean on."""
    for note in (note for line in lines for note in line):
        _add(track, note.onset_s, _pluck(note.midi + 12, sample_rate_hz, 2.2, 0.9), 0.035, 0.3, sample_rate_hz)


def _ticks(track: Samples, sample_rate_hz: int, rng: np.random.Generator) -> None:
    """A shaker on every beat; the four of the intro are the count-in."""
    count = int(0.07 * sample_rate_hz)
    sections = signal.butter(2, 6000.0, "highpass", fs=sample_rate_hz, output="sos")
    for beat in range(int(SONG_END_S / BEAT_S)):
        shake = np.asarray(signal.sosfilt(sections, rng.standard_normal(count)))
        shake *= np.exp(-np.arange(count) / (0.015 * sample_rate_hz))
        gain = TICK_GAIN * (1.6 if beat < INTRO_BEATS else 0.6 if beat % 2 else 0.35)
        _add(track, beat * BEAT_S, shake, gain, 0.2, sample_rate_hz)


def _ending(track: Samples, sample_rate_hz: int) -> None:
    for place, midi in enumerate((41, 53, 57, 60, 65, 69)):
        string = _pluck(midi + 0.0, sample_rate_hz, 1.3, 2.6)
        _add(track, SONG_END_S + 0.06 * place, string, 0.15, 0.15 * (place - 2), sample_rate_hz)


def _room(track: Samples, sample_rate_hz: int, rng: np.random.Generator) -> Samples:
    at_s = np.arange(int(ROOM_S * sample_rate_hz)) / sample_rate_hz
    echo = rng.standard_normal((2, len(at_s))) * np.exp(-at_s * 6.0)
    sections = signal.butter(1, (300.0, 5000.0), "bandpass", fs=sample_rate_hz, output="sos")
    echo = np.asarray(signal.sosfilt(sections, echo, axis=1))
    echo /= np.sqrt((echo**2).sum(axis=1, keepdims=True))
    wet = signal.oaconvolve(track, echo, axes=1)[:, : track.shape[1]]
    return np.asarray(track + ROOM_GAIN * 2 * wet)


def render_backing(
    lines: list[list[SungNote]], duration_s: float, sample_rate_hz: int, rng: np.random.Generator
) -> Samples:
    """Stereo, shape (2, samples), peak 0.8; it ends in silence."""
    track = np.zeros((2, round(duration_s * sample_rate_hz)))
    _chords(track, sample_rate_hz)
    _music_box(track, lines, sample_rate_hz)
    _ticks(track, sample_rate_hz, rng)
    _ending(track, sample_rate_hz)
    track = _room(track, sample_rate_hz, rng)
    at_end_s = duration_s - np.arange(track.shape[1]) / sample_rate_hz
    track *= np.clip(at_end_s / 0.5, 0, 1)
    return np.asarray(track * (PEAK / np.abs(track).max()))
