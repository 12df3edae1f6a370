"""The onsets of both sides, and what the alignment of the contours says of them."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.contour import SungContour, WrittenContour, grid_index, grid_seconds
from inference.domain.notes import FoundNote, sung_onsets
from inference.domain.pitch_score import AlignedPitch, regraded
from inference.domain.reference import NoteSlot
from inference.domain.rhythm_score import (
    MatchedOnsets,
    PathOnsets,
    SungOnsets,
    WrittenOnsets,
    match_onsets,
)
from inference.domain.rules import Level, ScoringRules, at_level


@dataclass(frozen=True, slots=True)
class OnsetEvidence:
    """What is matched: the same at every level."""

    notes: tuple[FoundNote, ...]  # as they were sung
    due: WrittenOnsets  # weight 0 where nothing was received
    heard: SungOnsets
    path: PathOnsets
    reach_s: float  # offsets that are tried

    def matched(self, rules: ScoringRules) -> MatchedOnsets:
        """By the tolerances of these rules."""
        return match_onsets(self.due, self.heard, rules, self.path, self.reach_s)


def onset_reach_s(written: WrittenContour, rules: ScoringRules) -> float:
    """Where nothing has a pitch, only the onsets can tell the latency."""
    return rules.offset_reach_s if (written.weight > 0).any() else rules.max_latency_s


def onset_evidence(
    slots: tuple[NoteSlot, ...],
    onsets: WrittenOnsets,
    written: WrittenContour,
    sung: AlignedPitch,
    notes: tuple[FoundNote, ...],
    rules: ScoringRules,
) -> OnsetEvidence:
    """From a take that lies where it belongs, and the notes that are found in it."""
    found = sung_onsets(notes, sung.sung, rules)
    keep = np.array([not _is_free(slots, time_s, written, rules) for time_s in found.times_s], dtype=bool)
    heard = SungOnsets(found.times_s[keep], found.midi[keep], found.sure[keep])
    received = np.array([_received(sung.sung, time_s, rules) for time_s in onsets.times_s], dtype=bool)
    held = np.array([_is_sung(slot, sung, rules) for slot in slots], dtype=bool)  # a repetition may hide in it
    due = replace(onsets, weight=np.where(received, onsets.weight, 0.0), sure=(onsets.sure | ~held) & received)
    path = _on_path(slots, heard, written, sung, rules)
    return OnsetEvidence(notes, due, heard, path, onset_reach_s(written, rules))


def _on_path(
    slots: tuple[NoteSlot, ...], heard: SungOnsets, written: WrittenContour, sung: AlignedPitch, rules: ScoringRules
) -> PathOnsets:
    """Where the path puts the onsets of both sides."""
    frames = len(written.midi)
    on, at = sung.path[:, 0], sung.path[:, 1]
    entered = np.full(frames, frames)  # the first sung frame of each written one
    np.minimum.at(entered, on, at)
    note_of = np.full(frames + 1, -1, dtype=np.int64)
    for number, slot in enumerate(slots):
        note_of[slot.frames(rules)] = number
    put_on = np.full(frames + 1, frames, dtype=np.int64)  # the first written frame of each sung one
    np.minimum.at(put_on, at, on)
    starts = np.array([slot.frames(rules).start for slot in slots], dtype=np.int64)
    normal = at_level(rules, Level.NORMAL)  # onsets are the same at every level
    judged = sung if normal == rules else regraded(written, sung, normal)
    in_tune = np.array([_in_tune(slot, judged, rules) for slot in slots], dtype=np.bool_)
    voiced = ~np.isnan(sung.sung.midi[entered[starts]])
    path_s = np.where(voiced, grid_seconds(frames, rules)[entered[starts]], np.nan)
    sung_frames = np.clip([grid_index(time_s, rules) for time_s in heard.times_s], 0, frames)
    return PathOnsets(in_tune, path_s, note_of[put_on[sung_frames.astype(np.int64)]])


def _in_tune(slot: NoteSlot, sung: AlignedPitch, rules: ScoringRules) -> bool:
    span = slot.frames(rules)
    due = float(sung.due[span].sum())
    return due > 0 and float(sung.due[span] @ sung.credit[span]) >= rules.in_tune_share * due


def _is_free(slots: tuple[NoteSlot, ...], time_s: float, written: WrittenContour, rules: ScoringRules) -> bool:
    """Inside freestyle: free of pitch, and no rap note there."""
    frame = min(len(written.free) - 1, max(0, grid_index(time_s, rules)))
    if not written.free[frame]:
        return False
    return not any(slot.note.onset_s - rules.rap_early_s <= time_s < slot.note.offset_s for slot in slots)


def _is_sung(slot: NoteSlot, sung: AlignedPitch, rules: ScoringRules) -> bool:
    cents = sung.cents[slot.frames(rules)]
    return len(cents) > 0 and float(np.isnan(cents).mean()) < rules.unsung_share


def _received(contour: SungContour, time_s: float, rules: ScoringRules) -> bool:
    """Before the song's first second there is nothing to receive."""
    frame, reach = grid_index(time_s, rules), round(rules.onset_window_s / rules.hop_s)
    first = max(frame - reach, min(frame, grid_index(0.0, rules)))
    return bool(contour.measured[max(0, first) : frame + reach + 1].all())
