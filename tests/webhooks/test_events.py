"""What Stripe's objects and events mean, case by case; and what they do not mean."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundlaunch.payments.facts import (
    AuthenticationAsked,
    CardGone,
    CardSaved,
    ChargeDeclined,
    ChargeSucceeded,
    DeclineClass,
)
from fundlaunch.payments.stripe.events import READINGS, Look, Sight, checkout_facts, intent_facts, learn

SETUP = {
    "id": "cs_1",
    "status": "complete",
    "mode": "setup",
    "client_reference_id": "ours",
    "customer": "cus_1",
    "setup_intent": {"payment_method": {"id": "pm_1", "type": "card", "card": {"brand": "visa", "last4": "4242"}}},
}
INTENT = {"id": "pi_1", "status": "succeeded", "currency": "krw", "metadata": {"payment": "ours", "pledge": "p"}}


def event(kind: str, shape: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "data": {"object": shape, **more}}


def test_an_open_session_means_nothing_yet() -> None:
    assert checkout_facts({**SETUP, "status": "open"}) == ()


def test_a_session_that_is_complete_but_unpaid_means_nothing_yet() -> None:
    assert checkout_facts({"id": "cs_1", "status": "complete", "mode": "payment", "payment_status": "unpaid"}) == ()


def test_a_wallet_without_a_card_is_named_by_its_type() -> None:
    link = {**SETUP, "setup_intent": {"payment_method": {"id": "pm_1", "type": "link", "card": None}}}
    assert checkout_facts(link) == (CardSaved("cs_1", "ours", "cus_1", "pm_1", "link", ""),)


def test_a_customer_may_be_given_as_a_whole() -> None:
    (fact,) = checkout_facts({**SETUP, "customer": {"id": "cus_1", "object": "customer"}})
    assert isinstance(fact, CardSaved)
    assert fact.customer == "cus_1"


@pytest.mark.parametrize(
    "status", ["requires_payment_method", "requires_confirmation", "processing", "requires_capture"]
)
def test_an_intent_that_waits_means_nothing(status: str) -> None:
    assert intent_facts({**INTENT, "status": status, "last_payment_error": None}) == ()


def test_money_is_what_was_received_in_the_currency_in_capitals() -> None:
    paid = {**INTENT, "amount": 700, "amount_received": 500, "latest_charge": "ch_1"}
    assert intent_facts(paid) == (ChargeSucceeded("pi_1", "ours", "ch_1", 500, "KRW"),)


def test_an_intent_that_waits_for_its_bank_asks_for_the_backer() -> None:
    waiting = {**INTENT, "status": "requires_action", "latest_charge": {"id": "ch_1"}}
    assert intent_facts(waiting) == (AuthenticationAsked("pi_1", "ours", "ch_1"),)


def test_a_declined_intent_names_the_charge_that_failed() -> None:
    error = {"code": "card_declined", "decline_code": "lost_card"}
    declined = {**INTENT, "status": "requires_payment_method", "latest_charge": "ch_2", "last_payment_error": error}
    expected = ChargeDeclined("pi_1", "ours", "ch_2", "card_declined", "lost_card", "", DeclineClass.NEW_CARD)
    assert intent_facts(declined) == (expected,)


@pytest.mark.parametrize("status", ["succeeded", "canceled", "requires_action", "requires_payment_method"])
def test_an_intent_of_a_checkout_session_leaves_the_word_to_its_session(status: str) -> None:
    shape = {
        **INTENT,
        "status": status,
        "metadata": {"checkout": "c", "payment": "ours"},
        "last_payment_error": {"code": "x"},
    }
    assert intent_facts(shape) == ()
    for kind in READINGS:
        if kind.startswith("payment_intent."):
            assert learn(event(kind, shape)) == ()


@pytest.mark.parametrize(
    ("kind", "sight"),
    [
        ("checkout.session.completed", Sight.CHECKOUT),
        ("payment_intent.payment_failed", Sight.INTENT),
        ("payment_intent.requires_action", Sight.INTENT),
    ],
)
def test_what_may_have_moved_on_is_read_again(kind: str, sight: Sight) -> None:
    shape = {"id": "x_1", "client_reference_id": "ours", "metadata": {"payment": "ours"}}
    assert learn(event(kind, shape)) == Look(sight, "x_1")


@pytest.mark.parametrize("kind", [kind for kind in READINGS if kind.startswith(("payment_intent.", "checkout."))])
def test_objects_that_are_not_ours_mean_nothing(kind: str) -> None:
    assert learn(event(kind, {"id": "x_1", "status": "complete", "metadata": {}})) == ()


def test_a_detached_card_is_named_with_the_customer_it_belonged_to() -> None:
    detached = event("payment_method.detached", {"id": "pm_1"}, previous_attributes={"customer": "cus_1"})
    assert learn(detached) == (CardGone("cus_1", "pm_1"),)


@pytest.mark.parametrize("kind", ["charge.succeeded", "v1.customer.deleted", "payout.paid", "", "checkout.session"])
def test_other_events_mean_nothing(kind: str) -> None:
    assert learn(event(kind, SETUP)) == ()


@pytest.mark.parametrize("kind", READINGS)
@pytest.mark.parametrize("shape", [None, [], "text", 7, {}, {"id": 7, "metadata": [], "client_reference_id": {}}])
def test_a_misshapen_event_raises_nothing(kind: str, shape: Any) -> None:
    assert isinstance(learn(event(kind, shape)), tuple)
    assert isinstance(learn({"type": kind, "data": shape}), tuple)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(sorted(INTENT | SETUP)), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(READINGS)), anything, anything)
def test_no_event_whatever_raises(kind: str, shape: Any, previous: Any) -> None:
    learned = learn(event(kind, shape, previous_attributes=previous))
    assert isinstance(learned, tuple | Look)


def test_events_of_older_versions_change_nothing_of_ours(shared_data: Path) -> None:
    for path in sorted((shared_data / "stripe" / "events_older_api").glob("*.json")):
        learned = learn(json.loads(path.read_text(encoding="utf-8")))
        gone = isinstance(learned, tuple) and all(isinstance(fact, CardGone) for fact in learned)
        assert learned == () or gone, path.name
