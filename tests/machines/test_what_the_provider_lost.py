"""Things that the provider does not hold any more, or will not tell: nobody else has to wait for them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear
from fundlaunch.payments.gateway import (
    Charge,
    CheckoutReading,
    IntentReading,
    OpenedCheckout,
    PaymentCheckout,
    ProviderRefused,
)
from fundlaunch.pledges import closing, recovery
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.states import PledgeState
from tests.house import BASE_URL, House, live_campaign, open_house

MISSING = ProviderRefused("The provider holds no such thing ({code}).", code="resource_missing")
SECRET = ProviderRefused("The provider refuses ({code}).", code="testmode_charges_only")


class Wrapped:
    """A gateway that answers as the real one, but for what a test changes."""

    def __init__(self, gateway: Any) -> None:
        self.gateway = gateway
        self.attempts: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)


class HoldsNoPages(Wrapped):
    def expire_checkout(self, session: str) -> CheckoutReading:
        del session
        raise MISSING


class TellsNothing(Wrapped):
    def expire_checkout(self, session: str) -> CheckoutReading:
        del session
        raise SECRET


class CancelsNothing(Wrapped):
    def cancel_intent(self, intent: str) -> IntentReading:
        del intent
        raise SECRET


class LostTheCustomer(Wrapped):
    """Every page for the customer the pledge was made with is refused."""

    lost = ""

    def open_payment_checkout(self, wanted: PaymentCheckout) -> OpenedCheckout:
        self.lost = self.lost or wanted.customer
        if wanted.customer == self.lost:
            raise MISSING
        return self.gateway.open_payment_checkout(wanted)  # type: ignore[no-any-return]  # a wrapped gateway


class RefusesPages(Wrapped):
    def open_payment_checkout(self, wanted: PaymentCheckout) -> OpenedCheckout:
        del wanted
        raise SECRET


class KnowsNoCustomer(Wrapped):
    """The customer was deleted before the card could be charged."""

    def create_intent(self, charge: Charge) -> str:
        del charge
        raise MISSING


class KeptAnError(Wrapped):
    """A confirmation that was never carried out, whose 500 is kept under its key."""

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        self.attempts.append(attempt)
        if attempt == 1:
            raise AnswerUnclear("The provider did not say.")
        return self.gateway.confirm_intent(intent, charge, attempt)  # type: ignore[no-any-return]  # as above


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), quantity=20)
            live_campaign(session, it.clock.now(), slug="lamp", goal_minor=50_00)
        yield it


def with_gateway(house: House, gateway: Any) -> None:
    house.gateway = gateway


def test_a_page_the_provider_does_not_hold_has_ended(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    left = house.start("board", "bela@example.org")
    house.desk.send_to_checkout(left)
    house.to_deadline()
    closing.close_due(house.database, HoldsNoPages(house.gateway), house.clock)
    assert house.campaign().status is CampaignState.SUCCESSFUL
    assert house.pledge_of(left.token).status is PledgeState.EXPIRED


def test_a_page_that_cannot_be_read_holds_up_its_own_campaign_only(house: House) -> None:
    left = house.start("board", "bela@example.org")
    house.desk.send_to_checkout(left)
    house.pledge("lamp", "ada@example.org")
    house.to_deadline()
    gateway: Any = TellsNothing(house.gateway)
    assert closing.close_due(house.database, gateway, house.clock) == 1
    assert house.campaign("board").status is CampaignState.LIVE
    assert house.campaign("lamp").status is CampaignState.SUCCESSFUL
    assert closing.expire_holds(house.database, gateway, house.clock.now()) == 0


def test_a_pledge_whose_charge_cannot_be_canceled_is_not_dropped(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="lost")
    house.to_deadline()
    house.tick()
    house.clock.advance(timedelta(days=8))
    gateway: Any = CancelsNothing(house.gateway)
    assert recovery.drop_due(house.database, gateway, house.clock.now()) == 0
    assert house.pledge_of(token).status is PledgeState.ERRORED
    assert recovery.drop_due(house.database, house.gateway, house.clock.now()) == 1
    assert house.pledge_of(token).status is PledgeState.DROPPED


def test_the_fix_link_works_though_the_customer_was_deleted(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="declines")
    house.to_deadline()
    house.tick()
    gateway: Any = LostTheCustomer(house.gateway)
    Desk(house.database, gateway, BASE_URL, house.clock).fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED


def test_a_payment_page_that_is_refused_can_be_asked_for_again(house: House) -> None:
    house.pledge("board", "ada@example.org", quantity=3)
    token = house.pledge("board", "bela@example.org", card="declines")
    house.to_deadline()
    house.tick()
    gateway: Any = RefusesPages(house.gateway)
    with pytest.raises(ProviderRefused, match="testmode_charges_only"):
        Desk(house.database, gateway, BASE_URL, house.clock).fix(token)
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED


def test_a_charge_that_was_never_made_needs_no_canceling_before_the_backer_pays(house: House) -> None:
    token = house.pledge("board", "ada@example.org", quantity=3)
    house.to_deadline()
    real = house.gateway
    with_gateway(house, KnowsNoCustomer(real))
    house.tick()
    assert house.pledge_of(token).decline_code == "card_removed"
    with_gateway(house, real)
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert [intent["status"] for intent in house.simulator.intents_of(house.pledge_of(token).id)] == ["succeeded"]


def test_a_kept_500_is_left_behind_once_the_intent_is_known_to_be_unconfirmed(house: House) -> None:
    token = house.pledge("board", "ada@example.org", quantity=3)
    house.to_deadline()
    gateway: Any = KeptAnError(house.gateway)
    with_gateway(house, gateway)
    for _ in range(15):
        house.tick()
        house.clock.advance(timedelta(minutes=1))
    assert set(gateway.attempts[:-1]) == {1}
    assert gateway.attempts[-1] == 2
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert [charge.status for charge in house.simulator.charges()] == ["succeeded"]
