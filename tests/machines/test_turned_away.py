"""Backers who are asked to choose again."""

from collections.abc import Iterator

import pytest

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Conflict
from fundlaunch.payments.facts import CardSaved
from fundlaunch.pledges.actions import change
from fundlaunch.pledges.rules import Selection
from tests.house import House, live_campaign, open_house

NO_REWARD = Selection(None, 0, {}, 20_00, "US")


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    with open_house(sqlite_database) as it:
        with sqlite_database.transaction() as session:
            live_campaign(session, it.clock.now())
        yield it


def test_where_a_reward_has_to_be_chosen_no_pledge_is_made_or_changed_without_one(house: House) -> None:
    token = house.pledge("board", "ada@example.org")
    with house.database.transaction() as session:
        session.get_one(Campaign, house.campaign().id).takes_plain_pledges = False
    with pytest.raises(BadInput, match="choose a reward") as refused:
        house.start("board", "bela@example.org", None, bonus_minor=20_00)
    assert refused.value.field == "tier"
    before = house.pledge_of(token)
    with house.database.transaction() as session, pytest.raises(BadInput, match="choose a reward"):
        change(session, token, NO_REWARD, before.version, house.clock.now())
    assert house.pledges() == [before]


def test_a_checkout_that_ended_without_a_card_cannot_be_gone_on_with(house: House) -> None:
    started = house.start("board", "ada@example.org")
    house.desk.send_to_checkout(started)
    customer = house.pledge_of(started.token).customer
    house.apply(CardSaved(house.page_of(started.token), started.checkout_id, customer, "", "", ""))
    with pytest.raises(Conflict, match="Choose your reward again"):
        house.desk.send_again(started.token)
