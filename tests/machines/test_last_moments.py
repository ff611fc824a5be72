"""Around the deadline and the end of a hold, second by second (RULES section 2; TRUST P1, P4, F46)."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from fundlaunch.campaigns import actions as campaigns
from fundlaunch.campaigns.rules import Phase, phase
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear, BadInput, CampaignClosed, Conflict, NotFound, SoldOut, StaleForm
from fundlaunch.payments.facts import CardSaved, CheckoutExpired
from fundlaunch.payments.gateway import CardCheckout, OpenedCheckout
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges.actions import Started, cancel, change
from fundlaunch.pledges.closing import close_due
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.states import PledgeState
from tests.house import KEY, House, live_campaign, open_house
from tests.line import PROVIDER

SECOND = timedelta(seconds=1)
PATIENCE_SECONDS = 60
NO_REWARD = Selection(None, 0, {}, 20_00, "US")


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00, quantity=3)
        yield it


def opened(house: House, email: str, quantity: int = 1) -> Started:
    """A pledge whose backer is on the provider's page."""
    started = house.start("board", email, quantity=quantity)
    house.desk.send_to_checkout(started)
    return started


def lose_hold(house: House, started: Started) -> None:
    """The hold ran out while the provider's page stayed open: its expiry was told, but the backer was quicker."""
    house.apply(CheckoutExpired(session=house.page_of(started.token), checkout_id=started.checkout_id))
    assert house.pledge_of(started.token).status is PledgeState.EXPIRED


def chosen(house: House, token: str, selection: Selection) -> None:
    version = house.pledge_of(token).version
    with house.database.transaction() as session:
        change(session, token, selection, version, house.clock.now())


def taken_back(house: House, token: str) -> None:
    with house.database.transaction() as session:
        cancel(session, token, "changed my mind", house.clock.now())


def boards(quantity: int) -> Selection:
    return Selection("board", quantity, {}, 0, "US")


def test_everything_is_possible_a_second_before_the_deadline_and_nothing_at_it(house: House) -> None:
    first, second = (house.pledge("board", f"{name}@example.org", None, bonus_minor=200_00) for name in ("ada", "bela"))
    left = opened(house, "cleo@example.org")
    deadline_at = house.campaign().deadline_at
    assert deadline_at is not None
    house.clock.set(deadline_at - SECOND)
    chosen(house, first, replace(NO_REWARD, bonus_minor=199_00))
    taken_back(house, second)
    for step in (timedelta(), SECOND):
        house.clock.set(deadline_at + step)
        with pytest.raises(CampaignClosed):
            house.start("board", "late@example.org")
        with pytest.raises(CampaignClosed):
            house.desk.send_again(left.token)
        with pytest.raises(CampaignClosed):
            chosen(house, first, NO_REWARD)
        with pytest.raises(CampaignClosed):
            taken_back(house, first)
    house.tick()
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert (house.campaign().pledged_minor, house.campaign().backers) == (199_00, 1)


def test_in_the_last_day_a_pledge_that_carries_the_goal_stays(house: House) -> None:
    carrying = house.pledge("board", "ada@example.org", None, bonus_minor=100_00)
    deadline_at = house.campaign().deadline_at
    assert deadline_at is not None
    house.clock.set(deadline_at - timedelta(hours=24) - SECOND)
    chosen(house, carrying, replace(NO_REWARD, bonus_minor=100_01))
    house.clock.set(deadline_at - timedelta(hours=24))
    chosen(house, carrying, replace(NO_REWARD, bonus_minor=100_00))
    with pytest.raises(Conflict, match="below its goal"):
        chosen(house, carrying, replace(NO_REWARD, bonus_minor=99_99))
    with pytest.raises(Conflict, match="below its goal"):
        taken_back(house, carrying)
    house.pledge("board", "bela@example.org")
    chosen(house, carrying, replace(NO_REWARD, bonus_minor=50_00))
    assert house.campaign().pledged_minor == 105_00


def test_closing_waits_for_a_provider_out_of_reach_and_the_page_says_final_count(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=2)
    quick = opened(house, "bela@example.org")
    house.fill_in(quick.token, "ok")
    house.to_deadline()
    for _ in ("as a hold that is over", "by closing"):
        house.simulator.faults.strike("/expire", Fault.DROP_BEFORE)
    house.tick()
    campaign = house.campaign()
    assert campaign.frozen_at is None
    assert phase(campaign.status, campaign.deadline_at, house.clock.now(), outstanding=1) is Phase.FINAL_COUNT
    house.clock.advance(timedelta(minutes=1))
    house.tick()
    assert house.campaign().frozen_at is not None
    assert house.campaign().backers == 2
    assert house.violations() == {}


