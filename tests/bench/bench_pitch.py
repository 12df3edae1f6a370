"""`make bench-pitch`: CPU per frame of our pitch networks and of the whole live path, beside torchcrepe.predict.

Everything runs on one thread and is told in CPU time, in rounds, so that what else the machine does meets all alike;
the tick is told in wall time too.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-not-found, unused-ignore]

from inference.audio.clock import Anchor
from inference.domain.melody import Melody
from inference.domain.rules import Level, rules_for
from inference.live.judge import SingerJudge
from inference.live.messages import Output, Sound
from inference.live.singer import Singer
from inference.live.window_ring import HOP_S, HOP_SAMPLES
from inference.models.crepe_onnx import Int8Crepe, OnnxCrepe
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, PitchEstimator
from inference.models.live_choice import chosen
from inference.models.probe import probe
from media_server.downmix import Downmix
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.places import ROOT
from tests.unit.recordings import voice
from tests.unit.synthetic_singers import tune

PAGE = ROOT / "docs" / "benchmarks.md"
SECTION = "bench-pitch"
ROUNDS = 15
SINGERS = 32
LOADED_SINGERS, LOAD = 40, 0.6  # of one core
TICKS = 400
SETTLED_TICKS = 10  # until every singer has a whole window
FRAMES_PER_S = round(1 / HOP_S)
ROUND_TICKS = 10
US = 1e6


def import_torchcrepe() -> ModuleType:
    """torchcrepe imports torchaudio to read files, which is not done here; its wheel does not load beside CPU torch."""
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
    import torchcrepe

    module: ModuleType = torchcrepe
    return module


def song(duration_s: float) -> NDArray[np.float32]:
    """A voice with vibrato that glides over an octave and a half."""
    seconds = np.arange(round(duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    f0_hz = 200 * 2 ** (0.75 * np.sin(2 * np.pi * 0.2 * seconds) + 0.04 * np.sin(2 * np.pi * 5.5 * seconds))
    return voice(f0_hz, duration_s)


class StockPredict:
    """torchcrepe.predict as its README calls it, on so many hops a call."""

    def __init__(self, hops: int) -> None:
        self._torchcrepe: Any = import_torchcrepe()
        self._sound = torch.from_numpy(song(hops * HOP_S)[: hops * HOP_SAMPLES - 1])[None]
        self.hops = hops
        if (frames := self().shape[1]) != hops:
            raise ValueError(f"{frames} frames came of {hops} hops")

    def __call__(self) -> torch.Tensor:
        pitch: torch.Tensor = self._torchcrepe.predict(
            self._sound, SAMPLE_RATE_HZ, HOP_SAMPLES, 50, 550, "tiny", batch_size=2048, device="cpu"
        )
        return pitch


class LivePath:
    """Singers whose 20 ms chunks come together: 16-bit sound, ring, level gate, network, decoding, voicing."""

    def __init__(self, estimator: PitchEstimator, singers: int, melody: Melody) -> None:
        self._estimator = estimator
        sound_s = (TICKS + 2 * SETTLED_TICKS + ROUNDS * ROUND_TICKS) * HOP_S
        self._pcm = np.round(song(sound_s) * 32_767).astype(np.int16)
        self._place = 0
        self.points = 0
        rules = rules_for(Level.NORMAL)
        self._singers = [Singer(SingerJudge(melody, rules), _unheard, _nobody) for _ in range(singers)]
        for singer in self._singers:
            singer.feed(Anchor(0, 0.0, True))
        for _ in range(SETTLED_TICKS):
            self()

    def __call__(self) -> None:
        chunk = self._pcm[self._place : self._place + HOP_SAMPLES]
        for singer in self._singers:
            singer.feed(Sound(self._place, chunk, False, 0.0))
        self._place += HOP_SAMPLES
        turns = [(singer, singer.frames(4)) for singer in self._singers]
        windows = [frame.window.samples for _, frames in turns for frame in frames if frame.is_loud]
        pitches = self._estimator.estimate(np.stack(windows) if windows else np.zeros((0, WINDOW_SAMPLES), np.float32))
        told = zip(pitches.f0_hz.tolist(), pitches.periodicity.tolist(), strict=True)
        for singer, frames in turns:
            for frame in frames:
                f0_hz, periodicity = next(told) if frame.is_loud else (0.0, 0.0)
                self.points += len(list(singer.judge.judge(frame, f0_hz, periodicity)))


def _unheard(_outputs: list[Output]) -> None:
    """What a singer is told goes nowhere."""


def _nobody() -> None:
    """Whom a singer wakes is not there: the ticks are counted out."""


def cpu_us(call: Callable[[], object], times: int) -> float:
    begun_s = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begun_s) / times * US


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU microseconds per frame of each thing, one value a round."""

    of: dict[str, NDArray[np.float64]]

    def typical(self, name: str) -> float:
        return float(np.median(self.of[name]))

    def times_cheaper(self, name: str, than: str) -> float:
        """Each round compared with itself."""
        return float(np.median(self.of[than] / self.of[name]))


