"""The sung curve over the reference, as a picture: rows of the song one below the other, like a score.

Hits, near ones and misses have each a shape and a colour; the curve comes from the verdict alone.
"""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from voicejury.v1 import verdict_pb2

from deploy.commands.plot_words import WORDS, Words, note_name, number
from inference.domain.rules import ScoringRules

ROW_S = 20.0  # of the song in one row, as long as MAX_ROWS suffice
MAX_ROWS = 12
ROW_INCHES, TITLE_INCHES, FOOT_INCHES, WIDTH_INCHES = 2.6, 1.15, 0.75, 14.0
DPI = 110
MARGIN_SEMITONES = 2.5
LEAST_SEMITONES = 9.0  # shown from bottom to top
LEAP_SEMITONES = 2.4  # the curve breaks here: another note, or another octave
POINT_S = 0.05  # between two points of a verdict's curve
AXES_SHARE = 0.92  # of the width
CHARS_PER_INCH = 14.5  # of a line's text

NIGHT, VELVET, EDGE = "#0c0914", "#1a1328", "#463861"
LIGHT, DIM, NOTE = "#f6f1ff", "#bdb0d6", "#5a4684"
HIT, NEAR, MISS, GOLD = "#6fe3ff", "#cdb7ff", "#ff8a57", "#f5c451"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Both voices every POINT_S; NaN where there is none."""

    song_s: Floats
    sung: Floats  # MIDI, in the written octave and key
    written: Floats

    @property
    def cents(self) -> Floats:
        return np.asarray(100.0 * (self.sung - self.written))


def curve_of(verdict: verdict_pb2.Verdict) -> Curve:
    song_s = np.array([point.song_s for point in verdict.curve], dtype=np.float64)
    sung = np.array([point.sung_midi for point in verdict.curve], dtype=np.float64)
    written = np.array([point.written_midi for point in verdict.curve], dtype=np.float64)
    return Curve(song_s, np.where(sung > 0, sung, np.nan), np.where(written > 0, written, np.nan))


def draw_verdict(path: Path, verdict: verdict_pb2.Verdict, title: str, language: str, rules: ScoringRules) -> None:
    """Writes a .png or .svg. Raises OSError."""
    import matplotlib as mpl  # a second of work: only for a picture
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = WORDS[language]
    curve = curve_of(verdict)
    rows = row_spans(float(curve.song_s[-1]) if len(curve.song_s) else 0.0)
    height = ROW_INCHES * len(rows) + TITLE_INCHES + FOOT_INCHES
    with mpl.rc_context({"svg.hashsalt": "voicejury", "font.family": "DejaVu Sans"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a lyric in another script
        figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DPI, facecolor=NIGHT)
        FigureCanvasAgg(figure)
        axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
        figure.subplots_adjust(
            left=0.065, right=0.985, top=1 - TITLE_INCHES / height, bottom=FOOT_INCHES / height, hspace=0.42
        )
        bounds = pitch_bounds(curve)
        for place, span_s in zip(axes, rows, strict=True):
            _draw_row(place, span_s, bounds, curve, verdict, words, rules)
        axes[-1].set_xlabel(words.seconds, color=DIM)
        _draw_titles(figure, verdict, title, words, height)
        _draw_legend(figure, axes[0], words)
        kind = path.suffix.lower().removeprefix(".")
        figure.savefig(path, format=kind, facecolor=NIGHT, metadata={"Date": None} if kind == "svg" else None)


def row_spans(end_s: float) -> list[tuple[float, float]]:
    """Equal spans of song seconds, few enough to be seen."""
    rows = min(MAX_ROWS, max(1, math.ceil(end_s / ROW_S)))
    row_s = max(1, math.ceil(end_s / rows))
    return [(float(row_s * row), float(row_s * (row + 1))) for row in range(rows)]


def pitch_bounds(curve: Curve) -> tuple[float, float]:
    """From the lowest to the highest pitch to be shown, MIDI; outliers of the voice may fall outside."""
    shown = [curve.written[~np.isnan(curve.written)]]
    sung = curve.sung[~np.isnan(curve.sung)]
    if len(sung):
        shown.append(np.quantile(sung, [0.02, 0.98]))
    pitches = np.concatenate(shown)
    low, high = (float(pitches.min()), float(pitches.max())) if len(pitches) else (60.0, 60.0)
    spare = max(0.0, LEAST_SEMITONES - (high - low + 2 * MARGIN_SEMITONES)) / 2
    return low - MARGIN_SEMITONES - spare, high + MARGIN_SEMITONES + spare


def _draw_row(
    axes: Any,
    span_s: tuple[float, float],
    bounds: tuple[float, float],
    curve: Curve,
    verdict: verdict_pb2.Verdict,
    words: Words,
    rules: ScoringRules,
) -> None:
    axes.set(xlim=span_s, ylim=bounds, facecolor=VELVET)
    _draw_lines(axes, span_s, verdict, words)
    inside = (curve.song_s >= span_s[0] - POINT_S) & (curve.song_s <= span_s[1] + POINT_S)
    part = Curve(curve.song_s[inside], curve.sung[inside], curve.written[inside])
    axes.plot(*_broken(part.song_s, part.written, 0.5), color=NOTE, lw=9, alpha=0.85, solid_capstyle="butt", zorder=2)
    axes.plot(*_broken(part.song_s, part.sung, LEAP_SEMITONES), color=LIGHT, lw=0.9, alpha=0.6, zorder=3)
    for marks in marks_of(part, rules):
        axes.plot(part.song_s[marks.where], part.sung[marks.where], marks.shape, color=marks.colour, ms=marks.size,
                  mfc=marks.fill, mew=1.1, ls="none", zorder=4)  # fmt: skip
    pitches = [midi for midi in range(math.ceil(bounds[0]), math.floor(bounds[1]) + 1) if _is_named(midi, bounds)]
    axes.set_yticks(pitches, [note_name(midi, words) for midi in pitches])
    axes.tick_params(colors=DIM, labelsize=8)
    axes.grid(axis="y", color=LIGHT, alpha=0.06)
    for spine in axes.spines.values():
        spine.set_color(EDGE)


def _is_named(midi: int, bounds: tuple[float, float]) -> bool:
    """White keys where there is room, otherwise fewer, down to C alone."""
    span = bounds[1] - bounds[0]
    named = (0, 2, 4, 5, 7, 9, 11) if span <= 16 else (0, 2, 4, 7, 9) if span <= 26 else (0, 7) if span <= 40 else (0,)
    return midi % 12 in named


def _broken(song_s: Floats, midi: Floats, leap: float) -> tuple[Floats, Floats]:
    """A line with a hole wherever the pitch leaps."""
    cuts = np.flatnonzero(np.abs(np.diff(midi)) > leap) + 1
    return np.insert(song_s, cuts, np.nan), np.insert(midi, cuts, np.nan)


@dataclass(frozen=True, slots=True)
class Marks:
    """Points of one kind."""

    where: NDArray[np.bool_]
    shape: str
    colour: str
    fill: str
    size: float


def marks_of(curve: Curve, rules: ScoringRules) -> list[Marks]:
    """By the distance to the written note: in it, near it on either side, off it; and sung where nothing is written."""
    cents = curve.cents
    off = np.abs(cents)
    near = (off > rules.hit_cents) & (off <= rules.no_credit_cents)
    return [
        Marks(~np.isnan(curve.sung) & np.isnan(curve.written), ".", DIM, DIM, 2.0),
        Marks(off <= rules.hit_cents, "o", HIT, HIT, 4.0),
        Marks(near & (cents > 0), "^", NEAR, "none", 5.0),
        Marks(near & (cents < 0), "v", NEAR, "none", 5.0),
        Marks(off > rules.no_credit_cents, "x", MISS, MISS, 5.0),
    ]


def _draw_lines(axes: Any, span_s: tuple[float, float], verdict: verdict_pb2.Verdict, words: Words) -> None:
    """Bounds, words and pitch score of each line that lies in the row."""
    starts_s = [line.onset_s for line in verdict.lines] + [math.inf]
    for line, next_s in zip(verdict.lines, starts_s[1:], strict=True):
        if line.offset_s <= span_s[0] or line.onset_s >= span_s[1]:
            continue
        shown_s = (max(line.onset_s, span_s[0]), min(line.offset_s, span_s[1]))
        axes.axvspan(*shown_s, color=LIGHT, alpha=0.035, lw=0, zorder=0)
        for edge_s in (line.onset_s, line.offset_s):
            axes.axvline(edge_s, color=EDGE, lw=1, ls=(0, (4, 4)), zorder=1)
        room_s = min(max(next_s, line.offset_s), span_s[1]) - shown_s[0]
        label = _label(line, room_s / (span_s[1] - span_s[0]) * WIDTH_INCHES * AXES_SHARE, words)
        axes.text(shown_s[0], 1.02, label, color=LIGHT, fontsize=8.5, va="bottom", parse_math=False,
                  transform=axes.get_xaxis_transform())  # fmt: skip


def _label(line: verdict_pb2.LineVerdict, inches: float, words: Words) -> str:
    score = number(line.pitch, 0, words) if line.HasField("pitch") else "–"
    text = _printable(line.text) or words.line.format(line.phrase + 1)
    return _fitting(f"{text}  {score}", score, inches)


def _fitting(label: str, score: str, inches: float) -> str:
    """Cut so that it does not run into the next line's; the score stays."""
    room = max(len(score), int(inches * CHARS_PER_INCH))
    if len(label) <= room:
        return label
    kept = room - len(score) - 3
    return f"{label[:kept].rstrip()}…  {score}" if kept > 2 else score


