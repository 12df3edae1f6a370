"""Sings a file over WebRTC, from the session's start to the verdict."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from voicejury.v1 import media_pb2

from deploy.singer.encoded import RATE_HZ, Voice, encoded
from deploy.singer.errors import SingError
from deploy.singer.events import Event, PitchEvents, plain
from deploy.singer.phone import Phone
from deploy.singer.rest import SignalingClient
from deploy.singer.sound import load
from media_server.peer import announce_only

LAST_JUDGEMENTS_S = 1.0  # silence after the file, while the last points come
LOOPBACK = ("127.0.0.1", "localhost", "::1")


async def sing(path: Path, song_id: str, url: str, singer: str | None = None) -> AsyncIterator[Event]:
    """Yields what the phone is told, each as it comes; the last event is {"type": "verdict", ...results}.

    Raises SingError when the file, the song or the server is not there, or the judges cannot judge.
    """
    voice = await asyncio.to_thread(_voice, path)
    if urlsplit(url).hostname in LOOPBACK:
        announce_only(("127.0.0.1",))
    try:
        async with aiohttp.ClientSession() as http:
            client = SignalingClient(url, http)
            phone = Phone(voice, await client.start(song_id, singer))
            try:
                await phone.accept(await client.offer(await phone.offer()))
                await phone.opened()
                async for event in _perform(phone):
                    yield event
            finally:
                await phone.close()
            await client.end()
            async for event in client.events():
                if event["type"] != "verdict":
                    yield event
            yield {"type": "verdict", **await client.results()}
    except (aiohttp.ClientError, TimeoutError) as error:
        raise SingError(f"no server at {url}: {error}") from error


def _voice(path: Path) -> Voice:
    return encoded(load(path, RATE_HZ))


async def _perform(phone: Phone) -> AsyncIterator[Event]:
    pitch = PitchEvents(phone.microphone.times)
    await phone.sing()
    ending = asyncio.create_task(_hang_up_at_the_end(phone), name="end of the file")
    try:
        async for arrival_s, message in phone.messages():
            kind = message.WhichOneof("message")
            if kind == "pitch":
                for event in pitch.of(message.pitch, arrival_s):
                    yield event
            elif kind is not None and kind != "pong":
                yield plain(kind, _part(message, kind))
    finally:
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


def _part(message: media_pb2.ToPhone, kind: str) -> "media_pb2.ToPhone":
    part: media_pb2.ToPhone = getattr(message, kind)
    return part


async def _hang_up_at_the_end(phone: Phone) -> None:
    await phone.microphone.finished.wait()
    await asyncio.sleep(LAST_JUDGEMENTS_S)
    phone.hang_up()
