"""The database's schema, step by step, forward only. Alembic is loaded only when there is a step to take."""

from pathlib import Path

from sqlalchemy import inspect, text

from fundlaunch.database import Database

HERE = Path(__file__).parent


def head() -> str:
    """The newest revision: files in versions/ are named by revision, in order."""
    return max(path.stem.split("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def current(database: Database) -> str | None:
    """The revision the database stands at; None before the first step. Raises DatabaseOutOfReach."""
    with database.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        return session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(database: Database) -> bool:
    """Bring the schema to the newest revision; says whether there was anything to do. Raises DatabaseOutOfReach."""
    if current(database) == head():
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    with database.transaction() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
    return True
