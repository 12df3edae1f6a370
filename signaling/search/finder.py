"""What a title finds: own songs and folders always, Spotify where its keys are set, YouTube otherwise."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import redis.asyncio
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError, ServiceError, SignalingError
from signaling.net.moment import Moment
from signaling.net.once import Once
from signaling.search.cache import BoundedCache
from signaling.search.likeness import fold
from signaling.search.local import OwnSongs
from signaling.search.recent import RecentSearches
from signaling.search.spotify import Spotify
from signaling.search.tracks import Track, shortened, track_of_song
from signaling.songs.catalogue import Catalogue
from signaling.sources.model import Found, Source
from signaling.store.singable import Singable

KEPT_S = 3600
MAX_SEARCHES = 1000
MAX_TRACKS = 10_000
MIN_REMOTE_LETTERS = 3  # nobody outside is asked for less
REMOTE_S = 15.0
ANSWER_S = 2.0  # many who sing together search the same songs
MAX_ANSWERS = 200
UNKNOWN_ARTIST = "?"  # a file without tags

Ask = Callable[[str, int], Awaitable[list[Track]]]


class VideoSearch(Protocol):
    async def search(self, query: str, limit: int) -> list[Found]: ...


class FolderSearch(Protocol):
    def search(self, query: str, limit: int) -> list[Source]: ...


@dataclass(frozen=True, slots=True)
class SourceState:
    """What one source had to say: status is answered, skipped or failed."""

    name: str
    status: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    query: str
    tracks: list[Track]
    sources: list[SourceState]


class TrackFinder:
    def __init__(
        self,
        catalogue: Catalogue,
        singable: Singable,
        client: redis.asyncio.Redis,
        spotify: Spotify,
        videos: VideoSearch | None,
        folders: FolderSearch | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._singable = singable
        self._spotify = spotify
        self._videos = videos
        self._folders = folders
        self.recent = RecentSearches(client)
        self._searches = BoundedCache(client, "searches", KEPT_S, MAX_SEARCHES)
        self._tracks = BoundedCache(client, "tracks", 24 * KEPT_S, MAX_TRACKS)
        self._asking: Once[list[Track]] = Once(ends_unwanted=True)  # who goes on typing has left
        self._own = OwnSongs([])
        self._answers: Moment[tuple[OwnSongs, SearchAnswer]] = Moment(ANSWER_S, MAX_ANSWERS)
        self._fits: Moment[tuple[OwnSongs, list[song_pb2.Song]]] = Moment(KEPT_S, MAX_ANSWERS)
        self._marked: Moment[tuple[OwnSongs, Track]] = Moment(ANSWER_S, MAX_ANSWERS)

    async def aclose(self) -> None:
        await self._asking.aclose()

    async def search(self, query: str, limit: int) -> SearchAnswer:
        own, key = await self.own_songs(), f"{limit}:{fold(query)}"
        given = self._answers.get(key)
        answer = given[1] if given is not None and given[0] is own else await self._search(query, limit, own)
        if (given is None or given[0] is not own) and all(state.status != "failed" for state in answer.sources):
            self._answers.put(key, (own, answer))
        if answer.tracks:
            await self.recent.note(query)
        return replace(answer, query=query)

    async def find(self, track_id: str) -> Track:
        """As `known`, and marked with the song that it can be sung as."""
        track = await self.known(track_id)
        if track.source == "catalogue":
            return track
        own, given = await self.own_songs(), self._marked.get(track_id)
        if given is not None and given[0] is own:
            return given[1]
        marked = (await self._mark([track], own))[0]
        self._marked.put(track_id, (own, marked))
        return marked

    async def known(self, track_id: str) -> Track:
        """A track that a search gave, or one that can be asked for by its id; raises ProblemError and ServiceError."""
        kind, _, name = track_id.partition(":")
        if kind == "song":
            song = await asyncio.to_thread(self._catalogue.find, name)
            if song is not None:
                return track_of_song(song)
        elif (kept := await self._tracks.get(track_id)) is not None:
            return Track.from_json(json.loads(kept))
        elif kind == "spotify" and self._spotify.is_set and (track := await self._spotify.find(name)) is not None:
            await self._keep([track])
            return track
        raise ProblemError(404, "no-track", "No search has found this track; search for it again.")

    async def own_songs(self) -> OwnSongs:
        songs = await asyncio.to_thread(self._catalogue.songs)
        if self._own.songs != songs:  # the same messages while nothing has changed
            self._own = await asyncio.to_thread(OwnSongs, songs)
        return self._own

    async def _search(self, query: str, limit: int, own: OwnSongs) -> SearchAnswer:
        fitting, shelved, (remote, states) = await asyncio.gather(
            self._fitting(query, limit, own), self._shelved(query, limit), self._remote(query, limit)
        )
        others = await self._mark([*shelved, *remote], own)
        tracks = _merge([track_of_song(song) for song in fitting], others, limit)
        return SearchAnswer(query, tracks, [SourceState("catalogue", "answered"), *states])

    async def _fitting(self, query: str, limit: int, own: OwnSongs) -> list[song_pb2.Song]:
        """Own songs; the same ones while the catalogue has not changed."""
        key = f"{limit}:{fold(query)}"
        given = self._fits.get(key)
        if given is None or given[0] is not own:
            given = (own, await asyncio.to_thread(own.find, query, limit))
            self._fits.put(key, given)
        return given[1]

    async def _shelved(self, query: str, limit: int) -> list[Track]:
        """Recordings in the folders of this machine."""
        if self._folders is None:
            return []
        found = await asyncio.to_thread(self._folders.search, query, limit)
        tracks = [_track_of_file(source) for source in found]
        await self._keep(tracks)
        return tracks

    async def _remote(self, query: str, limit: int) -> tuple[list[Track], list[SourceState]]:
        """Spotify's tracks, or YouTube's where Spotify has none."""
        if len(fold(query).replace(" ", "")) < MIN_REMOTE_LETTERS:
            short = f"asked from {MIN_REMOTE_LETTERS} letters on"
            return [], [SourceState(name, "skipped", short) for name in ("spotify", "youtube")]
        found, spotify = await self._try_spotify(query, limit)
        if found:
            return found, [spotify, SourceState("youtube", "skipped", "Spotify has answered")]
        found, youtube = await self._try_youtube(query, limit)
        return found, [spotify, youtube]

    async def _try_spotify(self, query: str, limit: int) -> tuple[list[Track], SourceState]:
        if not self._spotify.is_set:
            return [], SourceState("spotify", "skipped", "no keys are set")
        return await self._try("spotify", self._spotify.search, query, limit)

    async def _try_youtube(self, query: str, limit: int) -> tuple[list[Track], SourceState]:
        if self._videos is None:
            return [], SourceState("youtube", "skipped", "switched off")
        return await self._try("youtube", self._search_videos, query, limit)

    async def _try(self, name: str, ask: Ask, query: str, limit: int) -> tuple[list[Track], SourceState]:
        """Asks the cache, then the source; only a whole answer is kept."""
        key = f"{name}:{limit}:{fold(query)}"
        try:
            if (kept := await self._searches.get(key)) is not None:
                found = [Track.from_json(one) for one in json.loads(kept)]
            else:
                found = await self._asking.run(key, lambda: self._ask(key, ask, query, limit))
        except ServiceError as error:
            return [], SourceState(name, "failed", error.detail)
        except SignalingError as error:
            return [], SourceState(name, "failed", str(error))
        except TimeoutError:
            return [], SourceState(name, "failed", "did not answer in time")
        return found, SourceState(name, "answered", "" if found else "nothing found")

    async def _ask(self, key: str, ask: Ask, query: str, limit: int) -> list[Track]:
        async with asyncio.timeout(REMOTE_S):
            found = await ask(query, limit)
        await self._keep(found)
        await self._searches.put({key: json.dumps([track.as_json() for track in found], ensure_ascii=False)})
        return found

    async def _search_videos(self, query: str, limit: int) -> list[Track]:
        assert self._videos is not None
        return [_track_of_video(video) for video in await self._videos.search(query, limit)]

    async def _keep(self, tracks: Sequence[Track]) -> None:
        await self._tracks.put({track.id: json.dumps(track.as_json(), ensure_ascii=False) for track in tracks})

    async def _mark(self, tracks: list[Track], own: OwnSongs) -> list[Track]:
        """Sets `song_id` on those that can be sung at once."""
        if not tracks:
            return []
        prepared = await self._singable.songs_of([track.id for track in tracks])
        marked = []
        for track in tracks:
            song_id = prepared.get(track.id)
            marked.append(replace(track, song_id=song_id if song_id in own.ids else own.song_of(track)))
        return marked


def _merge(own: list[Track], remote: list[Track], limit: int) -> list[Track]:
    """Own songs first; what is listed as an own song is not listed again; neither kind pushes the other out."""
    listed = {track.song_id for track in own}
    others = [track for track in remote if track.song_id is None or track.song_id not in listed]
    room = max(limit - len(others), limit // 2)
    return [*own[:room], *others][:limit]


def _track_of_video(video: Found) -> Track:
    return Track(
        id=f"youtube:{video.id}",
        title=shortened(video.title),
        artist=shortened(video.artist),
        album="",
        duration_s=video.duration_s,
        cover_url=video.cover_url,
        source="youtube",
    )


def _track_of_file(source: Source) -> Track:
    return Track(
        id=source.id,
        title=shortened(source.title),
        artist=shortened(source.artist) or UNKNOWN_ARTIST,
        album="",
        duration_s=source.duration_s,
        cover_url=None,
        source="folder",
    )
