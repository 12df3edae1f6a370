"""The sounds of a session for the studio: the song's files, and the take in step with the song.

A take is one voice without a backing, so its vocals are the take itself; it is there once the jury has spoken.
"""

import asyncio
import logging
from pathlib import Path

from aiohttp import web
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError
from signaling.routes.answers import answer
from signaling.routes.auth import own_session
from signaling.routes.schemas_studio import MissingTrack, Name, Owner, StudioTrack, TracksReply
from signaling.services import SERVICES, Services
from signaling.songs.audio import MEDIA_TYPES
from signaling.songs.marks import song_mark
from signaling.songs.sounds import is_made_of_parts
from signaling.songs.take_audio import MEDIA_TYPE, NothingSungError, RenderedTake, TakeGoneError, rendered_take
from signaling.store.sessions import Session
from signaling.store.states import OVER, State

NAMES: tuple[Name, ...] = ("vocals", "instrumentals", "original")
CACHE = "private, no-store"  # a voice stays on no disk but ours
STATUS = {"not-ready": 409, "take-deleted": 410, "disk-full": 507}  # by code; 404 for the others
DETAILS = {
    "not-ready": "This take is not over yet.",
    "no-take": "Nothing was sung in this session.",
    "take-deleted": "The recording of this take was deleted; recordings are kept for two hours.",
    "not-separated": "A take is the voice alone; there is no backing in it.",
    "no-track": "This song has no such sound.",
    "unknown-song": "The song of this session is no longer in the catalogue.",
    "disk-full": "The take cannot be written; the disk may be full.",
}

log = logging.getLogger(__name__)


async def tracks(request: web.Request) -> web.Response:
    """What can be played, and why the rest cannot."""
    session, services = await own_session(request), request.app[SERVICES]
    song = await _song(services, session)
    there: list[StudioTrack] = []
    missing: list[MissingTrack] = []
    owners: tuple[Owner, ...] = ("user", "ref")
    for owner in owners:
        for name in NAMES:
            try:
                there.append(await _track(services, session, song, owner, name))
            except ProblemError as problem:
                missing.append(MissingTrack(owner=owner, name=name, reason=problem.code))
    return answer(TracksReply(tracks=there, missing=missing))


async def audio(request: web.Request) -> web.StreamResponse:
    session = await own_session(request)
    services = request.app[SERVICES]
    owner, name = request.match_info["owner"], request.match_info["name"]
    if owner == "user" and name in NAMES:
        path, media_type = (await _take(services, session, name)).path, MEDIA_TYPE
    elif owner == "ref" and name in NAMES:
        path, media_type = await _song_file(services, await _song(services, session), name)
    else:
        raise _problem("no-track")
    return web.FileResponse(path, headers={"Content-Type": media_type, "Cache-Control": CACHE})


async def _track(
    services: Services, session: Session, song: song_pb2.Song | None, owner: Owner, name: Name
) -> StudioTrack:
    url = f"/api/audio/{session.id}/{owner}/{name}"
    if owner == "user":
        take = await _take(services, session, name)
        return StudioTrack(
            owner=owner, name=name, url=url, duration_s=take.duration_s, media_type=MEDIA_TYPE, gain_db=take.gain_db
        )
    if song is None:
        raise _problem("unknown-song")
    if name == "original" and is_made_of_parts(song):  # added up when somebody asks
        media_type = MEDIA_TYPE
    else:
        _, media_type = await _song_file(services, song, name)
    return StudioTrack(owner=owner, name=name, url=url, duration_s=song.duration_s, media_type=media_type, gain_db=0.0)


async def _take(services: Services, session: Session, name: str) -> RenderedTake:
    """Raises ProblemError."""
    if session.state not in OVER:
        raise _problem("not-ready")
    if session.state is State.ABANDONED or not session.had_song:
        raise _problem("no-take")
    if name == "instrumentals":
        raise _problem("not-separated")
    verdict = await services.results.verdict_of(session.id)
    latency_s = float((verdict or {}).get("latency_s") or 0.0)
    try:
        return await services.takes.run(
            session.id,
            lambda: asyncio.to_thread(rendered_take, services.settings.takes_dir, session.id, latency_s),
        )
    except TakeGoneError as error:
        raise _problem("take-deleted") from error
    except NothingSungError as error:
        raise _problem("no-take") from error
    except OSError as error:
        log.error("the take of session %s cannot be rendered: %s", session.id, type(error).__name__)
        raise _problem("disk-full") from error


async def _song(services: Services, session: Session) -> song_pb2.Song | None:
    return await asyncio.to_thread(services.catalogue.find, session.song_id)


async def _song_file(services: Services, song: song_pb2.Song | None, name: str) -> tuple[Path, str]:
    """The song's file and its media type; raises ProblemError."""
    if song is None:
        raise _problem("unknown-song")
    if name == "original" and is_made_of_parts(song):
        return await _summed(services, song), MEDIA_TYPE
    key = {
        "vocals": song.vocals_key or song.guide_key,
        "instrumentals": song.audio_key,
        "original": song.original_key,
    }[name]
    path = services.catalogue.file_of(song, key)
    if path is None:
        raise _problem("no-track")
    return path, MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


async def _summed(services: Services, song: song_pb2.Song) -> Path:
    """Raises ProblemError."""
    try:
        return await services.sounds.original(song)
    except FileNotFoundError as error:
        raise _problem("no-track") from error
    except OSError as error:
        log.error("the recording of song %s cannot be added up: %s", song_mark(song.id), type(error).__name__)
        raise _problem("disk-full") from error


def _problem(code: str) -> ProblemError:
    return ProblemError(STATUS.get(code, 404), code, DETAILS[code])
