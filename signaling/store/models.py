"""The tables. Signaling owns them and is the only one that touches them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ID_CHARACTERS = 32  # uuid4 in hexadecimal
JsonDocument = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC on every store; SQLite alone would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone does not enter the store")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class SessionRow(Base):
    """One singer, one song, one take. It keeps the song as it was sung until the verdict is there."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_state_expires_at", "state", "expires_at"),)

    id: Mapped[str] = mapped_column(String(ID_CHARACTERS), primary_key=True)
    song_id: Mapped[str] = mapped_column(String(64))
    song_pb: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # empty while the song is prepared
    source_id: Mapped[str | None] = mapped_column(String(200))  # of the preparation that the session waits for
    key_shift_semitones: Mapped[float] = mapped_column(default=0.0, server_default="0")
    tempo: Mapped[float] = mapped_column(default=1.0, server_default="1")
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")  # of the judging
    for_children: Mapped[bool] = mapped_column(default=False, server_default=false())
    singer: Mapped[str | None] = mapped_column(String(24))
    level: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[str | None] = mapped_column(String(32))
    error_detail: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of the token
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ResultRow(Base):
    """What a take was worth. `take_id` is public; the session's id is not."""

    __tablename__ = "session_results"
    __table_args__ = (
        Index("ix_session_results_sung_at", "sung_at"),
        Index("ix_session_results_song_id_sung_at", "song_id", "sung_at"),
    )

    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    take_id: Mapped[str] = mapped_column(String(ID_CHARACTERS), unique=True)
    song_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(500))
    artist: Mapped[str] = mapped_column(String(500))
    singer: Mapped[str | None] = mapped_column(String(24))
    total: Mapped[float | None]
    pitch: Mapped[float | None]
    rhythm: Mapped[float | None]
    lyrics: Mapped[float | None]
    curve: Mapped[list[dict[str, float]]] = mapped_column(JsonDocument)  # thinned out for the history
    verdict: Mapped[dict[str, Any]] = mapped_column(JsonDocument, deferred=True)
    sung_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SourceRow(Base):
    """One way to a song. `id` is "youtube:<id>", "upload:<hash>" or "folder:<path>"."""

    __tablename__ = "sources"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # "youtube", "upload", "folder"
    title: Mapped[str] = mapped_column(String(500))
    artist: Mapped[str] = mapped_column(String(500))
    duration_s: Mapped[float | None]
    track_id: Mapped[str | None] = mapped_column(String(200), index=True)  # the search's track that it was found for
    match: Mapped[float | None]  # 0..1, how well it fits that track
    content_hash: Mapped[str | None] = mapped_column(String(64), index=True)  # known once it was fetched
    details: Mapped[dict[str, Any]] = mapped_column(JsonDocument)  # page address, uploader, cover, files of a pair
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PreparationRow(Base):
    """The one preparation of a source, whoever asks. Failed ones keep their reason until they are asked again."""

    __tablename__ = "preparations"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)  # "queued", "running", "ready", "failed"
    stage: Mapped[str] = mapped_column(String(16))
    fraction: Mapped[float]
    left_s: Mapped[float | None]
    error_code: Mapped[str | None] = mapped_column(String(32))
    error_detail: Mapped[str | None] = mapped_column(String(300))
    song_id: Mapped[str | None] = mapped_column(String(64))  # once it is ready
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")  # begun, and not ended by us
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReferenceRow(Base):
    """A prepared song on the disk: what the budget counts and what the least recently sung loses first."""

    __tablename__ = "references"

    song_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    source_id: Mapped[str] = mapped_column(String(200), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    confidence: Mapped[float | None]
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sung_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # or prepared, when nobody sang it yet


class LyricsRow(Base):
    """Lyrics of a track from one source. A miss is kept too, with no lines, so that it is not asked again at once."""

    __tablename__ = "lyrics_cache"

    track_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)  # "lrclib", "genius", "file", "user"
    language: Mapped[str] = mapped_column(String(2))  # empty when unknown
    is_synced: Mapped[bool]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)  # {text, onset_s?, offset_s?, words?}
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LyricsOffsetRow(Base):
    """How far the lyrics of one source lie from one track's audio, as its singers set it."""

    __tablename__ = "lyrics_offsets"

    track_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    offset_s: Mapped[float]  # positive: the words come later
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WordTimesRow(Base):
    """Timed words of a track; the second tier behind Redis."""

    __tablename__ = "word_timestamps_cache"

    track_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(
        String(64), primary_key=True
    )  # of the voice, the lines and the method asked
    language: Mapped[str] = mapped_column(String(2))
    method: Mapped[str] = mapped_column(String(16))  # "whisper", "syllables", "file", "notes"
    words: Mapped[list[dict[str, Any]]] = mapped_column(
        JsonDocument
    )  # {text, onset_s, offset_s, line, timed_by, certainty}
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
