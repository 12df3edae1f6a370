"""GET /api/session/{id}/events: server-sent events."""

from aiohttp import web

from signaling.errors import ProblemError
from signaling.observing import trace_told
from signaling.routes.auth import own_session_with_take
from signaling.services import SERVICES
from signaling.story import Story, Told

MAX_LISTENERS = 8  # of one session: the phone, a jury screen, and what a lost network left open
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def session_events(request: web.Request) -> web.StreamResponse:
    """Begins with the present state and what happened so far; ends after `verdict` or `error`."""
    services = request.app[SERVICES]
    own = await own_session_with_take(request)
    session = own.session
    async with services.events.wake_ups(session.id) as wake:  # counted from here on, then looked at
        if services.events.listening[session.id] > MAX_LISTENERS:
            raise ProblemError(429, "busy", "Too many listeners of this session.", {"Retry-After": "10"})
        story = Story(own, services.sessions, services.results, services.events)
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        with services.metrics.listeners.track_inprogress():
            try:
                async for news in story.tell(wake):
                    write = response.write_eof if story.has_ended else response.write
                    await write(b"".join(frame(told) for told in news))
                    for told in news:
                        trace_told(session, told.name)
            except ConnectionResetError:
                pass  # the listener went away, which is its right
    return response


def frame(told: Told) -> bytes:
    if not told.name:
        return b": still here\n\n"
    return b"event: %b\ndata: %b\n\n" % (told.name.encode(), told.data)
