"""Spotify, LRCLIB and Genius on loopback, written from their public documentation, with the moods of real services.

https://developer.spotify.com/documentation/web-api, https://lrclib.net/docs, https://docs.genius.com
"""

import asyncio
import base64
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

CLIENT_ID, CLIENT_SECRET, GENIUS_TOKEN = "id-of-the-tests", "secret-of-the-tests", "token-of-the-tests"
SPOTIFY_PAGE = 10  # of an application in development mode
LRCLIB_PAGE, GENIUS_PAGE = 20, 10  # hits of one search
LRCLIB_LENGTH_S = (1.0, 3600.0)
JPEG = b"\xff\xd8\xff\xe0" + b"a cover" * 40
LRC = "[ti:Le vent]\n[00:01.00]Le vent se lève sur la rivière\n[00:04.50]Et je chante pour toi\n[00:08.00]\n"


def params_of(request: pytest.FixtureRequest) -> dict[str, object]:
    """What the test is called with."""
    return dict(request.node.callspec.params) if hasattr(request.node, "callspec") else {}


def patience_s(mood: object) -> float:
    """How long a test lets a service be silent: shortly only where it is meant to be, for a busy machine may stop."""
    return 3.0 if mood is Mood.SLOW else 60.0


class Mood(StrEnum):
    GOOD = "good"
    LIMITED = "limited"  # 429 with Retry-After
    BROKEN = "broken"  # 500
    NONSENSE = "nonsense"  # 200, and not what was asked for
    EMPTY = "empty"  # 200 and no body
    SLOW = "slow"
    HUGE = "huge"
    ELSEWHERE = "elsewhere"  # a redirect to another host
    GONE = "gone"  # the connection ends without an answer
    HALF = "half"  # the answer breaks off
    REFUSED = "refused"  # 403


@dataclass(frozen=True)
class Recording:
    id: str
    title: str
    artist: str
    album: str = "Un album"
    duration_s: float = 200.0
    synced: str | None = None
    plain: str | None = None
    is_instrumental: bool = False
    page: str | None = None  # of Genius: the HTML inside its body


@dataclass
class Seen:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class SongServices:
    """What runs; a test sets moods and recordings and reads what was asked."""

    url: str = ""
    elsewhere: str = ""
    recordings: list[Recording] = field(default_factory=list)
    moods: dict[str, Mood] = field(default_factory=dict)  # by the first step of the path
    once: set[str] = field(default_factory=set)  # services whose mood is good again after one request
    seen: list[Seen] = field(default_factory=list)
    tokens_given: int = 0
    token_life_s: int = 3600
    token_is_refused: bool = False  # each one, at once
    valid_token: str = ""
    cover: bytes = JPEG
    retry_after: str = "7"

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "spotify_client_id": CLIENT_ID,
            "spotify_client_secret": CLIENT_SECRET,
            "spotify_api_url": f"{self.url}/spotify/v1",
            "spotify_token_url": f"{self.url}/accounts/api/token",
            "lrclib_url": f"{self.url}/lrclib",
            "genius_token": GENIUS_TOKEN,
            "genius_api_url": f"{self.url}/genius-api",
            "genius_url": f"{self.url}/genius",
        }

    def asked(self, prefix: str) -> list[Seen]:
        return [one for one in self.seen if one.path.startswith(prefix)]


@asynccontextmanager
async def song_services() -> AsyncIterator[SongServices]:
    services = SongServices()
    stranger = TestServer(web.Application())
    app = web.Application(middlewares=[_moody(services)])
    app.router.add_post("/accounts/api/token", _bound(_give_token, services))
    app.router.add_get("/spotify/v1/search", _bound(_spotify_search, services))
    app.router.add_get("/spotify/v1/tracks/{id}", _bound(_spotify_track, services))
    app.router.add_get("/lrclib/api/get", _bound(_lrclib_get, services))
    app.router.add_get("/lrclib/api/search", _bound(_lrclib_search, services))
    app.router.add_get("/genius-api/search", _bound(_genius_search, services))
    app.router.add_get("/genius/{path}", _bound(_genius_page, services))
    app.router.add_get("/covers/{name}", _bound(_cover, services))
    server = TestServer(app)
    await asyncio.gather(server.start_server(), stranger.start_server())
    services.url, services.elsewhere = str(server.make_url("")).rstrip("/"), str(stranger.make_url("/stranger"))
    try:
        yield services
    finally:
        await asyncio.gather(server.close(), stranger.close())


def _bound(handler: Any, services: SongServices) -> Any:
    async def bound(request: web.Request) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request, services)
        return answer

    return bound


