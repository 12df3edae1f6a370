"""GET /api/session/{id}/events: server-sent events."""

from aiohttp import web

from signaling.errors import ProblemError
from signaling.observing import trace_told
from signaling.routes.auth import own_session
from signaling.services import SERVICES
from signaling.story import Story, Told

MAX_LISTENERS = 8  # of one session: the phone, a jury screen, and what a lost network left open
HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def session_events(request: web.Request) -> web.StreamResponse:
    """Begins with the present state and what happened so far; ends after `verdict` or `error`."""
    services = request.app[SERVICES]
    session = await own_session(request)
    async with services.events.wake_ups(session.id) as wake:  # counted from here on, then looked at
        if services.events.listening[session.id] > MAX_LISTENERS:
            raise ProblemError(429, "busy", "Too many listeners of this session.", {"Retry-After": "10"})
        story = Story(session, services.sessions, services.results, services.events)
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(request)
        with services.metrics.listeners.track_inprogress():
            try:
                async for told in story.tell(wake):
                    await response.write(frame(told))
                    trace_told(session, told.name)
                await response.write_eof()
            except ConnectionResetError:
                pass  # the listener went away, which is its right
    return response


def frame(told: Told) -> bytes:
    if not told.name:
        return b": still here\n\n"
    return f"event: {told.name}\ndata: {told.data}\n\n".encode()
