"""Idempotency keys: the first answer is the only one, for 24 hours."""

import pytest

from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.simulator.idempotency import fingerprint
from fundlaunch.payments.simulator.refusals import Refusal
from tests.gateway.simulated import SHOP, Bench

OFF_SESSION = {"off_session": True, "return_url": SHOP}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_same_key_and_parameters_give_the_same_answer_and_do_nothing_twice(bench: Bench) -> None:
    first = bench.answer("POST", "customers", "k", email="mina@example.org")
    again = bench.answer("POST", "customers", "k", email="mina@example.org")
    assert again.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert len(bench.simulator.shapes("customer")) == 1


def test_without_a_key_every_post_is_a_new_one(bench: Bench) -> None:
    assert bench.customer() != bench.customer()


def test_other_parameters_under_a_known_key_are_an_error(bench: Bench) -> None:
    bench.post("customers", "k", email="mina@example.org")
    assert bench.refused("POST", "customers", 400, "k", email="teo@example.org")["type"] == "idempotency_error"
    sent = {"amount": 500, "currency": "usd"}
    assert bench.refused("POST", "payment_intents", 400, "k", **sent)["type"] == "idempotency_error"


def test_a_decline_is_kept_and_answered_again_although_the_card_would_pay_now(bench: Bench) -> None:
    intent = bench.intent("insufficient")
    path = f"payment_intents/{intent['id']}/confirm"
    sent = OFF_SESSION | {"payment_method": intent["payment_method"]}
    first = bench.answer("POST", path, "confirm:1", **sent)
    bench.simulator.replace_card(intent["payment_method"], "ok")
    again = bench.answer("POST", path, "confirm:1", **sent)
    assert (first.status, again.status, again.body) == (402, 402, first.body)
    assert bench.post(path, "confirm:2", **sent)["status"] == "succeeded"


def test_a_500_after_execution_is_kept_although_the_charge_went_through(bench: Bench) -> None:
    intent = bench.intent()
    path = f"payment_intents/{intent['id']}/confirm"
    bench.simulator.faults.strike("/confirm", Fault.ERROR_AFTER)
    assert bench.refused("POST", path, 500, "confirm:1", **OFF_SESSION)["type"] == "api_error"
    assert bench.refused("POST", path, 500, "confirm:1", **OFF_SESSION)["type"] == "api_error"
    assert bench.get(f"payment_intents/{intent['id']}")["status"] == "succeeded"
    assert len(bench.simulator.charges()) == 1


def test_a_refused_parameter_is_not_kept(bench: Bench) -> None:
    bench.refused("POST", "customers", 400, "k", colour="red")
    bench.post("customers", "k", email="mina@example.org")


def test_a_key_in_use_is_a_conflict_until_its_first_request_is_done(bench: Bench) -> None:
    keys = bench.simulator.api.keys
    mark = fingerprint("POST", "/v1/customers", [("email", "mina@example.org")])
    assert keys.begin("k", mark) is None
    error = bench.refused("POST", "customers", 409, "k", email="mina@example.org")
    assert error["code"] == "idempotency_key_in_use"
    keys.finish("k", mark, {"status": 200, "body": "{}", "request": "req_1"})
    assert bench.answer("POST", "customers", "k", email="mina@example.org").body == b"{}"


def test_a_key_is_forgotten_after_24_hours_by_the_simulators_clock(bench: Bench) -> None:
    first = bench.post("customers", "k", email="mina@example.org")
    bench.pass_time(hours=23, minutes=59)
    assert bench.post("customers", "k", email="mina@example.org")["id"] == first["id"]
    bench.pass_time(minutes=1)
    assert bench.post("customers", "k", email="mina@example.org")["id"] != first["id"]


def test_pruning_forgets_only_the_old_keys(bench: Bench) -> None:
    bench.post("customers", "old", email="mina@example.org")
    bench.pass_time(hours=20)
    bench.post("customers", "young", email="teo@example.org")
    bench.pass_time(hours=5)
    assert bench.simulator.api.keys.prune() == 1
    assert bench.simulator.api.keys.prune() == 0
    assert set(bench.simulator.book.kept_answers) == {"young"}


def test_a_key_of_more_than_255_characters_is_refused(bench: Bench) -> None:
    bench.refused("POST", "customers", 400, "k" * 256, email="mina@example.org")
    with pytest.raises(Refusal):
        bench.simulator.api.keys.begin("k" * 256, "")
