"""Plain lyrics from Genius: the song by the API (https://docs.genius.com), the words from its page."""

import asyncio

from bs4 import BeautifulSoup, Tag
from pydantic import BaseModel, SecretStr, TypeAdapter

from signaling.errors import LyricsFormatError, ServiceError
from signaling.lyrics.lines import Lyrics
from signaling.lyrics.lrc import parse_lyrics
from signaling.lyrics.wanted import WantedLyrics
from signaling.net.services import Ask, Kind, ServiceClient
from signaling.search.likeness import likeness

NAME = "genius"
MIN_LIKENESS = 0.8
CONTAINER = 'div[data-lyrics-container="true"]'
NOT_LYRICS = '[data-exclude-from-selection="true"], script, style, noscript, button, img'


class _Artist(BaseModel):
    name: str


class _Song(BaseModel):
    title: str = ""
    path: str = ""
    primary_artist: _Artist = _Artist(name="")
    lyrics_state: str | None = None  # "complete", or "unreleased" for words that are not there yet
    instrumental: bool = False


class _Hit(BaseModel):
    type: str = ""
    result: _Song


class _Hits(BaseModel):
    hits: list[_Hit]


class _SearchAnswer(BaseModel):
    response: _Hits


SEARCH_ANSWER = TypeAdapter(_SearchAnswer)


class Genius:
    """Every call raises ServiceError."""

    def __init__(self, client: ServiceClient, api_url: str, page_url: str, token: SecretStr) -> None:
        self._client = client
        self._api_url = api_url.rstrip("/")
        self._page_url = page_url.rstrip("/")
        self._token = token

    @property
    def is_set(self) -> bool:
        return bool(self._token.get_secret_value())

    async def find(self, wanted: WantedLyrics) -> Lyrics | None:
        path = await self._search(wanted)
        if path is None:
            return None
        reply = await self._client.ask(Ask(NAME, self._page_url + path, accept=frozenset({200, 404})))
        if reply.status == 404:
            return None
        return await asyncio.to_thread(read_page, reply.text)

    async def _search(self, wanted: WantedLyrics) -> str | None:
        """The path of the page of the song that is most alike."""
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        params: dict[str, str | int] = {"q": f"{wanted.title} {wanted.artist}".strip()}
        reply = await self._client.ask(Ask(NAME, f"{self._api_url}/search", params=params, headers=headers))
        songs = [hit.result for hit in reply.read(SEARCH_ANSWER).response.hits if hit.type == "song"]
        scored = [(_likeness(song, wanted), song.path) for song in songs if _is_page(song)]
        fitting = [entry for entry in scored if entry[0] >= MIN_LIKENESS]
        return max(fitting)[1] if fitting else None


def read_page(page: str) -> Lyrics | None:
    """The words of a song's page; None where the page says that there are none. Raises ServiceError for other pages."""
    containers = BeautifulSoup(page, "html.parser").select(CONTAINER)
    if not containers:
        raise ServiceError(NAME, Kind.NONSENSE, "its page holds no lyrics where they are looked for")
    text = "\n".join(_text(container) for container in containers)
    try:
        return parse_lyrics(text) if text.strip() else None
    except LyricsFormatError:  # headings alone, as on a page of an instrumental
        return None


def _text(container: Tag) -> str:
    for other in container.select(NOT_LYRICS):
        other.decompose()
    for line_break in container.find_all("br"):
        line_break.replace_with("\n")
    return container.get_text()


def _is_page(song: _Song) -> bool:
    """There are words, and their path stays on the host of the settings."""
    if song.instrumental or song.lyrics_state == "unreleased":
        return False
    plain = song.path.startswith("/") and not song.path.startswith("//") and len(song.path) <= 300
    return plain and not any(mark in song.path for mark in ("..", "\\", "?", "#", "@", ":"))


def _likeness(song: _Song, wanted: WantedLyrics) -> float:
    return likeness(wanted.title, wanted.artist, song.title, song.primary_artist.name)
