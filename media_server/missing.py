"""What of a sealed take was not received while the song played, so that the phone can send it."""

import math
from dataclasses import dataclass, replace

import numpy as np
from voicejury.v1 import media_pb2

from media_server.frames import SAMPLE_RATE_HZ
from media_server.sealed import MAX_SAMPLES, Flags, SealedTake

MIN_SPAN_S = 0.06  # three packets: shorter losses are concealed, and cost no note
JOINED_S = 0.5  # spans nearer than this are sent as one
MAX_SPANS = 64
MARGINS_S = (2.0, 4.0, 8.0)  # of received sound beside a span: the first in which enough was sung
MIN_LOUD_S = 0.4  # of sound on one side at least
FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
LOUD_RMS = 60.0  # of 32768, -55 dB: the noise of a room is no evidence of a place


@dataclass(frozen=True, slots=True)
class Span:
    """`first_sample` to `end_sample` (exclusive) of the take; it may hold islands of received sound."""

    first_sample: int
    end_sample: int
    start_song_s: float
    end_song_s: float


@dataclass(frozen=True, slots=True)
class Missing:
    spans: tuple[Span, ...]
    margin_s: float


def missing_of(take: SealedTake) -> Missing:
    """What was neither received nor filled."""
    spans = [span for first, end in _joined(_holes(take)) if (span := _span(take, first, end)) is not None]
    longest = sorted(spans, key=lambda span: span.first_sample - span.end_sample)[:MAX_SPANS]
    kept = tuple(sorted(longest, key=lambda span: span.first_sample))
    return Missing(kept, _margin_s(take, kept))


def reply_of(missing: Missing) -> media_pb2.MissingReply:
    spans = [media_pb2.MissingSpan(start_song_s=one.start_song_s, end_song_s=one.end_song_s) for one in missing.spans]
    return media_pb2.MissingReply(spans=spans, margin_s=missing.margin_s)


def lost_of(take: SealedTake) -> Missing:
    """What was not received, filled or not."""
    return missing_of(replace(take, filled=np.zeros_like(take.filled)))


def is_open(span: Span) -> bool:
    """The take ended while the song played: nobody here knows how long the phone went on."""
    return span.end_sample == MAX_SAMPLES


def _holes(take: SealedTake) -> list[tuple[int, int]]:
    """Where the song played and nothing came, by stretches of the song's clock."""
    unknown = ~(take.received | take.filled)
    holes: list[tuple[int, int]] = []
    for stretch in take.song_time.stretches:
        holes.extend(_runs(unknown[stretch.first_sample : stretch.end_sample], stretch.first_sample))
        beyond = max(len(unknown), stretch.first_sample)
        if beyond < stretch.end_sample:  # the song went on beyond the take's end
            holes.append((beyond, stretch.end_sample))
    return holes


def _runs(flags: Flags, first_sample: int) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)) + first_sample
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _joined(holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Holes that touch are one; what is too short then is left out; what lies near is sent as one."""
    touching = _near(holes, 0)
    return _near([hole for hole in touching if hole[1] - hole[0] >= MIN_SPAN_S * SAMPLE_RATE_HZ], JOINED_S)


def _near(holes: list[tuple[int, int]], distance_s: float) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, end in sorted(holes):
        if joined and first - joined[-1][1] <= distance_s * SAMPLE_RATE_HZ:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return joined


def _span(take: SealedTake, first: int, end: int) -> Span | None:
    """None where two anchors disagree so much that the song would run backwards in it."""
    begins, ends = take.song_time.at(first), take.song_time.at(end - 1)
    if begins is None or ends is None:
        return None
    span = Span(first, end, begins.song_s_at(first), ends.song_s_at(end))
    sane = math.isfinite(span.start_song_s) and math.isfinite(span.end_song_s)
    return span if sane and span.start_song_s < span.end_song_s else None


def _margin_s(take: SealedTake, spans: tuple[Span, ...]) -> float:
    """The least that holds enough sound beside every span, to compare the phone's recording with."""
    loud = _loud_samples(take)
    for margin_s in MARGINS_S[:-1]:
        if all(_loud_beside(loud, span, margin_s) >= MIN_LOUD_S for span in spans):
            return margin_s
    return MARGINS_S[-1]


def _loud_samples(take: SealedTake) -> Flags:
    count = len(take.samples) // FRAME_SAMPLES
    frames = take.samples[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES).astype(np.float32)
    rms = np.sqrt(np.mean(frames**2, axis=1)) if count else np.zeros(0)
    loud: Flags = np.repeat(rms >= LOUD_RMS, FRAME_SAMPLES)
    return loud


def _loud_beside(loud: Flags, span: Span, margin_s: float) -> float:
    """Seconds of sound on the better side."""
    margin = round(margin_s * SAMPLE_RATE_HZ)
    before = loud[max(0, span.first_sample - margin) : span.first_sample]
    after = loud[span.end_sample : span.end_sample + margin]
    return max(int(before.sum()), int(after.sum())) / SAMPLE_RATE_HZ
