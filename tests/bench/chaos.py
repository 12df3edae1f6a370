"""`make chaos`: takes sung over real WebRTC while everything is killed in turn; the table of kills, and who lost what.

CHAOS_TAKES=N shortens it. Beside the kills: an analysis that is frozen for a while, a language model that hangs, and a
full disk. Each take must have its verdict, once.
"""

import asyncio
import contextlib
import itertools
import os
import socket
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import numpy as np

from tests.support.chaos import SINGING, STAGES, TARGETS, ChaosHouse, Hit, Kill, chaos_house, prepared, problems_of
from tests.support.chaos import sing_all as sing_all_kills
from tests.support.house import running_house
from tests.support.short_song import TEN_SECONDS
from tests.support.small_disk import small_disk
from tests.support.steady_singer import SteadySinger

TAKES = 100
LENGTH_S = 8.0
FROZEN = Kill("frozen", "pitch")
FROZEN_EVERY = 20  # takes
DISK_BYTES = 420 * 1024**2
FULL_S = 20.0  # longer than a stage waits for room


def plan(takes: int) -> list[Kill]:
    """Spread evenly: every other kill falls into the singing, the rest go through the stages in turn."""
    stages = itertools.cycle(STAGES)
    kills = []
    for index in range(takes):
        if index % FROZEN_EVERY == FROZEN_EVERY - 1:
            kills.append(FROZEN)
            continue
        target = TARGETS[index % len(TARGETS)]
        is_singing = (index // len(TARGETS)) % 2 == 0
        kills.append(Kill(target, SINGING if is_singing else next(stages)))
    return kills


@contextlib.contextmanager
def hanging_server() -> Iterator[str]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            for connection in taken:
                connection.close()


def table(hits: Sequence[Hit]) -> str:
    """A row for each kind of kill: how many, what the jobs were at, verdicts, seconds until it was back."""
    groups: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit.kill.target, "singing" if hit.kill.phase == SINGING else "judging"].append(hit)
    rows = ["| killed | while | kills | met at | verdicts | back p50 s | back max s |", "|---|---|---|---|---|---|---|"]
    for (target, phase), group in sorted(groups.items()):
        met = ", ".join(
            f"{name} {sum(hit.met == name for hit in group)}" for name in sorted({hit.met for hit in group})
        )
        done = sum(hit.outcome is not None and hit.outcome.state == "done" for hit in group)
        back_s = [hit.back_s for hit in group]
        cells = (target, phase, len(group), met, done, f"{np.median(back_s):.1f}", f"{max(back_s):.1f}")
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(rows)


def recovery(hits: Sequence[Hit]) -> str:
    judged_s = [hit.verdict_s for hit in hits if hit.verdict_s is not None and hit.met in STAGES]
    back_s = [hit.back_s for hit in hits if hit.kill.target != FROZEN.target]
    lines = []
    for name, values_s in (("killed one back", back_s), ("kill in a stage to the verdict", judged_s)):
        if values_s:
            p50_s, p95_s = np.percentile(values_s, [50, 95])
            lines.append(f"{name}: p50 {p50_s:.1f} s, p95 {p95_s:.1f} s (n={len(values_s)})")
    return "\n".join(lines)


async def on_a_full_disk(folder: Path) -> list[str]:
    """The disk fills up when the take is over: a verdict, or a reason and a verdict once there is room again."""
    with small_disk(folder, str(DISK_BYTES)) as disk, running_house(disk / "data") as house:
        pcm, song_id = await asyncio.to_thread(prepared, TEN_SECONDS, disk / "song", house, LENGTH_S)
        filler = disk / "filler"

        async def fill(_singer: SteadySinger) -> None:
            await asyncio.to_thread(_fill, filler)

        async with aiohttp.ClientSession() as http:
            singer = SteadySinger(lambda: house.url, http, pcm, song_id)
            emptying = asyncio.create_task(_empty_later(filler))
            outcome = await singer.perform(before_end=fill)
            await emptying
            story = f"full disk: {outcome.state} {outcome.error}".strip()
            state = outcome.state
            if state == "failed":
                state = (await singer.judge_again())["state"]
                story += f"; judged again: {state}"
        print(story)
        return [] if state == "done" else [story]


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(64 * 1024))


async def _empty_later(path: Path) -> None:
    while not await asyncio.to_thread(path.exists):  # noqa: ASYNC110 (another task makes it)
        await asyncio.sleep(0.1)
    await asyncio.sleep(FULL_S)
    await asyncio.to_thread(path.unlink)


async def run(takes: int, folder: Path) -> int:
    began_s = time.monotonic()
    with hanging_server() as model_url:
        model = {"VOICEJURY_LLM_URL": model_url, "VOICEJURY_LLM_MODEL": "hangs"}
        with chaos_house(folder / "data", **model) as house:
            hits, problems = await _kill_all(house, takes, folder)
    print(table(hits))
    print(recovery(hits))
    try:
        problems += await on_a_full_disk(folder / "disk")
    except BaseException as skipped:
        if type(skipped).__name__ != "Skipped":  # pytest's, where no small disk can be mounted
            raise
        print(f"full disk: not run, {skipped}")
    done = sum(hit.outcome is not None and hit.outcome.state == "done" for hit in hits)
    print(f"{len(hits)} takes, {done} verdicts, {len(problems)} problems, {time.monotonic() - began_s:.0f} s")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


async def _kill_all(house: ChaosHouse, takes: int, folder: Path) -> tuple[list[Hit], list[str]]:
    pcm, song_id = await asyncio.to_thread(prepared, TEN_SECONDS, folder / "song", house.house, LENGTH_S)
    hits = await sing_all_kills(house, pcm, song_id, plan(takes), on_hit=_tell)
    return hits, problems_of(hits, await house.verdicts())


def _tell(hit: Hit) -> None:
    state = hit.outcome.state if hit.outcome is not None else "lost"
    print(f"{hit.kill.target} killed while {hit.met}, back after {hit.back_s:.1f} s: {state}", flush=True)


def main() -> int:
    takes = int(os.environ.get("CHAOS_TAKES", TAKES))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(run(takes, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
