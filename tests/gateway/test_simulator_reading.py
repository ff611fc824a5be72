"""Reading: every object by its id as its list shows it, expansion by path, and small updates."""

from typing import Any

import pytest

from tests.gateway.simulated import SHOP, Bench

LISTED = (
    *("customers", "setup_intents", "payment_intents", "checkout/sessions", "charges", "balance_transactions"),
    *("refunds", "events", "webhook_endpoints"),
)


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.simulator.listen(SHOP, "whsec_x")
    bench.simulator.complete_checkout(bench.setup_session()["id"])
    bench.simulator.complete_checkout(bench.payment_session()["id"])
    bench.post("refunds", payment_intent=bench.simulator.intents_of("p1")[0]["id"], amount=100)
    return bench


@pytest.mark.parametrize("path", LISTED)
def test_an_object_read_by_its_id_is_the_one_in_its_list(bench: Bench, path: str) -> None:
    listed = bench.get(path)
    assert listed["url"] == f"/v1/{path}"
    for shape in listed["data"]:
        assert bench.get(f"{path}/{shape['id']}") == shape


def test_a_saved_card_is_read_by_its_id(bench: Bench) -> None:
    (method, _) = bench.simulator.shapes("payment_method")
    assert bench.get(f"payment_methods/{method['id']}") == method


def test_expansion_follows_a_path_also_in_a_list(bench: Bench) -> None:
    (intent,) = bench.get("payment_intents", expand=["data.latest_charge.balance_transaction", "data.customer"])["data"]
    assert intent["latest_charge"]["balance_transaction"]["type"] == "charge"
    assert intent["customer"]["email"] == "mina@example.org"
    session = bench.get(f"checkout/sessions/{bench.setup_session()['id']}", expand=["payment_intent", "customer"])
    assert session["payment_intent"] is None
    assert session["customer"]["object"] == "customer"


@pytest.mark.parametrize("path", ["no_such_field", "client_secret", "amount", "customer.default_source.a.b.c"])
def test_what_cannot_be_expanded_is_refused(bench: Bench, path: str) -> None:
    intent = bench.simulator.intents_of("p1")[0]
    assert bench.refused("GET", f"payment_intents/{intent['id']}", 400, expand=[path])["param"] == "expand"


@pytest.mark.parametrize(
    ("path", "kind", "event"),
    [
        ("customers", "customer", "customer.updated"),
        ("setup_intents", "setup_intent", None),
        ("payment_intents", "payment_intent", None),
    ],
)
def test_description_and_metadata_are_updated(bench: Bench, path: str, kind: str, event: str | None) -> None:
    shape = bench.simulator.shapes(kind)[0]
    sent: dict[str, Any] = {"description": "late", "metadata": {"pledge": "p2", "note": "x"}}
    updated = bench.post(f"{path}/{shape['id']}", **sent)
    assert updated["description"] == "late"
    assert updated["metadata"] == shape["metadata"] | sent["metadata"]
    assert bench.post(f"{path}/{shape['id']}", description="", metadata="")["metadata"] == {}
    assert (event in bench.kinds()) is (event is not None)


def test_a_canceled_intent_is_not_updated(bench: Bench) -> None:
    intent = bench.intent()
    bench.post(f"payment_intents/{intent['id']}/cancel")
    bench.refused("POST", f"payment_intents/{intent['id']}", 400, metadata={"a": "b"})


def test_customers_are_found_by_their_address(bench: Bench) -> None:
    teo = bench.post("customers", email="teo@example.org", address={"country": "DE"})
    assert bench.get("customers", email="teo@example.org")["data"] == [teo]


def test_the_cards_of_nobody_cannot_be_listed(bench: Bench) -> None:
    assert bench.refused("GET", "payment_methods", 400)["param"] == "customer"
    assert bench.refused("GET", "payment_methods", 400, customer="cus_none")["param"] == "customer"


def test_an_attached_card_stays_with_its_customer(bench: Bench) -> None:
    method = bench.simulator.save_card(bench.customer())
    bench.refused("POST", f"payment_methods/{method}/attach", 400, customer=bench.customer())
    assert bench.refused("POST", "payment_methods", 400, type="card")["param"] == "card"


def test_a_refund_names_one_charge_or_one_intent_that_was_paid(bench: Bench) -> None:
    unpaid = bench.intent()
    assert bench.refused("POST", "refunds", 400, payment_intent=unpaid["id"])["param"] == "payment_intent"
    charge = bench.simulator.charges()[0]
    both = {"charge": charge.id, "payment_intent": charge.intent}
    bench.refused("POST", "refunds", 400, **both)
    assert bench.post("refunds", charge=charge.id)["amount"] == charge.amount_minor - 100
