"""Several headless singers at once: does every pitch arrive, how late, and what does a singer cost."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import psutil
import soundfile
from numpy.typing import NDArray

from deploy.demo_song.score import GUIDE_KEY, SONG_ID
from tests.bench.figures import Figure
from tests.support.house import House
from tests.support.places import ROOT

Floats = NDArray[np.float64]
SINGERS = 8
SHORT_TAKE_S = 15.0
SETTLED_S = 3.0  # the first seconds hold the connecting of all the others
SINGER_TIMEOUT_S = 120.0
TELL_TALE_S = 2.0  # the listener starts this long before the long take ends


@dataclass(frozen=True, slots=True)
class Sung:
    """What one singer was told."""

    points: list[dict[str, Any]]
    verdict: dict[str, Any]

    def latencies_ms(self, from_s: float = SETTLED_S) -> Floats:
        kept = [one["latency_ms"] for one in self.points if one["latency_ms"] is not None and one["song_s"] >= from_s]
        return np.array(kept, dtype=float)

    @property
    def missing(self) -> int:
        seqs = {one["seq"] for one in self.points}
        return max(seqs) - min(seqs) + 1 - len(seqs)


class HeadlessSinger:
    """`voicejury sing` in a process of its own."""

    def __init__(self, house: House, take: Path, folder: Path, name: str) -> None:
        self._out = folder / f"{name}.jsonl"
        self._log: IO[bytes] = self._out.open("wb")
        command = [sys.executable, "-m", "deploy.cli", "sing", str(take), "--song", SONG_ID, "--via", "webrtc"]
        command += ["--url", house.url, "--json"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.PIPE
        )

    def await_end(self) -> Sung:
        _, errors = self._process.communicate(timeout=SINGER_TIMEOUT_S)
        self._log.close()
        if self._process.returncode:
            raise RuntimeError(errors.decode(errors="replace").strip()[-300:])
        rows = [json.loads(line) for line in self._out.read_text().splitlines()]
        return Sung([row for row in rows[:-1] if row["type"] == "pitch"], rows[-1])


def short_take(house: House, folder: Path) -> Path:
    guide, sample_rate_hz = soundfile.read(house.data_dir / "songs" / SONG_ID / GUIDE_KEY)
    path = folder / "short.wav"
    soundfile.write(path, guide[: int(SHORT_TAKE_S * sample_rate_hz)], sample_rate_hz)
    return path


def _cpu_s(house: House) -> dict[str, float]:
    pids = house.run_json()["pids"]
    return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}


def measure_eight(house: House, folder: Path) -> list[Figure]:
    take = short_take(house, folder)
    singers = [HeadlessSinger(house, take, folder, f"singer-{index}") for index in range(SINGERS)]
    time.sleep(SETTLED_S)
    before, began_s = _cpu_s(house), time.monotonic()
    time.sleep(SHORT_TAKE_S - SETTLED_S)
    after, wall_s = _cpu_s(house), time.monotonic() - began_s
    sung = [singer.await_end() for singer in singers]
    late_ms = np.concatenate([one.latencies_ms() for one in sung])
    costs = [
        Figure(f"CPU per singer, {name}", 100 * (after[name] - before[name]) / wall_s / SINGERS, "% of a core")
        for name in before
    ]
    return [
        Figure(f"{SINGERS} singers: pitches that did not arrive", float(sum(one.missing for one in sung)), "", 0.0),
        Figure(f"{SINGERS} singers: latency, p50", float(np.percentile(late_ms, 50)), "ms"),
        Figure(f"{SINGERS} singers: latency, p95", float(np.percentile(late_ms, 95)), "ms", 150.0),
        *costs,
    ]


def measure_beside_a_judgement(house: House, folder: Path) -> list[Figure]:
    """One sings beside another singer, then another sings while the first one's take is judged."""
    guide = house.data_dir / "songs" / SONG_ID / GUIDE_KEY
    take = short_take(house, folder)
    alone = HeadlessSinger(house, take, folder, "alone").await_end()
    long_singer = HeadlessSinger(house, guide, folder, "long")
    time.sleep(soundfile.info(guide).duration - TELL_TALE_S)
    beside = HeadlessSinger(house, take, folder, "beside")
    long_singer.await_end()
    beside_ms = beside.await_end().latencies_ms()
    before, during = float(np.percentile(alone.latencies_ms(), 95)), float(np.percentile(beside_ms, 95))
    return [
        Figure("one singer alone: latency, p95", before, "ms"),
        Figure("one singer while a take is judged: latency, p95", during, "ms", baseline=before),
        Figure("rise of the live p95 while a take is judged", during - before, "ms", 30.0),
    ]
