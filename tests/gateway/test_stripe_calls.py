"""What the adapter asks of Stripe, call by call: parameters, keys, headers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fundlaunch.payments.facts import CardSaved, ChargeSucceeded, CheckoutExpired, IntentCanceled, PaidInCheckout
from fundlaunch.payments.gateway import CheckoutReading, IntentReading, OpenedCheckout
from fundlaunch.payments.stripe.events import READINGS
from tests.gateway.stripe_edge import (
    BACK,
    CARD_CHECKOUT,
    CHARGE,
    EXPIRES_AT,
    KEY,
    PAYMENT_CHECKOUT,
    RETURN,
    Edge,
    intent,
    listed,
    refusal,
    session,
)

SESSIONS, INTENTS = "/v1/checkout/sessions", "/v1/payment_intents"
EXPIRY = str(int(EXPIRES_AT.timestamp()))


@pytest.fixture
def edge() -> Iterator[Edge]:
    with Edge() as opened:
        yield opened


def test_a_customer_is_made_for_one_pledge_under_the_callers_key(edge: Edge) -> None:
    edge.on("POST", "/v1/customers", {"id": "cus_1", "object": "customer"})
    made = edge.gateway.make_customer(
        key="pledge-1", email="mina@example.org", name="Mina Okafor", pledge_id="pledge-1"
    )
    assert made == "cus_1"
    assert edge.form() == {"email": "mina@example.org", "name": "Mina Okafor", "metadata[pledge]": "pledge-1"}
    assert edge.key() == "customer:pledge-1"


def test_a_customer_without_a_name_is_sent_without_one_and_a_long_name_is_cut(edge: Edge) -> None:
    edge.on("POST", "/v1/customers", *[{"id": "cus_1", "object": "customer"}] * 2)
    edge.gateway.make_customer(key="a", email="mina@example.org", name="", pledge_id="p")
    assert "name" not in edge.form()
    edge.gateway.make_customer(key="b", email="mina@example.org", name="강" * 300, pledge_id="p")
    assert edge.form()["name"] == "강" * 256


def test_a_card_is_saved_in_setup_mode_with_our_marks_on_session_and_intent(edge: Edge) -> None:
    edge.on("POST", SESSIONS, session())
    opened = edge.gateway.open_card_checkout(CARD_CHECKOUT)
    assert opened == OpenedCheckout("cs_1", "https://checkout.example/cs_1", EXPIRES_AT)
    assert edge.form() == {
        "mode": "setup",
        "currency": "usd",
        "customer": "cus_1",
        "client_reference_id": "checkout-1",
        "allowed_payment_method_types[0]": "card",
        "allowed_payment_method_types[1]": "link",
        "metadata[checkout]": "checkout-1",
        "metadata[pledge]": "pledge-1",
        "setup_intent_data[metadata][checkout]": "checkout-1",
        "setup_intent_data[metadata][pledge]": "pledge-1",
        "success_url": RETURN,
        "cancel_url": BACK,
        "expires_at": EXPIRY,
        "locale": "ko",
    }
    assert edge.key() == "checkout:checkout-1"


def test_a_payment_page_takes_one_amount_in_the_campaigns_currency_and_keeps_the_card(edge: Edge) -> None:
    edge.on("POST", SESSIONS, session(mode="payment"))
    edge.gateway.open_payment_checkout(PAYMENT_CHECKOUT)
    marks = {"checkout": "checkout-2", "pledge": "pledge-1", "payment": "payment-2"}
    assert edge.form() == {
        "mode": "payment",
        "customer": "cus_1",
        "client_reference_id": "checkout-2",
        "allowed_payment_method_types[0]": "card",
        "allowed_payment_method_types[1]": "link",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "krw",
        "line_items[0][price_data][unit_amount]": "49900",
        "line_items[0][price_data][product_data][name]": "A lamp",
        "adaptive_pricing[enabled]": "false",
        "payment_intent_data[setup_future_usage]": "off_session",
        **{f"metadata[{name}]": mark for name, mark in marks.items()},
        **{f"payment_intent_data[metadata][{name}]": mark for name, mark in marks.items()},
        "success_url": RETURN,
        "cancel_url": BACK,
        "expires_at": EXPIRY,
        "locale": "en",
    }
    assert edge.key() == "checkout:checkout-2"


def test_a_language_that_the_page_is_not_offered_in_is_left_to_the_browser(edge: Edge) -> None:
    edge.on("POST", SESSIONS, session())
    edge.gateway.open_card_checkout(replace(CARD_CHECKOUT, language="xx"))
    assert edge.form()["locale"] == "auto"


def test_the_same_row_is_the_same_request_under_the_same_key(edge: Edge) -> None:
    edge.on("POST", SESSIONS, session(), session())
    edge.gateway.open_card_checkout(CARD_CHECKOUT)
    edge.gateway.open_card_checkout(CARD_CHECKOUT)
    assert (edge.form(0), edge.key(0)) == (edge.form(1), edge.key(1))


def test_a_session_is_read_with_all_that_its_facts_need(edge: Edge) -> None:
    method = {"id": "pm_1", "object": "payment_method", "type": "card", "card": {"brand": "visa", "last4": "4242"}}
    done = {"id": "seti_1", "object": "setup_intent", "payment_method": method}
    edge.on("GET", f"{SESSIONS}/cs_1", session(status="complete", url=None, setup_intent=done))
    fact = CardSaved("cs_1", "checkout-1", "cus_1", "pm_1", "visa", "4242")
    assert edge.gateway.read_checkout("cs_1") == CheckoutReading("cs_1", "complete", "", (fact,))
    assert edge.sent[0].url.params.multi_items() == [
        ("expand[0]", "setup_intent.payment_method"),
        ("expand[1]", "payment_intent.payment_method"),
    ]


def test_a_paid_session_names_intent_card_and_amount(edge: Edge) -> None:
    paid = intent("succeeded", payment_method="pm_2", metadata={"checkout": "checkout-1"})
    edge.on(
        "GET",
        f"{SESSIONS}/cs_1",
        session(mode="payment", status="complete", payment_status="paid", payment_intent=paid),
    )
    reading = edge.gateway.read_checkout("cs_1")
    assert reading.facts == (PaidInCheckout("cs_1", "checkout-1", "pi_1", "pm_2", 12900, "USD"),)


def test_an_open_session_is_expired(edge: Edge) -> None:
    edge.on("POST", f"{SESSIONS}/cs_1/expire", session(status="expired", url=None))
    assert edge.gateway.expire_checkout("cs_1").facts == (CheckoutExpired("cs_1", "checkout-1"),)


def test_a_session_whose_backer_was_quicker_is_read_instead_of_expired(edge: Edge) -> None:
    edge.on("POST", f"{SESSIONS}/cs_1/expire", refusal(400))
    edge.on("GET", f"{SESSIONS}/cs_1", session(status="complete", url=None))
    reading = edge.gateway.expire_checkout("cs_1")
    assert (reading.status, type(reading.facts[0])) == ("complete", CardSaved)


def test_a_session_is_found_again_among_those_of_its_customer(edge: Edge) -> None:
    page = listed(session(id="cs_2", client_reference_id="another"), session(), path=SESSIONS)
    edge.on("GET", SESSIONS, page, page)
    assert edge.gateway.find_checkout(customer="cus_1", checkout_id="checkout-1") == "cs_1"
    assert edge.gateway.find_checkout(customer="cus_1", checkout_id="nowhere") is None
    assert dict(edge.sent[0].url.params) == {"customer": "cus_1", "limit": "100"}


def test_an_intent_is_made_unconfirmed_without_a_card_and_marked_with_our_payment(edge: Edge) -> None:
    edge.on("POST", INTENTS, intent())
    assert edge.gateway.create_intent(CHARGE) == "pi_1"
    assert edge.form() == {
        "amount": "12900",
        "currency": "usd",
        "customer": "cus_1",
        "description": "lamp, backer 7",
        "metadata[payment]": "payment-1",
        "metadata[pledge]": "pledge-1",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
    }
    assert edge.key() == "create:payment-1"


def test_an_intent_without_a_description_is_sent_without_one(edge: Edge) -> None:
    edge.on("POST", INTENTS, intent())
    edge.gateway.create_intent(replace(CHARGE, description=""))
    assert "description" not in edge.form()


def test_a_confirmation_sends_the_card_again_and_its_key_names_the_attempt(edge: Edge) -> None:
    edge.on("POST", f"{INTENTS}/pi_1/confirm", *[intent("succeeded", latest_charge="ch_1")] * 2)
    reading = edge.gateway.confirm_intent("pi_1", CHARGE, 1)
    fact = ChargeSucceeded("pi_1", "payment-1", "ch_1", 12900, "USD")
    assert reading == IntentReading("pi_1", "succeeded", "payment-1", (fact,))
    assert edge.form() == {"payment_method": "pm_1", "off_session": "true"}
    edge.gateway.confirm_intent("pi_1", CHARGE, 2)
    assert [edge.key(0), edge.key(1)] == ["confirm:payment-1:1", "confirm:payment-1:2"]


def test_an_intent_is_read_as_it_stands(edge: Edge) -> None:
    edge.on("GET", f"{INTENTS}/pi_1", intent("processing"))
    assert edge.gateway.read_intent("pi_1") == IntentReading("pi_1", "processing", "payment-1", ())


def test_an_intent_is_canceled(edge: Edge) -> None:
    edge.on("POST", f"{INTENTS}/pi_1/cancel", intent("canceled"))
    assert edge.gateway.cancel_intent("pi_1").facts == (IntentCanceled("pi_1", "payment-1"),)
    assert edge.form() == {"cancellation_reason": "abandoned"}


def test_an_intent_that_succeeded_meanwhile_is_read_instead_of_canceled(edge: Edge) -> None:
    edge.on("POST", f"{INTENTS}/pi_1/cancel", refusal(400, "payment_intent_unexpected_state"))
    edge.on("GET", f"{INTENTS}/pi_1", intent("succeeded", latest_charge="ch_1"))
    reading = edge.gateway.cancel_intent("pi_1")
    assert reading.facts == (ChargeSucceeded("pi_1", "payment-1", "ch_1", 12900, "USD"),)


def test_an_intent_is_found_again_by_our_payment(edge: Edge) -> None:
    page = listed(intent(id="pi_2", metadata={}), intent(), path=INTENTS)
    edge.on("GET", INTENTS, page, page)
    assert edge.gateway.find_intent(customer="cus_1", payment_id="payment-1") == "pi_1"
    assert edge.gateway.find_intent(customer="cus_1", payment_id="payment-9") is None


def test_a_card_is_detached(edge: Edge) -> None:
    edge.on("POST", "/v1/payment_methods/pm_1/detach", {"id": "pm_1", "object": "payment_method", "customer": None})
    edge.gateway.release_card(customer="cus_1", payment_method="pm_1")
    assert edge.form() == {}


def event(number: int) -> dict[str, object]:
    shape = {"id": f"cus_{number}", "object": "customer"}
    made = 1795000000 + number
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "customer.deleted",
        "created": made,
        "data": {"object": shape},
    }


def test_events_are_listed_from_one_on_oldest_first_over_all_pages(edge: Edge) -> None:
    edge.on("GET", "/v1/events", listed(event(3), event(2), has_more=True), listed(event(5), event(4)))
    found = list(edge.gateway.events_since("evt_1", limit=10))
    assert [one.id for one in found] == ["evt_2", "evt_3", "evt_4", "evt_5"]
    assert found[0].created_at == datetime.fromtimestamp(1795000002, UTC)
    assert json.loads(found[0].body) == event(2)
    assert [request.url.params["ending_before"] for request in edge.sent] == ["evt_1", "evt_3"]
    kinds = [value for name, value in edge.sent[0].url.params.multi_items() if name.startswith("types[")]
    assert kinds == [*READINGS]


def test_no_more_events_are_listed_than_asked_for(edge: Edge) -> None:
    edge.on("GET", "/v1/events", listed(event(3), event(2), has_more=True))
    assert [one.id for one in edge.gateway.events_since("evt_1", limit=2)] == ["evt_2", "evt_3"]


def test_without_a_start_the_newest_are_listed_oldest_first(edge: Edge) -> None:
    edge.on("GET", "/v1/events", listed(event(5), event(4), has_more=True), listed(event(3), event(2)))
    assert [one.id for one in edge.gateway.events_since(None, limit=3)] == ["evt_3", "evt_4", "evt_5"]


def test_a_start_that_the_provider_forgot_is_as_good_as_none(edge: Edge) -> None:
    edge.on("GET", "/v1/events", refusal(400, "resource_missing", param="ending_before"), listed(event(5), event(4)))
    assert [one.id for one in edge.gateway.events_since("evt_1", limit=3)] == ["evt_4", "evt_5"]


def test_every_request_names_key_version_and_nothing_of_this_machine(edge: Edge) -> None:
    edge.on("GET", f"{INTENTS}/pi_1", intent())
    edge.gateway.read_intent("pi_1")
    headers = edge.sent[0].headers
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    told = json.loads(headers["X-Stripe-Client-User-Agent"])
    assert not {"telemetry_id", "platform", "uname", "hostname"} & set(told)
    assert "X-Stripe-Client-Telemetry" not in headers


def test_one_gateway_serves_many_threads(edge: Edge) -> None:
    from concurrent.futures import ThreadPoolExecutor

    edge.on("GET", f"{INTENTS}/pi_1", *[intent()] * 40)
    with ThreadPoolExecutor(8) as pool:
        readings = list(pool.map(edge.gateway.read_intent, ["pi_1"] * 40))
    assert readings == [IntentReading("pi_1", "requires_payment_method", "payment-1", ())] * 40


def test_the_client_library_is_loaded_with_the_gateway_and_not_before() -> None:
    script = (
        "import sys; import fundlaunch.inbox; early = 'stripe' in sys.modules;"
        "import fundlaunch.payments.stripe.gateway; print(early, 'stripe' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert ran.stdout.split() == ["False", "True"]
