"""Songs by title from Spotify's Web API, with the application's own token (client credentials flow).

https://developer.spotify.com/documentation/web-api: `GET /search` gives ten tracks a call at most to an application in
development mode, so longer lists are asked for page by page.
"""

import asyncio
import base64
import time
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, Field, SecretStr, TypeAdapter

from signaling.errors import ServiceError
from signaling.net.services import Ask, Kind, Reply, ServiceClient
from signaling.search.tracks import Track, shortened

NAME = "spotify"
PAGE_TRACKS = 10
RENEW_BEFORE_S = 60.0
COVER_MIN_PX = 250  # shown at 64 to 128 CSS pixels
ANSWERS = frozenset({200, 401})


class _Token(BaseModel):
    access_token: str = Field(min_length=1, max_length=4096)
    expires_in: float = Field(gt=0)


class _Image(BaseModel):
    url: str = Field(max_length=2000)
    height: int | None = None


class _Album(BaseModel):
    name: str = ""
    images: list[_Image] = []


class _Artist(BaseModel):
    name: str


class _Track(BaseModel):
    id: str = Field(pattern=r"^[A-Za-z0-9]{1,64}$")
    name: str
    artists: list[_Artist] = []
    album: _Album = _Album()
    duration_ms: float = Field(gt=0, le=24 * 3600 * 1000)


class _Page(BaseModel):
    items: list[_Track | None]
    next: str | None = None


class _SearchAnswer(BaseModel):
    tracks: _Page


TOKEN = TypeAdapter(_Token)
SEARCH_ANSWER = TypeAdapter(_SearchAnswer)
TRACK = TypeAdapter(_Track)


@dataclass(frozen=True, slots=True)
class SpotifyAccess:
    api_url: str
    token_url: str
    client_id: SecretStr
    client_secret: SecretStr
    market: str

    @property
    def is_set(self) -> bool:
        return bool(self.client_id.get_secret_value() and self.client_secret.get_secret_value())


class Spotify:
    """Every call raises ServiceError."""

    def __init__(
        self, client: ServiceClient, access: SpotifyAccess, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._access = access
        self._clock = clock
        self._token = ""
        self._renew_at_s = 0.0
        self._renewing = asyncio.Lock()

    @property
    def is_set(self) -> bool:
        return self._access.is_set

    async def search(self, query: str, limit: int) -> list[Track]:
        found: dict[str, Track] = {}
        for offset in range(0, limit, PAGE_TRACKS):
            params: dict[str, str | int] = {
                "q": query,
                "type": "track",
                "market": self._access.market,
                "limit": min(PAGE_TRACKS, limit - offset),
                "offset": offset,
            }
            page = (await self._get("/search", params)).read(SEARCH_ANSWER).tracks
            found.update((track.id, track) for track in map(_track, filter(None, page.items)))
            if page.next is None or not page.items:
                break
        return list(found.values())[:limit]

    async def find(self, spotify_id: str) -> Track | None:
        params: dict[str, str | int] = {"market": self._access.market}
        reply = await self._get(f"/tracks/{spotify_id}", params, frozenset({400, 404}))
        return _track(reply.read(TRACK)) if reply.status == 200 else None

    async def _get(self, path: str, params: dict[str, str | int], more: frozenset[int] = frozenset()) -> Reply:
        """With a token that was asked for once and, should it be refused, a second time."""
        token = await self._valid_token()
        reply = await self._client.ask(self._ask(path, params, token, more))
        if reply.status == 401:
            token = await self._valid_token(refused=token)
            reply = await self._client.ask(self._ask(path, params, token, more))
        if reply.status == 401:
            raise ServiceError(NAME, Kind.REFUSED, "does not accept its own token")
        return reply

    def _ask(self, path: str, params: dict[str, str | int], token: str, more: frozenset[int]) -> Ask:
        url = self._access.api_url.rstrip("/") + path
        return Ask(NAME, url, params=params, headers={"Authorization": f"Bearer {token}"}, accept=ANSWERS | more)

    async def _valid_token(self, refused: str = "") -> str:
        async with self._renewing:
            if not self._token or self._token == refused or self._clock() >= self._renew_at_s:
                self._token = ""
                token = await self._new_token()
                self._token = token.access_token
                self._renew_at_s = self._clock() + max(token.expires_in - RENEW_BEFORE_S, token.expires_in / 2)
            return self._token

    async def _new_token(self) -> _Token:
        access = self._access
        keys = f"{access.client_id.get_secret_value()}:{access.client_secret.get_secret_value()}"
        basic = base64.b64encode(keys.encode()).decode()
        form = {"grant_type": "client_credentials"}
        headers = {"Authorization": f"Basic {basic}"}
        reply = await self._client.ask(Ask(NAME, access.token_url, "POST", headers=headers, form=form))
        return reply.read(TOKEN)


def _track(found: _Track) -> Track:
    return Track(
        id=f"spotify:{found.id}",
        title=shortened(found.name),
        artist=shortened(", ".join(artist.name for artist in found.artists)),
        album=shortened(found.album.name),
        duration_s=found.duration_ms / 1000,
        cover_url=_cover(found.album.images),
        source=NAME,
    )


def _cover(images: list[_Image]) -> str | None:
    """The smallest one that is large enough, otherwise the largest."""
    if not images:
        return None
    ordered = sorted(images, key=lambda image: image.height or 0)
    return next((image.url for image in ordered if (image.height or 0) >= COVER_MIN_PX), ordered[-1].url)
