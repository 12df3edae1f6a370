"""A real HTTP server that speaks OpenAI's chat protocol on loopback, and behaves as badly as it is told to."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

START_S = 20.0
Drafts = Sequence[tuple[str, Sequence[str]]]
Behave = Callable[[dict[str, Any], web.Request], Any]  # an awaitable of web.StreamResponse


@dataclass(slots=True)
class LlmServer:
    base_url: str  # with /v1
    requests: list[dict[str, Any]] = field(default_factory=list)  # bodies, in order
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def completion(content: Any) -> web.Response:
    """As OpenAI answers, with the text `content`."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "liar-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 700, "completion_tokens": 120, "total_tokens": 820},
    }
    return web.json_response(body)


def written(drafts: Drafts) -> str:
    return json.dumps({"sentences": [{"text": text, "facts": list(ids)} for text, ids in drafts]}, ensure_ascii=False)


def says(drafts: Drafts, delay_s: float = 0.0) -> Behave:
    async def behave(_body: dict[str, Any], _request: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        return completion(written(drafts))

    return behave


def says_to(choose: Callable[[dict[str, Any]], Drafts], delay_s: float = 0.0) -> Behave:
    """`choose` sees what was asked."""

    async def behave(body: dict[str, Any], _request: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        return completion(written(choose(body)))

    return behave


def answers(content: Any) -> Behave:
    async def behave(_body: dict[str, Any], _request: web.Request) -> web.Response:
        return completion(content)

    return behave


def fails(status: int) -> Behave:
    async def behave(_body: dict[str, Any], _request: web.Request) -> web.Response:
        return web.json_response(
            {"error": {"message": "no", "type": "x"}}, status=status, headers={"Retry-After": "30"}
        )

    return behave


def sends(text: str, content_type: str = "application/json") -> Behave:
    async def behave(_body: dict[str, Any], _request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type)

    return behave


def redirects(to: str) -> Behave:
    async def behave(_body: dict[str, Any], _request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": to})

    return behave


async def hangs(_body: dict[str, Any], _request: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return completion("too late")


async def streams_without_end(_body: dict[str, Any], request: web.Request) -> web.StreamResponse:
    """A body that never ends, as fast as it is read."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" " * 4096)
        await asyncio.sleep(0)


async def drips(_body: dict[str, Any], request: web.Request) -> web.StreamResponse:
    """A byte now and then: each is in time, the answer never is."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.2)


def knows_no_schema(drafts: Drafts) -> Behave:
    """Refuses a schema, as many servers do, and takes json_object."""

    async def behave(body: dict[str, Any], _request: web.Request) -> web.Response:
        if body["response_format"]["type"] == "json_schema":
            return web.json_response({"error": {"message": "response_format not supported"}}, status=400)
        return completion(written(drafts))

    return behave


@contextmanager
def llm_server(behave: Behave) -> Iterator[LlmServer]:
    """In a thread and an event loop of its own, so that whoever asks may block."""
    loop = asyncio.new_event_loop()
    server = LlmServer("")
    started = threading.Event()
    runner = web.AppRunner(_app(behave, server), handler_cancellation=True, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        server.base_url = f"http://127.0.0.1:{port}/v1"
        started.set()

    thread = threading.Thread(target=_run, args=(loop, start), name="llm server")
    thread.start()
    try:
        assert started.wait(START_S), "the server of the model did not start"
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(START_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_S)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, start: Callable[[], Any]) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(start())
    loop.run_forever()


def _app(behave: Behave, server: LlmServer) -> web.Application:
    async def chat(request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        server.requests.append(body)
        server.paths.append(request.path)
        server.keys.append(request.headers.get("Authorization", ""))
        response: web.StreamResponse = await behave(body, request)
        return response

    app = web.Application()
    app.router.add_post("/{path:.*}", chat)
    return app
