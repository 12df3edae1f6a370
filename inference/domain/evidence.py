"""Where a take lies on its reference: key, latency, clock, path and onsets, before any point is given."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.contour import (
    SungContour,
    WrittenContour,
    grid_frames,
    sung_contour,
    transposed,
    written_contour,
)
from inference.domain.notes import FoundNote, found_notes, sung_onsets
from inference.domain.onset_evidence import OnsetEvidence, onset_evidence
from inference.domain.pitch_score import AlignedPitch, aligned
from inference.domain.placement import Placement, certain_drift_ppm, corrected_ppm, placed, rough_drift_ppm
from inference.domain.reference import NoteSlot, Written, end_s, note_slots, with_notes, written_onsets
from inference.domain.rhythm_score import MatchedOnsets, WrittenOnsets, lateness_s, match_onsets
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
    heard: OnsetEvidence
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
    due = written_onsets(slots, rules)
    heard = sung_contour(track, song_s, frames, rules)
    rough = _rough(written, heard, track, song_s, rules)
    drift_ppm = _drift_ppm(due, rough, rules)
    laid = rough
    if drift_ppm != rough.place.drift_ppm:
        laid = _laid(track, song_s, placed(written, heard, rules, drift_ppm), frames, rules)
    sung = aligned(written, laid.contour, laid.place, rules)
    onsets = onset_evidence(slots, due, written, sung, laid.notes, rules)
    matched = onsets.matched(rules)
    return TakeEvidence(
        song, slots, written, due, sung, onsets, matched, laid.place.latency_s + lateness_s(due, matched)
    )


@dataclass(frozen=True, slots=True)
class _Laid:
    """The take under one clock: where it belongs, in the written key, and the notes that are found in it there."""

    place: Placement
    contour: SungContour
    notes: tuple[FoundNote, ...]


def _laid(track: PitchTrack, song_s: Floats, place: Placement, frames: int, rules: ScoringRules) -> _Laid:
    there = sung_contour(track, place.written_s(song_s), frames, rules)
    contour = transposed(there, -place.key_semitones)
    return _Laid(place, contour, tuple(found_notes(contour, rules)))


def _rough(
    written: WrittenContour, heard: SungContour, track: PitchTrack, song_s: Floats, rules: ScoringRules
) -> _Laid:
    """Under the clock that the contours tell: mostly there is no better one."""
    place = placed(written, heard, rules, rough_drift_ppm(written, heard, rules))
    return _laid(track, song_s, place, len(written.midi), rules)


def _drift_ppm(due: WrittenOnsets, rough: _Laid, rules: ScoringRules) -> float:
    """How far the take's clock runs from the song's; positive when the take runs slow."""
    found = sung_onsets(rough.notes, rough.contour, rules)
    near = replace(rules, full_onset_s=0.0, no_onset_s=rules.dtw_band_s)
    matched = match_onsets(due, found, near)
    if np.count_nonzero(matched.match >= 0) < rules.drift_least_matched * np.count_nonzero(found.sure):
        return 0.0
    hit = (matched.match >= 0) & due.sure
    late_s = matched.at_s[hit] - due.times_s[hit]
    return corrected_ppm(certain_drift_ppm(due.times_s[hit], late_s, rough.place.drift_ppm, rules), rules) or 0.0