class Interrupted(StripeGateway):
    """A gateway with whom the deadline passes, and closing is done, while it is about to open a page."""

    def __init__(self, house: House) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.house = house

    def open_card_checkout(self, wanted: CardCheckout) -> OpenedCheckout:
        deadline_at = self.house.campaign().deadline_at
        assert deadline_at is not None
        self.house.clock.set(deadline_at)
        close_due(self.house.database, self.house.gateway, self.house.clock)
        return super().open_card_checkout(replace(wanted, expires_at=deadline_at + timedelta(minutes=32)))


def test_a_page_that_opens_after_closing_gave_it_up_is_expired_at_once(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=2)
    started = house.start("board", "late@example.org")
    with closing(Interrupted(house)) as gateway, pytest.raises(CampaignClosed):
        replace(house.desk, gateway=gateway).send_to_checkout(started)
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert [page["status"] for page in house.simulator.shapes("checkout.session")] == ["complete", "expired"]
    assert house.pledge_of(started.token).status is PledgeState.EXPIRED
    assert house.tier().claimed == 2
    house.deliver()
    assert house.violations() == {}


def test_a_card_saved_after_its_hold_was_lost_gets_the_units_that_are_left(house: House) -> None:
    started = opened(house, "ada@example.org", quantity=3)
    lose_hold(house, started)
    assert house.tier().claimed == 0
    house.fill_in(started.token, "ok")
    house.deliver()
    assert house.pledge_of(started.token).status is PledgeState.PLEDGED
    assert house.tier().claimed == 3
    assert house.violations() == {}


def test_a_card_saved_after_its_hold_was_lost_is_released_when_none_are_left(house: House) -> None:
    started = opened(house, "ada@example.org", quantity=2)
    lose_hold(house, started)
    house.pledge("board", "bela@example.org", quantity=2)
    house.fill_in(started.token, "ok")
    house.deliver()
    assert house.pledge_of(started.token).status is PledgeState.CANCELED
    assert house.tier().claimed == 2
    assert house.letters.count(("pledge_too_late", "ada@example.org")) == 1
    assert [method["customer"] is None for method in house.simulator.shapes("payment_method")] == [False, True]
    assert house.violations() == {}


def test_a_card_saved_after_the_freeze_is_released_and_changes_no_total(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=2)
    started = opened(house, "late@example.org")
    house.to_deadline()
    house.tick()
    before = house.campaign().pledged_minor
    method = house.simulator.save_card(house.pledge_of(started.token).customer, "ok")
    late = CardSaved(house.page_of(started.token), "", house.pledge_of(started.token).customer, method, "visa", "4242")
    house.apply(late, late)
    house.tick()
    assert house.pledge_of(started.token).status is PledgeState.CANCELED
    assert (house.campaign().pledged_minor, house.tier().claimed) == (before, 2)
    assert house.letters.count(("pledge_too_late", "late@example.org")) == 1
    assert house.violations() == {}


def test_a_campaign_that_is_canceled_turns_away_who_is_still_at_the_page(house: House) -> None:
    token = house.pledge("board", "ada@example.org")
    quick, slow = opened(house, "bela@example.org"), opened(house, "cleo@example.org")
    house.fill_in(quick.token, "ok")
    with house.database.transaction() as session:
        campaigns.cancel(session, "board", "No more wood", "creator", house.clock.now())
    house.tick()
    house.tick()
    states = [house.pledge_of(one).status for one in (token, quick.token, slow.token)]
    assert states == [PledgeState.CANCELED, PledgeState.CANCELED, PledgeState.EXPIRED]
    assert house.tier().claimed == 0
    assert (house.campaign().pledged_minor, house.campaign().backers) == (55_00, 1)
    assert ("pledge_too_late", "bela@example.org") in house.letters
    assert {method["customer"] for method in house.simulator.shapes("payment_method")} == {None}
    assert not house.campaign().settling


