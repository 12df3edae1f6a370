"""Uploads, streamed to the disk part by part, and the sources of a track."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aiohttp import BodyPartReader, MultipartReader, web

from signaling.errors import LyricsFormatError, ProblemError, SongFormatError, SourceError
from signaling.lyrics.lrc import decode_lyrics, parse_lyrics
from signaling.routes.answers import answer, read_query
from signaling.routes.middleware import AddressLimit, network_of
from signaling.routes.schemas import plain_name
from signaling.routes.schemas_sources import CandidatesReply, SourceCandidate, SourcesQuery, UploadReply
from signaling.services import SERVICES
from signaling.songs.encoding import is_song_text
from signaling.songs.languages import language_code
from signaling.songs.ultrastar import SONG_FILE, ParsedSong, parse_song_bytes
from signaling.sources.child_main import of_os_error
from signaling.sources.model import Candidate, Source, Wanted
from signaling.sources.ranking import remarks_of
from signaling.sources.uploads import Quota, UploadFacts, file_title

UPLOAD_LIMIT = web.AppKey("upload_limit", AddressLimit)
SOURCES_LIMIT = web.AppKey("sources_limit", AddressLimit)
UPLOAD_QUOTA = web.AppKey("upload_quota", Quota)
UPLOADS_PER_MINUTE = 10  # of one address
QUOTA_UPLOADS = 20  # of the largest size, of one address in a day
UPLOAD_S = 15 * 60.0
STALLED_S = 30.0
CHUNK_BYTES = 64 * 1024
WRITE_BYTES = 1024 * 1024
MAX_PARTS = 8
MAX_NAME_BYTES = 800
MAX_NAME_CHARACTERS = 200
MAX_LYRICS_BYTES = 200_000
FORM_SPARE_BYTES = 512 * 1024  # texts and boundaries beside the files
ROLES = {"audio": "original", "instrumental": "instrumental", "vocals": "vocals"}
TEXTS = {"title": MAX_NAME_BYTES, "artist": MAX_NAME_BYTES, "language": 64, "lyrics": MAX_LYRICS_BYTES}


@dataclass(slots=True)
class _Form:
    files: dict[str, Path] = field(default_factory=dict)  # by role
    texts: dict[str, bytes] = field(default_factory=dict)
    file_name: str = ""
    size_bytes: int = 0


async def upload(request: web.Request) -> web.Response:
    request.app[UPLOAD_LIMIT].take(request.remote)
    quota, address = request.app[UPLOAD_QUOTA], network_of(request.remote)
    quota.check(address)
    uploads = request.app[SERVICES].uploads
    if request.content_type != "multipart/form-data":
        raise ProblemError(415, "bad-request", "Send multipart/form-data.")
    if (request.content_length or 0) > uploads.max_bytes + FORM_SPARE_BYTES:
        raise _too_large(uploads.max_bytes)
    form = _Form()
    try:
        async with uploads.place() as place:
            try:
                async with asyncio.timeout(UPLOAD_S):
                    await _read_form(request, form, place, uploads.max_bytes)
            finally:
                quota.spend(address, form.size_bytes)
            source = await uploads.take(_given(form), await asyncio.to_thread(_facts, form))
    except TimeoutError as error:
        raise ProblemError(408, "bad-request", "The upload stalled; try again.") from error
    except OSError as error:
        if (known := of_os_error(error)) is None:
            raise
        raise known from error
    return answer(_reply(source), 201)


async def sources(request: web.Request) -> web.Response:
    """What there is for a track, found anew where nothing is known yet."""
    request.app[SOURCES_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    track_id = read_query(request, SourcesQuery).track_id
    source = await services.sources.find(track_id)
    if source is not None:
        wanted = Wanted(track_id, source.title, source.artist, source.duration_s)
    else:
        track = await services.tracks.find(track_id)
        wanted = Wanted(track.id, track.title, track.artist, track.duration_s)
    found = await services.sources.candidates(wanted)
    return answer(CandidatesReply(candidates=[_candidate(one, wanted) for one in found]))


async def _read_form(request: web.Request, form: _Form, place: Path, max_bytes: int) -> None:
    try:
        reader = await request.multipart()
        for _ in range(MAX_PARTS + 1):
            part = await asyncio.wait_for(reader.next(), STALLED_S)
            if part is None:
                return
            await _read_part(part, form, place, max_bytes)
    except ValueError as error:  # aiohttp's word for a body that is no multipart
        raise ProblemError(400, "bad-request", "The form cannot be read.") from error
    raise ProblemError(400, "bad-request", f"A form has {MAX_PARTS} parts at most.")


async def _read_part(part: BodyPartReader | MultipartReader, form: _Form, place: Path, max_bytes: int) -> None:
    if isinstance(part, MultipartReader) or {"Content-Encoding", "Content-Transfer-Encoding"} & part.headers.keys():
        raise ProblemError(400, "bad-request", "Send each part as it is, without a coding of its own.")
    name = part.name or ""
    if name in ROLES and ROLES[name] not in form.files:
        form.files[ROLES[name]] = place / name
        form.file_name = form.file_name or part.filename or ""
        await _save(part, form, place / name, max_bytes)
    elif name in TEXTS and name not in form.texts:
        form.texts[name] = await _read_text(part, name)
    else:
        raise ProblemError(400, "bad-request", "The form holds a part twice, or one that is not known.")


async def _save(part: BodyPartReader, form: _Form, path: Path, max_bytes: int) -> None:
    waiting = bytearray()
    with path.open("xb") as file:
        while chunk := await asyncio.wait_for(part.read_chunk(CHUNK_BYTES), STALLED_S):
            form.size_bytes += len(chunk)
            if form.size_bytes > max_bytes:
                raise _too_large(max_bytes)
            waiting += chunk
            if len(waiting) >= WRITE_BYTES:
                await _write(file, waiting)
        await _write(file, waiting)


async def _write(file: BinaryIO, waiting: bytearray) -> None:
    await asyncio.to_thread(file.write, bytes(waiting))
    waiting.clear()


async def _read_text(part: BodyPartReader, name: str) -> bytes:
    data = bytearray()
    while chunk := await asyncio.wait_for(part.read_chunk(CHUNK_BYTES), STALLED_S):
        data += chunk
        if len(data) > TEXTS[name]:
            raise ProblemError(413, "too-large", f"{name}: at most {TEXTS[name]} bytes")
    return bytes(data)


def _given(form: _Form) -> dict[str, Path]:
    if set(form.files) not in ({"original"}, {"instrumental", "vocals"}):
        raise ProblemError(400, "bad-request", "Send `audio`, or `instrumental` and `vocals`.")
    return {role: form.files[role] for role in sorted(form.files)}


def _facts(form: _Form) -> UploadFacts:
    texts = {name: decode_lyrics(data).strip() for name, data in form.texts.items()}
    song = _written_song(form.texts.get("lyrics", b""))
    written = {"title": song.header.title, "artist": song.header.artist} if song is not None else {}
    title, artist = (plain_name(texts.get(name) or written.get(name, "")) for name in ("title", "artist"))
    return UploadFacts(
        title=title[:MAX_NAME_CHARACTERS],
        artist=artist[:MAX_NAME_CHARACTERS],
        language=language_code(texts.get("language", "")) or (song.header.language if song is not None else ""),
        lyrics=_checked_lyrics(texts.get("lyrics", "")) if song is None else "",
        song_text=song.text if song is not None else "",
        notes_end_s=song.duration_s if song is not None else 0.0,
        file_title=plain_name(file_title(form.file_name)),
    )


def _written_song(data: bytes) -> ParsedSong | None:
    """The UltraStar song that was brought in place of lyrics; None where it is another text."""
    if not is_song_text(data):
        return None
    try:
        return parse_song_bytes(Path(SONG_FILE), data)
    except SongFormatError as error:
        raise ProblemError(400, "bad-request", f"lyrics: line {error.line}: {error.reason}") from error


def _checked_lyrics(lyrics: str) -> str:
    try:
        if lyrics:
            parse_lyrics(lyrics)
    except LyricsFormatError as error:
        raise ProblemError(400, "bad-request", f"lyrics: {error}") from error
    return lyrics


def _too_large(max_bytes: int) -> SourceError:
    return SourceError("too-large", f"An upload has {max_bytes // 1024**2} MiB at most.")


def _reply(source: Source) -> UploadReply:
    return UploadReply(
        source_id=source.id,
        title=source.title,
        artist=source.artist,
        duration_s=source.duration_s or 0.0,
        kind=source.kind.value,
        note=source.details["note"],
    )


def _candidate(one: Candidate, wanted: Wanted) -> SourceCandidate:
    source = one.source
    return SourceCandidate(
        source_id=source.id,
        kind=source.kind.value,
        title=source.title,
        artist=source.artist,
        duration_s=source.duration_s,
        match=source.match,
        confidence=one.confidence,
        is_ready=one.is_ready,
        cover_url=f"/api/search/tracks/{source.id}/cover" if source.details.get("cover_url") else None,
        remarks=remarks_of(wanted, source.title, source.artist, source.duration_s) if source.id != wanted.id else [],
    )
