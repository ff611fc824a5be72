"""The limit of one backer over all confirmed pledges of an address: when a pledge starts, changes and is confirmed."""

from collections.abc import Iterator

import pytest

from fundlaunch.campaigns.states import Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import BadInput
from fundlaunch.pledges.actions import cancel, change
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house

ADA = "ada@example.org"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """A campaign whose tier `board` one backer may have five times."""
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), quantity=20)
        yield it


def test_a_second_pledge_counts_the_first_one(house: House) -> None:
    house.pledge("board", ADA, quantity=3)
    house.pledge("board", "Ada@Example.org", quantity=2)
    with pytest.raises(BadInput, match="would be 6"):
        house.start("board", "ADA@example.org", quantity=1)
    assert house.tier().claimed == 5


def test_what_was_never_paid_or_was_canceled_does_not_count(house: House) -> None:
    house.start("board", ADA, quantity=5)
    token = house.pledge("board", ADA, quantity=5)
    with house.database.transaction() as session:
        cancel(session, token, "", house.clock.now())
    assert house.pledge_of(house.pledge("board", ADA, quantity=5)).status is PledgeState.PLEDGED


def test_other_addresses_and_other_rewards_are_not_counted(house: House) -> None:
    house.pledge("board", ADA, quantity=5)
    house.pledge("board", "bela@example.org", quantity=5)
    house.pledge("board", ADA, None, bonus_minor=20_00)
    assert house.campaign().backers == 3


def test_a_card_saved_beyond_the_limit_is_released_with_a_letter(house: House) -> None:
    first, second = (house.start("board", ADA, quantity=3) for _ in range(2))
    for started in (first, second):
        house.desk.send_to_checkout(started)
        house.fill_in(started.token, "ok")
        house.desk.look(started.token)
    assert house.pledge_of(first.token).status is PledgeState.PLEDGED
    assert house.pledge_of(second.token).status is PledgeState.CANCELED
    house.tick()
    assert ("pledge_too_late", ADA) in house.letters
    released = [request for request in house.requests if request.url.path.endswith("/detach")]
    assert len(released) == 1
    assert (house.tier().claimed, house.campaign().backers) == (3, 1)
    assert house.violations() == {}


def test_a_payment_beyond_the_limit_goes_back(house: House) -> None:
    with house.database.transaction() as session:
        session.get_one(Campaign, house.campaign().id).funding = Funding.FLEXIBLE
    first, second = (house.start("board", ADA, quantity=3) for _ in range(2))
    for started in (first, second):
        house.desk.send_to_checkout(started)
        house.fill_in(started.token, "ok")
        house.desk.look(started.token)
    assert house.pledge_of(first.token).status is PledgeState.COLLECTED
    assert house.pledge_of(second.token).status is PledgeState.CANCELED
    house.tick()
    assert house.pledge_of(second.token).refunded_minor == house.pledge_of(second.token).total_minor
    assert ("refund_began", ADA) in house.letters
    assert (house.tier().claimed, house.campaign().backers) == (3, 1)
    assert house.violations() == {}


def test_a_change_counts_the_other_pledges_of_the_address(house: House) -> None:
    house.pledge("board", ADA, quantity=3)
    token = house.pledge("board", ADA, quantity=2)
    version = house.pledge_of(token).version
    with pytest.raises(BadInput, match="would be 6"), house.database.transaction() as session:
        change(session, token, Selection("board", 3, {}, 0, "US"), version, house.clock.now())
    with house.database.transaction() as session:
        change(session, token, Selection("board", 1, {}, 0, "US"), version, house.clock.now())
    assert house.tier().claimed == 4
    assert house.violations() == {}
