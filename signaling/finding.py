"""The parts that find songs and their words, opened and closed together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

import redis.asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.config import Settings
from signaling.lyrics.finder import LyricsFinder
from signaling.lyrics.genius import Genius
from signaling.lyrics.lrclib import Lrclib
from signaling.net.services import ServiceClient
from signaling.search.covers import Covers
from signaling.search.finder import FolderSearch, TrackFinder, VideoSearch
from signaling.search.spotify import Spotify, SpotifyAccess
from signaling.songs.catalogue import Catalogue
from signaling.store.lyrics import LyricsStore
from signaling.store.singable import Singable


@dataclass(frozen=True, slots=True)
class Finding:
    tracks: TrackFinder
    covers: Covers
    lyrics: LyricsFinder


def open_finding(
    settings: Settings,
    catalogue: Catalogue,
    engine: AsyncEngine,
    client: redis.asyncio.Redis,
    videos: VideoSearch | None,
    folders: FolderSearch,
    stack: AsyncExitStack,
) -> Finding:
    """`videos` is YouTube's search, None where it is switched off; `folders` those of this machine."""
    services = ServiceClient()
    stack.push_async_callback(services.aclose)
    access = SpotifyAccess(
        settings.spotify_api_url,
        settings.spotify_token_url,
        settings.spotify_client_id,
        settings.spotify_client_secret,
        settings.spotify_market,
    )
    tracks = TrackFinder(catalogue, Singable(engine), client, Spotify(services, access), videos, folders)
    own_hosts = (settings.spotify_api_url, settings.lrclib_url, settings.genius_url)
    covers = Covers(services, settings.data_dir / "cache" / "covers", own_hosts)
    genius = Genius(services, settings.genius_api_url, settings.genius_url, settings.genius_token)
    lrclib = Lrclib(services, settings.lrclib_url)
    lyrics = LyricsFinder(LyricsStore(engine), lrclib, genius, settings.lyrics_days)
    for part in (tracks, covers, lyrics):
        stack.push_async_callback(part.aclose)
    return Finding(tracks, covers, lyrics)
