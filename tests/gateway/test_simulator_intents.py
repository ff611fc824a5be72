"""PaymentIntents: two calls to charge, every decline in its shape, cancellation, fees and refunds."""

from typing import Any

import pytest

from fundlaunch.payments.simulator.cards import CARDS
from fundlaunch.payments.simulator.charges import fee_minor
from tests.gateway.simulated import SHOP, Bench

OFF_SESSION: dict[str, Any] = {"off_session": True, "return_url": SHOP}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_intent_is_created_unconfirmed_and_charges_nothing(bench: Bench) -> None:
    intent = bench.intent()
    assert intent["status"] == "requires_confirmation"
    assert bench.simulator.charges() == []
    assert bench.kinds()[-1] == "payment_intent.created"


def test_confirming_charges_once_and_tells_the_fee_with_the_update(bench: Bench) -> None:
    intent = bench.intent(amount_minor=10_000)
    confirmed = bench.post(f"payment_intents/{intent['id']}/confirm", **OFF_SESSION)
    assert (confirmed["status"], confirmed["amount_received"]) == ("succeeded", 10_000)
    (charge,) = bench.simulator.charges()
    assert (charge.amount_minor, charge.fee_minor, charge.currency) == (10_000, 320, "USD")
    succeeded, updated = (
        event["data"]["object"] for event in bench.simulator.shapes("event") if event["type"].startswith("charge.")
    )
    assert succeeded["balance_transaction"] is None
    transaction = bench.get(f"balance_transactions/{updated['balance_transaction']}")
    assert (transaction["fee"], transaction["net"], transaction["source"]) == (320, 9_680, charge.id)


@pytest.mark.parametrize(
    ("card", "code", "decline_code", "advice_code"),
    [
        ("declines", "card_declined", "generic_decline", "try_again_later"),
        ("insufficient", "card_declined", "insufficient_funds", "try_again_later"),
        ("confirms", "authentication_required", "authentication_required", None),
        ("lost", "card_declined", "lost_card", "do_not_try_again"),
    ],
)
def test_a_decline_is_a_402_and_the_intent_needs_a_card_again(
    bench: Bench, card: str, code: str, decline_code: str, advice_code: str | None
) -> None:
    intent = bench.intent(card)
    error = bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 402, **OFF_SESSION)
    assert error["type"] == "card_error"
    assert (error["code"], error["decline_code"], error.get("advice_code")) == (code, decline_code, advice_code)
    fallen = bench.get(f"payment_intents/{intent['id']}")
    assert error["payment_intent"] == fallen
    assert (fallen["status"], fallen["payment_method"]) == ("requires_payment_method", None)
    assert fallen["last_payment_error"]["decline_code"] == decline_code
    (charge,) = bench.simulator.charges()
    assert (charge.id, charge.status, charge.fee_minor) == (error["charge"], "failed", 0)
    assert bench.kinds()[-1] == "payment_intent.payment_failed"


def test_the_test_cards_are_the_six_that_are_promised() -> None:
    assert set(CARDS) == {"ok", "declines", "insufficient", "confirms", "lost", "slow_refund"}
    assert len({card.last4 for card in CARDS.values()}) == 6


def test_a_declined_intent_is_tried_again_with_the_method_sent_once_more(bench: Bench) -> None:
    intent = bench.intent("insufficient")
    bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 402, **OFF_SESSION)
    error = bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 400, **OFF_SESSION)
    assert error["code"] == "payment_intent_unexpected_state"
    bench.simulator.replace_card(intent["payment_method"], "ok")
    again = OFF_SESSION | {"payment_method": intent["payment_method"]}
    assert bench.post(f"payment_intents/{intent['id']}/confirm", **again)["status"] == "succeeded"


def test_a_paid_intent_is_never_charged_again(bench: Bench) -> None:
    intent = bench.intent()
    bench.post(f"payment_intents/{intent['id']}/confirm", "key-1", **OFF_SESSION)
    error = bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 400, "key-2", **OFF_SESSION)
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "succeeded"
    assert len(bench.simulator.charges()) == 1


def test_a_canceled_intent_can_neither_be_confirmed_nor_canceled_again(bench: Bench) -> None:
    intent = bench.intent()
    canceled = bench.post(f"payment_intents/{intent['id']}/cancel", cancellation_reason="abandoned")
    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    for act, sent in (("confirm", OFF_SESSION), ("cancel", {})):
        error = bench.refused("POST", f"payment_intents/{intent['id']}/{act}", 400, **sent)
        assert error["code"] == "payment_intent_unexpected_state"
    assert bench.simulator.charges() == []


def test_a_paid_intent_cannot_be_canceled(bench: Bench) -> None:
    intent = bench.intent()
    bench.post(f"payment_intents/{intent['id']}/confirm", **OFF_SESSION)
    bench.refused("POST", f"payment_intents/{intent['id']}/cancel", 400)


def test_an_intent_of_a_session_is_left_to_the_session(bench: Bench) -> None:
    session = bench.payment_session()
    bench.simulator.complete_checkout(session["id"], "confirms")
    (intent,) = bench.simulator.intents_of("p1")
    for act in ("confirm", "cancel"):
        assert "Checkout Session" in bench.refused("POST", f"payment_intents/{intent['id']}/{act}", 400)["message"]


