"""How far a reference can be trusted, measured on the stem itself, with the remarks that the page shows."""

from dataclasses import dataclass

import numpy as np
from voicejury.v1 import song_pb2

from inference.analysis.preparing.stem_quality import cleanness, one_voice
from inference.audio.framing import Samples
from inference.domain.contour import grid_frames, sung_contour, written_contour
from inference.domain.melody import Lyrics, Melody
from inference.domain.reference import Written, end_s
from inference.domain.rules import ScoringRules
from inference.domain.take_score import Heard, score_take
from inference.domain.track import Floats, PitchTrack

AGREE_SEMITONES = 1.0  # the step of a written note
LAGS_S = 0.3  # a written song lies so far from its audio at most
NOTES_PER_MINUTE = 8.0  # fewer are hardly a song
QUIET_VOICE_DB = -24.0  # of the stem against the backing, where both are loudest
# Below it the remark is made; each is told on the page with its next step.
LEAST = {"bleed": 0.75, "one_voice": 0.75, "notes_agreement": 0.6}
# How much each counts in the whole, a weighted geometric mean: one bad part is not made good by the others.
WEIGHTS = {"periodicity": 1.0, "bleed": 1.0, "one_voice": 0.5, "notes_agreement": 1.0, "own_score": 1.0}
FLOOR = 0.02


@dataclass(frozen=True, slots=True)
class Stem:
    """A voice beside its backing, 16 kHz mono, and its pitch."""

    vocals: Samples
    backing: Samples
    track: PitchTrack
    voice_over_backing_db: float


def measure_confidence(
    stem: Stem, melody: Melody, is_written: bool, has_words: bool, rules: ScoringRules
) -> song_pb2.ReferenceConfidence:
    """`melody` is what the song will be judged by."""
    parts: dict[str, float | None] = {
        "periodicity": _periodicity(stem.track),
        "bleed": cleanness(stem.vocals, stem.backing),
        "one_voice": one_voice(stem.vocals, stem.track),
        "notes_agreement": notes_agreement(melody, stem.track, rules) if is_written else None,
        "own_score": own_score(melody, stem.track, rules),
    }
    known = {name: value for name, value in parts.items() if value is not None}
    remarks = [*_measured_remarks(known), *_melody_remarks(melody, has_words)]
    if stem.voice_over_backing_db < QUIET_VOICE_DB:
        remarks.append("quiet-voice")
    return song_pb2.ReferenceConfidence(overall=overall(known), remarks=remarks, **known)


def overall(parts: dict[str, float]) -> float:
    """0..1; 0 where nothing could be measured."""
    weights = np.array([WEIGHTS[name] for name in parts])
    if not len(weights):
        return 0.0
    logs = np.log(np.clip(list(parts.values()), FLOOR, 1.0))
    return float(np.exp((weights * logs).sum() / weights.sum()))


def _periodicity(track: PitchTrack) -> float | None:
    voiced = track.f0_hz > 0
    return float(np.clip(track.periodicity[voiced].mean(), 0.0, 1.0)) if voiced.any() else None


def own_score(melody: Melody, track: PitchTrack, rules: ScoringRules) -> float | None:
    """What the original singer earns for pitch and rhythm against the notes alone, of 1."""
    song = Written(melody, Lyrics("", ()), None)
    score = score_take(song, track, track.times_s, Heard("", "not looked for"), rules)
    return None if score.total is None else score.total / 100.0


def notes_agreement(melody: Melody, track: PitchTrack, rules: ScoringRules) -> float | None:
    """Share of the written time that the voice sings within a semitone of the note, in any octave."""
    frames = grid_frames(end_s(Written(melody, Lyrics("", ()), track)), rules)
    written = written_contour(melody, None, frames, rules).midi
    sung = sung_contour(track, track.times_s, frames, rules).midi
    if np.isnan(written).all():
        return None
    reach = round(LAGS_S / rules.hop_s)
    return max(_agreeing(written, np.roll(sung, lag)) for lag in range(-reach, reach + 1, 2))


def _agreeing(written: Floats, sung: Floats) -> float:
    apart = sung - written
    near = np.abs(apart - 12 * np.round(apart / 12)) <= AGREE_SEMITONES  # NaN, a silent voice, is not near
    return float(near[~np.isnan(written)].mean())


def _measured_remarks(parts: dict[str, float]) -> list[str]:
    names = {"bleed": "bleed", "one_voice": "harmonies", "notes_agreement": "notes-differ"}
    return [names[part] for part, least in LEAST.items() if parts.get(part, 1.0) < least]


def _melody_remarks(melody: Melody, has_words: bool) -> list[str]:
    notes = [note for phrase in melody.phrases for note in phrase.notes]
    minutes = (notes[-1].offset_s - notes[0].onset_s) / 60.0 if notes else 0.0
    few = len(notes) < NOTES_PER_MINUTE * max(0.25, minutes)
    return [*(["few-notes"] if few else []), *([] if has_words else ["no-lyrics"])]
