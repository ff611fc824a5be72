"""`verify` finds nothing on a sound database, and names each violation that is made by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from fundlaunch.campaigns.states import Funding
from fundlaunch.database import Database
from fundlaunch.fulfilment.lists import export_to
from fundlaunch.fulfilment.wanted import read_wanted
from fundlaunch.pledges.actions import cancel
from fundlaunch.verify import CHECKS, verify
from tests.house import House, live_campaign, open_house


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    """A successful campaign with a collected and an errored pledge, a failed one, and one that keeps what comes in."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00, quantity=20, stretch_goals={"more": 120_00})
            live_campaign(session, it.clock.now(), slug="lamp", goal_minor=900_00)
            live_campaign(session, it.clock.now(), slug="kept", funding=Funding.FLEXIBLE)
        it.pledge("kept", "dana@example.org")
        token = it.pledge("kept", "eli@example.org")
        with database.transaction() as session:
            cancel(session, token, "", it.clock.now())
        it.pledge("board", "ada@example.org", quantity=2, add_ons={"bag": 2})
        it.pledge("board", "bela@example.org", card="declines", bonus_minor=7_00)
        it.pledge("lamp", "cleo@example.org")
        it.to_deadline()
        it.tick()
        it.tick()
        export_to(database, tmp_path / "all.csv", read_wanted("board", "backers", "tests"), it.clock.now())
        export_to(database, tmp_path / "us.csv", read_wanted("board", "backers", "tests", country="DE"), it.clock.now())
        yield it


@contextmanager
def thrown_away(database: Database) -> Iterator[Session]:
    """A writing transaction that is rolled back at its end."""
    with database.transaction() as session:
        yield session
        session.rollback()


def violations(house: House) -> dict[str, int]:
    with house.database.reading() as session:
        found = verify(session, house.clock.now())
    return {name: one.count for name, one in found.items() if one.count}


def test_a_sound_database_has_no_violation_and_every_check_looked_at_rows(house: House) -> None:
    with house.database.reading() as session:
        found = verify(session, house.clock.now())
    assert {name: one.first for name, one in found.items() if one.count} == {}
    assert set(found) == {check.id for check in CHECKS}
    assert all(one.checked for name, one in found.items() if name != "S2")


DAMAGE = (
    ("UPDATE tier SET claimed = claimed + 1 WHERE slug = 'board'", "S1"),
    ("UPDATE tier SET limit_per_backer = 1", "S1"),
    ("UPDATE pledge SET status = 'preauth', hold_expires_at = NULL WHERE email = 'bela@example.org'", "S2"),
    ("UPDATE pledge SET collected_minor = 1 WHERE status = 'collected'", "M3"),
    ("UPDATE payment SET status = 'canceled' WHERE status = 'succeeded'", "M3"),
    ("UPDATE pledge SET refunded_minor = 1 WHERE status = 'collected'", "M4"),
    ("UPDATE refund SET amount_minor = 9900", "M4"),
    ("UPDATE refund SET status = 'failed'", "M4"),
    ("UPDATE refund SET currency = 'EUR'", "M4"),
    ("UPDATE pledge_line SET quantity = quantity + 1 WHERE unit_price_minor = 5000", "M5"),
    ("DELETE FROM promise WHERE kind = 'release_card'", "P1"),
    ("UPDATE payment SET status = 'canceled' WHERE kind = 'checkout'", "P1"),
    ("UPDATE pledge SET status = 'expired' WHERE email = 'dana@example.org'", "P1"),
    ("UPDATE campaign SET status = 'failed' WHERE slug = 'board'", "P3"),
    ("UPDATE payment SET created_at = '2020-01-01 00:00:00' WHERE kind = 'intent'", "P4"),
    ("UPDATE payment SET created_at = '2030-01-01 00:00:00' WHERE kind = 'checkout'", "P4"),
    ("UPDATE pledge SET changed_at = '2030-01-01 00:00:00' WHERE email = 'ada@example.org'", "P4"),
    ("UPDATE checkout SET status = 'open'", "P4"),
    ("UPDATE campaign SET pledged_minor = pledged_minor + 1 WHERE slug = 'board'", "C1"),
    ("UPDATE campaign SET percent = percent + 1 WHERE slug = 'lamp'", "C1"),
    ("UPDATE tier SET ordered = ordered + 1 WHERE slug = 'bag'", "C1"),
    ("UPDATE stretch_goal SET reached_at = NULL", "C1"),
    ("UPDATE stretch_goal SET reached_at = '2030-01-01 00:00:00'", "C1"),
    ("UPDATE stretch_goal SET measure = 'backers'", "C1"),
    ("UPDATE stretch_goal SET measure = 'orders'", "C1"),
    ("UPDATE campaign SET late_minor = 1", "C3"),
    ("UPDATE campaign SET late_backers = 1", "C3"),
    ("UPDATE campaign SET offline_minor = 1", "C3"),
    ("UPDATE campaign SET offline_backers = 1", "C3"),
    ("UPDATE pledge SET origin = 'late' WHERE email = 'dana@example.org'", "C3"),
    ("UPDATE export_batch SET amount_minor = amount_minor + 1 WHERE pledges = 2", "X1"),
    ("UPDATE export_batch SET rows = rows + 1 WHERE pledges = 0", "X1"),
)


def test_damage_done_by_hand_is_named(house: House) -> None:
    for damage, named in DAMAGE:
        with thrown_away(house.database) as session:
            session.connection().execute(text(damage))
            found = verify(session, house.clock.now())
        assert found[named].count, damage
    assert violations(house) == {}


def test_a_card_not_released_within_a_day_is_named(house: House) -> None:
    with house.database.transaction() as session:
        session.connection().execute(text("UPDATE promise SET kept_at = NULL WHERE kind = 'release_card'"))
    assert "P3" not in violations(house)
    house.clock.advance(timedelta(hours=25))
    assert "P3" in violations(house)


def test_money_that_an_ended_campaign_keeps_for_a_day_is_named(house: House) -> None:
    end = text("UPDATE campaign SET status = 'canceled' WHERE slug = 'kept'")
    with thrown_away(house.database) as session:
        session.connection().execute(end)
        assert not verify(session, house.clock.now())["P3"].count
        assert verify(session, house.clock.now() + timedelta(hours=25))["P3"].count == 1


def test_a_form_that_made_two_pledges_is_named(house: House) -> None:
    with thrown_away(house.database) as session:
        session.connection().execute(text("CREATE TEMPORARY TABLE pledge AS SELECT * FROM pledge"))
        session.connection().execute(text("UPDATE pledge SET request_key = 'same'"))
        assert verify(session, house.clock.now())["P6"].count
