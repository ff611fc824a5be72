"""Checkout sessions: opened, filled in, declined, expired; and who wins when two of these meet."""

import pytest

from fundlaunch.payments.simulator.refusals import Refusal
from tests.gateway.simulated import SHOP, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_setup_session_starts_open_with_a_setup_intent_that_carries_its_metadata(bench: Bench) -> None:
    session = bench.setup_session()
    assert session["status"] == "open"
    assert session["payment_status"] == "no_payment_required"
    assert session["url"] == f"http://127.0.0.1:4000/c/pay/{session['id']}"
    setup = bench.get(f"setup_intents/{session['setup_intent']}")
    assert setup["metadata"] == {"checkout": "c1", "pledge": "p1"}
    assert setup["status"] == "requires_payment_method"


def test_saving_a_card_completes_the_session_and_attaches_the_card(bench: Bench) -> None:
    customer = bench.customer()
    session = bench.setup_session(customer)
    bench.simulator.complete_checkout(session["id"], "declines")
    read = bench.get(f"checkout/sessions/{session['id']}", expand=["setup_intent.payment_method"])
    assert (read["status"], read["url"]) == ("complete", None)
    method = read["setup_intent"]["payment_method"]
    assert (method["customer"], method["card"]["last4"]) == (customer, "0341")
    assert [saved["id"] for saved in bench.get("payment_methods", customer=customer)["data"]] == [method["id"]]
    assert bench.kinds() == [
        "customer.created",
        "payment_method.attached",
        "setup_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_payment_session_has_no_intent_until_it_is_paid(bench: Bench) -> None:
    session = bench.payment_session(amount_minor=64_900)
    assert (session["payment_intent"], session["amount_total"]) == (None, 64_900)
    bench.simulator.complete_checkout(session["id"])
    read = bench.get(f"checkout/sessions/{session['id']}", expand=["payment_intent.latest_charge"])
    assert (read["status"], read["payment_status"]) == ("complete", "paid")
    assert read["payment_intent"]["metadata"] == {"payment": "y1", "pledge": "p1"}
    assert read["payment_intent"]["latest_charge"]["amount_captured"] == 64_900


def test_session_metadata_is_not_copied_to_the_intent(bench: Bench) -> None:
    session = bench.payment_session(metadata={"checkout": "c1"}, payment_intent_data={"description": "x"})
    bench.simulator.complete_checkout(session["id"])
    assert bench.simulator.shapes("payment_intent")[0]["metadata"] == {}


def test_a_card_declined_on_the_page_leaves_the_session_open_for_another(bench: Bench) -> None:
    session = bench.payment_session()
    with pytest.raises(Refusal) as declined:
        bench.simulator.complete_checkout(session["id"], "insufficient")
    assert declined.value.status == 402
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "open"
    bench.simulator.complete_checkout(session["id"], "ok")
    assert [charge.status for charge in bench.simulator.charges_of("p1")] == ["failed", "succeeded"]
    assert len(bench.simulator.intents_of("p1")) == 1


def test_a_bank_is_asked_on_the_page_and_its_agreement_pays(bench: Bench) -> None:
    session = bench.payment_session()
    assert bench.simulator.complete_checkout(session["id"], "confirms")["status"] == "open"
    (intent,) = bench.simulator.intents_of("p1")
    assert intent["status"] == "requires_action"
    assert intent["next_action"]["redirect_to_url"]["url"].endswith(f"/bank/{intent['id']}")
    assert bench.simulator.charges() == []
    bench.simulator.confirm_bank(intent["id"])
    assert bench.get(f"checkout/sessions/{session['id']}")["payment_status"] == "paid"
    assert "payment_intent.requires_action" in bench.kinds()


def test_a_bank_that_refuses_leaves_the_session_open_and_charges_nothing(bench: Bench) -> None:
    session = bench.payment_session()
    bench.simulator.complete_checkout(session["id"], "confirms")
    (intent,) = bench.simulator.intents_of("p1")
    assert bench.simulator.refuse_bank(intent["id"]).code == "payment_intent_authentication_failure"
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "open"
    assert {charge.status for charge in bench.simulator.charges()} == {"failed"}


def test_expiring_an_open_session_ends_it_for_good(bench: Bench) -> None:
    session = bench.setup_session()
    expired = bench.post(f"checkout/sessions/{session['id']}/expire")
    assert (expired["status"], expired["url"]) == ("expired", None)
    assert bench.kinds()[-2:] == ["checkout.session.expired", "setup_intent.canceled"]
    with pytest.raises(Refusal, match="has a status of `expired`"):
        bench.simulator.complete_checkout(session["id"])


def test_a_completed_session_cannot_be_expired(bench: Bench) -> None:
    session = bench.setup_session()
    bench.simulator.complete_checkout(session["id"])
    error = bench.refused("POST", f"checkout/sessions/{session['id']}/expire", 400)
    assert "has a status of `complete`" in error["message"]
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "complete"


def test_a_session_that_expires_while_the_bank_asks_can_never_be_paid(bench: Bench) -> None:
    session = bench.payment_session()
    bench.simulator.complete_checkout(session["id"], "confirms")
    bench.post(f"checkout/sessions/{session['id']}/expire")
    (intent,) = bench.simulator.intents_of("p1")
    assert intent["status"] == "canceled"
    with pytest.raises(Refusal):
        bench.simulator.confirm_bank(intent["id"])
    assert bench.simulator.charges() == []


def test_a_session_runs_out_by_the_clock_and_not_a_second_earlier(bench: Bench) -> None:
    session = bench.setup_session()
    bench.pass_time(minutes=30, seconds=59)
    assert bench.simulator.tick() == 0
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "open"
    bench.pass_time(seconds=1)
    assert bench.get(f"checkout/sessions/{session['id']}")["status"] == "expired"
    assert bench.kinds().count("checkout.session.expired") == 1
    assert bench.simulator.tick() == 0


def test_a_page_left_open_past_its_time_saves_nothing(bench: Bench) -> None:
    session = bench.setup_session()
    bench.pass_time(minutes=31)
    with pytest.raises(Refusal):
        bench.simulator.complete_checkout(session["id"])
    assert bench.simulator.shapes("payment_method") == []


@pytest.mark.parametrize("minutes", [29, 24 * 60 + 1])
def test_a_session_lives_from_half_an_hour_to_a_day(bench: Bench, minutes: int) -> None:
    expires_at = bench.seconds(minutes=minutes)
    sent = {"mode": "setup", "currency": "usd", "success_url": SHOP, "expires_at": expires_at}
    assert bench.refused("POST", "checkout/sessions", 400, **sent)["param"] == "expires_at"


def test_setup_mode_needs_a_currency_or_the_types_it_allows(bench: Bench) -> None:
    error = bench.refused("POST", "checkout/sessions", 400, mode="setup", success_url=SHOP)
    assert (error["code"], error["param"]) == ("parameter_missing", "currency")
    bench.post("checkout/sessions", mode="setup", success_url=SHOP, allowed_payment_method_types=["card"])


@pytest.mark.parametrize(
    ("mode", "param", "value"),
    [
        ("setup", "line_items", [{"price_data": {"currency": "usd", "unit_amount": 1, "product_data": {"name": "x"}}}]),
        ("setup", "payment_intent_data", {"description": "x"}),
        ("payment", "setup_intent_data", {"description": "x"}),
    ],
)
def test_parts_of_the_other_mode_are_refused(bench: Bench, mode: str, param: str, value: object) -> None:
    sent = {"mode": mode, "currency": "usd", "success_url": SHOP, param: value}
    assert bench.refused("POST", "checkout/sessions", 400, **sent)["param"] == param


def test_sessions_of_one_customer_are_listed_by_state(bench: Bench) -> None:
    customer = bench.customer()
    first, second = bench.setup_session(customer), bench.setup_session(customer)
    bench.setup_session()
    bench.simulator.complete_checkout(first["id"])
    listed = bench.get("checkout/sessions", customer=customer)
    assert [session["id"] for session in listed["data"]] == [second["id"], first["id"]]
    still_open = bench.get("checkout/sessions", customer=customer, status="open")
    assert [session["id"] for session in still_open["data"]] == [second["id"]]
