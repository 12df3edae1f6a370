"""Gaps of a sealed take filled with what the phone recorded beside the connection.

The sound is believed where it agrees with sound that was received beside the gap; nothing received is ever changed.
"""

import logging
import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from voicejury.spool import SpoolWriter
from voicejury.v1 import audio_pb2, media_pb2

from media_server import metrics
from media_server.errors import JudgedError, SpoolError
from media_server.frames import SAMPLE_RATE_HZ
from media_server.late_sound import Piece
from media_server.matching import Match, match
from media_server.missing import Missing, Span, missing_of
from media_server.sealed import MAX_SAMPLES, Flags, Samples, SealedTake, Stretch, read_sealed
from media_server.take import LATE_NAME, spool_path

logger = logging.getLogger(__name__)
VERDICT_NAME = "verdict.pb"  # written by analysis, beside the spool
MAX_DRIFT = 200e-6  # of two crystals; more is the clock of one end of the gap, and the first end is believed
MAX_DISAGREEMENT_S = 0.1  # of the two ends of a gap: more is a recording with a hole in it
RECORD_SAMPLES = 10 * SAMPLE_RATE_HZ  # of one late record; a spool's record has 1 MiB at most
NO_MARGIN, NO_AGREEMENT, NOTHING_MISSING = "no-margin", "no-agreement", "nothing-missing"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands in the take."""

    first_sample: int
    shift_samples: int  # already in first_sample
    drift_samples: int  # how much later than that its end stands
    correlation: float


@dataclass(frozen=True, slots=True)
class Found:
    """Where one piece belongs, or a refusal's code."""

    piece: Piece
    span: Span | None  # None: the piece holds nothing that is missing
    place: Place | str
    correlation: float  # the best that was seen


@dataclass(frozen=True, slots=True)
class Filling:
    """What became of one piece: laid runs of sound, or a refusal."""

    reply: media_pb2.FilledSpan
    runs: tuple[tuple[int, Samples], ...] = ()


def open_take(takes_dir: Path, session_id: str) -> SealedTake:
    """Blocking. Raises SessionIdError, UnknownTakeError, NotSealedError, JudgedError."""
    if spool_path(takes_dir, session_id).with_name(VERDICT_NAME).exists():
        raise JudgedError("the take has its verdict")
    return read_sealed(takes_dir, session_id)


def fill(takes_dir: Path, session_id: str, pieces: Sequence[Piece]) -> media_pb2.FillReply:
    """Blocking. What is filled is on the disk when this returns; raises what `open_take` does, and SpoolError."""
    take = open_take(takes_dir, session_id)
    missing = missing_of(take)
    fillings = []
    for found in _lent([_found(take, missing, piece) for piece in pieces]):
        fillings.append(_filling(take, found))
        take = _with(take, fillings[-1].runs)
    if any(filling.runs for filling in fillings):
        _keep(spool_path(takes_dir, session_id).with_name(LATE_NAME), fillings)
    for filling in fillings:
        _tell(session_id, filling.reply)
    return media_pb2.FillReply(spans=[filling.reply for filling in fillings])


def _tell(session_id: str, span: media_pb2.FilledSpan) -> None:
    fate = span.refusal or "filled"
    metrics.LATE_SPANS.labels(fate).inc()
    logger.info(
        "session %s: %s, %.2f s, stamps early by %.1f ms, correlation %.2f",
        session_id,
        fate,
        span.filled_s,
        span.offset_s * 1000.0,
        span.correlation,
    )


def _found(take: SealedTake, missing: Missing, piece: Piece) -> Found:
    span = _span_of(missing, piece)
    if span is None:
        return Found(piece, None, NOTHING_MISSING, 0.0)
    matches = _matches(take, span, piece, missing.margin_s)
    best = max((one.correlation for one in matches if one is not None), default=0.0)
    return Found(piece, span, _place(take, span, piece, *matches), best)


def _lent(found: Sequence[Found]) -> list[Found]:
    """A piece with nothing to compare stands beside a piece of the same span and microphone whose place is sure.

    The phone stamps both by one clock; a recording breaks where that clock was set anew or the phone was too busy.
    """
    return [replace(one, place=_borrowed(one, found)) if one.place == NO_MARGIN else one for one in found]


def _borrowed(one: Found, found: Sequence[Found]) -> Place | str:
    best: tuple[float, Place | str] = (math.inf, NO_MARGIN)
    for other in found:
        if not isinstance(other.place, Place) or (other.span, other.piece.microphone) != (
            one.span,
            one.piece.microphone,
        ):
            continue
        apart_s = max(one.piece.song_s - other.piece.end_song_s, other.piece.song_s - one.piece.end_song_s)
        moved = round((one.piece.song_s - other.piece.song_s) * SAMPLE_RATE_HZ)
        place = replace(other.place, first_sample=other.place.first_sample + moved, drift_samples=0)
        best = min(best, (apart_s, place), key=lambda pair: pair[0])
    return best[1]


