"""Pledges the creator enters: they take stock and a number, are counted apart, and can be removed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, CampaignChange, Tier
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, CampaignClosed, Conflict, NotFound, SoldOut
from fundlaunch.pledges import offline
from fundlaunch.pledges.offline import OfflineEntry
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeOrigin, PledgeState
from tests.cast import NOA, TEO
from tests.house import NOON, House, fund, live_campaign, open_house

AT_THE_FAIR = OfflineEntry(TEO.name, TEO.email, Selection("board", 2, {"bag": 1}, 3_00, "US"), NOON, "paid in cash")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), quantity=5)
        yield it


def enter(house: House, entry: OfflineEntry = AT_THE_FAIR, key: str = "form-1") -> str:
    with house.database.transaction() as session:
        return offline.record(session, "board", entry, key, NOA.email, house.clock.now())


def remove(house: House, number: int) -> None:
    with house.database.transaction() as session:
        offline.remove(session, "board", number, NOA.email, house.clock.now())


def test_an_entry_takes_stock_and_a_number_and_is_counted_apart(house: House) -> None:
    house.pledge("board", "ada@example.org")
    enter(house)
    campaign, entry = house.campaign(), house.pledges()[-1]
    assert (entry.status, entry.origin, entry.backer_number) == (PledgeState.COLLECTED, PledgeOrigin.OFFLINE, 2)
    assert entry.total_minor == 2 * 50_00 + 6_00 + 10_00 + 3_00
    assert (campaign.pledged_minor, campaign.backers) == (55_00, 1)
    assert (campaign.offline_minor, campaign.offline_backers) == (119_00, 1)
    assert house.tier().claimed == 3
    assert house.violations() == {}
    house.tick()
    assert TEO.email not in [recipient for _, recipient in house.letters]


def test_one_form_is_one_entry(house: House) -> None:
    assert enter(house) == enter(house)
    assert (house.tier().claimed, house.campaign().offline_backers) == (2, 1)


def test_an_entry_never_decides_the_outcome(house: House) -> None:
    enter(house)
    assert house.campaign().offline_minor > house.campaign().goal_minor
    fund(house)
    assert house.campaign().status is CampaignState.FAILED
    assert house.pledges()[0].status is PledgeState.COLLECTED
    assert house.violations() == {}


def test_after_the_success_entries_are_taken_and_nothing_frozen_moves(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=2)
    fund(house)
    frozen = house.campaign()
    enter(house)
    after = house.campaign()
    assert (after.pledged_minor, after.backers) == (frozen.pledged_minor, frozen.backers)
    assert after.offline_backers == 1
    assert house.violations() == {}


def test_a_removed_entry_gives_its_units_back_and_keeps_its_number(house: House) -> None:
    enter(house)
    remove(house, 1)
    remove(house, 1)
    assert house.pledges()[0].status is PledgeState.CANCELED
    assert (house.tier().claimed, house.campaign().offline_minor, house.campaign().offline_backers) == (0, 0, 0)
    enter(house, key="form-2")
    assert [pledge.backer_number for pledge in house.pledges()] == [1, 2]
    with house.database.reading() as session:
        assert [pledge.backer_number for pledge in offline.entries(session, house.campaign().id)] == [2]
    assert house.violations() == {}


def test_a_backers_own_pledge_cannot_be_removed(house: House) -> None:
    token = house.pledge("board", "ada@example.org")
    with pytest.raises(Conflict, match="entered by hand"):
        remove(house, 1)
    assert house.pledge_of(token).status is PledgeState.PLEDGED
    with pytest.raises(NotFound):
        remove(house, 9)


def test_stock_is_stock_for_the_creator_too(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=4)
    with pytest.raises(SoldOut, match="1 left"):
        enter(house)
    assert (house.tier().claimed, house.campaign().offline_backers) == (4, 0)


def test_the_creator_may_give_what_is_closed_or_secret_to_others(house: House) -> None:
    with house.database.transaction() as session:
        board = session.exec(select(Tier).where(Tier.slug == "board")).one()
        board.closed, board.secret_key = True, "only-friends"
    enter(house)
    assert house.tier().claimed == 2


def test_an_address_that_pledged_before_is_counted_within_its_limit(house: House) -> None:
    house.pledge("board", TEO.email, quantity=4)
    with pytest.raises(BadInput, match="would be 6"):
        enter(house)
    enter(house, replace(AT_THE_FAIR, email="", selection=Selection("board", 1, {}, 0, "US")))


def test_the_day_must_have_come(house: House) -> None:
    with pytest.raises(BadInput, match="in the future") as refused:
        enter(house, replace(AT_THE_FAIR, taken_at=NOON + timedelta(days=1)))
    assert refused.value.field == "day"


def test_a_campaign_that_is_over_without_success_takes_none(house: House) -> None:
    fund(house)
    with pytest.raises(CampaignClosed, match="while the campaign is live or after it succeeded"):
        enter(house)
    with pytest.raises(NotFound), house.database.transaction() as session:
        offline.record(session, "nothing", AT_THE_FAIR, "form", NOA.email, house.clock.now())


def test_the_time_line_says_who_and_how_much_but_no_name(house: House) -> None:
    enter(house)
    remove(house, 1)
    with house.database.reading() as session:
        campaign = session.exec(select(Campaign)).one()
        lines = session.exec(select(CampaignChange).where(CampaignChange.campaign_id == campaign.id)).all()
    told = [(line.actor, line.field, line.before, line.after, line.is_live) for line in lines]
    assert told == [
        (NOA.email, "by_hand", "", "1: 119.00 USD", False),
        (NOA.email, "by_hand", "1: 119.00 USD", "", False),
    ]
