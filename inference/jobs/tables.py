"""The two tables that stand beside the workflows in the job store: who works, and how far each job is."""

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url

SCHEMA = "judge"  # on PostgreSQL, apart from signaling's tables; SQLite has none
BUSY_MS = 30_000
POOL_SIZE = 4
CREATE_LOCK = 0x6A756467  # of pg_advisory_xact_lock: two processes that start at once make the tables once

METADATA = sa.MetaData(schema=SCHEMA)

EXECUTORS = sa.Table(
    "executors",
    METADATA,
    sa.Column("executor_id", sa.Text, primary_key=True),
    sa.Column("machine", sa.Text, nullable=False),  # whose process ids `pid` is one of
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("born_s", sa.Float, nullable=False),  # process ids come back
    sa.Column("seen_ms", sa.BigInteger, nullable=False),  # the lease holds from here; by the store's own clock
    sa.Column("has_left", sa.Boolean, nullable=False, default=False),  # in order: what it leaves is nobody's fault
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False, default=""),  # the step that runs or waits
    sa.Column("is_busy", sa.Boolean, nullable=False, default=False),  # within the step, and not waiting for its turn
    sa.Column("told_stage", sa.Integer, nullable=False, default=1),  # a JudgeStage, for who listens
    sa.Column("fraction", sa.Float, nullable=False, default=0.0),
    sa.Column("left_s", sa.Float),
    sa.Column("spoken", sa.Integer, nullable=False, default=0),  # jurors
    sa.Column("told_from", sa.Text, nullable=False, default=""),  # of the scores; empty before them
    sa.Column("holder", sa.Text),
    sa.Column("runs", sa.Integer, nullable=False, default=0),  # times it was taken up
    sa.Column("faults", sa.Integer, nullable=False, default=0),  # holders that died in `fault_stage`, one after another
    sa.Column("fault_stage", sa.Text, nullable=False, default=""),
    sa.Column("error_kind", sa.Text),
    sa.Column("error_text", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Index("jobs_by_state", "state"),
)


def job_store_url(url: str) -> URL:
    """With the driver that both the workflows and these tables speak."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed


def open_tables(url: str) -> Engine:
    """Makes what is missing. Raises sqlalchemy.exc.SQLAlchemyError."""
    parsed = job_store_url(url)
    if parsed.get_backend_name() == "sqlite":
        plain = sa.create_engine(parsed, pool_size=POOL_SIZE)
        sa.event.listen(plain, "connect", quick_sqlite)
        unnamed = plain.execution_options(schema_translate_map={SCHEMA: None})
        METADATA.create_all(unnamed)
        return unnamed
    engine = sa.create_engine(parsed, pool_size=POOL_SIZE, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CREATE_LOCK)))
        connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        METADATA.create_all(connection)
    return engine


def quick_sqlite(connection: object, _record: object = None) -> None:
    """A killed process loses nothing; only a power cut may lose the last moments, and the takes lie in files."""
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DB-API connection
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def now_ms(engine: Engine) -> sa.ColumnElement[int]:
    """The store's own clock: machines need not agree on the time."""
    if engine.dialect.name == "postgresql":
        return sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()) * 1000, sa.BigInteger)
    return sa.cast((sa.func.julianday("now") - 2440587.5) * 86_400_000, sa.BigInteger)
