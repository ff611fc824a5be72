"""The two doors of the database, on both engines."""

from contextlib import suppress

import pytest
from sqlmodel import select

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, DatabaseOutOfReach
from tests.house import NOON, live_campaign


@pytest.fixture
def written(database: Database) -> Database:
    with database.transaction() as session:
        live_campaign(session, NOON)
    return database


def test_what_is_written_while_reading_is_thrown_away(written: Database) -> None:
    with written.reading() as session:
        found = session.exec(select(Campaign)).one()
        assert found.slug == "board"
        assert found.launched_at == NOON
    with suppress(ZeroDivisionError), written.transaction() as session:
        session.exec(select(Campaign)).one().slug = "other"
        session.flush()
        raise ZeroDivisionError
    with written.reading() as session:
        assert session.exec(select(Campaign)).one().slug == "board"


def test_a_naive_time_is_refused(written: Database) -> None:
    with pytest.raises(Exception, match="without a zone"), written.transaction() as session:
        session.exec(select(Campaign)).one().launched_at = NOON.replace(tzinfo=None)


def test_a_nul_is_no_crash(written: Database) -> None:
    if written.is_sqlite:
        with written.reading() as session:
            assert session.exec(select(Campaign).where(Campaign.slug == "a\0b")).all() == []
        return
    with pytest.raises(BadInput, match="cannot be stored"), written.reading() as session:
        session.exec(select(Campaign).where(Campaign.slug == "a\0b")).all()


def test_a_database_that_is_not_there_is_told_in_one_sentence() -> None:
    nowhere = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseOutOfReach, match="does not answer"), nowhere.reading() as session:
        session.exec(select(Campaign)).all()
    unwritable = Database("sqlite:////dev/null/fundlaunch.sqlite3")
    with pytest.raises(DatabaseOutOfReach, match="folder exists and can be"), unwritable.transaction() as session:
        session.exec(select(Campaign)).all()
