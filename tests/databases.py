"""Fresh databases for tests, each a copy of one that was prepared once."""

import importlib
import pkgutil
import shutil
from pathlib import Path

import sqlalchemy
from sqlmodel import SQLModel

import fundlaunch
from fundlaunch.database import Database


def prepare(database: Database) -> None:
    """Bring an empty database to the newest shape."""
    for module in pkgutil.walk_packages(fundlaunch.__path__, "fundlaunch."):
        if module.name.rpartition(".")[2] in {"tables", "outbox", "inbox"}:
            importlib.import_module(module.name)
    SQLModel.metadata.create_all(database.engine)


def prepare_sqlite(path: Path) -> None:
    """Make the file that every SQLite test copies."""
    database = Database(f"sqlite:///{path}")
    prepare(database)
    database.dispose()


def copy_sqlite(prepared: Path, path: Path) -> str:
    """A fresh SQLite database at `path`; its URL."""
    shutil.copyfile(prepared, path)
    return f"sqlite:///{path}"


def prepare_postgres(server: str, name: str) -> None:
    """Make the database that every PostgreSQL test of this worker copies."""
    create_postgres(server, name, template="template0")
    database = Database(_named(server, name))
    prepare(database)
    database.dispose()


def create_postgres(server: str, name: str, template: str) -> str:
    """A fresh PostgreSQL database called `name`; its URL."""
    _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _named(server, name)


def drop_postgres(server: str, name: str) -> None:
    """Take the database away, whoever is still connected to it."""
    _administer(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(server: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _named(server: str, name: str) -> str:
    return sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)
