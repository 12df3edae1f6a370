"""Contours: pitch over song seconds on one grid. NaN means unvoiced; unmeasured frames count for nothing."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from inference.domain.alignment import Indices
from inference.domain.cents import midi_contour
from inference.domain.medians import running_median
from inference.domain.melody import Melody, NoteKind
from inference.domain.note_credit import notes_by_pitch
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats, PitchTrack

GRID_FIRST_S = -1.0  # the grid begins before the song: a first note may be early
GRID_AFTER_S = 1.0  # and ends after it: a last note may be late
PITCHED = (NoteKind.NORMAL, NoteKind.GOLDEN)
GOLDEN = (NoteKind.GOLDEN, NoteKind.RAP_GOLDEN)


@dataclass(frozen=True, slots=True)
class SungContour:
    """What was sung, on the song's grid."""

    midi: Floats  # NaN where unvoiced
    measured: Flags  # False where nothing was received
    raw_midi: Floats  # before bridging and smoothing: consonants show here
    stepped_midi: Floats  # bridged, without blips, its vibrato and its steps as they are: notes are found here
    quick_midi: Floats  # bridged, and hardly smoothed: notes shorter than a wave of vibrato are judged by it, too


@dataclass(frozen=True, slots=True)
class WrittenContour:
    """What should be sung, on the same grid."""

    midi: Floats  # NaN in rests and where no pitch is written
    weight: Floats  # golden_weight on golden notes, else 1; 0 where midi is NaN
    free: Flags  # True inside freestyle and rap: no pitch counts there
    brief: Flags  # True in notes that are shorter than a wave of vibrato, where the notes are the reference
    note: Indices  # the number of the note that each frame is of, -1 for none


def grid_frames(end_s: float, rules: ScoringRules) -> int:
    return round((end_s + GRID_AFTER_S - GRID_FIRST_S) / rules.hop_s)


def grid_index(song_s: float, rules: ScoringRules) -> int:
    return round((song_s - GRID_FIRST_S) / rules.hop_s)


def grid_seconds(frames: int, rules: ScoringRules) -> Floats:
    return GRID_FIRST_S + rules.hop_s * np.arange(frames, dtype=np.float64)


def sung_contour(track: PitchTrack, song_s: Floats, frames: int, rules: ScoringRules) -> SungContour:
    """Puts a track on the song's grid; song_s is each frame's song second, NaN where the song did not play.

    What comes after the end of the take was not sung; any other hole was not received.
    """
    grid_s = grid_seconds(frames, rules)
    known = np.flatnonzero(np.isfinite(song_s))
    if not len(known):
        return _silence(frames)
    order = known[np.argsort(song_s[known], kind="stable")]
    times_s = song_s[order]
    right = (
        np.clip(np.searchsorted(times_s, grid_s), 1, len(times_s) - 1) if len(times_s) > 1 else np.zeros(frames, int)
    )
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(grid_s - times_s[left]) <= np.abs(times_s[right] - grid_s), left, right)
    present = np.abs(times_s[nearest] - grid_s) <= 1.5 * track.hop_s
    source = order[nearest]
    raw = np.where(present, midi_contour(track.f0_hz)[source], np.nan)
    measured: Flags = np.where(present, track.measured[source], grid_s > times_s[-1])
    raw[~measured] = np.nan
    bridged = bridge(raw, measured, round(rules.bridged_gap_s / rules.hop_s))
    stepped, quick = (running_median(bridged, hops) for hops in (rules.median_hops, rules.brief_median_hops))
    return SungContour(centre_vibrato(stepped, rules), measured, raw, stepped, quick)


def _silence(frames: int) -> SungContour:
    nothing = np.full(frames, np.nan)
    return SungContour(nothing, np.zeros(frames, dtype=np.bool_), nothing, nothing, nothing)


