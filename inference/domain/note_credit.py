"""What the frames of a note are worth beside each other: a glide, a consonant and a breath are singing."""

import itertools

import numpy as np

from inference.domain.alignment import Indices
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats


def without_glides(credit: Floats, midi: Floats, rules: ScoringRules) -> Floats:
    """Each frame with the best credit near it in the same written pitch."""
    note = notes_by_pitch(midi)
    out = credit.copy()
    for hops in range(1, round(rules.glide_s / rules.hop_s) + 1):
        same = note[hops:] == note[:-hops]
        out[hops:] = np.maximum(out[hops:], np.where(same, credit[:-hops], 0.0))
        out[:-hops] = np.maximum(out[:-hops], np.where(same, credit[hops:], 0.0))
    return out


def with_breaths(credit: Floats, note: Indices, received: Flags, voiced: Flags, rules: ScoringRules) -> Floats:
    """Silence in a note sung well is worth what is sung of it, `free_breath_s` at most, and less than is sung.

    note: which note each frame is of, -1 for none; received, voiced: of each frame.
    """
    out = credit.copy()
    for start, end in _spans(note):
        sung = voiced[start:end]
        silent = received[start:end] & ~sung
        more_sung = float(np.count_nonzero(sung) - np.count_nonzero(silent))
        if more_sung <= 0 or not silent.any():
            continue
        worth = float(out[start:end][sung].mean())
        if worth < rules.breath_credit:
            continue
        missing = np.where(silent, np.maximum(worth - out[start:end], 0.0), 0.0)
        free = worth * min(rules.free_breath_s / rules.hop_s, more_sung)
        whole = float(missing.sum())
        if whole > 0.0:
            out[start:end] += missing * min(1.0, free / whole)
    return out


def notes_by_pitch(midi: Floats) -> Indices:
    """Numbers the stretches of one pitch, to the semitone; a rest parts them, and has a number of its own."""
    leaps = np.diff(np.round(np.nan_to_num(midi))) != 0
    return np.concatenate(([0], np.cumsum(leaps)))


def _spans(note: Indices) -> list[tuple[int, int]]:
    """[start, end) of every note."""
    edges = [0, *(np.flatnonzero(np.diff(note)) + 1).tolist(), len(note)]
    return [(start, end) for start, end in itertools.pairwise(edges) if end > start and note[start] >= 0]
