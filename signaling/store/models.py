"""The tables. Signaling owns them and is the only one that touches them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, TypeDecorator
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
    song_pb: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
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