def test_a_second_card_for_the_same_pledge_is_released_without_a_word(house: House) -> None:
    started = opened(house, "ada@example.org")
    house.fill_in(started.token, "ok")
    house.desk.look(started.token)
    pledge = house.pledge_of(started.token)
    other = house.simulator.save_card(pledge.customer, "declines")
    house.apply(CardSaved(house.page_of(started.token), started.checkout_id, pledge.customer, other, "visa", "0341"))
    house.tick()
    assert house.pledge_of(started.token).payment_method == pledge.payment_method
    kept = {method["id"] for method in house.simulator.shapes("payment_method") if method["customer"]}
    assert kept == {pledge.payment_method}
    assert house.letters == [("pledge_confirmed", "ada@example.org")]


def test_a_change_exchanges_scarce_units_all_or_none(house: House) -> None:
    token = house.pledge("board", "ada@example.org", quantity=2)
    other = house.pledge("board", "bela@example.org")
    with pytest.raises(SoldOut):
        chosen(house, other, boards(2))
    assert (house.pledge_of(other).tier_quantity, house.tier().claimed) == (1, 3)
    chosen(house, token, boards(1))
    chosen(house, other, replace(boards(2), add_ons={"bag": 3}))
    assert (house.tier().claimed, house.tier("bag").claimed) == (3, 3)
    with house.database.transaction() as session, pytest.raises(StaleForm):
        change(session, token, boards(1), 1, house.clock.now())
    chosen(house, other, NO_REWARD)
    assert (house.tier().claimed, house.tier("bag").claimed) == (1, 0)
    assert house.campaign().pledged_minor == 55_00 + 20_00
    assert house.violations() == {}


def test_the_same_form_makes_one_pledge_however_often_it_is_sent(house: House) -> None:
    first = house.start("board", "ada@example.org", key="one form")
    again = house.start("board", "Ada@Example.org", key="one form")
    assert again == replace(first, is_repeat=True)
    assert house.desk.send_to_checkout(first) == house.desk.send_to_checkout(again)
    assert len(house.simulator.shapes("checkout.session")) == 1
    with pytest.raises(BadInput, match="used already"):
        house.start("board", "eve@example.org", key="one form")
    with pytest.raises(NotFound):
        house.start("nothing", "ada@example.org")


def test_one_form_sent_twenty_times_at_once_makes_one_pledge(house: House) -> None:
    gate = threading.Barrier(20, timeout=PATIENCE_SECONDS)
    answers: list[Started] = []

    def send() -> None:
        gate.wait()
        answers.append(house.start("board", "ada@example.org", key="one form"))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.pledge_id for answer in answers}) == 1
    assert [answer.is_repeat for answer in answers].count(False) == 1
    assert len(answers) == 20
    assert house.tier().claimed == 1


def test_a_page_that_was_left_is_found_again_and_one_never_opened_is_replaced_in_time(house: House) -> None:
    started = opened(house, "ada@example.org")
    assert house.desk.send_again(started.token) == house.desk.send_again(started.token)
    for _ in range(3):
        house.simulator.faults.strike("/sessions", Fault.DROP_BEFORE)
    lost = house.start("board", "bela@example.org")
    with pytest.raises(AnswerUnclear):
        house.desk.send_to_checkout(lost)
    house.clock.advance(timedelta(minutes=20))
    house.desk.send_again(lost.token)
    house.fill_in(lost.token, "ok")
    house.desk.look(lost.token)
    assert house.pledge_of(lost.token).status is PledgeState.PLEDGED
    with pytest.raises(Conflict, match="needs no checkout"):
        house.desk.send_again(lost.token)
    house.clock.advance(timedelta(minutes=20))
    house.tick()
    assert house.pledge_of(started.token).status is PledgeState.EXPIRED
    with pytest.raises(Conflict):
        house.desk.send_again(started.token)
    with pytest.raises(Conflict, match="has ended"):
        house.desk.send_to_checkout(started)
    assert house.tier().claimed == 1
    with house.database.reading() as session:
        assert session.get_one(Checkout, started.checkout_id).status.value == "expired"


def test_the_return_page_shrugs_when_the_provider_is_out_of_reach(house: House) -> None:
    started = opened(house, "ada@example.org")
    house.fill_in(started.token, "ok")
    house.simulator.faults.strike(house.page_of(started.token), Fault.ERROR_BEFORE)
    house.desk.look(started.token)
    assert house.pledge_of(started.token).status is PledgeState.PREAUTH
    house.clock.advance(timedelta(minutes=11))
    house.sweep()
    assert house.pledge_of(started.token).status is PledgeState.PLEDGED
    house.desk.look(started.token)
