"""News that nobody waits for, that contradict the books, or that come while somebody else was quicker."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlmodel import select

from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear, Conflict, FundLaunchError
from fundlaunch.payments.facts import CardGone, CardSaved, ChargeSucceeded, CheckoutExpired, PaidInCheckout
from fundlaunch.payments.gateway import Charge, CheckoutReading, IntentReading, ProviderRefused
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges import charges, charging
from fundlaunch.pledges.closing import close_due
from fundlaunch.pledges.collection import _claim
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.sweeping import sweep_checkouts
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    with open_house(sqlite_database) as it:
        with sqlite_database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00)
        it.pledge("board", "ada@example.org", quantity=3)
        yield it


class Odd(StripeGateway):
    """A gateway that does its work and then something else happens, or is said."""

    def __init__(self, house: House, *, says: FundLaunchError | None = None, amount_minor: int = 0) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.house = house
        self.says = says
        self.amount_minor = amount_minor

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        if self.amount_minor:
            taken = ChargeSucceeded(intent, charge.payment_id, "ch_1", self.amount_minor, "USD")
            return IntentReading(intent, "succeeded", charge.payment_id, (taken,))
        reading = super().confirm_intent(intent, charge, attempt)
        self.house.apply(*reading.facts)
        assert self.says is not None
        raise self.says

    def expire_checkout(self, session: str) -> CheckoutReading:
        return CheckoutReading(session, "complete", "", ())


def queued(house: House, card: str = "ok") -> tuple[str, timedelta]:
    """A pledge that one worker has just taken up."""
    token = house.pledge("board", "bela@example.org", card=card)
    fund(house)
    return token, timedelta(seconds=house.works.speed.lease_seconds)


def try_with(house: House, gateway: StripeGateway, token: str) -> None:
    now = house.clock.now()
    pledge_id = house.pledge_of(token).id
    assert pledge_id in _claim(house.database, now, house.works.speed, None)
    lease = timedelta(seconds=house.works.speed.lease_seconds)
    charging.charge(house.database, gateway, house.clock, pledge_id, now + lease)


@pytest.mark.parametrize(
    "says", [AnswerUnclear("No clear answer."), ProviderRefused("No.", code="payment_method_unexpected_state")]
)
def test_a_webhook_that_was_quicker_than_the_answer_has_the_last_word(house: House, says: FundLaunchError) -> None:
    token, _ = queued(house)
    with closing(Odd(house, says=says)) as gateway:
        try_with(house, gateway, token)
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    house.clock.advance(timedelta(hours=1))
    house.deliver()
    assert len(house.simulator.charges_of(house.pledge_of(token).id)) == 1
    assert house.violations() == {}


def test_another_amount_than_the_pledges_is_booked_nowhere_and_tried_later(house: House) -> None:
    token, _ = queued(house)
    with closing(Odd(house, amount_minor=1)) as gateway:
        try_with(house, gateway, token)
    pledge = house.pledge_of(token)
    assert (pledge.status, pledge.collected_minor) == (PledgeState.PLEDGED, 0)
    assert pledge.due_at == house.clock.now() + charging.REFUSED_PAUSE


def test_a_worker_that_looked_before_another_one_charged_confirms_nothing(house: House) -> None:
    token, lease = queued(house)
    pledge_id = house.pledge_of(token).id
    until = house.clock.now() + lease
    _claim(house.database, house.clock.now(), house.works.speed, None)
    first = charging._look(house.database, house.clock, pledge_id, until)
    assert first is not None
    charging._step(house.database, house.gateway, house.clock, first)
    seen = charging._look(house.database, house.clock, pledge_id, until)
    assert seen is not None
    charging.charge(house.database, house.gateway, house.clock, pledge_id, until)
    assert charging._step(house.database, house.gateway, house.clock, seen)
    assert len(house.simulator.charges_of(pledge_id)) == 1


def test_a_payment_page_whose_end_the_provider_does_not_tell_is_left_for_later(house: House) -> None:
    token, _ = queued(house, "insufficient")
    house.tick()
    end = house.pledge_of(token).window_ends_at
    assert end is not None
    house.clock.set(end - timedelta(minutes=5))
    house.desk.fix(token)
    house.clock.set(end)
    with closing(Odd(house)) as gateway:
        try_with(house, gateway, token)
    assert house.pledge_of(token).status is PledgeState.ERRORED
    house.clock.advance(timedelta(minutes=3))
    house.tick()
    assert house.pledge_of(token).status is PledgeState.DROPPED
    assert house.violations() == {}


def test_a_page_that_was_paid_counts_though_its_opening_was_never_answered(house: House) -> None:
    token, _ = queued(house, "lost")
    house.tick()
    for _ in range(3):
        house.simulator.faults.strike("/sessions", Fault.DROP_BEFORE)
    with pytest.raises(AnswerUnclear):
        house.desk.fix(token)
    with house.database.reading() as session:
        checkout = session.exec(select(Checkout).where(Checkout.payment_id != "")).one()
    paid = PaidInCheckout("cs_paid", checkout.id, "pi_paid", "pm_paid", 55_00, "USD")
    house.apply(paid, paid, ChargeSucceeded("pi_paid", "", "ch_paid", 55_00, "USD"))
    house.apply(CheckoutExpired("cs_paid", checkout.id))
    with pytest.raises(Conflict, match="opened to pay"):
        house.apply(CardSaved("cs_paid", checkout.id, "", "pm_other", "visa", "4242"))
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert house.pledge_of(token).payment_method == "pm_paid"


def test_news_about_strangers_change_nothing(house: House) -> None:
    before = house.pledges()
    customer = before[0].customer
    house.apply(
        CardSaved("cs_strange", "", "cus_strange", "pm_strange", "visa", "4242"),
        CheckoutExpired("cs_strange", ""),
        CardGone(customer, "pm_of_another_time"),
        CardGone("cus_strange", ""),
        PaidInCheckout("cs_strange", "", "pi_strange", "", 1, "USD"),
    )
    with house.database.transaction() as session:
        charges.apply(session, CardGone(customer, ""), house.clock.now())
    assert house.pledges() == before


def test_two_workers_close_one_campaign_once(house: House) -> None:
    house.desk.send_to_checkout(house.start("board", "bela@example.org"))
    house.to_deadline()

    class Slow(StripeGateway):
        def expire_checkout(self, session: str) -> CheckoutReading:
            assert close_due(house.database, house.gateway, house.clock) == 1
            return super().expire_checkout(session)

    with closing(Slow(KEY, PROVIDER, clock=house.clock, wire=house.line())) as gateway:
        assert close_due(house.database, gateway, house.clock) == 0
    assert house.campaign().frozen_at is not None


def test_a_card_that_is_gone_need_not_be_released(house: House) -> None:
    """In a campaign that failed, and after the window of one that was funded."""
    with house.database.transaction() as session:
        live_campaign(session, house.clock.now(), slug="lamp", goal_minor=10_000_00)
    token, other = house.pledge("lamp", "cleo@example.org"), house.pledge("board", "bela@example.org")
    for one in (token, other):
        house.apply(CardGone(house.pledge_of(one).customer, ""))
    house.to_deadline()
    house.tick()
    house.clock.advance(timedelta(days=8))
    house.tick()
    states = [house.pledge_of(one).status for one in (token, other)]
    assert states == [PledgeState.CANCELED, PledgeState.DROPPED]
    assert not [request for request in house.requests if request.url.path.endswith("/detach")]
    assert house.violations() == {}


def test_the_sweep_passes_over_what_the_provider_does_not_know(house: House) -> None:
    lost, found = (house.start("board", f"{name}@example.org") for name in ("bela", "cleo"))
    for started in (lost, found):
        house.desk.send_to_checkout(started)
        house.fill_in(started.token, "ok")
    with house.database.transaction() as session:
        session.get_one(Checkout, lost.checkout_id).session = "cs_test_of_another_account"
    house.clock.advance(timedelta(minutes=11))
    assert sweep_checkouts(house.database, house.gateway, house.clock.now()) == 2
    assert house.pledge_of(found.token).status is PledgeState.PLEDGED
    assert house.pledge_of(lost.token).status is PledgeState.PREAUTH
