"""CREPE full on the CUDA card, launched kernel by kernel and as CUDA graphs, beside CREPE tiny on one core.

A tick is one window of each singer, transfers and decoding included.

Run by `make bench-gpu`; says why and ends well where there is no card.
"""

import sys
import time
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from inference.live.window_ring import HOP_S, HOP_SAMPLES
from inference.models.estimator import WINDOW_SAMPLES, PitchEstimator, Windows
from inference.models.estimators import build_estimator
from inference.models.live_choice import build_live_estimator
from tests.unit.recordings import voice

SINGERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
RUNS = 50
DEADLINE_MS = 15.0  # a tick of 32 singers, 99 times of 100


def reason_to_skip() -> str:
    """Empty where there is a card to measure."""
    if find_spec("torch") is None or find_spec("torchcrepe") is None:
        return "torch and torchcrepe are not installed: run `make setup-full`"
    import torch

    return "" if torch.cuda.is_available() else "there is no CUDA card"


def tick_ms(estimator: PitchEstimator, windows: Windows) -> NDArray[np.float64]:
    """Wall time of each of RUNS ticks."""
    estimator.estimate(windows)
    spent_ms = np.zeros(RUNS)
    for run in range(RUNS):
        begun_s = time.perf_counter()
        estimator.estimate(windows)
        spent_ms[run] = 1000 * (time.perf_counter() - begun_s)
    return spent_ms


def main() -> int:
    if reason := reason_to_skip():
        print(f"bench-gpu skipped: {reason}")
        return 0
    sound = voice(220.0, max(SINGERS) * HOP_S + 0.1)
    windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW_SAMPLES)[::HOP_SAMPLES]
    graphs, full, tiny = build_live_estimator(), build_estimator("full"), build_estimator("tiny")
    print("singers  graphs p50 / p99  full, launched  tiny on one core   (ms a tick)")
    passes = True
    for singers in SINGERS:
        by_graphs, launched, on_core = (tick_ms(one, windows[:singers]) for one in (graphs, full, tiny))
        p50, p99 = np.percentile(by_graphs, [50, 99])
        print(f"{singers:7d}  {p50:7.2f} / {p99:6.2f}  {np.median(launched):14.2f}  {np.median(on_core):16.2f}")
        passes = passes and (singers > 32 or bool(p99 <= DEADLINE_MS))
    print(f"a tick of 32 singers within {DEADLINE_MS:.0f} ms: {'pass' if passes else 'FAIL'}")
    return 0 if passes else 1


if __name__ == "__main__":
    sys.exit(main())
