"""Our exact banded alignment beside fastdtw and librosa, on two contours of three minutes.

Each method runs in a process of its own, so that its peak memory is its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.domain.alignment import banded_path
from inference.domain.cents import fold
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.unit.synthetic_singers import Singer, sing, tune

PAGE = Path("docs/benchmarks.md")
SECTION = "bench-dtw"
FRAMES = 18_000  # three minutes of 10 ms
RULES = ScoringRules()
BAND = round(RULES.dtw_band_s / RULES.hop_s)
STEP, CAP = RULES.dtw_step_cost, RULES.distance_cap_semitones
WARM_FRAMES = 50
ROUNDS = 5  # of ours: the median is kept
WarpingPath = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """One method on the two contours."""

    cpu_s: float
    peak_mb: float  # above what the process held before
    cost: float  # of its path, in semitones: frames and steps off the diagonal
    furthest_s: float  # of the path from the diagonal


def contours(frames: int) -> tuple[Floats, Floats]:
    """Two takes of one tune, the second unsteady; rests hold the last pitch, for the others know no silence."""
    melody = tune(0, frames * RULES.hop_s)
    takes = (Singer(seed=1), Singer(seed=2, jitter_s=0.05, note_sd_cents=30.0))
    first, second = (_held(sing(melody, singer).f0_hz[:frames]) for singer in takes)
    return first, second


def _held(f0_hz: Floats) -> Floats:
    voiced = np.flatnonzero(f0_hz > 0)
    last = voiced[np.maximum(0, np.searchsorted(voiced, np.arange(len(f0_hz)), side="right") - 1)]
    return np.asarray(69.0 + 12.0 * np.log2(f0_hz[last] / 440.0))


def ours(written: Floats, sung: Floats) -> WarpingPath:
    everywhere, nowhere = np.ones(len(written), dtype=np.bool_), np.zeros(len(written), dtype=np.bool_)
    voicing = np.full(len(written), RULES.voicing_cost_semitones)
    return banded_path(written, sung, sung, everywhere, nowhere, nowhere, BAND, STEP, CAP, voicing)


def librosa_banded(written: Floats, sung: Floats) -> WarpingPath:
    """The same costs, the same band: librosa fills the whole matrix all the same."""
    import librosa

    cost = np.empty((len(written), len(sung)))
    for row, midi in enumerate(written):
        cost[row] = np.minimum(CAP, np.abs(fold(sung - midi)))
    _total, path = librosa.sequence.dtw(
        C=cost,
        step_sizes_sigma=np.array([[1, 1], [0, 1], [1, 0]]),
        weights_add=np.array([0.0, STEP, STEP]),
        weights_mul=np.ones(3),
        global_constraints=True,
        band_rad=(BAND + 1) / len(written),  # its radius is exclusive
    )
    return np.asarray(path[::-1], dtype=np.int64)


def fastdtw_of(radius: int) -> Callable[[Floats, Floats], WarpingPath]:
    """fastdtw knows no band and no price of a step; the distance of two frames is ours."""

    def distance(a: float, b: float) -> float:
        return min(CAP, abs((b - a + 6.0) % 12.0 - 6.0))

    def align(written: Floats, sung: Floats) -> WarpingPath:
        from fastdtw import fastdtw

        _total, path = fastdtw(written.tolist(), sung.tolist(), radius=radius, dist=distance)
        return np.asarray(path, dtype=np.int64)

    return align


METHODS: dict[str, Callable[[Floats, Floats], WarpingPath]] = {
    "ours": ours,
    "librosa, the same band": librosa_banded,
    "fastdtw, radius 1": fastdtw_of(1),
    "fastdtw, radius 10": fastdtw_of(10),
}


def cost_of(path: WarpingPath, written: Floats, sung: Floats) -> float:
    on, at = path[:, 0], path[:, 1]
    off_diagonal = np.count_nonzero(np.diff(at - on))
    return float(np.minimum(CAP, np.abs(fold(sung[at] - written[on]))).sum() + STEP * off_diagonal)


def _held_mb(field: str) -> float:
    """VmRSS or VmHWM of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith(field))) / 1024.0


def child(name: str) -> None:
    """Prints one Run as JSON; imports and compilation are done before the clock starts."""
    align = METHODS[name]
    align(*contours(WARM_FRAMES * 10))
    written, sung = contours(FRAMES)
    before_mb = _held_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts again
    spent = []
    for _ in range(ROUNDS if name == "ours" else 1):
        start_s = time.process_time()
        path = align(written, sung)
        spent.append(time.process_time() - start_s)
    peak_mb = _held_mb("VmHWM") - before_mb
    furthest_s = RULES.hop_s * float(np.abs(path[:, 1] - path[:, 0]).max())
    print(json.dumps([float(np.median(spent)), peak_mb, cost_of(path, written, sung), furthest_s]))


def measured(name: str) -> Run:
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.bench_dtw", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return Run(*json.loads(done.stdout.splitlines()[-1]))


def compare() -> list[Figure]:
    runs = {name: measured(name) for name in METHODS}
    exact, fast = runs["ours"], runs["fastdtw, radius 1"]
    best = runs["librosa, the same band"].cost
    figures = [
        Figure("ours: CPU time", 1000.0 * exact.cpu_s, "ms", 100.0, baseline=1000.0 * fast.cpu_s),
        Figure("ours: peak memory", exact.peak_mb, "MB", 100.0, baseline=fast.peak_mb),
        Figure("ours: cost above the least of the band", 100.0 * abs(exact.cost / best - 1.0), "%", 0.0001),
    ]
    for name, run in runs.items():
        if name != "ours":
            figures += [
                Figure(f"{name}: CPU time", 1000.0 * run.cpu_s, "ms"),
                Figure(f"{name}: peak memory", run.peak_mb, "MB"),
                Figure(f"{name}: cost above the least of the band", 100.0 * (run.cost / best - 1.0), "%"),
                Figure(f"{name}: furthest from the diagonal", 1000.0 * run.furthest_s, "ms"),
            ]
    return figures


def main() -> None:
    report = Report()
    report.section("alignment of two contours of three minutes", compare)
    print_report(report)
    write_report(report, PAGE, SECTION)
    sys.exit(0 if report.passes else 1)


if __name__ == "__main__":
    child(sys.argv[1]) if len(sys.argv) > 1 else main()
