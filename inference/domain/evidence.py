"""Where a take lies on its reference: key, latency, clock, path and onsets, before any point is given."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.contour import (
    SungContour,
    WrittenContour,
    grid_frames,
    grid_index,
    grid_seconds,
    sung_contour,
    transposed,
    written_contour,
)
from inference.domain.notes import sung_onsets
from inference.domain.pitch_score import AlignedPitch, aligned
from inference.domain.placement import Placement, certain_drift_ppm, corrected_ppm, placed, rough_drift_ppm
from inference.domain.reference import NoteSlot, Written, end_s, note_slots, with_notes, written_onsets
from inference.domain.rhythm_score import (
    MatchedOnsets,
    PathOnsets,
    SungOnsets,
    WrittenOnsets,
    lateness_s,
    match_onsets,
)
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

    @property
    def clock_drift_ppm(self) -> float:
        """Positive: the take runs slow."""
        return self.sung.placement.drift_ppm


def take_evidence(song: Written, track: PitchTrack, song_s: Floats, rules: ScoringRules) -> TakeEvidence:
    """song_s: the song second of each frame of the track, NaN where the song did not play."""
    song = with_notes(song, rules)
    frames = grid_frames(end_s(song), rules)
    written = written_contour(song.melody, song.contour, frames, rules)
    slots = note_slots(song.melody)
    due = written_onsets(slots)
    heard = sung_contour(track, song_s, frames, rules)
    place = placed(written, heard, rules)
    drift_ppm = _drift_ppm(due, written, heard, track, song_s, rules)
    if drift_ppm:
        place = placed(written, heard, rules, drift_ppm)
    sung = aligned(written, _put(track, song_s, place, frames, rules), place, rules)
    onsets = _onsets(slots, due, written, sung, rules)
    return TakeEvidence(song, slots, written, due, sung, onsets, place.latency_s + lateness_s(due, onsets))


def _put(track: PitchTrack, song_s: Floats, place: Placement, frames: int, rules: ScoringRules) -> SungContour:
    """The take where it belongs, in the written key."""
    there = sung_contour(track, place.written_s(song_s), frames, rules)
    return transposed(there, -place.key_semitones)


def _drift_ppm(
    due: WrittenOnsets,
    written: WrittenContour,
    heard: SungContour,
    track: PitchTrack,
    song_s: Floats,
    rules: ScoringRules,
) -> float:
    """How far the take's clock runs from the song's; positive when the take runs slow."""
    rough_ppm = rough_drift_ppm(written, heard, rules)
    place = placed(written, heard, rules, rough_ppm)
    found = sung_onsets(_put(track, song_s, place, len(written.midi), rules), rules)
    near = replace(rules, full_onset_s=0.0, no_onset_s=rules.dtw_band_s)
    matched = match_onsets(due, found, near)
    hit = (matched.match >= 0) & due.sure
    late_s = matched.at_s[hit] - due.times_s[hit]
    return corrected_ppm(certain_drift_ppm(due.times_s[hit], late_s, rough_ppm, rules), rules)


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
    return match_onsets(due, heard, rules, _on_path(slots, heard, written, sung, rules))


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
    in_tune = np.array([_in_tune(slot, sung, rules) for slot in slots], dtype=np.bool_)
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
    return not any(slot.note.onset_s - 0.1 <= time_s < slot.note.offset_s for slot in slots)


def _is_sung(slot: NoteSlot, sung: AlignedPitch, rules: ScoringRules) -> bool:
    cents = sung.cents[slot.frames(rules)]
    return len(cents) > 0 and float(np.isnan(cents).mean()) < 0.5


def _received(contour: SungContour, time_s: float, rules: ScoringRules) -> bool:
    frame = grid_index(time_s, rules)
    return bool(contour.measured[max(0, frame - 5) : frame + 6].all())
