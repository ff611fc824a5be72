"""A database that an older release left behind, with a campaign's whole story in it, goes on where it stood."""

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Table, select, update
from sqlmodel import col
from sqlmodel import select as select_rows

from fundlaunch import migrations
from fundlaunch.campaigns.discovery.search import folded
from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.states import PledgeState
from tests import databases
from tests.house import House, fund, live_campaign, open_house

FORMER_NAMES = {("stretch_goal", "threshold"): "threshold_minor"}
"""Columns of today that had another name in the first release."""


@pytest.fixture
def lived(sqlite_database: Database) -> Iterator[House]:
    """A funded campaign with every state of a pledge that the first release knew, one that failed, and a live one."""
    with open_house(sqlite_database) as it:
        for slug, goal in (("board", 100_00), ("missed", 9_000_00), ("again", 1_000_00)):
            days = 60 if slug == "again" else 30
            with it.database.transaction() as session:
                live_campaign(session, it.clock.now(), slug=slug, goal_minor=goal, days=days, quantity=20,
                              stretch_goals={"near": 150_00, "far": 9_000_00})  # fmt: skip
            it.pledge(slug, "ada@example.org", quantity=2, add_ons={"bag": 1})
            it.pledge(slug, "bela@example.org", card="insufficient")
            gone = it.pledge(slug, "cleo@example.org")
            with it.database.transaction() as session:
                cancel(session, gone, "", it.clock.now())
            it.start(slug, "dara@example.org")
        fund(it)
        for _ in range(3):
            it.tick()
        yield it


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path, worker_name: str) -> Iterator[Database]:
    """An empty database as the first release made it."""
    server, name = "", f"{worker_name}_older"
    url = f"sqlite:///{tmp_path / 'older.sqlite3'}"
    if request.param == "postgres":
        server = str(request.getfixturevalue("postgres_url"))
        url = databases.create_postgres(server, name, template="template0")
    database = Database(url)
    with database.transaction() as session:
        config = Config()
        config.set_main_option("script_location", str(migrations.HERE))
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0001")
    yield database
    database.dispose()
    if server:
        databases.drop_postgres(server, name)


def take_back(database: Database, older: Database) -> None:
    """Write everything that the first release knew of a database into one of its own."""
    with database.reading() as source, older.transaction() as target:
        today, then = reflected(source.connection()), reflected(target.connection())
        for table in then.sorted_tables:
            if table.name != "alembic_version":
                copy(source.connection(), today.tables[table.name], target.connection(), table)


def reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found


def copy(source: Connection, today: Table, target: Connection, then: Table) -> None:
    names = {column.name: FORMER_NAMES.get((then.name, column.name), column.name) for column in today.columns}
    kept = [today.c[name].label(former) for name, former in names.items() if former in then.c]
    rows = [dict(row._mapping) for row in source.execute(select(*kept))]
    if rows:
        target.execute(then.insert(), rows)


def test_what_the_new_columns_say_is_worked_out_from_the_rows(lived: House, older: Database) -> None:
    take_back(lived.database, older)
    assert migrations.upgrade(older)
    for mine, theirs in zip(figures(lived.database), figures(older), strict=True):
        assert mine == theirs
    assert "board" in str(figures(older))


def figures(database: Database) -> tuple[object, ...]:
    """What the migration fills in, as the actions keep it."""
    with database.reading() as session:
        campaigns = session.exec(select_rows(Campaign).order_by(col(Campaign.slug))).all()
        tiers = session.exec(select_rows(Tier).order_by(col(Tier.id))).all()
        return (
            [(one.slug, one.status, one.percent, one.pledged_minor, one.funding, one.tags) for one in campaigns],
            [(one.slug, one.claimed, one.ordered, one.secret_key) for one in tiers],
        )


def test_an_upgraded_database_holds_every_invariant_and_goes_on(lived: House, older: Database) -> None:
    take_back(lived.database, older)
    migrations.upgrade(older)
    house = House(older, SimulatedClock(lived.clock.now()), lived.simulator, lived.gateway)
    assert house.violations() == {}
    token = house.pledge("again", "edda@example.org", quantity=3)
    assert house.pledge_of(token).status is PledgeState.PLEDGED
    assert (house.campaign("again").pledged_minor, house.campaign("again").percent) == (328_00, 32)
    for _ in range(3):
        house.clock.advance(timedelta(days=8))
        house.tick()
    assert house.violations() == {}


def test_without_the_units_the_comparison_would_find_it(lived: House, older: Database) -> None:
    take_back(lived.database, older)
    migrations.upgrade(older)
    with older.transaction() as session:
        session.connection().execute(update(Tier).values(ordered=0))
    house = House(older, lived.clock, lived.simulator, lived.gateway)
    assert list(house.violations()) == ["C1"]


def test_a_campaign_of_before_is_found_by_its_words_however_they_were_composed(lived: House, older: Database) -> None:
    with lived.database.transaction() as session:
        campaign = session.exec(select_rows(Campaign).where(Campaign.slug == "again")).one()
        campaign.texts = {"en": {"title": unicodedata.normalize("NFD", "Café STRASSE"), "blurb": "Für alle"}}
        campaign.place = "Łódź"
    take_back(lived.database, older)
    migrations.upgrade(older)
    with older.reading() as session:
        kept = session.exec(select_rows(CampaignWords.words).join(Campaign).where(Campaign.slug == "again")).one()
    assert all(folded(word) in kept for word in ("Café", "Straße", "für", "Noa Lindqvist", "łódź"))