def test_with_its_owner_present_a_card_that_asks_its_bank_waits_for_the_answer(bench: Bench) -> None:
    intent = bench.intent("confirms")
    waiting = bench.post(f"payment_intents/{intent['id']}/confirm", return_url=SHOP)
    assert waiting["status"] == "requires_action"
    assert bench.simulator.confirm_bank(intent["id"])["status"] == "succeeded"


def test_create_and_confirm_in_one_call_charges_at_once(bench: Bench) -> None:
    assert bench.intent(confirm=True, **OFF_SESSION)["status"] == "succeeded"


@pytest.mark.parametrize(("amount", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_amounts_the_provider_does_not_charge_are_refused(bench: Bench, amount: int, code: str) -> None:
    error = bench.refused("POST", "payment_intents", 400, amount=amount, currency="usd")
    assert (error["code"], error["param"]) == (code, "amount")


def test_what_only_makes_sense_with_confirm_is_refused_without(bench: Bench) -> None:
    error = bench.refused("POST", "payment_intents", 400, amount=500, currency="usd", off_session=True)
    assert error["param"] == "off_session"


def test_confirming_at_once_needs_a_payment_method(bench: Bench) -> None:
    sent = {"amount": 500, "currency": "usd", "customer": bench.customer(), "confirm": True}
    assert bench.refused("POST", "payment_intents", 400, **sent, **OFF_SESSION)["param"] == "payment_method"
    assert bench.simulator.shapes("payment_intent") == []


def test_an_intent_that_may_redirect_needs_a_return_address(bench: Bench) -> None:
    intent = bench.intent()
    assert bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 400, off_session=True)["param"] == (
        "return_url"
    )
    only_cards = bench.intent(allowed_payment_method_types=["card", "link"])
    assert bench.post(f"payment_intents/{only_cards['id']}/confirm", off_session=True)["status"] == "succeeded"


def test_a_card_of_another_customer_is_refused(bench: Bench) -> None:
    method = bench.simulator.save_card(bench.customer())
    sent = {"amount": 500, "currency": "usd", "customer": bench.customer(), "payment_method": method}
    assert bench.refused("POST", "payment_intents", 400, **sent)["param"] == "payment_method"


def test_a_detached_card_can_never_be_charged(bench: Bench) -> None:
    intent = bench.intent()
    detached = bench.post(f"payment_methods/{intent['payment_method']}/detach")
    assert detached["customer"] is None
    assert bench.kinds()[-1] == "payment_method.detached"
    assert bench.get("payment_methods", customer=intent["customer"])["data"] == []
    bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 400, **OFF_SESSION)
    bench.refused("POST", f"payment_methods/{intent['payment_method']}/attach", 400, customer=intent["customer"])
    bench.refused("POST", f"payment_methods/{intent['payment_method']}/detach", 400)
    assert bench.simulator.charges() == []


def test_a_card_made_by_its_test_number_is_attached_and_charged(bench: Bench) -> None:
    customer = bench.customer()
    method = bench.post("payment_methods", type="card", card={"number": "4000000000009987"})
    bench.post(f"payment_methods/{method['id']}/attach", customer=customer)
    sent = {"amount": 500, "currency": "usd", "customer": customer, "payment_method": method["id"], "confirm": True}
    assert bench.refused("POST", "payment_intents", 402, **sent, **OFF_SESSION)["decline_code"] == "lost_card"
    assert bench.refused("POST", "payment_methods", 402, type="card", card={"number": "4111"})["param"] == "number"


def test_intents_are_found_by_customer(bench: Bench) -> None:
    first, second = bench.intent(), bench.intent()
    listed = bench.get("payment_intents", customer=first["customer"])
    assert [intent["id"] for intent in listed["data"]] == [first["id"]]
    everyone = bench.get("payment_intents")
    assert [intent["id"] for intent in everyone["data"]] == [second["id"], first["id"]]


@pytest.mark.parametrize(("amount", "fee"), [(50, 31), (1_000, 59), (1_500, 74), (10_000, 320), (99_999, 2_930)])
def test_the_fee_is_rounded_half_up(amount: int, fee: int) -> None:
    assert fee_minor(amount) == fee


def test_a_refund_gives_back_at_most_what_was_charged(bench: Bench) -> None:
    intent = bench.intent(amount_minor=1_000)
    bench.post(f"payment_intents/{intent['id']}/confirm", **OFF_SESSION)
    part = bench.post("refunds", payment_intent=intent["id"], amount=400, reason="requested_by_customer")
    assert bench.refused("POST", "refunds", 400, payment_intent=intent["id"], amount=601)["param"] == "amount"
    rest = bench.post("refunds", payment_intent=intent["id"])
    assert (part["amount"], rest["amount"]) == (400, 600)
    assert bench.refused("POST", "refunds", 400, payment_intent=intent["id"])["code"] == "charge_already_refunded"
    (charge,) = bench.simulator.charges()
    assert charge.refunded_minor == 1_000
    net = sum(transaction["net"] for transaction in bench.get("balance_transactions")["data"])
    assert net == -charge.fee_minor
    assert bench.kinds()[-2:] == ["refund.created", "charge.refunded"]
    assert [refund["id"] for refund in bench.get("refunds", charge=charge.id)["data"]] == [rest["id"], part["id"]]


def test_metadata_is_merged_and_a_key_is_taken_away_by_an_empty_value(bench: Bench) -> None:
    intent = bench.intent()
    updated = bench.post(f"payment_intents/{intent['id']}", metadata={"payment": "", "round": "2"})
    assert updated["metadata"] == {"pledge": "p1", "round": "2"}
