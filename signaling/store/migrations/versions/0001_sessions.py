"""Sessions and their results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from signaling.store.models import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("song_id", sa.String(64), nullable=False),
        sa.Column("song_pb", sa.LargeBinary(), nullable=False),
        sa.Column("singer", sa.String(24)),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("error_code", sa.String(32)),
        sa.Column("error_detail", sa.String(300)),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_state_expires_at", "sessions", ["state", "expires_at"])
    op.create_table(
        "session_results",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("take_id", sa.String(32), nullable=False),
        sa.Column("song_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("artist", sa.String(500), nullable=False),
        sa.Column("singer", sa.String(24)),
        sa.Column("total", sa.Double()),
        sa.Column("pitch", sa.Double()),
        sa.Column("rhythm", sa.Double()),
        sa.Column("lyrics", sa.Double()),
        sa.Column("curve", document, nullable=False),
        sa.Column("verdict", document, nullable=False),
        sa.Column("sung_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_session_results"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_session_results_session_id_sessions", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("take_id", name="uq_session_results_take_id"),
    )
    op.create_index("ix_session_results_sung_at", "session_results", ["sung_at"])
    op.create_index("ix_session_results_song_id_sung_at", "session_results", ["song_id", "sung_at"])


def downgrade() -> None:
    op.drop_table("session_results")
    op.drop_table("sessions")
