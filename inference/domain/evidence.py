"""Where a take lies on its reference: key, latency, clock, path and onsets, before any point is given."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.contour import SungContour, WrittenContour, grid_frames, grid_index, sung_contour, written_contour
from inference.domain.notes import sung_onsets
from inference.domain.pitch_score import AlignedPitch, aligned
from inference.domain.reference import NoteSlot, Written, end_s, note_slots, with_notes, written_onsets
from inference.domain.rhythm_score import MatchedOnsets, SungOnsets, WrittenOnsets, lateness_s, match_onsets
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats, PitchTrack


@dataclass(frozen=True, slots=True)
class TakeEvidence:
    """One take beside its reference."""

    song: Written  # with notes
    slots: tuple[NoteSlot, ...]
    written: WrittenContour
    written_onsets: WrittenOnsets
    sung: AlignedPitch
    onsets: MatchedOnsets
    latency_s: float  # positive: sung later than written
    clock_drift_ppm: float  # positive: the take runs slow


def take_evidence(song: Written, track: PitchTrack, song_s: Floats, rules: ScoringRules) -> TakeEvidence:
    """song_s: the song second of each frame of the track, NaN where the song did not play."""
    song = with_notes(song, rules)
    frames = grid_frames(end_s(song), rules)
    written = written_contour(song.melody, song.contour, frames, rules)
    sung = aligned(written, sung_contour(track, song_s, frames, rules), rules)
    slots = note_slots(song.melody)
    due = written_onsets(slots)
    onsets = _onsets(slots, due, written, sung, rules)
    latency_s = sung.placement.latency_frames * rules.hop_s + lateness_s(due, onsets)
    return TakeEvidence(song, slots, written, due, sung, onsets, latency_s, 0.0)


def _onsets(
    slots: tuple[NoteSlot, ...],
    onsets: WrittenOnsets,
    written: WrittenContour,
    sung: AlignedPitch,
    rules: ScoringRules,
) -> MatchedOnsets:
    found = sung_onsets(sung.sung, rules)
    keep = np.array([not _is_free(slots, time_s, written, rules) for time_s in found.times_s], dtype=bool)
    heard = SungOnsets(found.times_s[keep], found.midi[keep], found.sure[keep])
    received = np.array([_received(sung.sung, time_s, rules) for time_s in onsets.times_s], dtype=bool)
    held = np.array([_is_sung(slot, sung, rules) for slot in slots], dtype=bool)  # a repetition may hide in it
    due = replace(onsets, weight=np.where(received, onsets.weight, 0.0), sure=(onsets.sure | ~held) & received)
    return match_onsets(due, heard, rules)


def _is_free(slots: tuple[NoteSlot, ...], time_s: float, written: WrittenContour, rules: ScoringRules) -> bool:
    """Inside freestyle: free of pitch, and no rap note there."""
    frame = min(len(written.free) - 1, max(0, grid_index(time_s, rules)))
    if not written.free[frame]:
        return False
    return not any(slot.note.onset_s - 0.1 <= time_s < slot.note.offset_s for slot in slots)


def _is_sung(slot: NoteSlot, sung: AlignedPitch, rules: ScoringRules) -> bool:
    cents = sung.cents[slot.frames(rules)]
    return len(cents) > 0 and float(np.isnan(cents).mean()) < 0.5


def _received(contour: SungContour, time_s: float, rules: ScoringRules) -> bool:
    frame = grid_index(time_s, rules)
    return bool(contour.measured[max(0, frame - 5) : frame + 6].all())