ONE_HOP, TEN_HOPS = "torchcrepe.predict, 1 hop a call", "torchcrepe.predict, 10 hops a call"
SINGLE, EIGHT_BITS, JUDGED = "all in, fp32", "all in, int8", "all in, fp32, judged on a song"
DOWNMIX = "48 kHz stereo to 16 kHz"


def measure_costs(single: PitchEstimator, eight_bits: PitchEstimator) -> Costs:
    nothing = Melody(())
    stereo = np.repeat(np.round(song(HOP_S) * 32_767).astype(np.int16), 6)[None]
    windows = np.lib.stride_tricks.sliding_window_view(song(1.0), WINDOW_SAMPLES)[::HOP_SAMPLES][:SINGERS].copy()
    downmix = Downmix()
    calls: dict[str, tuple[Callable[[], object], int, int]] = {  # the call, frames of one, calls a round
        ONE_HOP: (StockPredict(1), 1, 6),
        TEN_HOPS: (StockPredict(10), 10, 2),
        SINGLE: (LivePath(single, SINGERS, nothing), SINGERS, ROUND_TICKS),
        EIGHT_BITS: (LivePath(eight_bits, SINGERS, nothing), SINGERS, 2),
        JUDGED: (LivePath(single, SINGERS, tune(1)), SINGERS, ROUND_TICKS),
        DOWNMIX: (lambda: downmix.convert(stereo), 1, 50),
        "network fp32, 1 window": (lambda: single.estimate(windows[:1]), 1, 20),
        f"network fp32, {SINGERS} windows": (lambda: single.estimate(windows), SINGERS, 4),
        f"network int8, {SINGERS} windows": (lambda: eight_bits.estimate(windows), SINGERS, 2),
    }
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, (call, frames, times) in calls.items():
            found[name].append(cpu_us(call, times) / frames)
    return Costs({name: np.array(values) for name, values in found.items()})


def cost_figures(costs: Costs) -> list[Figure]:
    most_us = LOAD * US / (LOADED_SINGERS * FRAMES_PER_S)
    singers = LOAD * US / FRAMES_PER_S
    targets = {SINGLE: most_us}
    rows = [Figure(f"CPU per frame: {name}", costs.typical(name), "µs", targets.get(name)) for name in costs.of]
    cheaper = [
        Figure("fp32 all in, cheaper than one-hop predict", costs.times_cheaper(SINGLE, ONE_HOP), "times", 15.0, True),
        Figure("fp32 all in, cheaper than ten-hop predict", costs.times_cheaper(SINGLE, TEN_HOPS), "times", 8.0, True),
        Figure("int8 all in, cheaper than one-hop predict", costs.times_cheaper(EIGHT_BITS, ONE_HOP), "times"),
        Figure("int8 all in, cheaper than ten-hop predict", costs.times_cheaper(EIGHT_BITS, TEN_HOPS), "times"),
    ]
    per_core = [
        Figure(
            "singers on one core at 60 % load, 20 ms hop, fp32",
            singers / costs.typical(SINGLE),
            "",
            LOADED_SINGERS,
            True,
        ),
        Figure("the same, int8", singers / costs.typical(EIGHT_BITS), ""),
        Figure("the same, fp32, judged on a song", singers / costs.typical(JUDGED), ""),
        Figure("the same, torchcrepe.predict, one hop a call", singers / costs.typical(ONE_HOP), ""),
    ]
    return rows + cheaper + per_core


def tick_figures(single: PitchEstimator) -> list[Figure]:
    """Each tick by itself, as an engine of 32 singers sees it."""
    path = LivePath(single, SINGERS, Melody(()))
    wall_ms, cpu_ms = np.zeros(TICKS), np.zeros(TICKS)
    for tick in range(TICKS):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        path()
        wall_ms[tick] = 1000 * (time.perf_counter() - wall_s)
        cpu_ms[tick] = 1000 * (time.process_time() - cpu_s)
    return [
        Figure(f"tick of {SINGERS} singers, p50", float(np.percentile(wall_ms, 50)), "ms"),
        Figure(f"tick of {SINGERS} singers, p99", float(np.percentile(wall_ms, 99)), "ms", 15.0),
        Figure(f"tick of {SINGERS} singers, CPU time, p99", float(np.percentile(cpu_ms, 99)), "ms"),
        Figure("processes that wanted a core during this run, one minute's mean", psutil.getloadavg()[0], ""),
    ]


def probe_figures(single: PitchEstimator, eight_bits: PitchEstimator) -> list[Figure]:
    found = probe(eight_bits, single)
    taken = chosen(single, eight_bits).name
    return [
        Figure("int8 beside fp32: median error", found.error_cents, "cents", 1.0),
        Figure(f"int8 beside fp32: cost; the live judge takes {taken}", found.window_ms / found.replaced_ms, "times"),
    ]


def main() -> int:
    torch.set_num_threads(1)
    threadpool_limits(1)  # numpy's and SciPy's matrix products
    single, eight_bits = OnnxCrepe(), Int8Crepe()
    report = Report()
    report.section("CPU per frame", lambda: cost_figures(measure_costs(single, eight_bits)))
    report.section("ticks", lambda: tick_figures(single))
    report.section("start-up probe", lambda: probe_figures(single, eight_bits))
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
