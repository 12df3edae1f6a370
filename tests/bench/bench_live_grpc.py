"""Latency of the live judge alone: from the sending of the sample at a window's centre to its judgement, over gRPC.

`python -m tests.bench.bench_live_grpc [SINGERS ...]`; no browser, no WebRTC. Chunks of 20 ms in real time.
"""

import asyncio
import sys
import time

import numpy as np

from tests.contract.singing import (
    CHUNK,
    RATE_HZ,
    SingCall,
    anchor,
    audio,
    end,
    live_judge,
    scale_song,
    send,
    sing_call,
    start,
    sung_scale,
)

TAKE_S = 10
HALF_WINDOW_MS = 32.0


async def measure(address: str, singers: int) -> tuple[list[float], float]:
    """Milliseconds from the chunk that completes a window to its point; CPU seconds of the process per sung second."""
    pcm = np.tile(sung_scale(12, rest_s=0.4), 2)[: TAKE_S * RATE_HZ]
    names = [f"singer {n}" for n in range(singers)]
    sent_s: dict[int, float] = {}
    latencies_ms: list[float] = []
    async with sing_call(address) as call:
        await send(call, *(message for name in names for message in (start(name, scale_song(12)), anchor(name))))
        reader = asyncio.create_task(_read(call, singers, sent_s, latencies_ms))
        begun_s, cpu_s = time.perf_counter(), time.process_time()
        for first in range(0, len(pcm), CHUNK):
            await asyncio.sleep(max(0.0, begun_s + first / RATE_HZ - time.perf_counter()))
            sent_s[first + CHUNK] = time.perf_counter()
            await send(call, *(audio(name, first, pcm[first : first + CHUNK]) for name in names))
        cpu_s = time.process_time() - cpu_s
        await send(call, *(end(name) for name in names))
        await reader
    return latencies_ms, cpu_s / TAKE_S


async def _read(call: SingCall, singers: int, sent_s: dict[int, float], latencies_ms: list[float]) -> None:
    ended = 0
    async for reply in call:
        now_s = time.perf_counter()
        for judgement in reply.judgements:
            ended += judgement.HasField("ended")
            for point in judgement.pitch.points:
                complete = -(-(point.sample + 512) // CHUNK) * CHUNK
                if complete in sent_s:
                    latencies_ms.append(1000 * (now_s - sent_s[complete]))
        if ended == singers:
            return


async def main() -> None:
    async with live_judge() as address:
        for singers in map(int, sys.argv[1:] or ["1", "8"]):
            latencies_ms, cores = await measure(address, singers)
            p50, p95, p99 = np.percentile(latencies_ms, [50, 95, 99])
            print(
                f"{singers:3d} singers, {len(latencies_ms)} points: chunk to judgement p50 {p50:.1f} p95 {p95:.1f} "
                f"p99 {p99:.1f} ms (+ {HALF_WINDOW_MS:.0f} ms half window); {cores:.2f} cores (client included)"
            )


if __name__ == "__main__":
    asyncio.run(main())
