"""A score as the contract's verdict."""

from collections.abc import Iterator

import numpy as np
from voicejury.v1 import live_pb2, verdict_pb2

from inference.domain.cents import fold
from inference.domain.contour import grid_index
from inference.domain.line_words import Place
from inference.domain.lines import LineEvidence, NoteEvidence, line_evidence
from inference.domain.losses import LostPoints
from inference.domain.lyrics_score import WordFate
from inference.domain.rules import RULES_VERSION, Level, ScoringRules
from inference.domain.take_score import TakeScore, frame_seconds

CURVE_STEP_S = 0.05
FATES = {
    WordFate.SUNG: live_pb2.WORD_STATE_HEARD,
    WordFate.WRONG: live_pb2.WORD_STATE_WRONG,
    WordFate.MISSING: live_pb2.WORD_STATE_MISSING,
}
LEVELS = {
    Level.NORMAL: live_pb2.LEVEL_NORMAL,
    Level.KIND: live_pb2.LEVEL_KIND,
    Level.STRICT: live_pb2.LEVEL_STRICT,
}


def verdict_message(score: TakeScore, rules: ScoringRules) -> verdict_pb2.Verdict:
    """Everything but the jury and what only the take knows."""
    verdict = verdict_pb2.Verdict(
        reasons=score.reasons,
        weights_used=score.weights,
        key_shift_semitones=score.sung.placement.key_semitones,
        latency_s=score.latency_s,
        coverage=score.coverage,
        confidence=score.confidence,
        rules_version=RULES_VERSION,
        measured=score.measured,
        chance_pitch=score.chance.pitch,
        chance_rhythm=score.chance.rhythm,
        clock_drift_ppm=score.clock_drift_ppm,
        route_latency_s=score.route_latency_s,
        level=LEVELS[rules.level],
        key_free=rules.key_free,
        lines=[_line(score, line) for line in line_evidence(score, rules)],
        curve=_curve(score, rules),
    )
    if score.total is not None:
        verdict.total = score.total
    for part, points in score.parts.items():
        setattr(verdict, part, points)
    if score.lyrics is not None and score.lyrics.reference is not None:
        verdict.reference_heard = score.lyrics.reference
    _add_words(verdict, score)
    return verdict


def _add_words(verdict: verdict_pb2.Verdict, score: TakeScore) -> None:
    """What became of each written word, with its line. Words that nobody could ask for are left out."""
    words = score.lyrics.words if score.lyrics is not None else ()
    for word in words:
        if word.phrase >= len(verdict.lines):  # lyrics that were timed apart from the notes may have more lines
            continue
        state = FATES[word.fate]
        if Place(word.phrase, word.number) in score.heard.late and state == live_pb2.WORD_STATE_HEARD:
            state = live_pb2.WORD_STATE_LATE
        verdict.lines[word.phrase].words.add(
            word=word.number,
            state=state,
            certainty=score.heard.certainties.get(word.phrase, 0.0),
        )


def _line(score: TakeScore, line: LineEvidence) -> verdict_pb2.LineVerdict:
    phrase = score.melody.phrases[line.phrase]
    message = verdict_pb2.LineVerdict(
        phrase=line.phrase,
        text=phrase.text,
        onset_s=phrase.onset_s,
        offset_s=phrase.offset_s,
        measured=line.measured,
        notes=[_note(note) for note in line.notes],
        losses=[_loss(loss) for loss in line.losses],
    )
    for part in ("pitch", "rhythm", "lyrics"):
        points = getattr(line, part)
        if points is not None:
            setattr(message, part, points)
    return message


def _note(note: NoteEvidence) -> verdict_pb2.NoteVerdict:
    return verdict_pb2.NoteVerdict(
        note=note.slot.index,
        syllable=note.slot.note.syllable,
        onset_s=note.slot.note.onset_s,
        sung_onset_s=note.sung_onset_s,
        credit=note.credit,
        cents_off=note.cents_off,
        measured=note.measured,
    )


def _loss(loss: LostPoints) -> verdict_pb2.Loss:
    return verdict_pb2.Loss(
        part=loss.part,
        points=loss.points,
        reason=loss.reason,
        song_s=loss.song_s,
        cents=loss.cents,
        ms=loss.ms,
        word=loss.word,
    )


def _curve(score: TakeScore, rules: ScoringRules) -> Iterator[verdict_pb2.CurvePoint]:
    frames = np.arange(grid_index(0.0, rules), len(score.written.midi), round(CURVE_STEP_S / rules.hop_s))
    written, sung = score.written.midi[frames], score.sung.sung.midi[frames]
    mean = float(np.nanmean(score.written.midi)) if not np.isnan(score.written.midi).all() else 60.0
    is_written = ~np.isnan(written)
    last = np.concatenate([[mean], written])[np.maximum.accumulate(np.where(is_written, 1 + np.arange(len(frames)), 0))]
    drawn = np.where(np.isnan(sung), 0.0, last + fold(sung - last))
    for frame, sung_midi, written_midi in zip(
        frames.tolist(), drawn.tolist(), np.nan_to_num(written).tolist(), strict=True
    ):
        yield verdict_pb2.CurvePoint(song_s=frame_seconds(frame, rules), sung_midi=sung_midi, written_midi=written_midi)
