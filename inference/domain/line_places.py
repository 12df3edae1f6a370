"""Where each line of the lyrics is sung: by its written time, or laid over the phrases of the voice.

Lines without times are laid over the voice by dynamic programming: a line begins where the voice does, the longer the
rest before the better, and lasts as its syllables ask for. What the voice sings between lines costs by its length.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference.domain.contour import runs
from inference.domain.track import Flags, Floats
from inference.domain.word_times import LineWindow, VoiceEvents, word_weights

Indices = NDArray[np.int64]
# Of the gaps between written line times, per syllable: most gaps hold a rest, so the short ones tell the pace.
PACE_QUANTILE = 0.25
USUAL_PACE_S = 0.26  # per syllable, where no times tell one
PACES_S = (0.08, 0.8)  # slower and quicker is no singing
LEAST_LINES = 3  # with times, to tell a pace
NEXT_LINE_S = 0.1  # an end so near the next line's onset is only that onset
LONGEST_LINE = 3.0  # times what its syllables ask for
REST_S = 0.35  # a shorter silence is inside a line
LINE_REACH = (0.6, 1.8)  # of the expected length: where the rest that ends a line is looked for
SUNG = 0.5  # activity from which somebody sings
# How often words of a line without a time are right, by what it was laid over: measured on few songs.
BY_SOLO, BY_MIX, BY_WEIGHT = 0.8, 0.1, 0.03
LEAST_ISLAND_S = 0.12
INNER_ONSET, INNER_APART_S = 0.5, 0.3  # a line may begin without a rest before, at an onset
LONGEST_LINE_EDGES = 60
LENGTH_SPREAD, EDGE_COST, SKIP_COST_PER_S, REST_COST = 0.4, 2.0, 1.2, 1.0


@dataclass(frozen=True, slots=True)
class LyricLine:
    words: tuple[str, ...]
    onset_s: float | None = None
    offset_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """Of one line: where it probably ends, and where it surely does."""

    onset_s: float
    offset_s: float
    limit_s: float
    certainty: float = 1.0


@dataclass(frozen=True, slots=True)
class Places:
    windows: tuple[LineWindow, ...]  # one per line, in order; lines without words have none
    dropped: int  # written times that could not be: out of order, beyond the song, no numbers


def place_lines(lines: Sequence[LyricLine], voice: VoiceEvents | None, duration_s: float, language: str) -> Places:
    """A window for each line with words, in order and without overlap; `duration_s` is 0 where it is unknown."""
    sung = [number for number, line in enumerate(lines) if line.words]
    weights = np.array([float(word_weights(lines[number].words, language).sum()) for number in sung])
    onsets = [lines[number].onset_s for number in sung]
    kept = _possible_times(onsets, duration_s)
    dropped = sum(onset is not None for onset in onsets) - len(kept)
    offsets = {place: lines[sung[place]].offset_s for place in kept}
    times = {place: float(onsets[place] or 0.0) for place in kept}
    pace_s = _pace_s(times, weights)
    end_s = duration_s or max(
        [*times.values(), 0.0 if voice is None else voice.duration_s]
    ) + pace_s * weights.sum() * (not times or 1.0)
    spans = _spans(times, offsets, weights, voice, end_s, pace_s)
    windows = tuple(
        LineWindow(number, lines[number].words, span.onset_s, span.offset_s, span.limit_s, span.certainty)
        for place, (number, span) in enumerate(zip(sung, spans, strict=True))
    )
    return Places(windows, dropped)


def _possible_times(onsets: Sequence[float | None], duration_s: float) -> list[int]:
    """The longest run of lines whose times rise and lie inside the song."""
    ends: list[float] = []  # of the best run of each length
    last: list[int] = []
    before: dict[int, int] = {}
    for place, onset_s in enumerate(onsets):
        if onset_s is None or not math.isfinite(onset_s) or onset_s < 0 or (duration_s and onset_s >= duration_s):
            continue
        length = bisect_left(ends, onset_s)
        ends[length : length + 1] = [onset_s]
        last[length : length + 1] = [place]
        before[place] = last[length - 1] if length else -1
    kept: list[int] = []
    place = last[-1] if last else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]


def _pace_s(times: dict[int, float], weights: Floats) -> float:
    """Seconds per syllable of this song."""
    gaps = []
    for place, following in pairwise(sorted(times)):
        if following != place + 1:
            continue
        gaps.append((times[following] - times[place]) / weights[place])
    if len(gaps) < LEAST_LINES:
        return USUAL_PACE_S
    return float(np.clip(np.quantile(gaps, PACE_QUANTILE), *PACES_S))


def _spans(
    times: dict[int, float],
    offsets: dict[int, float | None],
    weights: Floats,
    voice: VoiceEvents | None,
    end_s: float,
    pace_s: float,
) -> list[_Span]:
    """(onset s, offset s) of every line with words."""
    known = sorted(times)
    spans: list[_Span] = []
    if not known or known[0] > 0:
        first_s = times[known[0]] if known else end_s
        spans += _laid(weights[: known[0] if known else len(weights)], voice, (0.0, first_s), pace_s, False)
    for place, following in pairwise([*known, len(weights)]):
        until_s = times[following] if following < len(weights) else max(end_s, times[place])
        if following == place + 1:
            written_s = offsets[place]
            spans.append(_given_span(times[place], until_s, written_s, weights[place], voice, pace_s))
        else:
            spans += _laid(weights[place:following], voice, (times[place], until_s), pace_s, True)
    return spans


def _given_span(
    onset_s: float, until_s: float, written_s: float | None, weight: float, voice: VoiceEvents | None, pace_s: float
) -> _Span:
    """To its written end, or where the voice rests, or as its syllables ask for; not beyond the next line's onset."""
    if written_s is not None and onset_s < written_s < until_s - NEXT_LINE_S:
        return _Span(onset_s, written_s, written_s)
    expected_s = pace_s * weight
    rest_s = _rest_after(voice, onset_s + LINE_REACH[0] * expected_s, onset_s + LINE_REACH[1] * expected_s)
    end_s = min(until_s, onset_s + expected_s if rest_s is None else rest_s)
    return _Span(onset_s, end_s, min(until_s, onset_s + LONGEST_LINE * expected_s))


