"""Any song: sources, preparations, references, lyrics, word times; sessions that wait for their song."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from signaling.store.models import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("source_id", sa.String(200)))
    op.add_column("sessions", sa.Column("key_shift_semitones", sa.Double(), nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("tempo", sa.Double(), nullable=False, server_default="1"))
    _sources()
    _lyrics()


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("artist", sa.String(500), nullable=False),
        sa.Column("duration_s", sa.Double()),
        sa.Column("track_id", sa.String(200)),
        sa.Column("match", sa.Double()),
        sa.Column("content_hash", sa.String(64)),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
    )
    op.create_index("ix_sources_track_id", "sources", ["track_id"])
    op.create_index("ix_sources_content_hash", "sources", ["content_hash"])
    op.create_table(
        "preparations",
        sa.Column("source_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("left_s", sa.Double()),
        sa.Column("error_code", sa.String(32)),
        sa.Column("error_detail", sa.String(300)),
        sa.Column("song_id", sa.String(64)),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_preparations"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name="fk_preparations_source_id_sources", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_preparations_state", "preparations", ["state"])
    op.create_table(
        "references",
        sa.Column("song_id", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("source_id", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.Double()),
        sa.Column("prepared_at", UtcDateTime(), nullable=False),
        sa.Column("sung_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("song_id", name="pk_references"),
        sa.UniqueConstraint("content_hash", name="uq_references_content_hash"),
    )
    op.create_index("ix_references_source_id", "references", ["source_id"])
    op.create_index("ix_references_sung_at", "references", ["sung_at"])


def _lyrics() -> None:
    op.create_table(
        "lyrics_cache",
        sa.Column("track_id", sa.String(200), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("lines", DOCUMENT, nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("track_id", "source", name="pk_lyrics_cache"),
    )
    op.create_index("ix_lyrics_cache_expires_at", "lyrics_cache", ["expires_at"])
    op.create_table(
        "lyrics_offsets",
        sa.Column("track_id", sa.String(200), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("offset_s", sa.Double(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("track_id", "source", name="pk_lyrics_offsets"),
    )
    op.create_table(
        "word_timestamps_cache",
        sa.Column("track_id", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("words", DOCUMENT, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("track_id", "fingerprint", name="pk_word_timestamps_cache"),
    )
    op.create_index("ix_word_timestamps_cache_expires_at", "word_timestamps_cache", ["expires_at"])


def downgrade() -> None:
    for table in (
        "word_timestamps_cache",
        "lyrics_offsets",
        "lyrics_cache",
        "references",
        "preparations",
        "sources",
    ):
        op.drop_table(table)
    for column in ("tempo", "key_shift_semitones", "source_id"):
        op.drop_column("sessions", column)
