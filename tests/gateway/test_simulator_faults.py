"""Faults on purpose: what was done and what was not, whatever the caller was told."""

import json

import pytest

from fundlaunch.payments.simulator.faults import Fault, FaultPlan, Odds
from tests.gateway.simulated import SHOP, Bench

OFF_SESSION = {"off_session": True, "return_url": SHOP}


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("fault", "status", "charges"),
    [
        (Fault.DROP_BEFORE, None, 0),
        (Fault.DROP_AFTER, None, 1),
        (Fault.ERROR_BEFORE, 500, 0),
        (Fault.ERROR_AFTER, 500, 1),
        (Fault.TOO_MANY, 429, 0),
    ],
)
def test_a_fault_happens_before_or_after_the_money_moved(
    bench: Bench, fault: Fault, status: int | None, charges: int
) -> None:
    intent = bench.intent()
    bench.simulator.faults.strike("/confirm", fault)
    answer = bench.answer("POST", f"payment_intents/{intent['id']}/confirm", "confirm:1", **OFF_SESSION)
    assert (None if answer.is_dropped else answer.status) == status
    assert len(bench.simulator.charges()) == charges


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_BEFORE, Fault.TOO_MANY])
def test_the_same_key_afterwards_charges_exactly_once(bench: Bench, fault: Fault) -> None:
    intent = bench.intent()
    path = f"payment_intents/{intent['id']}/confirm"
    bench.simulator.faults.strike("/confirm", fault)
    bench.answer("POST", path, "confirm:1", **OFF_SESSION)
    assert bench.post(path, "confirm:1", **OFF_SESSION)["status"] == "succeeded"
    assert len(bench.simulator.charges()) == 1


def test_a_plan_repeats_with_its_seed_and_keeps_its_odds() -> None:
    odds = Odds(drop_before=50, drop_after=50, error_before=50, error_after=50, too_many=50)
    first, again = FaultPlan(odds, seed=3), FaultPlan(odds, seed=3)
    drawn = [first.draw("/v1/customers") for _ in range(2_000)]
    assert drawn == [again.draw("/v1/customers") for _ in range(2_000)]
    assert set(drawn) == {None, *Fault}
    assert all(50 < drawn.count(fault) < 150 for fault in Fault)


def test_a_plan_may_be_limited_to_some_addresses() -> None:
    plan = FaultPlan(Odds(error_before=1_000, paths=("/confirm",)), seed=1)
    assert plan.draw("/v1/customers") is None
    assert plan.draw("/v1/payment_intents/pi_1/confirm") is Fault.ERROR_BEFORE


def test_without_a_plan_nothing_goes_wrong(bench: Bench) -> None:
    for _ in range(200):
        assert json.loads(bench.answer("GET", "account").body)["object"] == "account"