def _rest_after(voice: VoiceEvents | None, first_s: float, last_s: float) -> float | None:
    """The first second in between at which the voice rests for long enough."""
    if voice is None:
        return None
    least = round(REST_S / voice.hop_s)
    start, end = round(first_s / voice.hop_s), round(last_s / voice.hop_s)
    for from_, to in runs(voice.activity[start : end + least] < SUNG):
        if to - from_ >= least:
            return (start + from_) * voice.hop_s
    return None


def _laid(
    weights: Floats, voice: VoiceEvents | None, region_s: tuple[float, float], pace_s: float, is_first_given: bool
) -> list[_Span]:
    """Lines without times in a stretch of the song; the first one begins with it where that is given."""
    if not len(weights):
        return []
    edges = None if voice is None else _edges(voice, region_s, is_first_given)
    if edges is not None and edges.count > len(weights):
        found = _by_phrases(weights, edges, is_first_given, pace_s)
        if found is not None:
            certainty = BY_SOLO if voice is not None and voice.is_solo else BY_MIX
            return _with_certainty(found, certainty, is_first_given)
    return _with_certainty(_by_weight(weights, region_s, edges), BY_WEIGHT, is_first_given)


def _with_certainty(spans: list[_Span], certainty: float, is_first_given: bool) -> list[_Span]:
    return [
        replace(span, certainty=1.0 if is_first_given and place == 0 else certainty) for place, span in enumerate(spans)
    ]


def _by_weight(weights: Floats, region_s: tuple[float, float], edges: "_Edges | None") -> list[_Span]:
    """Syllables alone: each line its share of the stretch."""
    first_s, end_s = region_s
    if edges is not None and edges.count > 1:
        first_s, end_s = float(edges.starts_s[0]), float(edges.ends_s[edges.count - 2])
    borders = first_s + np.concatenate(([0.0], np.cumsum(weights))) / weights.sum() * max(0.0, end_s - first_s)
    return [_Span(float(a), float(b), float(b)) for a, b in pairwise(borders)]


@dataclass(frozen=True, slots=True)
class _Edges:
    """Where lines may begin, shape (count,); the last one is the end of the stretch."""

    starts_s: Floats
    ends_s: Floats  # where the voice stops before the next edge
    rests_s: Floats  # of silence before the edge
    clarity: Floats  # 0..1 of what begins there
    sung_s: Floats  # singing before the edge, since the first

    @property
    def count(self) -> int:
        return len(self.starts_s)


def _edges(voice: VoiceEvents, region_s: tuple[float, float], is_first_given: bool) -> _Edges | None:
    """None where nobody sings in the stretch."""
    start, end = (int(np.clip(round(edge_s / voice.hop_s), 0, len(voice.activity))) for edge_s in region_s)
    active = voice.activity[start:end] >= SUNG
    least = round(LEAST_ISLAND_S / voice.hop_s)
    islands = [(a, b) for a, b in runs(active) if b - a >= least]
    starts = [
        place
        for a, b in islands
        for place in (a, *_inner(voice.onsets[start + a : start + b], a, round(INNER_APART_S / voice.hop_s)))
    ]
    if not starts:
        return None
    if is_first_given and starts[0] > 0:
        starts = [0, *[place for place in starts if place > round(INNER_APART_S / voice.hop_s)]]
    first_of_island = {a for a, _ in islands}
    ends = [_last_sung(active, place, after) for place, after in zip(starts, [*starts[1:], len(active)], strict=True)]
    rests = [_rest_before(active, place) if place in first_of_island else 0 for place in starts]
    clarity = [1.0 if place in first_of_island else float(voice.onsets[start + place]) for place in starts]
    places = np.array([*starts, len(active)], dtype=np.int64)
    return _Edges(
        np.asarray(region_s[0] + places * voice.hop_s, np.float64),
        region_s[0] + np.array([*ends, len(active)], dtype=np.float64) * voice.hop_s,
        np.array([*rests, 0], dtype=np.float64) * voice.hop_s,
        np.array([*clarity, 1.0]),
        np.concatenate(([0.0], np.cumsum(active)))[places] * voice.hop_s,
    )


