"""From a song's file to a song that can be sung: seconds of each stage for three minutes, and the second time.

The separation runs htdemucs' real architecture at its real size with random weights: its time is the trained one's, its
sound is none. The stages behind it get the true parts of the mixture instead. On a CPU a few segments are timed and
counted up to the whole song; on a CUDA card the whole song is split.
"""

import asyncio
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from demucs.apply import apply_model
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.analysis.preparing.pace import STAGES, Pace, Progress
from inference.analysis.preparing.stages import PrepareTools, prepare
from inference.analysis.preparing.stems import Given
from inference.models.demucs_network import DemucsNetwork
from inference.models.demucs_options import DemucsOptions
from inference.models.demucs_weights import load_bag
from inference.models.estimators import build_estimator
from inference.models.separator import SEPARATION_RATE_HZ, Split, Stereo
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.mixtures import Mixture, vocadito_over_vibe_ace, write_wav
from tests.support.places import ROOT
from tests.support.tiny_demucs import REAL, write_safetensors

PAGE, SECTION = ROOT / "docs" / "benchmarks.md", "bench-prepare"
NAME, SECRET = "htdemucs", "a secret for benchmarks that is long enough"
SONG_S = 180.0
OVERLAP, DEMUCS_OVERLAP = 0.1, 0.25
TIMED_SEGMENTS = 2  # on a CPU, of each way
HAS_GPU = torch.cuda.is_available()
STAGE_NAMES = ("decode", "separate", "pitch, notes, confidence", "words", "store")


def long_mixture() -> Mixture:
    """The recorded voice and its backing, over and over."""
    short = vocadito_over_vibe_ace()
    samples = round(SONG_S * SEPARATION_RATE_HZ)
    times = -(-samples // short.vocals.shape[1])
    return Mixture(*(np.tile(part, times)[:, :samples] for part in (short.vocals, short.backing)))


def separation(mixture: Mixture, folder: Path) -> list[Figure]:
    """Ours beside `apply_model` on the same sound, in seconds for a song of three minutes."""
    write_safetensors(folder, NAME, REAL)
    segment_s = float(REAL["segment"])
    whole = _segment_count(SONG_S, segment_s, OVERLAP)
    timed = whole if HAS_GPU else TIMED_SEGMENTS
    seconds = SONG_S if HAS_GPU else segment_s * (1 - OVERLAP) * timed
    mix = mixture.mix[:, : round(seconds * SEPARATION_RATE_HZ)]
    threads = max(1, (os.cpu_count() or 2) - 1)
    network = DemucsNetwork(DemucsOptions(folder, NAME, overlap=OVERLAP, threads=threads))
    first = mix[:, : round((60 if HAS_GPU else segment_s * 0.9) * SEPARATION_RATE_HZ)]
    network.vocals(first, lambda _done: None)  # its algorithms are chosen
    ours_s = _spent_s(lambda: network.vocals(mix, lambda _done: None)) * whole / timed
    bag = load_bag(folder, NAME)
    stock_s = _spent_s(lambda: _by_demucs(bag, mix, OVERLAP)) * whole / timed
    more = _segment_count(SONG_S, segment_s, DEMUCS_OVERLAP) / whole
    where = "GPU, wall" if HAS_GPU else f"CPU, {threads} thread{'s' * (threads > 1)}, from {timed} segments"
    return [
        Figure(f"separate ({where})", ours_s, "s", 30.0 if HAS_GPU else None, baseline=stock_s),
        Figure("apply_model as it comes (overlap 0.25)", stock_s * more, "s"),
        Figure("ours, of apply_model on the same segments", 100 * ours_s / stock_s, "%", 105.0),
    ]


def _segment_count(seconds: float, segment_s: float, overlap: float) -> int:
    return int(np.ceil(seconds / ((1 - overlap) * segment_s)))


def _by_demucs(bag: object, mix: Stereo, overlap: float) -> None:
    wave = torch.from_numpy(mix.copy())[None]
    apply_model(bag, wave, shifts=0, overlap=overlap, device="cuda" if HAS_GPU else "cpu")


def _spent_s(work: Callable[[], object]) -> float:
    """Wall time on a GPU; on a CPU that others use too, the CPU time of this process."""
    clock = time.perf_counter if HAS_GPU else time.process_time
    begun_s = clock()
    work()
    if HAS_GPU:
        torch.cuda.synchronize()
    return clock() - begun_s


class TrueParts:
    """A Separator in no time, for the stages behind it."""

    name = "true parts"

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture

    def missing(self) -> str:
        return ""

    def split(self, mix: Stereo, on_progress: Callable[[float], None]) -> Split:
        on_progress(1.0)
        return Split(self._mixture.vocals, self._mixture.backing.copy())


def stages(mixture: Mixture, folder: Path) -> list[Figure]:
    """CPU seconds of the stages around the separation."""
    made = folder / "made"
    made.mkdir()
    given = Given(original=write_wav(folder / "song.wav", mixture.mix))
    tools = PrepareTools(TrueParts(mixture), lambda: build_estimator("auto", 2), Pace(), 2 * SONG_S)
    build_estimator("auto", 2)  # loading is once a process
    entered: dict[int, float] = {}

    def tell(progress: Progress) -> None:
        entered.setdefault(progress.stage, time.process_time())

    prepare(given, song_pb2.Song(title="Song"), made, tools, tell)
    ended_s = time.process_time()
    order = [stage for stage in STAGES if stage in entered]
    ends_s = [*(entered[stage] for stage in order[1:]), ended_s]
    names = dict(zip(STAGES, STAGE_NAMES, strict=True))
    target = {STAGES[2]: 5.0} if HAS_GPU else {}
    stored_mb = sum(path.stat().st_size for path in made.iterdir()) / 1e6
    return [
        *(
            Figure(f"{names[stage]} (CPU)", end_s - entered[stage], "s", target.get(stage))
            for stage, end_s in zip(order, ends_s, strict=True)
            if stage != STAGES[1]
        ),
        Figure("two FLAC files", stored_mb, "MB"),
    ]


def cached(mixture: Mixture, folder: Path) -> list[Figure]:
    """The second time, asked over gRPC; the least of five."""
    write_wav(folder / "stems" / "originals" / "backing.wav", mixture.backing)
    write_wav(folder / "stems" / "originals" / "voice.wav", mixture.vocals)
    return [Figure("the second time (wall, over gRPC)", 1000 * asyncio.run(_second_time_s(folder)), "ms", 200)]


async def _second_time_s(folder: Path) -> float:
    request = reference_pb2.PrepareRequest(
        content_hash=hashlib.sha256(b"song").hexdigest(),
        instrumental_key="originals/backing.wav",
        vocals_key="originals/voice.wav",
    )
    token = bearer_metadata(mint(SECRET, Scope.SERVICE, "bench", 600))
    settings = Settings(secret=SecretStr(SECRET), data_dir=folder)
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        stub = reference_pb2_grpc.ReferenceServiceStub(channel)
        spent_s = []
        for _ in range(6):
            begun_s = time.perf_counter()
            events = [event async for event in stub.Prepare(request, metadata=token, timeout=600)]
            spent_s.append(time.perf_counter() - begun_s)
        assert events[-1].prepared.was_cached
    return min(spent_s[1:])


def main() -> int:
    mixture = long_mixture()
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report.section("stages", lambda: stages(mixture, folder))
        report.section("the second time", lambda: cached(mixture, folder))
        report.section("separation", lambda: separation(mixture, folder / "models"))
    print_report(report)
    write_report(report, PAGE, SECTION)
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
