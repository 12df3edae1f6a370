"""Every route of the service: the app and /openapi.json are both made from this table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from signaling.routes import events, health, history, page, schemas, sessions, songs

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    handler: Handler
    summary: str
    status: int = 200
    reply: type[BaseModel] | None = None
    media_type: str = "application/json"
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    session: bool = False  # wants the token of the session in the path
    problems: tuple[int, ...] = ()


OF_A_SESSION = (401, 403, 404)
ROUTES = (
    Route("POST", "/api/session/start", sessions.start, "Begin a session.", 201, schemas.StartReply,
          body=schemas.StartRequest, problems=(400, 404, 413, 415, 429)),
    Route("POST", "/api/session/{id}/offer", sessions.offer, "Offer a peer, get its answer.", 200, schemas.OfferReply,
          body=schemas.OfferRequest, session=True, problems=(400, *OF_A_SESSION, 409, 413, 415, 429, 503)),
    Route("POST", "/api/session/{id}/end", sessions.end, "End the singing; safe to repeat.", 202, schemas.EndReply,
          session=True, problems=(*OF_A_SESSION, 429)),
    Route("GET", "/api/session/{id}/status", sessions.status, "Where a session stands.", 200, schemas.StatusReply,
          session=True, problems=OF_A_SESSION),
    Route("GET", "/api/session/{id}/results", sessions.results, "The verdict.", 200, schemas.VerdictDocument,
          session=True, problems=(*OF_A_SESSION, 409)),
    Route("GET", "/api/session/{id}/events", events.session_events,
          "state, progress, juror, verdict and error as they happen.", media_type="text/event-stream",
          session=True, problems=(*OF_A_SESSION, 429)),
    Route("GET", "/api/songs", songs.list_songs, "All songs.", 200, schemas.SongList),
    Route("GET", "/api/songs/{id}", songs.one_song, "One song, with its notes.", 200, schemas.SongDocument,
          problems=(404,)),
    Route("GET", "/api/songs/{id}/audio", songs.song_audio, "The backing.", media_type="audio/*", problems=(404,)),
    Route("GET", "/api/songs/{id}/guide", songs.song_guide, "A guide voice.", media_type="audio/*", problems=(404,)),
    Route("GET", "/api/songs/{id}/cover", songs.song_cover, "The cover.", media_type="image/*", problems=(404,)),
    Route("GET", "/api/results/history", history.history, "Past takes; with song_id also the leaderboard.", 200,
          schemas.HistoryReply, query=schemas.HistoryQuery, problems=(400,)),
    Route("GET", "/health", health.health, "Is everything there?", 200, schemas.HealthReply, problems=(503,)),
    Route("GET", "/metrics", health.metrics, "Figures for Prometheus.", media_type="text/plain"),
    Route("GET", "/", page.index, "The page.", media_type="text/html"),
    Route("GET", "/assets/{name:.+}", page.asset, "A file of the page.", media_type="*/*"),
)  # fmt: skip