def written_contour(melody: Melody, contour: PitchTrack | None, frames: int, rules: ScoringRules) -> WrittenContour:
    """Pitch from a measured contour where there is one, else from the notes."""
    midi = np.full(frames, np.nan)
    weight = np.zeros(frames)
    free, brief = np.zeros(frames, dtype=np.bool_), np.zeros(frames, dtype=np.bool_)
    note_of = np.full(frames, -1, dtype=np.int64)
    for number, note in enumerate(note for phrase in melody.phrases for note in phrase.notes):
        span = slice(grid_index(note.onset_s, rules), grid_index(note.offset_s, rules))
        if note.kind in PITCHED:
            midi[span] = note.midi
            weight[span] = rules.golden_weight if note.kind in GOLDEN else 1.0
            note_of[span] = number
            brief[span] = note.offset_s - note.onset_s < rules.vibrato_mean_hops * rules.hop_s
        else:
            free[span] = True
    if contour is not None and len(contour.f0_hz):
        solo = sung_contour(contour, contour.times_s, frames, rules).midi
        weight = np.where(np.isnan(solo), 0.0, np.maximum(weight, 1.0))
        midi = solo
        brief[:] = False
        note_of = notes_by_pitch(solo)
    midi[free] = np.nan
    weight[free] = 0.0
    note_of[np.isnan(midi)] = -1
    return WrittenContour(midi, weight, free, brief, note_of)


@njit(cache=True, nogil=True)
def bridge(midi: Floats, measured: Flags, longest: int) -> Floats:
    """Fills unvoiced runs of at most `longest` measured frames by a straight line between their ends."""
    out = midi.copy()
    before = -1  # the last voiced frame
    is_whole = True  # all since then was measured
    for frame in range(len(midi)):
        if np.isnan(midi[frame]):
            is_whole = is_whole and measured[frame]
            continue
        missing = frame - before - 1
        if before >= 0 and 0 < missing <= longest and is_whole:
            step = (midi[frame] - midi[before]) / (missing + 1)
            for place in range(missing):
                out[before + 1 + place] = (place + 1) * step + midi[before]
        before, is_whole = frame, True
    return out


def centre_vibrato(midi: Floats, rules: ScoringRules) -> Floats:
    """Running mean inside voiced runs, over frames that are no leap away."""
    width = rules.vibrato_mean_hops
    padded = np.pad(midi, width // 2, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    out = np.full(len(midi), np.nan)
    voiced = np.flatnonzero(~np.isnan(midi))
    if not len(voiced):
        return out
    near = np.abs(windows[voiced] - midi[voiced, None]) <= rules.glide_semitones
    out[voiced] = np.where(near, np.nan_to_num(windows[voiced]), 0.0).sum(axis=1) / near.sum(axis=1)
    return out


def runs(flags: Flags) -> list[tuple[int, int]]:
    """[start, end) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def shifted(sung: SungContour, frames: int) -> SungContour:
    """The contour as if it had been sung `frames` hops earlier; what slides in at the ends is not measured."""
    if frames == 0:
        return sung
    pitches = (sung.midi, sung.raw_midi, sung.stepped_midi, sung.quick_midi)
    midi, raw, stepped, quick = (_slide(values, frames) for values in pitches)
    return SungContour(midi, _slide_flags(sung.measured, frames), raw, stepped, quick)


def transposed(sung: SungContour, semitones: float) -> SungContour:
    """The contour as if it had been sung so much higher."""
    pitches = (sung.midi, sung.raw_midi, sung.stepped_midi, sung.quick_midi)
    midi, raw, stepped, quick = (values + semitones for values in pitches)
    return SungContour(midi, sung.measured, raw, stepped, quick)


def _slide(values: Floats, frames: int) -> Floats:
    out = np.full(len(values), np.nan)
    if frames > 0:
        out[:-frames] = values[frames:]
    else:
        out[-frames:] = values[:frames]
    return out


def _slide_flags(flags: Flags, frames: int) -> Flags:
    out = np.zeros(len(flags), dtype=np.bool_)
    if frames > 0:
        out[:-frames] = flags[frames:]
    else:
        out[-frames:] = flags[:frames]
    return out
