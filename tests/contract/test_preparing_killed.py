"""Signaling dies by kill -9 while it prepares a song; the next one goes on, and the singer's session gets its song."""

import asyncio
from pathlib import Path

import aiohttp

from tests.contract.preparing_house import (
    begin,
    metric,
    reference_service,
    status,
    until_state,
    unused_port,
    upload_pair,
)
from tests.contract.signaling_stage import SECRET
from tests.support.signaling_process import environment, signaling_process

FETCHED = 0.15  # of the whole


async def test_a_preparation_outlives_kill_9_of_signaling(tmp_path: Path) -> None:
    data_dir, port, reference_port = tmp_path / "data", unused_port(), unused_port()
    settings = environment(data_dir, port, SECRET, reference_url=f"127.0.0.1:{reference_port}")
    log = tmp_path / "signaling.log"
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as api:
        async with signaling_process(settings, log) as process:
            session_id, token, _ = await begin(api, {"source": {"source_id": await upload_pair(api)}})
            async with asyncio.timeout(150):
                while (await status(api, session_id, token))["progress"]["fraction"] < FETCHED:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            process.kill()
            process.wait(60)
        async with signaling_process(settings, log):
            found = await status(api, session_id, token)
            assert (found["state"], found["progress"]["fraction"] >= FETCHED) == ("preparing", True)
            async with reference_service(data_dir, reference_port):
                await until_state(api, session_id, token, "created")
            assert await metric(api, 'voicejury_preparations_total{outcome="ready"}') == 1
            songs = list((data_dir / "songs").iterdir())
            assert [path.name for path in songs] == [(await status(api, session_id, token))["song_id"]]
            assert list((data_dir / "stems").glob(".fetching-*")) == []
