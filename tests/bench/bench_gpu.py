"""CREPE full on the CUDA card against CREPE tiny on one core: milliseconds per window by batch size.

Run by `make bench-gpu`; says why and ends well where there is no card.
"""

import time
from importlib.util import find_spec

import numpy as np

from inference.models.estimator import WINDOW_SAMPLES, PitchEstimator, Windows
from inference.models.estimators import build_estimator

BATCHES = (1, 2, 4, 8, 16, 32, 64)
RUNS = 50


def reason_to_skip() -> str:
    """Empty where there is a card to measure."""
    if find_spec("torch") is None or find_spec("torchcrepe") is None:
        return "torch and torchcrepe are not installed: run `make setup-full`"
    import torch

    return "" if torch.cuda.is_available() else "there is no CUDA card"


def window_ms(estimator: PitchEstimator, windows: Windows) -> float:
    """Median over RUNS, transfers and decoding included."""
    estimator.estimate(windows)
    spent_s = []
    for _ in range(RUNS):
        begun_s = time.perf_counter()
        estimator.estimate(windows)
        spent_s.append(time.perf_counter() - begun_s)
    return float(np.median(spent_s)) * 1000 / len(windows)


def main() -> None:
    if reason := reason_to_skip():
        print(f"bench-gpu skipped: {reason}")
        return
    noise = np.random.default_rng(1).standard_normal((max(BATCHES), WINDOW_SAMPLES)).astype(np.float32)
    full, tiny = build_estimator("full"), build_estimator("tiny")
    print("batch  full on the card  tiny on one core  ratio   (ms per window)")
    for batch in BATCHES:
        full_ms, tiny_ms = window_ms(full, noise[:batch]), window_ms(tiny, noise[:batch])
        print(f"{batch:5d}  {full_ms:16.3f}  {tiny_ms:16.3f}  {tiny_ms / full_ms:5.1f}")


if __name__ == "__main__":
    main()
