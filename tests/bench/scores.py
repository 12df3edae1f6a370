"""How near an estimate is to the truth, by mir_eval.

Conventions: 0 Hz is unvoiced. An estimate may be negative: unvoiced, with a guess at the pitch. Raw pitch accuracy
counts the guess, voicing and overall accuracy do not (Poliner et al. 2007). Both are put on the truth's times.
"""

from dataclasses import astuple, dataclass

import mir_eval
import numpy as np

from inference.domain.track import Flags, Floats

ONSET_WINDOW_S = 0.05
LARGEST_OFFSET_S, OFFSET_STEP_S = 0.1, 0.005
NOTE_S = 0.1  # of a note of which only the onset is known


@dataclass(frozen=True, slots=True)
class MelodyScore:
    """Shares 0..1."""

    raw_pitch: float
    raw_chroma: float
    overall: float
    recall: float  # of the voiced frames
    false_alarm: float  # of the unvoiced frames
    median_cents: float  # of |error| where the truth is voiced and a pitch is known


def melody_score(truth_s: Floats, truth_hz: Floats, times_s: Floats, estimate_hz: Floats) -> MelodyScore:
    """`estimate_hz` may be negative; see above."""
    truth = mir_eval.melody.to_cent_voicing(truth_s, truth_hz, times_s, estimate_hz)
    voiced, cents, found, found_cents = truth
    recall, false_alarm = mir_eval.melody.voicing_measures(voiced, found)
    known = (voiced > 0) & (found_cents > 0)
    errors = np.abs(found_cents - cents)[known]
    return MelodyScore(
        float(mir_eval.melody.raw_pitch_accuracy(*truth)),
        float(mir_eval.melody.raw_chroma_accuracy(*truth)),
        float(mir_eval.melody.overall_accuracy(*truth)),
        float(recall),
        float(false_alarm),
        float(np.median(errors)) if len(errors) else 0.0,
    )


def with_guesses(f0_hz: Floats, voiced: Flags) -> Floats:
    """mir_eval's way to write an unvoiced frame whose pitch is guessed."""
    return np.where(voiced, f0_hz, -f0_hz)


def mean_score(scores: list[MelodyScore]) -> MelodyScore:
    """Each recording counts alike."""
    return MelodyScore(*np.mean([astuple(score) for score in scores], axis=0).tolist())


def onset_f(truth_s: Floats, found_s: Floats, window_s: float = ONSET_WINDOW_S) -> float:
    """F-measure of note onsets, one to one, 0..1."""
    since_s = min(0.0, *truth_s, *found_s)  # mir_eval takes no time before 0, and an onset may lie before its song
    intervals = (np.stack([times_s, times_s + NOTE_S], axis=1) - since_s for times_s in (truth_s, found_s))
    return float(mir_eval.transcription.onset_precision_recall_f1(*intervals, onset_tolerance=window_s)[2])


def without_offset(truth_s: Floats, found_s: Floats) -> Floats:
    """The found onsets less the one offset with which most of them fit."""
    offsets_s = np.arange(-LARGEST_OFFSET_S, LARGEST_OFFSET_S + OFFSET_STEP_S / 2, OFFSET_STEP_S)
    best = int(np.argmax([onset_f(truth_s, found_s - offset_s) for offset_s in offsets_s]))
    return found_s - float(offsets_s[best])