def _printable(text: str) -> str:
    """An SVG holds no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _draw_titles(figure: Any, verdict: verdict_pb2.Verdict, title: str, words: Words, height: float) -> None:
    scores = " · ".join(
        f"{name} {number(getattr(verdict, part), 1, words) if verdict.HasField(part) else '–'}"  # type: ignore[arg-type]
        for part, name in words.parts.items()
    )
    top = 1 - 0.36 / height
    figure.text(0.065, top, scores, color=GOLD, fontsize=15, weight="bold", va="center", parse_math=False)
    figure.text(0.985, top, _printable(title)[:60], color=LIGHT, fontsize=11, ha="right", va="center", parse_math=False)
    found = words.found.format(
        key=number(verdict.key_shift_semitones, 0, words, signed=True),
        latency=number(1000 * verdict.latency_s, 0, words, signed=True),
        coverage=number(100 * verdict.coverage, 0, words),
        estimator=verdict.estimator,
        rules=verdict.rules_version,
    )
    figure.text(0.065, 1 - 0.66 / height, found, color=DIM, fontsize=8.5, va="center", parse_math=False)


def _draw_legend(figure: Any, axes: Any, words: Words) -> None:
    from matplotlib.lines import Line2D

    shapes = [
        Line2D([], [], color=NOTE, lw=7, label=words.written),
        Line2D([], [], color=HIT, marker="o", ls="none", ms=5, label=words.hit),
        Line2D([], [], color=NEAR, marker="^", mfc="none", ls="none", ms=6, label=words.sharp),
        Line2D([], [], color=NEAR, marker="v", mfc="none", ls="none", ms=6, label=words.flat),
        Line2D([], [], color=MISS, marker="x", ls="none", ms=6, label=words.miss),
        Line2D([], [], color=DIM, marker=".", ls="none", ms=4, label=words.extra),
    ]
    figure.legend(handles=shapes, loc="lower left", bbox_to_anchor=(0.058, 0.0), ncols=len(shapes), frameon=False,
                  labelcolor=DIM, fontsize=8.5)  # fmt: skip
