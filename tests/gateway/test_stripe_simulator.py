"""The adapter against the local simulator over HTTP: the same code as against Stripe, only the address differs."""

from collections.abc import Iterator

import pytest

from fundlaunch.errors import AnswerUnclear, ProviderBusy
from fundlaunch.payments.facts import (
    AuthenticationAsked,
    CardGone,
    CardSaved,
    ChargeDeclined,
    ChargeSucceeded,
    CheckoutExpired,
    DeclineClass,
    IntentCanceled,
    PaidInCheckout,
)
from fundlaunch.payments.gateway import CardCheckout, Charge, PaymentCheckout
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.stripe.events import READINGS, Look, Sight, learn
from fundlaunch.payments.stripe.gateway import StripeGateway
from tests.gateway.simulated import KEY, SHOP, START, Bench, served


class Desk:
    """A gateway, the simulator behind it, and one customer."""

    def __init__(self, bench: Bench, address: str) -> None:
        self.bench = bench
        self.gateway = StripeGateway(KEY, address, clock=bench.clock)
        self.customer = self.gateway.make_customer(
            key="pledge-1", email="mina@example.org", name="Mina Okafor", pledge_id="pledge-1"
        )

    def wanted(self, checkout_id: str = "checkout-1") -> CardCheckout:
        expires_at = START.replace(hour=13)
        return CardCheckout(checkout_id, "pledge-1", self.customer, "USD", "ko", SHOP, SHOP, expires_at)

    def to_pay(self) -> PaymentCheckout:
        expires_at = START.replace(hour=13)
        return PaymentCheckout(
            "checkout-2", "pledge-1", "payment-2", self.customer, 49900, "KRW", "A lamp", "en", SHOP, SHOP, expires_at
        )

    def charge(self, card: str) -> Charge:
        method = self.bench.simulator.save_card(self.customer, card)
        return Charge(f"payment-{card}", "pledge-1", self.customer, method, 12900, "USD", "lamp, backer 7")

    def facts_of(self, card: str) -> tuple[object, ...]:
        """What one charge of a test card leads to; the intent says the same when it is read afterwards."""
        charge = self.charge(card)
        intent = self.gateway.create_intent(charge)
        reading = self.gateway.confirm_intent(intent, charge, 1)
        assert self.gateway.read_intent(intent) == reading
        return reading.facts


@pytest.fixture
def desk() -> Iterator[Desk]:
    bench = Bench()
    with served(bench) as address:
        desk = Desk(bench, address)
        yield desk
        desk.gateway.close()


def test_a_card_is_saved_on_the_hosted_page(desk: Desk) -> None:
    opened = desk.gateway.open_card_checkout(desk.wanted())
    assert desk.gateway.open_card_checkout(desk.wanted()) == opened
    assert desk.gateway.read_checkout(opened.session).facts == ()
    desk.bench.simulator.complete_checkout(opened.session, "ok")
    (saved,) = desk.gateway.read_checkout(opened.session).facts
    assert isinstance(saved, CardSaved)
    assert (saved.checkout_id, saved.customer, saved.card_last4) == ("checkout-1", desk.customer, "4242")
    assert desk.gateway.expire_checkout(opened.session).facts == (saved,)
    assert desk.gateway.find_checkout(customer=desk.customer, checkout_id="checkout-1") == opened.session


def test_an_open_page_is_closed(desk: Desk) -> None:
    opened = desk.gateway.open_card_checkout(desk.wanted())
    expired = (CheckoutExpired(opened.session, "checkout-1"),)
    assert desk.gateway.expire_checkout(opened.session).facts == expired
    assert desk.gateway.expire_checkout(opened.session).facts == expired


def test_a_payment_page_takes_its_amount(desk: Desk) -> None:
    opened = desk.gateway.open_payment_checkout(desk.to_pay())
    desk.bench.simulator.complete_checkout(opened.session, "ok")
    reading = desk.gateway.read_checkout(opened.session)
    (paid,) = reading.facts
    assert isinstance(paid, PaidInCheckout)
    assert (paid.amount_minor, paid.currency, paid.checkout_id) == (49900, "KRW", "checkout-2")
    assert desk.gateway.read_intent(paid.intent).facts == ()


def test_a_good_card_is_charged_once_however_often_it_is_asked(desk: Desk) -> None:
    charge = desk.charge("ok")
    intent = desk.gateway.create_intent(charge)
    assert desk.gateway.create_intent(charge) == intent
    assert desk.gateway.read_intent(intent).facts == ()
    readings = [desk.gateway.confirm_intent(intent, charge, attempt) for attempt in (1, 1, 2)]
    assert len({reading.facts for reading in readings}) == 1
    assert isinstance(readings[0].facts[0], ChargeSucceeded)
    assert desk.gateway.cancel_intent(intent).facts == readings[0].facts
    assert desk.gateway.find_intent(customer=desk.customer, payment_id="payment-ok") == intent
    assert len(desk.bench.simulator.charges()) == 1


