"""Every kind of request of the adapter satisfies the published parameters; and the checker finds what does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from fundlaunch.payments.gateway import Gateway
from tests.gateway.spec_check import Spec
from tests.gateway.stripe_edge import (
    API,
    CARD_CHECKOUT,
    CHARGE,
    GIVING,
    PAYMENT_CHECKOUT,
    Edge,
    intent,
    listed,
    refund,
    session,
)

CALLS: dict[str, Callable[[Gateway], object]] = {
    "POST /v1/customers": lambda g: g.make_customer(key="k", email="mina@example.org", name="Mina", pledge_id="p"),
    "POST /v1/checkout/sessions": lambda g: [
        g.open_card_checkout(CARD_CHECKOUT),
        g.open_card_checkout(replace(CARD_CHECKOUT, language="en", currency="KRW")),
        g.open_payment_checkout(PAYMENT_CHECKOUT),
        g.open_payment_checkout(replace(PAYMENT_CHECKOUT, title="x" * 1000, keeps_card=False)),
    ],
    "GET /v1/checkout/sessions/cs_1": lambda g: g.read_checkout("cs_1"),
    "POST /v1/checkout/sessions/cs_1/expire": lambda g: g.expire_checkout("cs_1"),
    "GET /v1/checkout/sessions": lambda g: g.find_checkout(customer="cus_1", checkout_id="c"),
    "POST /v1/payment_intents": lambda g: g.create_intent(replace(CHARGE, description="x" * 2000)),
    "POST /v1/payment_intents/pi_1/confirm": lambda g: g.confirm_intent("pi_1", CHARGE, 1),
    "GET /v1/payment_intents/pi_1": lambda g: g.read_intent("pi_1"),
    "POST /v1/payment_intents/pi_1/cancel": lambda g: g.cancel_intent("pi_1"),
    "GET /v1/payment_intents": lambda g: g.find_intent(customer="cus_1", payment_id="p"),
    "POST /v1/payment_methods/pm_1/detach": lambda g: g.release_card(customer="cus_1", payment_method="pm_1"),
    "POST /v1/refunds": lambda g: g.refund(GIVING),
    "GET /v1/refunds": lambda g: g.refunds_of("pi_1"),
    "GET /v1/events": lambda g: [[*g.events_since("evt_1", limit=9)], [*g.events_since(None, limit=9)]],
}


@pytest.fixture
def spec(shared_data: Path) -> Spec:
    return Spec(shared_data / "stripe" / "spec.json")


@pytest.mark.parametrize("operation", CALLS)
def test_a_call_satisfies_the_published_parameters(operation: str, spec: Spec) -> None:
    method, path = operation.split(" ")
    shapes = {"payment_intents": intent(), "sessions": session(), "refunds": refund()}
    shapes["customers"] = {"id": "cus_1", "object": "customer"}
    shape = next((shape for name, shape in shapes.items() if name in path), {"id": "pm_1", "object": "payment_method"})
    is_list = method == "GET" and not path.endswith("_1")
    with Edge() as edge:
        edge.on(method, path, *[listed(path=path) if is_list else shape] * 4)
        CALLS[operation](edge.gateway)
        complaints = [line for request in edge.sent for line in spec.complaints(request)]
    assert complaints == []


def test_the_adapter_and_the_published_parameters_are_of_one_version(spec: Spec) -> None:
    from fundlaunch.payments.stripe.version import API_VERSION

    assert spec.version == API_VERSION


def posted(path: str, *pairs: tuple[str, str], version: str | None = "2026-10-28.endive") -> httpx.Request:
    headers = {"Stripe-Version": version} if version else {}
    return httpx.Request("POST", f"{API}{path}", content=urlencode(pairs), headers=headers)


MONEY = (("amount", "1"), ("currency", "usd"))
SESSIONS, INTENTS = "/v1/checkout/sessions", "/v1/payment_intents"


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (posted("/v1/nonsense"), "is no operation"),
        (posted(INTENTS, *MONEY, version="2020-08-27"), "Stripe-Version is 2020-08-27"),
        (posted(INTENTS, *MONEY, version=None), "Stripe-Version is None"),
        (posted(INTENTS, ("amount", "1")), "[currency] is required"),
        (posted(INTENTS, *MONEY, ("colour", "red")), "[colour] is no parameter"),
        (posted(INTENTS, *MONEY, ("payment_method_types[0]", "card")), "[payment_method_types] is no parameter"),
        (posted(INTENTS, ("amount", "1.5"), ("currency", "usd")), "[amount] is '1.5', not a integer"),
        (posted(INTENTS, *MONEY, ("confirm", "yes")), "[confirm] is 'yes', not a boolean"),
        (posted(INTENTS, *MONEY, ("off_session", "sometimes")), "[off_session] is 'sometimes'"),
        (posted(INTENTS, *MONEY, ("customer", "")), "[customer] is '', not a string"),
        (posted(INTENTS, *MONEY, ("description", "x" * 1001)), "[description] is longer than 1000"),
        (posted(INTENTS, *MONEY, ("metadata", "text")), "[metadata] is 'text', not an object"),
        (posted(INTENTS, *MONEY, ("automatic_payment_methods[allow_redirects]", "never")), "[enabled] is required"),
        (posted(SESSIONS, ("mode", "gift")), "[mode] is 'gift', not one of"),
        (posted(SESSIONS, ("ui_mode", "hosted")), "[ui_mode] is 'hosted', not one of"),
        (posted(SESSIONS, ("line_items", "x")), "[line_items] is 'x', not an array"),
        (posted(SESSIONS, ("line_items[1][price]", "x")), "not an array"),
    ],
)
def test_the_checker_finds_a_request_that_does_not_fit(request_: httpx.Request, complaint: str, spec: Spec) -> None:
    (found,) = spec.complaints(request_)
    assert complaint in found


@pytest.mark.parametrize("value", ["true", "one_off", "recurring"])
def test_the_checker_knows_parameters_of_two_types(value: str, spec: Spec) -> None:
    assert spec.complaints(posted(INTENTS, *MONEY, ("off_session", value))) == []


def test_the_checker_lets_a_parameter_be_cleared_where_that_is_allowed(spec: Spec) -> None:
    assert spec.complaints(posted("/v1/customers/cus_1", ("metadata", ""))) == []