def _moody(services: SongServices) -> Any:
    @web.middleware
    async def moody(request: web.Request, handler: Any) -> web.StreamResponse:
        services.seen.append(Seen(request.path, dict(request.query), dict(request.headers)))
        service = request.path.split("/")[1]
        mood = services.moods.get(service, Mood.GOOD)
        if service in services.once:
            services.once.discard(service)
            services.moods.pop(service, None)
        if mood is Mood.GOOD:
            answer: web.StreamResponse = await handler(request)
            return answer
        return await _in_bad_mood(mood, request, services)

    return moody


async def _in_bad_mood(mood: Mood, request: web.Request, services: SongServices) -> web.StreamResponse:
    if mood is Mood.SLOW:
        await asyncio.sleep(30)
    if mood is Mood.GONE and request.transport is not None:
        request.transport.abort()
    if mood in (Mood.HUGE, Mood.HALF):
        return await _badly_ending(mood, request)
    answers = {
        Mood.LIMITED: web.json_response(
            {"error": {"status": 429}}, status=429, headers={"Retry-After": services.retry_after}
        ),
        Mood.BROKEN: web.Response(status=500, text="<h1>500</h1>"),
        Mood.NONSENSE: web.Response(
            text="<html><body>Please log in to this Wi-Fi</body></html>", content_type="text/html"
        ),
        Mood.EMPTY: web.Response(),
        Mood.ELSEWHERE: web.Response(status=302, headers={"Location": services.elsewhere}),
        Mood.REFUSED: web.Response(status=403),
    }
    return answers.get(mood, web.Response())