def _last_sung(active: Flags, first: int, after: int) -> int:
    """The frame after the last sung one in between; `after` where nobody sings there."""
    inside = np.flatnonzero(active[first:after])
    return first + int(inside[-1]) + 1 if len(inside) else after


def _rest_before(active: Flags, place: int) -> int:
    """Silent frames before, to the start of the stretch at most."""
    heard = np.flatnonzero(active[:place])
    return place - int(heard[-1]) - 1 if len(heard) else place


def _inner(onsets: Floats, first: int, apart: int) -> list[int]:
    """Clear onsets inside an island, not too near each other or its start."""
    found: list[int] = []
    for place in np.flatnonzero(onsets >= INNER_ONSET):
        if place >= apart and (not found or first + place - found[-1] >= apart):
            found.append(first + int(place))
    return found


def _by_phrases(weights: Floats, edges: _Edges, is_first_given: bool, pace_s: float) -> list[_Span] | None:
    """The cheapest way to lay the lines on the edges; None where there is none."""
    count = edges.count
    width = min(LONGEST_LINE_EDGES, count - 1)
    pace = _region_pace_s(weights, edges, pace_s)
    begin = EDGE_COST * np.exp(-edges.rests_s / 0.25) + (1.0 - edges.clarity)
    inner = np.concatenate(([0.0], np.cumsum(REST_COST * np.maximum(0.0, edges.rests_s - REST_S))))
    skipped = np.concatenate(([0.0], np.cumsum(SKIP_COST_PER_S * np.diff(edges.sung_s))))
    origins = np.arange(count)[:, None]
    targets = np.minimum(origins + 1 + np.arange(width)[None, :], count - 1)
    possible = origins + 1 + np.arange(width)[None, :] <= count - 1
    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(edges.sung_s[targets] - edges.sung_s[origins], 1e-3))
    fixed = np.where(possible, inner[targets] - inner[origins + 1] + begin[origins], np.inf)
    arrived = np.full(count, np.inf)
    arrived[0] = 0.0
    steps: list[tuple[Indices, Indices]] = []
    for number, weight in enumerate(weights):
        ready, came = _with_skips(arrived, skipped, stays=is_first_given and number == 0)
        lengths = 0.5 * ((logs - math.log(weight * pace)) / LENGTH_SPREAD) ** 2
        arrived, lines = _best_arrivals(ready[:, None] + fixed + lengths, targets, count)
        steps.append((came, lines))
    total = arrived + skipped[-1] - skipped
    last = int(np.argmin(total))
    if not np.isfinite(total[last]):
        return None
    return _retraced(steps, last, edges)


def _region_pace_s(weights: Floats, edges: _Edges, pace_s: float) -> float:
    """Of singing per syllable: all of it shared out, within reach of the song's pace."""
    shared = float(edges.sung_s[-1] - edges.sung_s[0]) / float(weights.sum())
    return float(np.clip(shared, 0.5 * pace_s, 1.6 * pace_s))


def _with_skips(arrived: Floats, skipped: Floats, stays: bool) -> tuple[Floats, Indices]:
    """The cost of being ready for a line at each edge, and the edge that was arrived at before what was skipped."""
    places = np.arange(len(arrived))
    if stays:
        return arrived, places
    base = arrived - skipped
    best = np.minimum.accumulate(base)
    came = np.maximum.accumulate(np.where(base <= best, places, 0))
    return best + skipped, came


def _best_arrivals(costs: Floats, targets: Indices, count: int) -> tuple[Floats, Indices]:
    """The cheapest cost at each edge, and the edge at which the line that ends there began."""
    arrived, begun = np.full(count, np.inf), np.zeros(count, dtype=np.int64)
    origins = np.broadcast_to(np.arange(count)[:, None], targets.shape)
    order = np.argsort(costs, axis=None)[::-1]  # the cheapest is written last
    arrived[targets.ravel()[order]] = costs.ravel()[order]
    begun[targets.ravel()[order]] = origins.ravel()[order]
    return arrived, begun


def _retraced(steps: list[tuple[Indices, Indices]], last: int, edges: _Edges) -> list[_Span]:
    spans: list[_Span] = []
    for came, begun in reversed(steps):
        first = int(begun[last])
        end_s = float(edges.ends_s[last - 1])
        spans.append(_Span(float(edges.starts_s[first]), end_s, end_s))
        last = int(came[first])
    return spans[::-1]
