"""SQLite or PostgreSQL behind one door: transaction() to write, reading() for one snapshot.

One `with database.transaction()` in the shell is one transaction; actions never commit. SQLite runs in WAL mode with
full durability; a writing transaction takes the write lock at its start (BEGIN IMMEDIATE), so that a read inside it
can never be overtaken before its write (https://sqlite.org/lang_transaction.html).
"""

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import BigInteger, CheckConstraint, Dialect, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import DateTime, String, TypeDecorator
from sqlmodel import Session, SQLModel

from fundlaunch.errors import N_, BadInput, DatabaseOutOfReach

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another on SQLite before it gives up; PostgreSQL waits as long for a lock."""

POOL_SIZE = 20
"""Connections of one process to a server that allows about a hundred in all; further requests wait their turn."""

FILE_POOL_SIZE = 50
"""The same to a file, where they cost little: more than the threads that answer requests and those that charge."""

POOL_TIMEOUT_SECONDS = 30

SILENT = N_("The database does not answer ({reason}). Check DATABASE_URL and that it runs, then try again.")
FILE_SILENT = N_("The database file cannot be used ({reason}). Check that its folder exists and can be written to.")
TOO_MANY_WAIT = N_("Too many requests wait for the database at once. Nothing was done; try again in a moment.")

WRITES = "fundlaunch_writes"
SNAPSHOT = "fundlaunch_snapshot"


def new_id() -> str:
    """A row's id: 128 random bits in 26 lower-case letters and digits."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept and given in UTC on both databases; naive ones are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone was to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Enumeration = TypeVar("Enumeration", bound=StrEnum)


class EnumText(TypeDecorator[Enumeration]):
    """A StrEnum kept as its plain text, so that SQL of other hands reads it too."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[Enumeration]) -> None:
        self.kind = kind
        super().__init__()

    def process_bind_param(self, value: Enumeration | str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Enumeration | None:
        del dialect
        return None if value is None else self.kind(value)


MinorUnits = BigInteger
"""The column type of every amount of money."""


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """A CHECK that keeps a column inside its enumeration, whoever writes to it."""
    words = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def table(model: type[SQLModel]) -> Table:
    """The table of a model, for statements about columns instead of objects."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # SQLModel adds it, its types do not say so


def insert_once(session: Session, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless a unique key of it is taken already; says whether it was inserted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**values).on_conflict_do_nothing()
    # Without being asked SQLAlchemy gives -1 for the rows of an INSERT on PostgreSQL.
    counted = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    return counted.rowcount == 1


def skip_locked(session: Session) -> bool:
    """True where rows that another transaction holds can be passed over; SQLite has one writer at a time anyway."""
    return session.get_bind().dialect.name == "postgresql"


class Database:
    """One engine and its two doors. `url` is an SQLAlchemy URL (sqlite:///... or postgresql+psycopg://...)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url, sqlite=self.is_sqlite)
        # SQLite lets one writer in and the others poll, unfairly; in one process they queue here instead.
        self._writer = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end and rolls back on any error; raises DatabaseOutOfReach."""
        with self._turn(), self._session(WRITES) as session:
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one snapshot; whatever is written in it is thrown away. Raises DatabaseOutOfReach."""
        with self._session(SNAPSHOT) as session:
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise DatabaseOutOfReach(TOO_MANY_WAIT)
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def _session(self, mode: str) -> Iterator[Session]:
        try:
            with Session(self.engine.execution_options(**{mode: True}), expire_on_commit=False) as session:
                yield session
        except OperationalError as error:
            raise DatabaseOutOfReach(FILE_SILENT if self.is_sqlite else SILENT, reason=_first_line(error)) from error
        except DataError as error:
            # PostgreSQL keeps no NUL and no number beyond its column; such a value comes from a hand-made request.
            raise BadInput(N_("This contains a character or number that cannot be stored. Take it out.")) from error
        except PoolTimeout as error:
            raise DatabaseOutOfReach(TOO_MANY_WAIT) from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


def _engine(url: str, *, sqlite: bool) -> Engine:
    if sqlite:
        arguments: dict[str, Any] = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
        engine = create_engine(url, connect_args=arguments, pool_size=FILE_POOL_SIZE, pool_timeout=POOL_TIMEOUT_SECONDS)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )
    event.listen(engine, "begin", _begin_postgres)
    return engine


def _set_up_sqlite(connection: Any, record: object) -> None:
    del record
    # Python's driver would open transactions late and on its own; we say BEGIN ourselves.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _begin_postgres(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get(SNAPSHOT):
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    elif options.get(WRITES):
        connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}"))
