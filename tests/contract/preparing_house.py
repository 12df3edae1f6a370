"""Signaling with the real reference service beside it, and karaoke pairs that it can prepare without torch."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestClient
from pydantic import SecretStr

from deploy.standalone.ports import free_port
from inference.service.config import Settings as InferenceSettings
from inference.service.server import Role, running
from signaling.services import SERVICES, Services
from tests.contract.signaling_stage import SECRET, Stage, parse_events, signaling_stage

RATE_HZ = 16_000
Api = TestClient[Any, Any] | ClientSession
MIDIS = (60, 64, 62, 67)
LRC = "[00:00.20]Sing with me\n[00:02.20]Once again\n"
NOWHERE = "http://127.0.0.1:1"
OFFLINE = {"youtube": False, "lrclib_url": NOWHERE, "genius_api_url": NOWHERE, "genius_url": NOWHERE}
"""No outside service: the words come with the file."""


@cache
def pair(seconds: float = 4.5, seed: int = 0) -> dict[str, bytes]:
    """WAV files of four sung notes and of a hiss; another `seed` is another content."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    midi = np.array(MIDIS)[np.minimum(times_s.astype(int), len(MIDIS) - 1)]
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((midi - 69) / 12)) / RATE_HZ
    voice = 0.2 * np.sum([np.sin(partial * phase) / partial for partial in range(1, 6)], axis=0)
    voice *= (times_s % 1.0 < 0.85) & (times_s > 0.1)
    backing = 0.03 * rng.standard_normal(len(times_s))
    return {"instrumental": wav_bytes(backing), "vocals": wav_bytes(voice)}


def wav_bytes(sound: "np.ndarray[Any, Any]") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, RATE_HZ, format="WAV")
    return file.getvalue()


def form(files: dict[str, bytes], **texts: str) -> FormData:
    data = FormData(default_to_multipart=True)
    for name, content in files.items():
        data.add_field(name, content, filename=f"{name}.wav")
    for name, text in texts.items():
        data.add_field(name, text)
    return data


async def upload(api: Api, files: dict[str, bytes], **texts: str) -> str:
    """The id of the new source."""
    words = {"title": "Un essai", "artist": "Personne", "language": "fr", "lyrics": LRC} | texts
    async with api.post("/api/uploads", data=form(files, **words)) as reply:
        assert reply.status == 201, await reply.text()
        return str((await reply.json())["source_id"])


async def upload_pair(api: Api, seed: int = 0, **texts: str) -> str:
    files = await asyncio.to_thread(pair, 4.5, seed)
    return await upload(api, files, **texts)


async def begin(api: Api, wanted: dict[str, Any]) -> tuple[str, dict[str, str], str]:
    """A new session, the headers that speak for it, its state."""
    async with api.post("/api/session/start", json=wanted) as reply:
        assert reply.status == 201, await reply.text()
        body = await reply.json()
    return body["session_id"], {"Authorization": f"Bearer {body['token']}"}, body["state"]


async def status(api: Api, session_id: str, token: dict[str, str]) -> dict[str, Any]:
    async with api.get(f"/api/session/{session_id}/status", headers=token) as reply:
        assert reply.status == 200, await reply.text()
        found: dict[str, Any] = await reply.json()
        return found


async def until_state(api: Api, session_id: str, token: dict[str, str], state: str, wait_s: float = 150) -> Any:
    async with asyncio.timeout(wait_s):
        while True:
            found = await status(api, session_id, token)
            if found["state"] == state:
                return found
            assert found["state"] == "preparing", found
            await asyncio.sleep(0.05)


async def events_until(api: Api, session_id: str, token: dict[str, str], last: str) -> list[tuple[str, Any]]:
    """What the session is told up to the state `last`, or to the end of the stream."""
    text = ""
    async with api.get(f"/api/session/{session_id}/events", headers=token) as reply:
        async with asyncio.timeout(150):
            async for line in reply.content:
                text += line.decode()
                if text.endswith("\n\n") and parse_events(text)[-1:] == [("state", {"state": last})]:
                    break
    return parse_events(text)


async def metric(api: Api, line: str) -> float:
    """The value of a line of /metrics; 0 where it is not there."""
    async with api.get("/metrics") as reply:
        found = [one for one in (await reply.text()).splitlines() if one.startswith(f"{line} ")]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def services(stage: Stage) -> Services:
    app = stage.api.app
    assert app is not None
    found: Services = app[SERVICES]
    return found


@asynccontextmanager
async def reference_service(data_dir: Path, port: int = 0) -> AsyncIterator[str]:
    """The real one on the data folder of a stage; its address."""
    settings = InferenceSettings(
        secret=SecretStr(SECRET), listen=f"127.0.0.1:{port}", data_dir=data_dir, final_pitch="tiny", max_source_s=60.0
    )
    async with running(Role.REFERENCE, settings) as (listening, _):
        yield f"127.0.0.1:{listening}"


@asynccontextmanager
async def preparing_stage(
    folder: Path, database_url: str = "", redis_url: str = "", **more: Any
) -> AsyncIterator[Stage]:
    async with (
        reference_service(folder / "data") as address,
        signaling_stage(folder, database_url, redis_url, **{**OFFLINE, "reference_url": address, **more}) as stage,
    ):
        yield stage


def unused_port() -> int:
    return free_port()
