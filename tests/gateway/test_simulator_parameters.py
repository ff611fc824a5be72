"""What the real API would refuse is refused, in Stripe's words and codes."""

import json
from typing import Any

import pytest

from fundlaunch.payments.simulator.api import OPERATIONS, Request
from fundlaunch.payments.simulator.parameters import PARAMETER_LIMIT, nested
from fundlaunch.payments.simulator.refusals import Refusal
from tests.gateway.simulated import KEY, SHOP, Bench

SETUP = {"mode": "setup", "currency": "usd", "success_url": SHOP}
INTENT = {"amount": 500, "currency": "usd"}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_bracket_form_becomes_nested_values() -> None:
    sent = [("a[b][c]", "1"), ("list[]", "x"), ("list[]", "y"), ("rows[1][n]", "2"), ("rows[0][n]", "1"), ("e", "")]
    assert nested(sent) == {
        "a": {"b": {"c": "1"}},
        "list": ["x", "y"],
        "rows": [{"n": "1"}, {"n": "2"}],
        "e": "",
    }


@pytest.mark.parametrize(
    "sent",
    [
        [("a", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a", "2")],
        [("a[b", "1")],
        [("", "1")],
        [(f"a{n}", "1") for n in range(PARAMETER_LIMIT + 1)],
    ],
)
def test_a_form_that_cannot_be_read_is_refused(sent: list[tuple[str, str]]) -> None:
    with pytest.raises(Refusal):
        nested(sent)


@pytest.mark.parametrize(
    ("path", "params"),
    [("checkout/sessions", SETUP), ("payment_intents", INTENT), ("payment_intents/pi_x/confirm", {})],
)
def test_the_retired_list_of_payment_methods_is_refused(bench: Bench, path: str, params: dict[str, Any]) -> None:
    error = bench.refused("POST", path, 400, **params, payment_method_types=["card"])
    assert error["code"] == "payment_method_types_no_longer_supported"


@pytest.mark.parametrize(
    ("path", "params", "code", "param"),
    [
        ("customers", {"colour": "red"}, "parameter_unknown", "colour"),
        ("customers", {"address": {"planet": "x"}}, "parameter_unknown", "address[planet]"),
        ("payment_intents", {"currency": "usd"}, "parameter_missing", "amount"),
        ("payment_intents", {"amount": 500}, "parameter_missing", "currency"),
        ("payment_intents", INTENT | {"amount": "5.00"}, "parameter_invalid_integer", "amount"),
        ("payment_intents", INTENT | {"amount": "1e400"}, "parameter_invalid_integer", "amount"),
        ("payment_intents", INTENT | {"amount": -1}, "parameter_invalid_integer", "amount"),
        ("payment_intents", INTENT | {"currency": "xyz"}, None, "currency"),
        ("payment_intents", INTENT | {"confirm": "yes"}, None, "confirm"),
        ("payment_intents", INTENT | {"customer": "cus_none"}, "resource_missing", "customer"),
        ("payment_intents", INTENT | {"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ("payment_intents", INTENT | {"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ("payment_intents", INTENT | {"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ("payment_intents", INTENT | {"metadata": {str(n): "v" for n in range(51)}}, None, "metadata"),
        ("payment_intents", INTENT | {"description": ""}, "parameter_invalid_empty", "description"),
        ("checkout/sessions", {"currency": "usd"}, "parameter_missing", "mode"),
        ("checkout/sessions", SETUP | {"mode": "gift"}, None, "mode"),
        ("checkout/sessions", {"mode": "setup", "currency": "usd"}, "parameter_missing", "success_url"),
        ("checkout/sessions", SETUP | {"success_url": "shop"}, "url_invalid", "success_url"),
        ("checkout/sessions", SETUP | {"ui_mode": "hosted"}, None, "ui_mode"),
        ("checkout/sessions", SETUP | {"client_reference_id": "c" * 201}, None, "client_reference_id"),
        ("checkout/sessions", SETUP | {"locale": "xx"}, None, "locale"),
        ("checkout/sessions", {"mode": "payment", "success_url": SHOP}, "parameter_missing", "line_items"),
        ("refunds", {"amount": 5}, "parameter_missing", "payment_intent"),
        ("webhook_endpoints", {"url": SHOP}, "parameter_missing", "enabled_events"),
    ],
)
def test_a_wrong_parameter_is_named(
    bench: Bench, path: str, params: dict[str, Any], code: str | None, param: str
) -> None:
    error = bench.refused("POST", path, 400, **params)
    assert (error["type"], error.get("code"), error["param"]) == ("invalid_request_error", code, param)


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"expand": ["data.amount.x"]}, {"colour": "red"}])
def test_a_wrong_list_is_refused(bench: Bench, params: dict[str, Any]) -> None:
    bench.intent()
    bench.refused("GET", "payment_intents", 400, **params)


def test_what_is_not_there_is_a_404_in_stripes_shape(bench: Bench) -> None:
    assert bench.refused("GET", "customers/cus_none", 404)["code"] == "resource_missing"
    for method, path in (("GET", "dragons"), ("DELETE", "customers/cus_x"), ("POST", "payment_intents/pi_x/burn")):
        assert bench.refused(method, path, 404)["message"].startswith("Unrecognized request URL")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Bearer sk_live_x"}, 401),
        ({"authorization": f"Basic {KEY}"}, 401),
        ({"authorization": f"Bearer {KEY}", "stripe-version": "2024-06-20"}, 400),
        ({"authorization": f"Bearer {KEY}", "stripe-version": "2026-10-28.endive"}, 200),
    ],
)
def test_only_a_test_key_and_the_present_version_are_let_in(bench: Bench, headers: dict[str, str], status: int) -> None:
    answer = bench.simulator.api.call(Request("GET", "/v1/account", [], headers))
    assert answer.status == status
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert ("error" in json.loads(answer.body)) is (status != 200)


def test_every_endpoint_refuses_a_parameter_it_does_not_know(bench: Bench) -> None:
    for method, pattern in OPERATIONS:
        error = bench.refused(method, pattern.replace("*", "x"), 400, no_such_parameter="1")
        assert error["code"] == "parameter_unknown"