async def _badly_ending(mood: Mood, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if mood is Mood.HALF:
        response.content_length = 10_000
    else:
        response.enable_compression()  # 40 MB of spaces are 40 KB on the line
    await response.prepare(request)
    if mood is Mood.HALF:
        await response.write(b'{"tracks": {')
        if request.transport is not None:
            request.transport.close()
        return response
    for _ in range(640):
        await response.write(b" " * 65536)
    return response


async def _give_token(request: web.Request, services: SongServices) -> web.Response:
    form = await request.post()
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {basic}" or form.get("grant_type") != "client_credentials":
        return web.json_response({"error": "invalid_client", "error_description": "Invalid client"}, status=400)
    services.tokens_given += 1
    services.valid_token = f"spotify-token-{services.tokens_given}"
    return web.json_response(
        {"access_token": services.valid_token, "token_type": "Bearer", "expires_in": services.token_life_s}
    )


def _unauthorized(request: web.Request, services: SongServices) -> web.Response | None:
    sent = request.headers.get("Authorization")
    if not services.token_is_refused and services.valid_token and sent == f"Bearer {services.valid_token}":
        return None
    return web.json_response({"error": {"status": 401, "message": "The access token expired"}}, status=401)


async def _spotify_search(request: web.Request, services: SongServices) -> web.Response:
    if (refused := _unauthorized(request, services)) is not None:
        return refused
    limit, offset = int(request.query.get("limit", "5")), int(request.query.get("offset", "0"))
    if not 1 <= limit <= SPOTIFY_PAGE or request.query.get("type") != "track":
        return web.json_response({"error": {"status": 400, "message": "Invalid limit"}}, status=400)
    words = request.query["q"].lower().split()
    fitting = [one for one in services.recordings if all(word in f"{one.title} {one.artist}".lower() for word in words)]
    page = fitting[offset : offset + limit]
    more = offset + limit < len(fitting)
    tracks = {
        "href": str(request.url),
        "limit": limit,
        "offset": offset,
        "total": len(fitting),
        "next": f"{request.url.with_query(offset=offset + limit)}" if more else None,
        "previous": None,
        "items": [_track_object(one, services) for one in page],
    }
    return web.json_response({"tracks": tracks})


async def _spotify_track(request: web.Request, services: SongServices) -> web.Response:
    if (refused := _unauthorized(request, services)) is not None:
        return refused
    for one in services.recordings:
        if one.id == request.match_info["id"]:
            return web.json_response(_track_object(one, services))
    return web.json_response({"error": {"status": 404, "message": "Resource not found"}}, status=404)


def _track_object(one: Recording, services: SongServices) -> dict[str, Any]:
    images = [
        {"url": f"{services.url}/covers/{one.id}-{size}.jpg", "height": size, "width": size} for size in (640, 300, 64)
    ]
    return {
        "type": "track",
        "id": one.id,
        "name": one.title,
        "artists": [{"type": "artist", "id": "a", "name": name} for name in one.artist.split(", ")],
        "album": {"type": "album", "id": "b", "name": one.album, "images": images},
        "duration_ms": round(one.duration_s * 1000),
        "explicit": False,
        "is_playable": True,
    }


def _record(number: int, one: Recording) -> dict[str, Any]:
    return {
        "id": number,
        "name": one.title,
        "trackName": one.title,
        "artistName": one.artist,
        "albumName": one.album,
        "duration": one.duration_s,
        "instrumental": one.is_instrumental,
        "plainLyrics": one.plain,
        "syncedLyrics": one.synced,
    }


def _plain(text: str) -> str:
    """As LRCLIB and Genius compare names: without accents, case and punctuation."""
    letters = unicodedata.normalize("NFD", text.lower())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w\s]|_", " ", re.sub("['’]", "", bare)).split())


def _lrclib_problem(status: int, name: str, message: str) -> web.Response:
    return web.json_response({"message": message, "name": name, "statusCode": status}, status=status)


async def _lrclib_get(request: web.Request, services: SongServices) -> web.Response:
    """The record of exactly these names, of this album where one is given, within 2 s of this length."""
    query = {name: _plain(value) for name, value in request.query.items() if name != "duration"}
    length_s = float(request.query["duration"]) if "duration" in request.query else None
    if not query.get("track_name") or not query.get("artist_name"):
        return _lrclib_problem(400, "ValidationError", "cannot be empty")
    if length_s is not None and not LRCLIB_LENGTH_S[0] <= length_s <= LRCLIB_LENGTH_S[1]:
        return _lrclib_problem(400, "ValidationError", "duration: must be between 1 and 3600")
    for number, one in enumerate(services.recordings):
        names = {"track_name": one.title, "artist_name": one.artist, "album_name": one.album}
        is_named = all(_plain(name) == query[key] for key, name in names.items() if query.get(key))
        if is_named and (length_s is None or abs(length_s - one.duration_s) <= 2):
            return web.json_response(_record(number, one))
    return _lrclib_problem(404, "TrackNotFound", "Failed to find specified track")


async def _lrclib_search(request: web.Request, services: SongServices) -> web.Response:
    """By `q` in any name, or by the title's words in a row and every word of the artist and the album."""
    query = {name: _plain(value) for name, value in request.query.items()}
    found = [one for one in enumerate(services.recordings) if _is_searched(one[1], query)]
    return web.json_response([_record(*one) for one in found[:LRCLIB_PAGE]])


def _is_searched(one: Recording, query: dict[str, str]) -> bool:
    title, artist, album = _plain(one.title), _plain(one.artist), _plain(one.album)
    if query.get("q"):
        return _has_words(f"{title} {artist} {album}", query["q"])
    if not query.get("track_name"):
        return False
    in_a_row = f" {query['track_name']} " in f" {title} "
    return (
        in_a_row and _has_words(artist, query.get("artist_name", "")) and _has_words(album, query.get("album_name", ""))
    )


def _has_words(text: str, wanted: str) -> bool:
    return set(wanted.split()) <= set(text.split())


async def _genius_search(request: web.Request, services: SongServices) -> web.Response:
    if request.headers.get("Authorization") != f"Bearer {GENIUS_TOKEN}":
        return web.json_response({"error": "invalid_token", "error_description": "expired"}, status=401)
    if not (wanted := _plain(request.query.get("q", ""))):
        return web.json_response({"meta": {"status": 400, "message": "q is missing"}}, status=400)
    hits = [
        {
            "index": "song",
            "type": "song",
            "highlights": [],
            "result": {
                "id": number,
                "title": one.title,
                "full_title": f"{one.title} by {one.artist}",
                "path": f"/{one.id}-lyrics",
                "url": f"https://genius.example/{one.id}-lyrics",
                "lyrics_state": "complete",
                "primary_artist": {"id": 1, "name": one.artist},
            },
        }
        for number, one in enumerate(services.recordings)
        if one.page is not None and _has_words(_plain(f"{one.title} {one.artist}"), wanted)
    ]
    return web.json_response({"meta": {"status": 200}, "response": {"hits": hits[:GENIUS_PAGE]}})


async def _genius_page(request: web.Request, services: SongServices) -> web.Response:
    for one in services.recordings:
        if request.match_info["path"] == f"{one.id}-lyrics" and one.page is not None:
            return web.Response(text=f"<!doctype html><html><body>{one.page}</body></html>", content_type="text/html")
    return web.Response(status=404, text="<h1>Oops! Page not found</h1>", content_type="text/html")


async def _cover(_request: web.Request, services: SongServices) -> web.Response:
    return web.Response(body=services.cover, content_type="image/jpeg")