def _filling(take: SealedTake, found: Found) -> Filling:
    piece, span, place = found.piece, found.span, found.place
    if span is None:
        heard = media_pb2.MissingSpan(start_song_s=piece.song_s, end_song_s=piece.end_song_s)
        return Filling(media_pb2.FilledSpan(span=heard, refusal=NOTHING_MISSING))
    told = media_pb2.MissingSpan(
        start_song_s=max(span.start_song_s, piece.song_s), end_song_s=min(span.end_song_s, piece.end_song_s)
    )
    if isinstance(place, str):
        return Filling(media_pb2.FilledSpan(span=told, correlation=found.correlation, refusal=place))
    runs = tuple(_runs(take, span, piece, place))
    filled_s = sum(len(samples) for _, samples in runs) / SAMPLE_RATE_HZ
    reply = media_pb2.FilledSpan(
        span=told,
        filled_s=filled_s,
        offset_s=place.shift_samples / SAMPLE_RATE_HZ,
        correlation=place.correlation,
        refusal="" if runs else NOTHING_MISSING,
    )
    return Filling(reply, runs)


def _span_of(missing: Missing, piece: Piece) -> Span | None:
    """The span that the piece holds most of."""

    def held_s(span: Span) -> float:
        return min(span.end_song_s, piece.end_song_s) - max(span.start_song_s, piece.song_s)

    best = max(missing.spans, key=held_s, default=None)
    return best if best is not None and held_s(best) > 0 else None


def _matches(take: SealedTake, span: Span, piece: Piece, margin_s: float) -> tuple[Match | None, Match | None]:
    """Before and after the span, each by the song's clock on its side; None where there is nothing to compare."""
    margin = round(margin_s * SAMPLE_RATE_HZ)
    last = min(len(take.samples), span.end_sample + margin)
    before = _fit(take, piece, span.first_sample - margin, span.first_sample, take.song_time.at(span.first_sample))
    after = _fit(take, piece, span.end_sample, last, take.song_time.at(last - 1))
    return before, after


def _fit(take: SealedTake, piece: Piece, first: int, end: int, clock: Stretch | None) -> Match | None:
    first = max(0, first)
    if clock is None or first >= end:
        return None
    expected = round(clock.sample_of(piece.song_s)) - first
    return match(take.samples[first:end], take.received[first:end], piece.samples, expected)


def _place(take: SealedTake, span: Span, piece: Piece, before: Match | None, after: Match | None) -> Place | str:
    """A refusal's code where the piece cannot be placed. The clock before a gap holds in it, so that end goes first."""
    if before is None and after is None:
        return NO_MARGIN
    sure = [one for one in (before, after) if one is not None and one.confirmed]
    clock = take.song_time.at(span.first_sample)
    if not sure or clock is None:
        return NO_AGREEMENT
    apart = sure[-1].shift_samples - sure[0].shift_samples
    if abs(apart) > MAX_DISAGREEMENT_S * SAMPLE_RATE_HZ:
        return NO_AGREEMENT
    drift = apart if abs(apart) <= MAX_DRIFT * len(piece.samples) else 0
    shift = sure[0].shift_samples
    first = round(clock.sample_of(piece.song_s)) + shift
    return Place(first, shift, drift, min(one.correlation for one in sure))


def _runs(take: SealedTake, span: Span, piece: Piece, place: Place) -> Iterator[tuple[int, Samples]]:
    """The piece's sound where the span holds none."""
    length = len(piece.samples)
    first = max(span.first_sample, place.first_sample)
    end = min(span.end_sample, place.first_sample + length, MAX_SAMPLES)
    if first >= end:
        return
    positions = np.arange(first - place.first_sample, end - place.first_sample)
    source = positions - np.rint(positions * (place.drift_samples / length)).astype(np.int64)
    sound = piece.samples[np.clip(source, 0, length - 1)]
    wanted = ~_known(take, first, end)
    edges = np.flatnonzero(np.diff(wanted.astype(np.int8), prepend=0, append=0))
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        yield first + int(low), sound[low:high]


def _known(take: SealedTake, first: int, end: int) -> Flags:
    known = np.zeros(end - first, np.bool_)
    inside = (take.received | take.filled)[first:end]
    known[: len(inside)] = inside
    return known


def _with(take: SealedTake, runs: tuple[tuple[int, Samples], ...]) -> SealedTake:
    """The take with these samples marked as filled: no later piece of the same call fills them again."""
    if not runs:
        return take
    length = max(len(take.samples), *(first + len(samples) for first, samples in runs))
    grown = [np.concatenate([kept, np.zeros(length - len(kept), np.bool_)]) for kept in (take.received, take.filled)]
    for first, samples in runs:
        grown[1][first : first + len(samples)] = True
    samples = np.concatenate([take.samples, np.zeros(length - len(take.samples), np.int16)])
    return SealedTake(samples, grown[0], grown[1], take.song_time)


def _keep(path: Path, fillings: Sequence[Filling]) -> None:
    """All of it or nothing: written beside, then renamed."""
    draft = path.with_suffix(".draft")
    try:
        draft.unlink(missing_ok=True)
        if path.exists():
            shutil.copyfile(path, draft)
        writer = SpoolWriter(draft)
        try:
            for filling in fillings:
                for first, samples in filling.runs:
                    _write(writer, first, samples)
        finally:
            writer.close()
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SpoolError(f"the late sound cannot be kept: {error.strerror}") from error


def _write(writer: SpoolWriter, first_sample: int, samples: Samples) -> None:
    for begin in range(0, len(samples), RECORD_SAMPLES):
        part = samples[begin : begin + RECORD_SAMPLES].astype("<i2").tobytes()
        late = audio_pb2.LateChunk(first_sample=first_sample + begin, pcm_s16le=part)
        writer.append(audio_pb2.TakeRecord(late=late))
