"""Judging again after a failure, and a jury that speaks to children."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sessions", sa.Column("for_children", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("for_children")
        sessions.drop_column("attempt")
