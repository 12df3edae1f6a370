"""A house with a past for `make bench-api`: two hundred songs, a prepared one, takes, sessions of all ages."""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.tokens import Scope, mint
from voicejury.v1 import song_pb2

from signaling.songs.catalogue import Catalogue
from signaling.sources.model import Kind, Source
from signaling.store.results import Results
from signaling.store.sessions import Session, Sessions
from signaling.store.sources import SourceTable
from signaling.store.states import State
from tests.contract.preparing_house import wav_bytes
from tests.contract.signaling_stage import SECRET, jurors
from tests.support.noises import white

SONGS, TAKES, SESSIONS = 200, 200, 50
LINES = 40
PREPARED, SONG_S, HOP_S = "quelqu-un-chanson-preparee", 180.0, 0.01
TRACK = "youtube:abcdefghijk"


@dataclass(frozen=True)
class LaidHouse:
    """Tokens by session id: of sessions about to sing the prepared song, and of judged ones."""

    created: dict[str, str]
    done: dict[str, str]


def song(number: int) -> song_pb2.Song:
    """An UltraStar song."""
    made = song_pb2.Song(
        id=f"personne-chanson-{number}",
        title=f"Chanson {number}",
        artist="Personne",
        language="fr",
        duration_s=SONG_S,
        audio_key="audio.wav",
        audio_type="audio/wav",
        cover_key="cover.jpg",
        source="ultrastar",
    )
    _sing(made.voices.add(name="P1").reference)
    return made


def prepared_song() -> song_pb2.Song:
    """With a contour of three minutes and all its files."""
    made = song(SONGS)
    made.id, made.title, made.artist = PREPARED, "Chanson préparée", "Quelqu'un"
    made.source, made.source_id = "youtube", TRACK
    made.guide_key = made.vocals_key = made.original_key = "audio.wav"
    contour = made.voices[0].reference.contour
    contour.hop_s = HOP_S
    frames = round(SONG_S / HOP_S)
    contour.f0_hz.extend(220.0 + (frame % 100) for frame in range(frames))
    contour.periodicity.extend(0.9 for _ in range(frames))
    return made


def _sing(reference: song_pb2.Reference) -> None:
    for line in range(LINES):
        phrase = reference.melody.phrases.add(onset_s=3.0 * line, offset_s=3.0 * line + 2.8, text="La la la la la la")
        for step in range(6):
            onset_s = 3.0 * line + 0.45 * step
            phrase.notes.add(onset_s=onset_s, offset_s=onset_s + 0.4, midi=60.0 + step, syllable="la", starts_word=True)
            reference.lyrics.words.add(text="la", onset_s=onset_s, offset_s=onset_s + 0.4, phrase=line)
    reference.lyrics.source, reference.lyrics.language = "notes", "fr"


def lay_songs(data_dir: Path) -> None:
    catalogue, folder = Catalogue(data_dir), data_dir / "import"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "audio.wav").write_bytes(wav_bytes(0.1 * white(1.0)))
    (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"a cover" * 2000)
    files = {"audio.wav": folder / "audio.wav", "cover.jpg": folder / "cover.jpg"}
    for made in [*(song(number) for number in range(SONGS)), prepared_song()]:
        catalogue.add(made, files, link=True)


async def lay_past(engine: AsyncEngine) -> LaidHouse:
    now = datetime.now(UTC)
    own = prepared_song()
    source = Source(TRACK, Kind.YOUTUBE, own.title, own.artist, SONG_S, now, track_id=TRACK, match=0.9)
    await SourceTable(engine).keep([source])
    created = [(await _add(engine, own, now, State.CREATED)).id for _ in range(SESSIONS)]
    done = [await _judged(engine, song(number % SONGS), now - timedelta(minutes=number)) for number in range(TAKES)]
    return LaidHouse({one: _token(one) for one in created}, {one: _token(one) for one in done[:SESSIONS]})


async def _add(engine: AsyncEngine, sung: song_pb2.Song, now: datetime, state: State) -> Session:
    session = Session(
        id=uuid.uuid4().hex,
        song_id=sung.id,
        singer=f"Singer {now.minute}",
        level="normal",
        language="fr",
        state=state,
        failure=None,
        created_at=now,
        expires_at=now + timedelta(hours=1),
        ended_at=None,
    )
    await Sessions(engine).add(session, sung)
    return session


async def _judged(engine: AsyncEngine, sung: song_pb2.Song, at: datetime) -> str:
    session = await _add(engine, sung, at, State.JUDGING)
    assert await Results(engine).keep(replace(session, ended_at=at), sung, _verdict(session.id, sung.id))
    return session.id


def _verdict(session_id: str, song_id: str) -> dict[str, Any]:
    curve = [{"song_s": step / 10, "sung_midi": 60.0, "written_midi": 60.5} for step in range(1800)]
    jury = [{"persona": one.persona, "name": one.name, "vote": True, "comment": one.comment} for one in jurors()]
    parts = {"total": 72.5, "pitch": 70.0, "rhythm": 75.0, "lyrics": None}
    return {"session_id": session_id, "song_id": song_id, **parts, "curve": curve, "jury": jury, "lines": []}


def _token(session_id: str) -> str:
    return mint(SECRET, Scope.SESSION, session_id, 3600)
