"""Inputs and outputs of the live judge as messages of the contract."""

import math
import time
from collections.abc import Iterable
from itertools import groupby

import numpy as np
from voicejury.v1 import audio_pb2, live_pb2

from inference.audio.clock import Anchor
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.domain.live_score import Hit, LineDone, NoteDone, Rating
from inference.domain.rules import Level
from inference.errors import SingError
from inference.live.messages import Ended, Failed, Output, Point, Score, Silence, Sound

MAX_SONG_S = 7200.0
LEVELS = {
    live_pb2.LEVEL_NORMAL: Level.NORMAL,
    live_pb2.LEVEL_KIND: Level.KIND,
    live_pb2.LEVEL_STRICT: Level.STRICT,
}
HITS = {
    Hit.NONE: live_pb2.POINT_HIT_UNSPECIFIED,
    Hit.HIT: live_pb2.POINT_HIT_HIT,
    Hit.NEAR: live_pb2.POINT_HIT_NEAR,
    Hit.MISS: live_pb2.POINT_HIT_MISS,
}
RATINGS = {
    Rating.NOT_MEASURED: live_pb2.LINE_RATING_UNSPECIFIED,
    Rating.MISSED: live_pb2.LINE_RATING_MISSED,
    Rating.SHAKY: live_pb2.LINE_RATING_SHAKY,
    Rating.GOOD: live_pb2.LINE_RATING_GOOD,
    Rating.GREAT: live_pb2.LINE_RATING_GREAT,
    Rating.PERFECT: live_pb2.LINE_RATING_PERFECT,
}


def sound(chunk: audio_pb2.PcmChunk) -> Sound:
    """Raises SingError."""
    if chunk.sample_rate_hz != SAMPLE_RATE_HZ:
        raise SingError("bad-audio", f"the sample rate is {chunk.sample_rate_hz} Hz; {SAMPLE_RATE_HZ} Hz is expected")
    if len(chunk.pcm_s16le) % 2:
        raise SingError("bad-audio", "half a sample: the number of bytes is odd")
    samples = np.frombuffer(chunk.pcm_s16le, "<i2")
    return Sound(chunk.first_sample, samples, chunk.concealed, time.monotonic())


def silence(gap: audio_pb2.Gap) -> Silence:
    return Silence(gap.first_sample + gap.sample_count)


def anchor(message: audio_pb2.ClockAnchor) -> Anchor:
    """Raises SingError."""
    if not (math.isfinite(message.song_s) and abs(message.song_s) <= MAX_SONG_S):
        raise SingError("bad-anchor", "the song second is out of range")
    return Anchor(message.sample, message.song_s, message.playing)


def judgements(session_id: str, outputs: Iterable[Output]) -> list[live_pb2.Judgement]:
    """One message for each run of points, one for everything else."""
    messages: list[live_pb2.Judgement] = []
    for is_point, run in groupby(outputs, lambda output: isinstance(output, Point)):
        if is_point:
            points = [_point(output) for output in run if isinstance(output, Point)]
            messages.append(live_pb2.Judgement(session_id=session_id, pitch=live_pb2.PitchPoints(points=points)))
        else:
            messages += [_single(session_id, output) for output in run]
    return messages


def error(session_id: str, code: str, text: str) -> live_pb2.Judgement:
    return live_pb2.Judgement(session_id=session_id, error=live_pb2.SingerError(code=code, message=text))


def _single(session_id: str, output: Output) -> live_pb2.Judgement:
    message = live_pb2.Judgement(session_id=session_id)
    match output:
        case NoteDone():
            message.note.CopyFrom(_note(output))
        case LineDone():
            message.line.CopyFrom(_line(output))
        case Score():
            message.score.CopyFrom(_score(output))
        case Ended():
            message.ended.CopyFrom(live_pb2.SingEnded(sample_count=output.sample_count, score=_score(output.score)))
        case Failed():
            message.error.CopyFrom(live_pb2.SingerError(code="judge-failed", message=output.text))
    return message


def _point(point: Point) -> live_pb2.PitchPoint:
    return live_pb2.PitchPoint(
        seq=point.seq,
        sample=point.sample,
        song_s=point.song_s,
        f0_hz=point.f0_hz,
        periodicity=point.periodicity,
        level_db=point.level_db,
        concealed=point.concealed,
        hit=HITS[point.hit],
        cents_off=point.cents_off,
    )


def _note(done: NoteDone) -> live_pb2.NoteJudgement:
    return live_pb2.NoteJudgement(
        phrase=done.phrase,
        note=done.note,
        credit=done.credit,
        cents_off=done.cents_off,
        measured=done.measured,
    )


def _line(done: LineDone) -> live_pb2.LineScore:
    return live_pb2.LineScore(
        phrase=done.phrase,
        score=done.score,
        rating=RATINGS[done.rating],
        measured=done.measured,
    )


def _score(score: Score) -> live_pb2.LiveScore:
    return live_pb2.LiveScore(song_s=score.song_s, pitch=score.running.pitch, measured=score.running.measured)
