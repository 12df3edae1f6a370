"""A real HTTP server that speaks OpenAI's transcription protocol on loopback: the toy Whisper behind it, or worse."""

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, web

from inference.audio.files import load_mono_16k
from inference.models.whisper_lines import WhisperLines

START_S = 20.0
Form = dict[str, str | bytes]
Behave = Callable[[Form, web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class SpeechServer:
    base_url: str = ""  # with /v1
    forms: list[Form] = field(default_factory=list)  # in order
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def transcription(text: str, language: str = "fr", log_probability: float | None = -0.1) -> web.Response:
    segments = [] if log_probability is None else [{"id": 0, "text": text, "avg_logprob": log_probability}]
    return web.json_response({"task": "transcribe", "language": language, "text": text, "segments": segments})


def hears(folder: Path) -> Behave:
    """As a faster-whisper server does: the model in `folder`, in the language that it is told."""
    lines = WhisperLines(folder)

    async def behave(form: Form, _request: web.Request) -> web.StreamResponse:
        sound, language = form["file"], str(form["language"])
        assert isinstance(sound, bytes)
        found = await asyncio.to_thread(lambda: lines.decode(load_mono_16k(io.BytesIO(sound).getvalue()), language, 60))
        return transcription(found.text, found.language, found.log_probability)

    return behave


def answers(text: str, language: str = "fr", log_probability: float | None = -0.1) -> Behave:
    async def behave(_form: Form, _request: web.Request) -> web.StreamResponse:
        return transcription(text, language, log_probability)

    return behave


def fails(status: int) -> Behave:
    async def behave(_form: Form, _request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=status, headers={"Retry-After": "30"})

    return behave


def sends(text: str) -> Behave:
    async def behave(_form: Form, _request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    return behave


def redirects(to: str) -> Behave:
    async def behave(_form: Form, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": to})

    return behave


async def hangs(_form: Form, _request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    return transcription("too late")


async def drips(_form: Form, request: web.Request) -> web.StreamResponse:
    """A byte now and then: each is in time, the answer never is."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.1)


async def streams_without_end(_form: Form, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" " * 4096)
        await asyncio.sleep(0)


@contextmanager
def speech_server(behave: Behave) -> Iterator[SpeechServer]:
    """In a thread and an event loop of its own, so that whoever asks may block."""
    loop, server, started = asyncio.new_event_loop(), SpeechServer(), threading.Event()
    runner = web.AppRunner(_app(behave, server), handler_cancellation=True, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, name="speech server")
    thread.start()
    try:
        assert started.wait(START_S), "the speech server did not start"
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


def _app(behave: Behave, server: SpeechServer) -> web.Application:
    async def transcribe(request: web.Request) -> web.StreamResponse:
        form: Form = {}
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name:
                form[part.name] = bytes(await part.read()) if part.name == "file" else await part.text()
        server.forms.append(form)
        server.paths.append(request.path)
        server.keys.append(request.headers.get("Authorization", ""))
        return await behave(form, request)

    app = web.Application(client_max_size=4 << 20)
    app.router.add_post("/{path:.*}", transcribe)
    return app
