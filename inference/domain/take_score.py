"""One take against one song: three parts, a total, and the evidence of every note."""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.cents import without_chance
from inference.domain.contour import (
    GOLDEN,
    GRID_FIRST_S,
    PITCHED,
    SungContour,
    WrittenContour,
    grid_frames,
    grid_index,
    sung_contour,
    written_contour,
)
from inference.domain.lyrics_score import LyricsScore, score_lyrics
from inference.domain.melody import Lyrics, Melody, Note, NoteKind
from inference.domain.notes import melody_of, sung_onsets
from inference.domain.pitch_score import AlignedPitch, aligned, chance_credit, raw_credit, steady_share, without_speech
from inference.domain.rhythm_score import (
    MatchedOnsets,
    SungOnsets,
    WrittenOnsets,
    chance_onsets,
    lateness_s,
    match_onsets,
    rhythm_points,
)
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats, PitchTrack

CONTIGUOUS_S = 0.1  # a repeated note that follows this soon leaves no trace in a legato contour
LONG_ENOUGH_S = 10.0  # with less written time received the confidence falls


@dataclass(frozen=True, slots=True)
class Written:
    """The reference of one song."""

    melody: Melody
    lyrics: Lyrics
    contour: PitchTrack | None  # a solo voice, measured


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser heard, or why there was none."""

    text: str
    missing: str  # empty when words were looked for


@dataclass(frozen=True, slots=True)
class NoteSlot:
    """A written note, where it stands, and its frames on the grid."""

    phrase: int
    index: int
    note: Note

    def frames(self, rules: ScoringRules) -> slice:
        return slice(grid_index(self.note.onset_s, rules), grid_index(self.note.offset_s, rules))


@dataclass(frozen=True, slots=True)
class Chance:
    pitch: float  # raw credit that luck earns, 0..1
    rhythm: float


@dataclass(frozen=True, slots=True)
class TakeScore:
    melody: Melody
    slots: tuple[NoteSlot, ...]  # every note but freestyle, in time order
    written: WrittenContour
    sung: AlignedPitch
    onsets: MatchedOnsets
    pitch: float | None
    rhythm: float | None
    lyrics: LyricsScore | None
    reasons: dict[str, str]
    weights: dict[str, float]
    total: float | None
    chance: Chance
    coverage: float
    measured: float
    confidence: float
    latency_s: float

    @property
    def parts(self) -> dict[str, float]:
        """The measured parts."""
        found = {"pitch": self.pitch, "rhythm": self.rhythm, "lyrics": self.lyrics.points if self.lyrics else None}
        return {part: points for part, points in found.items() if points is not None}


def with_notes(written: Written, rules: ScoringRules) -> Written:
    """Finds the notes of a solo voice where none are written."""
    if written.contour is None or any(phrase.notes for phrase in written.melody.phrases):
        return written
    track = written.contour
    frames = grid_frames(float(track.times_s[-1]) if len(track.f0_hz) else 0.0, rules)
    solo = sung_contour(track, track.times_s, frames, rules)
    return Written(melody_of(solo, rules), written.lyrics, track)


def score_take(song: Written, track: PitchTrack, song_s: Floats, heard: Heard, rules: ScoringRules) -> TakeScore:
    """song_s: the song second of each frame of the track, NaN where the song did not play."""
    song = with_notes(song, rules)
    frames = grid_frames(_end_s(song), rules)
    written = written_contour(song.melody, song.contour, frames, rules)
    sung = aligned(written, sung_contour(track, song_s, frames, rules), rules)
    slots = _slots(song.melody)
    onsets, rhythm_chance = _onsets(slots, written, sung, rules)
    chance = Chance(chance_credit(written, rules), rhythm_chance)
    reasons: dict[str, str] = {}
    pitch = _pitch(written, sung, chance, reasons, rules)
    rhythm = _rhythm(onsets, chance, pitch, reasons, rules)
    latency_s = sung.placement.latency_frames * rules.hop_s + lateness_s(written_onsets(slots), onsets)
    lyrics = _lyrics(song.lyrics, heard, sung.sung.measured, reasons, rules)
    weights = _weights({"pitch": pitch, "rhythm": rhythm, "lyrics": lyrics.points if lyrics else None}, rules)
    points = {"pitch": pitch, "rhythm": rhythm, "lyrics": lyrics.points if lyrics else None}
    total = sum(weight * (points[part] or 0.0) for part, weight in weights.items()) if weights else None
    if total is None:
        reasons["total"] = "no part of the take could be measured"
    measured = _share(sung.due.sum(), written.weight.sum())
    return TakeScore(
        melody=song.melody,
        slots=slots,
        written=written,
        sung=sung,
        onsets=onsets,
        pitch=pitch,
        rhythm=rhythm,
        lyrics=lyrics,
        reasons=reasons,
        weights=weights,
        total=total,
        chance=chance,
        coverage=_share(sung.due[~np.isnan(sung.cents)].sum(), sung.due.sum()),
        measured=measured,
        confidence=_confidence(measured, sung, reasons, rules),
        latency_s=latency_s,
    )


def _end_s(song: Written) -> float:
    ends = [phrase.offset_s for phrase in song.melody.phrases]
    if song.contour is not None and len(song.contour.f0_hz):
        ends.append(float(song.contour.times_s[-1]))
    return max(ends, default=0.0)


def _slots(melody: Melody) -> tuple[NoteSlot, ...]:
    slots = [
        NoteSlot(phrase, index, note)
        for phrase, line in enumerate(melody.phrases)
        for index, note in enumerate(line.notes)
        if note.kind is not NoteKind.FREESTYLE
    ]
    return tuple(sorted(slots, key=lambda slot: slot.note.onset_s))


def written_onsets(slots: tuple[NoteSlot, ...]) -> WrittenOnsets:
    """The onset of every note that is scored; a repetition without a rest is not sure to be heard."""
    times = np.array([slot.note.onset_s for slot in slots])
    weight = np.array([2.0 if slot.note.kind in GOLDEN else 1.0 for slot in slots])
    sure = np.array([n == 0 or not _repeats(slots[n - 1].note, slot.note) for n, slot in enumerate(slots)], dtype=bool)
    midi = np.array([slot.note.midi if slot.note.kind in PITCHED else np.nan for slot in slots])
    return WrittenOnsets(times, midi, weight, sure)


def _repeats(before: Note, note: Note) -> bool:
    same = before.kind in PITCHED and note.kind in PITCHED and abs(before.midi - note.midi) < 1.0
    return same and note.onset_s - before.offset_s < CONTIGUOUS_S


def _onsets(
    slots: tuple[NoteSlot, ...], written: WrittenContour, sung: AlignedPitch, rules: ScoringRules
) -> tuple[MatchedOnsets, float]:
    onsets = written_onsets(slots)
    found = sung_onsets(sung.sung, rules)
    keep = np.array([not _is_free(slots, time_s, written, rules) for time_s in found.times_s], dtype=bool)
    heard = SungOnsets(found.times_s[keep], found.midi[keep], found.sure[keep])
    received = np.array([_received(sung.sung, time_s, rules) for time_s in onsets.times_s], dtype=bool)
    held = np.array([_is_sung(slot, sung, rules) for slot in slots], dtype=bool)  # a repetition may hide in it
    due = replace(onsets, weight=np.where(received, onsets.weight, 0.0), sure=(onsets.sure | ~held) & received)
    return match_onsets(due, heard, rules), chance_onsets(onsets, rules)


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


def _pitch(
    written: WrittenContour, sung: AlignedPitch, chance: Chance, reasons: dict[str, str], rules: ScoringRules
) -> float | None:
    if not (written.weight > 0).any():
        reasons["pitch"] = "the song has no notes with a pitch"
        return None
    if (sung.due > 0).sum() * rules.hop_s < min(rules.min_measured_s, 0.5 * (written.weight > 0).sum() * rules.hop_s):
        reasons["pitch"] = "too little sound arrived to measure the pitch"
        return None
    points = without_chance(raw_credit(sung, rules), chance.pitch)
    return without_speech(points, steady_share(sung.sung.midi, rules), rules)


def _rhythm(
    onsets: MatchedOnsets, chance: Chance, pitch: float | None, reasons: dict[str, str], rules: ScoringRules
) -> float | None:
    if not len(onsets.due):
        reasons["rhythm"] = "the song has no notes"
        return None
    if "pitch" in reasons and not onsets.due.any():
        reasons["rhythm"] = "too little sound arrived to measure the rhythm"
        return None
    return rhythm_points(onsets.raw, chance.rhythm, pitch, rules)


def _lyrics(
    lyrics: Lyrics, heard: Heard, measured: Flags, reasons: dict[str, str], rules: ScoringRules
) -> LyricsScore | None:
    if not lyrics.words:
        reasons["lyrics"] = "the song has no lyrics"
        return None
    if heard.missing:
        reasons["lyrics"] = heard.missing
        return None
    lost = frozenset(
        index
        for index, word in enumerate(lyrics.words)
        if not measured[grid_index(word.onset_s, rules) : max(1, grid_index(word.offset_s, rules))].all()
    )
    score = score_lyrics(lyrics, heard.text, lost, rules)
    if score is None:
        reasons["lyrics"] = "too little sound arrived to hear the words"
    return score


def _weights(points: dict[str, float | None], rules: ScoringRules) -> dict[str, float]:
    """The weights of the measured parts; they sum to 1."""
    full = {"pitch": rules.pitch_weight, "rhythm": rules.rhythm_weight, "lyrics": rules.lyrics_weight}
    used = {part: full[part] for part, value in points.items() if value is not None}
    whole = sum(used.values())
    return {part: weight / whole for part, weight in used.items()}


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _confidence(measured: float, sung: AlignedPitch, reasons: dict[str, str], rules: ScoringRules) -> float:
    """Falls with every gap, with every part that is missing, and on a very short song."""
    missing = {"pitch": rules.pitch_weight, "rhythm": rules.rhythm_weight, "lyrics": rules.lyrics_weight}
    parts = 1.0 - 0.5 * sum(weight for part, weight in missing.items() if part in reasons)
    length = min(1.0, float((sung.due > 0).sum()) * rules.hop_s / LONG_ENOUGH_S)
    return measured * parts * (0.5 + 0.5 * length) if "total" not in reasons else 0.0


def frame_seconds(frame: int, rules: ScoringRules) -> float:
    return GRID_FIRST_S + frame * rules.hop_s
