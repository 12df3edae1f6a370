"""The guide voice: a glottal source rich in harmonics, shaped by formants that move, with consonants and breath.

Harmonics are summed one by one instead of filtered, so the fundamental is exactly the written one.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from deploy.demo_song.phonemes import BANDWIDTHS_HZ, CONSONANTS, UPPER_FORMANTS_HZ, VOWELS, Consonant
from deploy.demo_song.score import SungNote

Samples = NDArray[np.float64]

CONTROL_HZ = 200.0
TAIL_S = 0.25  # the voice dies away after the last note
HEAD_S = 0.15  # room for the consonants before the first one
TOP_HZ = 7500.0
SOURCE_TILT = 1.05  # harmonic k of the glottis is as loud as k to the minus this
GLIDE_S = 0.030  # how quickly the pitch moves from note to note
FORMANT_GLIDE_S = 0.025
VOICE_GLIDE_S = 0.008
SCOOP_CENTS, SCOOP_S = -35.0, 0.045
VIBRATO_HZ, VIBRATO_CENTS, VIBRATO_DELAY_S = 5.4, 16.0, 0.25
VIBRATO_RISE_S = 0.2
BREATH_GAIN = 0.006


@dataclass(slots=True)
class Noise:
    start_s: float
    duration_s: float
    gain: float
    band_hz: tuple[float, float]


@dataclass(slots=True)
class Controls:
    """What moves while a line is sung, one value for each tick of CONTROL_HZ from `first_s`."""

    first_s: float
    times_s: Samples
    cents: Samples  # above MIDI 0
    voice: Samples
    formants_hz: Samples  # shape (5, ticks)
    noises: list[Noise]


def _smooth(values: Samples, width_s: float) -> Samples:
    window = signal.windows.hann(max(3, int(2 * width_s * CONTROL_HZ) | 1))
    padded = np.pad(values, len(window) // 2, mode="edge")
    return np.asarray(np.convolve(padded, window / window.sum(), mode="valid"))


def _blank(notes: list[SungNote]) -> Controls:
    first_s = notes[0].onset_s - HEAD_S
    ticks = int((notes[-1].offset_s + TAIL_S - first_s) * CONTROL_HZ)
    times_s = first_s + np.arange(ticks) / CONTROL_HZ
    formants = np.tile(np.array([*VOWELS["ə"], *UPPER_FORMANTS_HZ], dtype=float)[:, None], ticks)
    return Controls(first_s, times_s, np.full(ticks, notes[0].midi * 100), np.zeros(ticks), formants, [])


def _span(controls: Controls, start_s: float, end_s: float) -> slice:
    ticks = [max(0, round((time_s - controls.first_s) * CONTROL_HZ)) for time_s in (start_s, end_s)]
    return slice(*ticks)


def _place_consonant(controls: Controls, consonant: Consonant, start_s: float) -> None:
    span = _span(controls, start_s, start_s + consonant.duration_s)
    controls.voice[span] = consonant.voice
    controls.formants_hz[:3, span] = np.array(consonant.formants_hz)[:, None]
    if consonant.noise:
        length_s = 0.015 if consonant.burst else consonant.duration_s
        begin_s = start_s + consonant.duration_s - length_s
        controls.noises.append(Noise(begin_s, length_s, consonant.noise, consonant.noise_band_hz))


def _place_syllable(controls: Controls, note: SungNote) -> None:
    sounds = note.syllable.sounds.split()
    nucleus = next(index for index, sound in enumerate(sounds) if sound in VOWELS)
    span = _span(controls, note.onset_s, note.offset_s)
    controls.voice[span] = 1.0
    controls.formants_hz[:3, span] = np.array(VOWELS[sounds[nucleus]])[:, None]
    before = [CONSONANTS[sound] for sound in sounds[:nucleus]]
    start_s = note.onset_s - sum(one.duration_s for one in before if not one.glide)
    for consonant in before:
        _place_consonant(controls, consonant, start_s)
        start_s += consonant.duration_s
    coda = [CONSONANTS[sound] for sound in sounds[nucleus + 1 :]]
    start_s = note.offset_s - sum(one.duration_s for one in coda)
    for consonant in coda:
        _place_consonant(controls, consonant, start_s)
        start_s += consonant.duration_s


def _ornament(controls: Controls, note: SungNote) -> None:
    """A small scoop into each word and vibrato on what is held."""
    since_s = controls.times_s - note.onset_s
    inside = (since_s >= 0) & (controls.times_s < note.offset_s)
    if note.syllable.starts_word:
        scoop = inside & (since_s < SCOOP_S)
        controls.cents[scoop] += SCOOP_CENTS * (1 - since_s[scoop] / SCOOP_S)
    depth = np.clip((since_s - VIBRATO_DELAY_S) / VIBRATO_RISE_S, 0, 1) * inside
    controls.cents += VIBRATO_CENTS * depth * np.sin(2 * np.pi * VIBRATO_HZ * (since_s - VIBRATO_DELAY_S))


def plan_line(notes: list[SungNote]) -> Controls:
    controls = _blank(notes)
    for note in notes:
        controls.cents[_span(controls, note.onset_s, note.offset_s + TAIL_S)] = note.midi * 100
    controls.cents = _smooth(controls.cents, GLIDE_S)
    for note in notes:
        _place_syllable(controls, note)
        _ornament(controls, note)
    controls.voice = _smooth(controls.voice, VOICE_GLIDE_S)
    controls.formants_hz = np.stack([_smooth(row, FORMANT_GLIDE_S) for row in controls.formants_hz])
    return controls


def _vocal_tract(hz: Samples, formants_hz: Samples) -> NDArray[np.complex128]:
    """Gain at one frequency per tick: resonances in cascade, each 1 at 0 Hz."""
    gain = np.ones(len(hz), dtype=np.complex128)
    for formant_hz, bandwidth_hz in zip(formants_hz, BANDWIDTHS_HZ, strict=True):
        pole = -np.pi * bandwidth_hz + 2j * np.pi * formant_hz
        at = 2j * np.pi * hz
        gain *= np.abs(pole) ** 2 / ((at - pole) * (at - np.conj(pole)))
    return gain


def _sing(controls: Controls, sample_rate_hz: int) -> Samples:
    count = int(len(controls.times_s) / CONTROL_HZ * sample_rate_hz)
    at_s = controls.first_s + np.arange(count) / sample_rate_hz
    f0_ticks = 440.0 * 2 ** ((controls.cents / 100 - 69) / 12)
    phase = 2 * np.pi * np.cumsum(np.interp(at_s, controls.times_s, f0_ticks)) / sample_rate_hz
    formants = controls.formants_hz.copy()
    formants[0] = np.maximum(formants[0], 1.04 * f0_ticks)  # a singer opens the mouth where F1 would fall below f0
    sound = np.zeros(count)
    for harmonic in range(1, int(TOP_HZ / f0_ticks.min()) + 1):
        hz = harmonic * f0_ticks
        gain = _vocal_tract(hz, formants) * harmonic**-SOURCE_TILT * (hz < TOP_HZ) * controls.voice
        real, imag = (np.interp(at_s, controls.times_s, part) for part in (gain.real, gain.imag))
        sound += real * np.sin(harmonic * phase) + imag * np.cos(harmonic * phase)
    return sound


def _shaped_noise(count: int, band_hz: tuple[float, float], sample_rate_hz: int, rng: np.random.Generator) -> Samples:
    sections = signal.butter(2, band_hz, "bandpass", fs=sample_rate_hz, output="sos")
    noise = np.asarray(signal.sosfilt(sections, rng.standard_normal(count + 400)))[400:]
    return np.asarray(noise / (np.sqrt(np.mean(noise**2)) + 1e-9))


def _add_noises(sound: Samples, controls: Controls, sample_rate_hz: int, rng: np.random.Generator) -> None:
    for noise in controls.noises:
        count = int(noise.duration_s * sample_rate_hz)
        start = int((noise.start_s - controls.first_s) * sample_rate_hz)
        burst = _shaped_noise(count, noise.band_hz, sample_rate_hz, rng)
        sound[start : start + count] += noise.gain * burst * signal.windows.tukey(count, 0.6)


def _breath(count: int, sample_rate_hz: int, rng: np.random.Generator) -> Samples:
    envelope = np.sin(np.linspace(0, np.pi, count)) ** 2
    return np.asarray(BREATH_GAIN * 3 * envelope * _shaped_noise(count, (700.0, 4500.0), sample_rate_hz, rng))


def render_line(notes: list[SungNote], sample_rate_hz: int, rng: np.random.Generator) -> tuple[float, Samples]:
    """The song second of the first sample, and the line's samples, its loudest about 1."""
    controls = plan_line(notes)
    sound = _sing(controls, sample_rate_hz)
    sound /= np.percentile(np.abs(sound), 99.5)
    loudness = np.interp(np.arange(len(sound)), np.linspace(0, len(sound), len(controls.voice)), controls.voice)
    sound += BREATH_GAIN * loudness * _shaped_noise(len(sound), (1500.0, 6000.0), sample_rate_hz, rng)
    _add_noises(sound, controls, sample_rate_hz, rng)
    return controls.first_s, sound


def _mix_at(track: Samples, start: int, part: Samples) -> None:
    track[start : start + len(part)] += part[: max(0, len(track) - start)]


def render_guide(
    lines: list[list[SungNote]], duration_s: float, sample_rate_hz: int, rng: np.random.Generator
) -> Samples:
    """The whole guide voice, mono, peak 0.7, with a breath before each line."""
    track = np.zeros(round(duration_s * sample_rate_hz))
    for notes in lines:
        first_s, sound = render_line(notes, sample_rate_hz, rng)
        _mix_at(track, round(first_s * sample_rate_hz), sound)
    for previous, following in pairwise(lines):
        gap_s = following[0].onset_s - previous[-1].offset_s
        breath = _breath(int(0.7 * gap_s * sample_rate_hz), sample_rate_hz, rng)
        _mix_at(track, round((previous[-1].offset_s + 0.1 * gap_s) * sample_rate_hz), breath)
    return np.asarray(track * (0.7 / np.abs(track).max()))
