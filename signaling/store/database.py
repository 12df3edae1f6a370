"""One engine, opened with the newest schema: SQLite in the data folder, or PostgreSQL by URL."""

import asyncio
import logging
import math
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Row, Select, event, make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.concurrency import in_greenlet

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 30_000  # of a file's one writer: it may wait for the processor, or for a slow disk
CONNECT_TIMEOUT_S = 5
COMMAND_TIMEOUT_S = 60  # of a server that is frozen; a migration of much data takes less
SERVER_CONNECTIONS, FILE_CONNECTIONS = 15, 8  # of a process, kept open: to open one takes longer than to ask
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
IDLE_S = 1.0
IN_MEMORY = (None, "", ":memory:")  # one connection, never closed

log = logging.getLogger(__name__)


async def open_database(url: str) -> AsyncEngine:
    """Connects and brings the schema up to date."""
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    return engine


def create_engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_async_engine(
            parsed,
            pool_size=SERVER_CONNECTIONS,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S},
        )
        _ask_idle_ones(engine)
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it names singers
    pool = {} if parsed.database in IN_MEMORY else {"pool_size": FILE_CONNECTIONS, "max_overflow": 0}
    engine = create_async_engine(parsed, hide_parameters=True, **pool)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "invalidate", _roll_back_first)
    return engine


def _roll_back_first(connection: Any, _record: Any, _error: BaseException | None) -> None:
    """Of a connection that is given up because who asked was cancelled: SQLite closes it only once the last statement
    is collected, and until then its transaction would keep every other writer out. Nobody waits for it here: the
    connection's own thread rolls back before it closes."""
    if in_greenlet():
        rolled_back = asyncio.ensure_future(connection.driver_connection.rollback())
        rolled_back.add_done_callback(_log_failure)


def _log_failure(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("a transaction was given up and not rolled back: %s", told(error))


def _ask_idle_ones(engine: AsyncEngine) -> None:
    """Whether a connection still lives, before it is used. One that was used a moment ago is not asked: to ask
    takes as long as most questions do."""

    def put_back(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_s"] = time.monotonic()

    def taken(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used_s", -math.inf) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the others are gone too: it takes a new one

    event.listen(engine.sync_engine, "checkin", put_back)
    event.listen(engine.sync_engine, "checkout", taken)


async def first_row(engine: AsyncEngine, query: AnySelect, **values: Any) -> AnyRow | None:
    """Of one question that is asked all the time: plain columns, without a session of the ORM around them, and in one
    greenlet: the engine's own interface begins four for each question, which is a quarter of its CPU time."""

    def ask() -> AnyRow | None:
        with engine.sync_engine.connect() as store:
            return store.execute(query, values).first()

    return await greenlet_spawn(ask)


def for_reading(engine: AsyncEngine) -> AsyncEngine:
    """The same connections without a transaction around each question; SQLite opens none for it anyway."""
    return engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name != "sqlite" else engine


def told(error: BaseException) -> str:
    """An error as a log may hold it: of a database its kind alone, for its words may hold lyrics and names; of a file
    without its path, which may hold a title."""
    kind = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return kind if isinstance(error, SQLAlchemyError) else f"{kind}: {error}"


def upgrade(connection: Connection, revision: str = "head") -> None:
    command.upgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> Config:
    """Alembic on a connection that is already open; env.py takes it from there."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
