"""A page that is paid while its door is closing: stopped, called off during the final count, or locked again."""

import pytest
from sqlmodel import select

from fundlaunch.campaigns import life
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import StretchGoal, Tier
from fundlaunch.database import Database
from fundlaunch.errors import SoldOut
from fundlaunch.pledges.actions import Started, cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house

ACTOR = "oda@example.org"


def on_the_page(house: House, email: str) -> Started:
    """A pledge whose backer has paid, before we heard of it."""
    started = house.start("board", email)
    house.desk.send_to_checkout(started)
    house.fill_in(started.token, "ok")
    return started


@pytest.mark.parametrize("late", ["a late pledge", "in the final count"])
def test_who_paid_while_the_campaign_was_called_off_gets_all_of_it_back(database: Database, late: str) -> None:
    with open_house(database) as house:
        funding = Funding.ALL_OR_NOTHING if late == "a late pledge" else Funding.FLEXIBLE
        with database.transaction() as session:
            live_campaign(session, house.clock.now(), goal_minor=50_00, funding=funding)
        house.pledge("board", "ada@example.org")
        if late == "a late pledge":
            house.to_deadline()
            house.tick()
            house.tick()
            with database.transaction() as session:
                life.open_late_pledges(session, "board", ACTOR, house.clock.now())
        started = on_the_page(house, "bela@example.org")
        end = life.stop
        if late != "a late pledge":
            house.to_deadline()
            end = life.suspend
        with database.transaction() as session:
            end(session, "board", "It was a fraud.", ACTOR, house.clock.now())
        for _ in range(3):
            house.tick()
        pledge = house.pledge_of(started.token)
        assert (pledge.status, pledge.refunded_minor) == (PledgeState.CANCELED, 55_00)
        assert {charge.refunded_minor for charge in house.simulator.charges()} == {55_00}
        assert house.campaign().status in {CampaignState.CANCELED, CampaignState.SUSPENDED}
        assert not house.campaign().settling
        assert house.violations() == {}


def test_a_reward_that_is_locked_again_stays_with_who_was_on_the_page_and_takes_no_more(database: Database) -> None:
    with open_house(database) as house:
        with database.transaction() as session:
            live_campaign(session, house.clock.now(), stretch_goals={"wide": 60_00})
            opens = session.exec(select(Tier.id).where(Tier.slug == "board")).one()
            session.exec(select(StretchGoal)).one().opens_tier_id = opens
        with pytest.raises(SoldOut):
            house.start("board", "early@example.org")
        plain = house.pledge("board", "ada@example.org", None, bonus_minor=60_00)
        started = on_the_page(house, "bela@example.org")
        with database.transaction() as session:
            cancel(session, plain, "", house.clock.now())
        with pytest.raises(SoldOut):
            house.start("board", "late@example.org")
        house.desk.look(started.token)
        pledge = house.pledge_of(started.token)
        assert (pledge.status, house.tier().ordered) == (PledgeState.PLEDGED, 1)
        with pytest.raises(SoldOut), database.transaction() as session:
            change(session, started.token, Selection("board", 2, {}, 0, "US"), pledge.version, house.clock.now())
        with database.transaction() as session:
            change(
                session, started.token, Selection("board", 1, {"bag": 1}, 0, "US"), pledge.version, house.clock.now()
            )
        assert house.violations() == {}
