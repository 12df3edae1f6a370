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
STAGGER_S = 1.2
TOGETHER_S = 8.0
SETTLED_S = 3.0  # the first seconds hold the start of the singer's own process
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
        return int(max(seqs) - min(seqs) + 1 - len(seqs))


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


def short_take(house: House, folder: Path, length_s: float = SHORT_TAKE_S) -> Path:
    guide, sample_rate_hz = soundfile.read(house.data_dir / "songs" / SONG_ID / GUIDE_KEY)
    path = folder / f"{length_s:.0f}-seconds.wav"
    soundfile.write(path, guide[: int(length_s * sample_rate_hz)], sample_rate_hz)
    return path


def _cpu_s(house: House) -> dict[str, float]:
    pids = house.run_json()["pids"]
    return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}


def measure_eight(house: House, folder: Path) -> list[Figure]:
    take = short_take(house, folder, SINGERS * STAGGER_S + SETTLED_S + TOGETHER_S)
    singers = []
    for index in range(SINGERS):
        singers.append(HeadlessSinger(house, take, folder, f"singer-{index}"))
        time.sleep(STAGGER_S)  # eight interpreters that start at once would be the load that is measured
    time.sleep(SETTLED_S)
    before, began_s = _cpu_s(house), time.monotonic()
    time.sleep(TOGETHER_S)
    after, wall_s = _cpu_s(house), time.monotonic() - began_s
    sung = [singer.await_end() for singer in singers]
    # From where the last one has settled too: the start of a process is no part of singing.
    settled = [SETTLED_S + STAGGER_S * (SINGERS - 1 - index) for index in range(SINGERS)]
    late_ms = np.concatenate([one.latencies_ms(from_s) for one, from_s in zip(sung, settled, strict=True)])
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
    """One sings the whole song; a second one sings beside it, a third one while the first one's take is judged."""
    guide = house.data_dir / "songs" / SONG_ID / GUIDE_KEY
    take = short_take(house, folder)
    began_s = time.monotonic()
    long_singer = HeadlessSinger(house, guide, folder, "long")
    time.sleep(SETTLED_S)
    before_ms = HeadlessSinger(house, take, folder, "before").await_end().latencies_ms()
    time.sleep(max(0.0, began_s + soundfile.info(guide).duration - TELL_TALE_S - time.monotonic()))
    beside = HeadlessSinger(house, take, folder, "beside")
    long_singer.await_end()
    during_ms = beside.await_end().latencies_ms()
    before, during = float(np.percentile(before_ms, 95)), float(np.percentile(during_ms, 95))
    return [
        Figure("one singer beside another: latency, p95", before, "ms"),
        Figure("one singer while the other's take is judged: latency, p95", during, "ms", baseline=before),
        Figure("rise of the live p95 while a take is judged", during - before, "ms", 30.0),
    ]
