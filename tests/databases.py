"""Fresh databases for tests, each a copy of one that was prepared once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy

from fundlaunch import migrations
from fundlaunch.database import Database

SHAPE = """
SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger),
       (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped)
"""
EMPTY = """
DO $$
DECLARE name text;
BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '1s';
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(name);
  END LOOP;
END $$
"""


def prepare(database: Database) -> None:
    """Bring an empty database to the newest shape, step by step as an operator's."""
    migrations.upgrade(database)


def prepare_sqlite(path: Path) -> None:
    """Make the file that every SQLite test copies."""
    database = Database(f"sqlite:///{path}")
    prepare(database)
    database.dispose()


def copy_sqlite(prepared: Path, path: Path) -> str:
    """A fresh SQLite database at `path`; its URL. Whoever has an older one open there keeps that."""
    for old in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        old.unlink(missing_ok=True)
    shutil.copyfile(prepared, path)
    return f"sqlite:///{path}"


class Opener:
    """Opens databases, one door for each address: what the engine learned about a statement serves every test.

    A file does not wait for the disk, since nobody pulls the plug on a test.
    """

    def __init__(self) -> None:
        self._known: dict[str, Database] = {}

    @contextmanager
    def opened(self, url: str) -> Iterator[Database]:
        """The database at `url`; its connections are closed at the end."""
        database = self._known.get(url)
        if database is None:
            database = self._known[url] = Database(url)
            if database.is_sqlite:
                sqlalchemy.event.listen(database.engine, "connect", _do_not_wait)
        yield database
        database.dispose()


def _do_not_wait(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA synchronous=OFF")


def prepare_postgres(server: str, name: str) -> None:
    """Make the database that every PostgreSQL test of this worker copies."""
    create_postgres(server, name, template="template0")
    database = Database(_named(server, name))
    prepare(database)
    database.dispose()


class Copy:
    """One PostgreSQL database of this worker, as good as new for each test.

    Emptying its tables takes a hundredth of the time of copying it again, which is done only where a test changed its
    shape or left a lock behind. Rows are deleted without a look at keys and triggers, which only a superuser may do.
    """

    def __init__(self, server: str, name: str, template: str) -> None:
        self.server, self.name, self.template = server, name, template
        self.url = _named(server, name)
        self._copy()

    def renew(self) -> str:
        """Make it as good as new; its URL."""
        try:
            if self.connection.exec_driver_sql(SHAPE).one() == self.shape:
                self.connection.exec_driver_sql(EMPTY)
                return self.url
        except sqlalchemy.exc.OperationalError:
            # A lock was left behind: whoever holds it loses the connection with the database.
            pass
        self.close()
        self._copy()
        return self.url

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
        self.connection.engine.dispose()

    def _copy(self) -> None:
        create_postgres(self.server, self.name, self.template)
        # One connection for all tests: what PostgreSQL learned about the tables stays in its memory.
        self.connection = sqlalchemy.create_engine(self.url, isolation_level="AUTOCOMMIT").connect()
        self.shape = self.connection.exec_driver_sql(SHAPE).one()


def create_postgres(server: str, name: str, template: str) -> str:
    """A fresh PostgreSQL database called `name`; its URL."""
    drop_postgres(server, name)
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _named(server, name)


def drop_postgres(server: str, name: str) -> None:
    """Take the database away, whoever is still connected to it."""
    _run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run(server: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _named(server: str, name: str) -> str:
    return sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
