"""After a failed charge: the fix link from every side, the final retry, the drop (RULES section 6)."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import Conflict
from fundlaunch.payments.facts import AuthenticationAsked, ChargeSucceeded, IntentCreated
from fundlaunch.payments.gateway import Charge, IntentReading, ProviderRefused
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.pledges import recovery
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.charging import charge
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.collection import _claim
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER

SECOND = timedelta(seconds=1)


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00)
        it.pledge("board", "ada@example.org", quantity=3)
        yield it


def failed(house: House, card: str) -> str:
    """A pledge whose charge has just failed."""
    token = house.pledge("board", f"{card}@example.org", card=card)
    house.to_deadline()
    house.tick()
    assert house.pledge_of(token).window_ends_at is not None
    return token


def window_end(house: House, token: str) -> datetime:
    end = house.pledge_of(token).window_ends_at
    assert end is not None
    return end


def paid(house: House, token: str) -> int:
    pledge = house.pledge_of(token)
    return sum(one.status == "succeeded" for one in house.simulator.charges_of(pledge.id))


def test_a_lost_card_is_never_tried_again_and_a_new_one_pays_through_the_link(house: House) -> None:
    token = failed(house, "lost")
    assert house.pledge_of(token).due_at is None
    first = house.desk.fix(token)
    assert house.desk.fix(token) == first
    house.clock.advance(timedelta(hours=1))
    second = house.desk.fix(token)
    assert second != first
    house.fill_in(token, "ok")
    with pytest.raises(Conflict, match="nothing to pay"):
        house.desk.fix(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    house.deliver()
    assert paid(house, token) == 1
    assert house.letters.count(("charge_receipt", "lost@example.org")) == 1
    intents = house.simulator.intents_of(house.pledge_of(token).id)
    assert sorted(intent["status"] for intent in intents) == ["canceled", "succeeded"]
    assert house.violations() == {}


def test_the_link_waits_while_a_worker_tries_the_card(house: House) -> None:
    token = failed(house, "insufficient")
    pledge = house.pledge_of(token)
    with house.database.transaction() as session:
        session.get_one(Pledge, pledge.id).lease_until = house.clock.now() + timedelta(minutes=1)
    with pytest.raises(Conflict, match="this very moment"):
        house.desk.fix(token)
    house.clock.advance(timedelta(minutes=2))
    assert house.desk.fix(token)


def test_a_page_left_open_is_closed_before_the_final_retry(house: House) -> None:
    token = failed(house, "insufficient")
    end = window_end(house, token)
    house.clock.set(end - timedelta(minutes=5))
    house.desk.fix(token)
    method = house.pledge_of(token).payment_method
    house.simulator.replace_card(method, "ok")
    house.clock.set(end)
    house.tick()
    with pytest.raises(Exception, match=r"expired|no longer|over|complete"):
        house.fill_in(token, "ok")
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert paid(house, token) == 1
    assert house.violations() == {}


def test_the_pages_of_a_dropped_pledge_take_no_money_any_more(house: House) -> None:
    token = failed(house, "confirms")
    end = window_end(house, token)
    house.clock.set(end - SECOND)
    house.desk.fix(token)
    house.clock.set(end)
    with pytest.raises(Conflict, match="nothing to pay"):
        house.desk.fix(token)
    house.tick()
    assert house.pledge_of(token).status is PledgeState.DROPPED
    with pytest.raises(Exception, match=r"expired|no longer|over|complete"):
        house.fill_in(token, "ok")
    house.deliver()
    assert paid(house, token) == 0
    assert house.tier().claimed == 3
    assert house.letters.count(("pledge_dropped", "confirms@example.org")) == 1
    assert house.violations() == {}


def test_who_pays_in_the_very_last_second_is_collected_and_not_dropped(house: House) -> None:
    token = failed(house, "lost")
    end = window_end(house, token)
    house.clock.set(end - SECOND)
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.clock.set(end)
    house.tick()
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert paid(house, token) == 1
    assert ("pledge_dropped", "lost@example.org") not in house.letters


def test_after_the_window_no_reminder_goes_out_however_late_the_worker_comes(house: House) -> None:
    token = failed(house, "lost")
    house.clock.set(window_end(house, token) + timedelta(days=3))
    house.tick()
    mine = [topic for topic, to in house.letters if to == "lost@example.org"]
    assert mine[-1] == "pledge_dropped"
    assert mine.count("charge_failed") == 1
    assert "charge_final_notice" not in mine
    assert recovery.drop_due(house.database, house.gateway, house.clock.now()) == 0


def test_a_card_taken_away_at_the_provider_asks_for_a_new_one(house: House) -> None:
    token = house.pledge("board", "bela@example.org")
    pledge = house.pledge_of(token)
    house.gateway.release_card(customer=pledge.customer, payment_method=pledge.payment_method)
    house.deliver()
    assert house.pledge_of(token).payment_method == ""
    house.to_deadline()
    house.tick()
    assert house.pledge_of(token).decline_code == "card_removed"
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert house.violations() == {}


def test_a_card_taken_away_without_a_word_is_noticed_when_it_is_charged(house: House) -> None:
    token = house.pledge("board", "bela@example.org")
    pledge = house.pledge_of(token)
    house.gateway.release_card(customer=pledge.customer, payment_method=pledge.payment_method)
    house.to_deadline()
    house.tick()
    assert house.pledge_of(token).status is PledgeState.ERRORED
    house.clock.set(window_end(house, token))
    house.tick()
    assert house.pledge_of(token).status is PledgeState.DROPPED
    assert paid(house, token) == 0


def test_a_canceled_pledge_without_a_card_owes_nobody_a_release(house: House) -> None:
    token = house.pledge("board", "bela@example.org")
    pledge = house.pledge_of(token)
    house.gateway.release_card(customer=pledge.customer, payment_method=pledge.payment_method)
    house.deliver()
    for _ in range(2):
        with house.database.transaction() as session:
            cancel(session, token, "", house.clock.now())
    released = len(house.requests)
    house.tick()
    assert not [request for request in house.requests[released:] if request.url.path.endswith("/detach")]
    assert house.letters.count(("pledge_canceled", "bela@example.org")) == 1


def test_while_the_provider_cannot_cancel_the_old_charge_no_new_one_begins(house: House) -> None:
    token = failed(house, "insufficient")
    house.simulator.faults.strike("/cancel", Fault.ERROR_BEFORE)
    with pytest.raises(Exception, match="no clear answer"):
        house.desk.fix(token)
    house.clock.advance(timedelta(minutes=3))
    with closing(Processing(house)) as gateway, pytest.raises(Conflict, match="this very moment"):
        desk_of(house, gateway).fix(token)
    house.clock.advance(timedelta(minutes=3))
    assert house.desk.fix(token)
    assert len(house.simulator.intents_of(house.pledge_of(token).id)) == 1


class Processing(StripeGateway):
    """A provider at which a charge is still under way, whatever is asked of it; or that refuses, by `code`."""

    def __init__(self, house: House, code: str = "") -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.code = code

    def cancel_intent(self, intent: str) -> IntentReading:
        return IntentReading(intent, "processing", "", ())

    def read_intent(self, intent: str) -> IntentReading:
        return IntentReading(intent, "processing", "", ())

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        del attempt
        if self.code:
            raise ProviderRefused("The payment provider refuses this.", code=self.code)
        return IntentReading(intent, "processing", charge.payment_id, ())


def desk_of(house: House, gateway: StripeGateway) -> Desk:
    return replace(house.desk, gateway=gateway)


def try_with(house: House, gateway: StripeGateway, token: str) -> None:
    """One worker's turn at a due pledge."""
    now = house.clock.now()
    pledge_id = house.pledge_of(token).id
    assert pledge_id in _claim(house.database, now, house.works.speed, house.campaign().id)
    charge(house.database, gateway, house.clock, pledge_id, now + timedelta(seconds=house.works.speed.lease_seconds))


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("", PledgeState.PLEDGED),
        ("account_invalid", PledgeState.PLEDGED),
        ("payment_method_unexpected_state", PledgeState.ERRORED),
    ],
)
def test_a_charge_under_way_or_refused_is_looked_at_again_later(house: House, code: str, state: PledgeState) -> None:
    token = house.pledge("board", "bela@example.org")
    fund(house)
    with closing(Processing(house, code)) as gateway:
        try_with(house, gateway, token)
        assert house.pledge_of(token).status is state
        house.clock.advance(timedelta(minutes=20))
        if state is PledgeState.PLEDGED:
            try_with(house, gateway, token)
            assert paid(house, token) == 0
    house.clock.advance(timedelta(minutes=20))
    if state is PledgeState.ERRORED:
        house.desk.fix(token)
        house.fill_in(token, "ok")
    house.deliver()
    assert paid(house, token) == 1
    assert house.violations() == {}


def test_a_paused_campaign_charges_nobody(house: House) -> None:
    house.to_deadline()
    with house.database.transaction() as session:
        session.get_one(Campaign, house.campaign().id).collection_paused = True
    house.tick()
    assert house.simulator.charges() == []
    with house.database.transaction() as session:
        session.get_one(Campaign, house.campaign().id).collection_paused = False
    house.tick()
    assert house.taken_minor() == 157_00


def test_news_that_contradict_our_books_are_refused_and_old_news_change_nothing(house: House) -> None:
    token = failed(house, "confirms")
    pledge = house.pledge_of(token)
    (intent,) = house.simulator.intents_of(pledge.id)
    payment_id = intent["metadata"]["payment"]
    with pytest.raises(Conflict, match="another amount"):
        house.apply(ChargeSucceeded(intent["id"], payment_id, "ch_1", 1, "USD"))
    with pytest.raises(Conflict, match="two intents"):
        house.apply(IntentCreated("pi_other", payment_id))
    house.apply(AuthenticationAsked(intent["id"], payment_id, ""), IntentCreated("pi_strange", "nobody's"))
    assert house.pledge_of(token) == pledge
