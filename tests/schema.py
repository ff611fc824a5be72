"""The schema as the tables say it, against the schema as the migrations make it.

`python -m tests.schema "what changed"` writes the next migration from the difference; read it before it is committed.
"""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

import fundlaunch
from fundlaunch import migrations
from fundlaunch.database import Database, EnumText, UtcDateTime

HOLDS_TABLES = {"tables", "outbox", "inbox"}


def load_tables() -> None:
    """Import every module that declares tables."""
    for module in pkgutil.walk_packages(fundlaunch.__path__, "fundlaunch."):
        if module.name.rpartition(".")[2] in HOLDS_TABLES:
            importlib.import_module(module.name)


def differences(database: Database) -> list[Any]:
    """What the tables say and a migrated database lacks, or the other way round."""
    load_tables()
    with database.reading() as session:
        return list(compare_metadata(MigrationContext.configure(session.connection()), SQLModel.metadata))


def write_next(message: str) -> None:
    """Write the migration that leads from the newest revision to what the tables say now."""
    load_tables()
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    config.attributes |= {"metadata": SQLModel.metadata, "more": {"render_item": _plain}}
    versions = sorted((migrations.HERE / "versions").glob("[0-9]*.py"))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'schema.sqlite3'}")
        if versions:
            migrations.upgrade(database)
        with database.transaction() as session:
            config.attributes["connection"] = session.connection()
            command.revision(config, message, autogenerate=True, rev_id=f"{len(versions) + 1:04d}")
        database.dispose()


def _plain(kind: str, thing: object, context: object) -> Any:
    """Our column types as SQLAlchemy's own, so that a migration never depends on the program of its day."""
    del context
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, EnumText):
        return "sa.String(40)"
    if kind == "type" and type(thing).__name__ == "AutoString":
        length = getattr(thing, "length", None)
        return f"sa.String({length or ''})"
    return False


if __name__ == "__main__":
    write_next(sys.argv[1])
