"""Real Chromium against the real house: how late and how exact the drawn line is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Playwright

from deploy.demo_song.score import GUIDE_KEY, SONG_ID, build_song
from tests.bench.figures import Figure
from tests.bench.web_audio import Sweep
from tests.support.chromium import Microphone, first_page, open_browser
from tests.support.contour import HOP_S, cents_off, drawn_lag_s, sung_contour
from tests.support.house import House
from tests.support.page_singer import write_page_singer
from tests.support.performance import Performance
from tests.support.udp_relay import UdpRelay

Floats = NDArray[np.float64]

ZIGZAG = Sweep(165.0, 660.0, 1.5, there_and_back=True)  # 1,600 cents a second: 5 cents are 3 ms
SLOW = Sweep(110.0, 880.0, 10.0, there_and_back=False)
EDGE_S = 0.12  # a window that holds the end of a glide has no one pitch
LATENCY_RUN_S = 16.0
DELAYS_S = np.arange(-0.4, 0.4, 0.002)
ONE_FIT_S = 1e3
FIT_S = 2.5
LOSSES = (0.0, 0.03, 0.08)
LONGEST_LATENCY_S = 0.9
LAG_WINDOW_S, LAG_STEP_S = 6.0, 1.0


@dataclass(frozen=True, slots=True)
class Points:
    """What came over the data channel, one entry per point."""

    song_s: Floats  # NaN before the song
    f0_hz: Floats
    seq: Floats
    epoch_s: Floats  # receipt in the page
    concealed: NDArray[np.bool_]

    def where(self, kept: NDArray[np.bool_]) -> "Points":
        return Points(self.song_s[kept], self.f0_hz[kept], self.seq[kept], self.epoch_s[kept], self.concealed[kept])


def read_points(show: Performance) -> Points:
    rows = show.fact("points")
    song_s = [np.nan if row["song_s"] is None else row["song_s"] for row in rows]
    concealed = np.array([bool(row["concealed"]) for row in rows])
    f0_hz, seq = (np.array([row[key] for row in rows], dtype=float) for key in ("f0_hz", "seq"))
    epoch_s = np.array([row["at_epoch_ms"] for row in rows]) / 1000
    return Points(np.array(song_s, dtype=float), f0_hz, seq, epoch_s, concealed)


@contextmanager
def on_page(
    playwright: Playwright,
    house: House,
    name: str,
    microphone: Microphone | None = None,
    sweep: Sweep | None = None,
) -> Iterator[Performance]:
    with open_browser(playwright, microphone) as context:
        if sweep is not None:
            context.add_init_script(sweep.init_script())
        yield Performance(first_page(context), house, f"bench-{name}")


def latencies_ms(points: Points, start_epoch_s: float) -> Floats:
    """For each voiced point: its receipt, minus the moment at which the sweep had its pitch."""
    voiced = points.where(points.f0_hz > 0)
    order = np.argsort(voiced.seq)
    cents = 1200 * np.log2(voiced.f0_hz[order] / ZIGZAG.low_hz)
    received_s = voiced.epoch_s[order] - start_epoch_s
    rises = np.gradient(cents) > 0
    share = np.clip(cents / ZIGZAG.cents, 0, 1)
    phase_s = np.where(rises, share, 2 - share) * ZIGZAG.period_s
    late_s = np.mod(received_s - phase_s, 2 * ZIGZAG.period_s)
    clear = (ZIGZAG.edge_s(phase_s) > EDGE_S) & (late_s < LONGEST_LATENCY_S) & (received_s > 0)
    return np.asarray(1000 * late_s[clear])


def measure_latency(playwright: Playwright, house: House, name: str) -> Floats:
    """Milliseconds of every point of a run on stage."""
    with on_page(playwright, house, name, sweep=ZIGZAG) as show:
        show.open()
        show.choose(SONG_ID)
        show.check_microphone()
        show.find("start").click()
        show.wait_for_song_second(LATENCY_RUN_S - 3)
        points = read_points(show)
        start_epoch_s = show.page.evaluate("window.__sweepStartEpochMs") / 1000
        return latencies_ms(points.where(points.song_s > 0), start_epoch_s)


def latency_figures(tap_ms: Floats, plain_ms: Floats) -> list[Figure]:
    figures = []
    for percent, target in ((50, 70.0), (95, 110.0)):
        tap, plain = float(np.percentile(tap_ms, percent)), float(np.percentile(plain_ms, percent))
        figures.append(Figure(f"sound to overlay, p{percent}", tap, "ms", target, baseline=plain))
        figures.append(Figure(f"the same with aiortc's jitter buffer, p{percent}", plain, "ms"))
    return figures


def _sweep_error_cents(points: Points, since_s: Floats, fit_s: float) -> Floats:
    """Distance to the sweep, after the delay that fits best in each piece of `fit_s`; NaN near the ends of the glides.

    The delay is fitted anew in each piece: a browser on a busy machine now and then plays a few milliseconds late.
    """
    sung = 1200 * np.log2(np.maximum(points.f0_hz, 1.0) / SLOW.low_hz)
    clear = (SLOW.edge_s(since_s) > 0.5) & (points.f0_hz > 0)
    error = np.full(len(sung), np.nan)
    for begin_s in np.arange(since_s.min(), since_s.max(), fit_s):
        piece = clear & (since_s >= begin_s) & (since_s < begin_s + fit_s)
        if piece.any():
            off = [sung[piece] - SLOW.cents_at(since_s[piece] + delay) for delay in DELAYS_S]
            error[piece] = min(off, key=lambda one: float(np.median(np.abs(one))))
    return error


def _slots_filled(points: Points) -> float:
    """Per cent of the places in the row of points that hold a pitch."""
    return float(100 * np.sum(points.f0_hz > 0) / (points.seq.max() - points.seq.min() + 1))


def measure_sweeps(playwright: Playwright, house: House) -> list[Figure]:
    """One sweep after the other, each with more packets lost on both ways."""
    relay = UdpRelay()
    relay.start()
    spans: list[tuple[float, float, float]] = []
    try:
        with on_page(playwright, house, "sweeps", sweep=SLOW) as show:
            show.lead_through(relay)
            show.open()
            show.choose(SONG_ID)
            show.check_microphone()
            show.find("start").click()
            show.wait_for_song_second(0.5)
            for loss in LOSSES:
                relay.loss = loss
                begin_s = show.song_s or 0.0
                show.wait_for_song_second(begin_s + SLOW.period_s + 1.5)
                spans.append((loss, begin_s + 0.5, begin_s + SLOW.period_s + 1.0))
            points = read_points(show)
            song_epoch_ms = show.fact("songStartEpochMs")
            offset_s = (song_epoch_ms - show.page.evaluate("window.__sweepStartEpochMs")) / 1000
    finally:
        relay.stop()
    figures = []
    for loss, begin_s, end_s in spans:
        part = points.where((points.song_s >= begin_s) & (points.song_s < end_s))
        since_s = part.song_s + offset_s
        figures += _sweep_figures(loss, part, _sweep_error_cents(part, since_s, FIT_S))
        figures.append(_whole_sweep_figure(loss, part, _sweep_error_cents(part, since_s, ONE_FIT_S)))
    return figures


def _sweep_figures(loss: float, part: Points, error_cents: Floats) -> list[Figure]:
    known = ~np.isnan(error_cents)
    scored = np.abs(error_cents[known & ~part.concealed])
    name = f"sweep at {100 * loss:.0f} % loss"
    slots = Figure(f"{name}: slots filled", _slots_filled(part), "%", 99.0, at_least=True)
    if loss == 0:
        return [
            slots,
            Figure(f"{name}: median error", float(np.median(scored)), "cents", 5.0),
            Figure(f"{name}: largest error", float(scored.max()), "cents", 50.0),
        ]
    return [
        slots,
        Figure(f"{name}: scored frames within 20 cents", float(100 * np.mean(scored <= 20)), "%", 99.0, at_least=True),
        Figure(f"{name}: frames concealed", float(100 * np.mean(part.concealed)), "%"),
    ]


def _whole_sweep_figure(loss: float, part: Points, error_cents: Floats) -> Figure:
    """With one delay for all of it, an unsteady song clock counts as well."""
    scored = np.abs(error_cents[~np.isnan(error_cents) & ~part.concealed])
    name = f"sweep at {100 * loss:.0f} % loss: scored frames within 20 cents, one delay for all"
    return Figure(name, float(100 * np.mean(scored <= 20)), "%")


def local_lags_s(points: Points, contour: Floats) -> Floats:
    """The lag of the drawn line behind the voice in overlapping windows of the take."""
    lags = []
    for begin_s in np.arange(2.0, len(contour) * HOP_S - LAG_WINDOW_S - 3, LAG_STEP_S):
        inside = (points.song_s >= begin_s) & (points.song_s < begin_s + LAG_WINDOW_S)
        lags.append(drawn_lag_s(points.song_s[inside], points.f0_hz[inside], contour))
    return np.array(lags)


def measure_demo_take(playwright: Playwright, house: House, folder: Path) -> list[Figure]:
    """The guide voice sings the demo: where the line stands, and how long the verdict takes."""
    guide, sample_rate_hz = soundfile.read(house.data_dir / "songs" / SONG_ID / GUIDE_KEY)
    microphone = write_page_singer(folder / "guide.wav", guide, sample_rate_hz)
    last_note_s = build_song().voices[0].reference.melody.phrases[-1].offset_s
    with on_page(playwright, house, "demo", microphone) as show:
        show.go_on_stage(SONG_ID, microphone)
        show.wait_for_song_second(last_note_s)
        last_note_at_s = time.monotonic()
        show.wait_for_song_second(build_song().duration_s - 0.5)
        points = read_points(show)
        results = show.await_verdict()
        verdict_s = time.monotonic() - last_note_at_s
    contour = sung_contour(guide, sample_rate_hz)
    lags_ms = 1000 * local_lags_s(points, contour)
    off = np.abs(cents_off(points.song_s, points.f0_hz, contour, float(np.median(lags_ms)) / 1000))
    spread = float(np.percentile(lags_ms, 95) - np.percentile(lags_ms, 5))
    return [
        Figure("song alignment: spread of the residual offset, p95 - p5", spread, "ms", 20.0),
        Figure("song alignment: residual offset, median", float(np.median(lags_ms)), "ms"),
        Figure("demo song: drawn line off the voice, median", float(np.nanmedian(off)), "cents"),
        Figure("demo song sung by its guide voice: pitch", float(results["pitch"]), "points", 95.0, at_least=True),
        Figure("last note to verdict on the page, 40 s take", verdict_s, "s", 10.0),
    ]