@pytest.mark.parametrize(
    ("card", "decline_class"),
    [
        ("declines", DeclineClass.TRY_LATER),
        ("insufficient", DeclineClass.TRY_LATER),
        ("lost", DeclineClass.NEW_CARD),
    ],
)
def test_a_bad_card_is_declined_and_says_what_it_needs(desk: Desk, card: str, decline_class: DeclineClass) -> None:
    (fact,) = desk.facts_of(card)
    assert isinstance(fact, ChargeDeclined)
    assert fact.decline_class is decline_class
    assert fact.charge == desk.bench.simulator.charges()[0].id


def test_a_card_that_asks_its_bank_asks_for_its_owner(desk: Desk) -> None:
    (fact,) = desk.facts_of("confirms")
    assert isinstance(fact, AuthenticationAsked)


def test_a_declined_intent_is_canceled_and_stays_so(desk: Desk) -> None:
    charge = desk.charge("declines")
    intent = desk.gateway.create_intent(charge)
    desk.gateway.confirm_intent(intent, charge, 1)
    canceled = (IntentCanceled(intent, "payment-declines"),)
    assert desk.gateway.cancel_intent(intent).facts == canceled
    assert desk.gateway.cancel_intent(intent).facts == canceled
    assert desk.gateway.confirm_intent(intent, charge, 2).facts == canceled


def test_a_released_card_can_never_be_charged_again(desk: Desk) -> None:
    charge = desk.charge("ok")
    desk.gateway.release_card(customer=desk.customer, payment_method=charge.payment_method)
    desk.gateway.release_card(customer=desk.customer, payment_method=charge.payment_method)
    intent = desk.gateway.create_intent(charge)
    (fact,) = desk.gateway.confirm_intent(intent, charge, 1).facts
    assert isinstance(fact, ChargeDeclined)
    assert (fact.code, fact.decline_class) == ("card_removed", DeclineClass.NEW_CARD)
    assert desk.bench.simulator.charges() == []


def test_the_simulators_own_events_mean_what_stripes_do(desk: Desk) -> None:
    opened = desk.gateway.open_card_checkout(desk.wanted())
    desk.bench.simulator.complete_checkout(opened.session, "ok")
    left = desk.gateway.open_card_checkout(desk.wanted("checkout-3")).session
    desk.gateway.expire_checkout(left)
    paid = desk.gateway.open_payment_checkout(desk.to_pay())
    desk.bench.simulator.complete_checkout(paid.session, "ok")
    charge = desk.charge("declines")
    intent = desk.gateway.create_intent(charge)
    desk.gateway.confirm_intent(intent, charge, 1)
    desk.gateway.cancel_intent(intent)
    desk.gateway.release_card(customer=desk.customer, payment_method=charge.payment_method)
    learned = [learn(event) for event in desk.bench.simulator.shapes("event") if event["type"] in READINGS]
    *before, gone = [one for one in learned if one != ()]
    assert before == [
        Look(Sight.CHECKOUT, opened.session),
        (CheckoutExpired(left, "checkout-3"),),
        Look(Sight.CHECKOUT, paid.session),
        Look(Sight.INTENT, intent),
        (IntentCanceled(intent, "payment-declines"),),
    ]
    assert isinstance(gone, tuple)
    assert isinstance(gone[0], CardGone)
    assert gone[0].payment_method == charge.payment_method


def test_events_are_listed_oldest_first_from_any_of_them_on(desk: Desk) -> None:
    for number in range(3):
        desk.gateway.expire_checkout(desk.gateway.open_card_checkout(desk.wanted(f"checkout-{number}")).session)
    everything = [event.id for event in desk.gateway.events_since(None, limit=100)]
    assert len(everything) == 3
    assert [event.id for event in desk.gateway.events_since(everything[0], limit=100)] == everything[1:]
    assert [event.id for event in desk.gateway.events_since(everything[0], limit=1)] == everything[1:2]
    assert [event.id for event in desk.gateway.events_since("evt_forgotten", limit=2)] == everything[1:]


def test_a_busy_provider_charged_nothing(desk: Desk) -> None:
    charge = desk.charge("ok")
    intent = desk.gateway.create_intent(charge)
    desk.bench.simulator.faults.strike("/confirm", Fault.TOO_MANY)
    with pytest.raises(ProviderBusy):
        desk.gateway.confirm_intent(intent, charge, 1)
    assert desk.bench.simulator.charges() == []
    desk.gateway.confirm_intent(intent, charge, 1)
    assert len(desk.bench.simulator.charges()) == 1


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_BEFORE])
def test_opening_a_page_survives_a_broken_connection_and_opens_one_page(desk: Desk, fault: Fault) -> None:
    desk.bench.simulator.faults.strike("/sessions", fault)
    desk.gateway.open_card_checkout(desk.wanted())
    assert len(desk.bench.simulator.shapes("checkout.session")) == 1


def test_a_charge_whose_answer_got_lost_is_found_by_looking(desk: Desk) -> None:
    charge = desk.charge("ok")
    intent = desk.gateway.create_intent(charge)
    desk.bench.simulator.faults.strike("/confirm", Fault.ERROR_AFTER)
    with pytest.raises(AnswerUnclear):
        desk.gateway.confirm_intent(intent, charge, 1)
    assert isinstance(desk.gateway.read_intent(intent).facts[0], ChargeSucceeded)
    assert len(desk.bench.simulator.charges()) == 1
