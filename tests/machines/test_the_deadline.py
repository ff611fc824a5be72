"""From the first pledge to the last charge, on both databases, against the provider's stand-in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.errors import CampaignClosed
from fundlaunch.pledges.states import PledgeState
from tests.house import House, live_campaign, open_house


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00)
        yield it


def test_a_pledge_counts_once_its_card_is_saved(house: House) -> None:
    token = house.pledge("board", "ada@example.org")
    pledge = house.pledge_of(token)
    assert pledge.status is PledgeState.PLEDGED
    assert pledge.backer_number == 1
    assert pledge.card_last4 == "4242"
    assert (house.campaign().pledged_minor, house.campaign().backers) == (55_00, 1)
    house.deliver()
    assert house.letters == [("pledge_confirmed", "ada@example.org")]


def test_a_successful_campaign_charges_every_card_once(house: House) -> None:
    for name in ("ada", "bela", "cleo"):
        house.pledge("board", f"{name}@example.org")
    house.to_deadline()
    with pytest.raises(CampaignClosed):
        house.start("board", "late@example.org")
    house.tick()
    house.tick()
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert {pledge.status for pledge in house.pledges()} == {PledgeState.COLLECTED}
    assert house.taken_minor() == 3 * 55_00
    house.deliver()
    assert len(house.simulator.charges()) == 3


def test_a_failed_campaign_releases_every_card_and_says_so(house: House) -> None:
    token = house.pledge("board", "ada@example.org")
    house.to_deadline()
    house.tick()
    house.tick()
    assert house.campaign().status is CampaignState.FAILED
    assert house.pledge_of(token).status is PledgeState.CANCELED
    assert house.simulator.charges() == []
    assert ("campaign_failed", "ada@example.org") in house.letters
    methods = house.simulator.shapes("payment_method")
    assert [method["customer"] for method in methods] == [None]


def test_a_checkout_left_open_at_the_deadline_is_expired_and_frees_its_units(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=2)
    started = house.start("board", "late@example.org")
    house.desk.send_to_checkout(started)
    assert house.tier().claimed == 3
    house.to_deadline()
    house.tick()
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert house.pledge_of(started.token).status is PledgeState.EXPIRED
    assert house.tier().claimed == 2


def test_a_card_saved_just_before_the_final_count_still_counts(house: House) -> None:
    started = house.start("board", "ada@example.org", quantity=2)
    house.desk.send_to_checkout(started)
    house.fill_in(started.token, "ok")
    house.to_deadline()
    house.tick()
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert house.campaign().backers == 1


def test_a_declined_card_is_reminded_retried_at_the_end_and_dropped(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="declines")
    house.to_deadline()
    house.tick()
    house.tick()
    pledge = house.pledge_of(token)
    assert pledge.status is PledgeState.ERRORED
    assert pledge.window_ends_at is not None
    frozen_at = house.campaign().frozen_at
    assert frozen_at is not None
    assert timedelta(days=7) <= pledge.window_ends_at - frozen_at < timedelta(days=7, minutes=1)
    for _ in range(8 * 4):
        house.clock.advance(timedelta(hours=6))
        house.tick()
    assert house.pledge_of(token).status is PledgeState.DROPPED
    mine = [topic for topic, to in house.letters if to == "bela@example.org"]
    # The card is tried the moment the campaign is funded: those two letters are of one instant.
    assert sorted(mine[1:3]) == ["campaign_funded", "charge_failed"]
    assert [mine[0], *mine[3:]] == [
        "pledge_confirmed",
        "charge_failed",
        "charge_failed",
        "charge_final_notice",
        "pledge_dropped",
    ]
    assert len(house.simulator.charges_of(pledge.id)) == 2
    assert house.tier().claimed == 3
    assert house.campaign().pledged_minor == 57_00 + 55_00 + 100_00


def test_a_bank_that_asks_is_answered_through_the_fix_link(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="confirms")
    house.to_deadline()
    house.tick()
    house.tick()
    assert house.pledge_of(token).status is PledgeState.AUTHENTICATION_REQUIRED
    first = house.desk.fix(token)
    assert house.desk.fix(token) == first
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    house.deliver()
    pledge = house.pledge_of(token)
    paid = [charge for charge in house.simulator.charges_of(pledge.id) if charge.status == "succeeded"]
    assert len(paid) == 1
    assert house.letters.count(("charge_receipt", "bela@example.org")) == 1
