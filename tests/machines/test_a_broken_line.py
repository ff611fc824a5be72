"""The provider fails, answers twice, or the worker dies between two calls: each card is charged once in the end."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from fundlaunch.database import Database
from fundlaunch.payments.facts import CardGone
from fundlaunch.payments.gateway import Charge, IntentReading
from fundlaunch.payments.simulator.faults import Fault, FaultPlan, Odds
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.pledges import sweeping
from fundlaunch.pledges.charging import charge
from fundlaunch.pledges.collection import charge_due, outstanding
from fundlaunch.pledges.states import PledgeState
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER

CREATE, CONFIRM = "/payment_intents", "/confirm"


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    faults = FaultPlan(Odds(150, 150, 150, 150, 150, paths=(CREATE, CONFIRM)), seed=7)
    with open_house(database, faults=faults) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=100_00)
        yield it


def is_whole(house: House, backers: int) -> bool:
    """Every pledge collected once, and both books equal."""
    succeeded = [charge for charge in house.simulator.charges() if charge.status == "succeeded"]
    once = Counter(charge.metadata["pledge"] for charge in succeeded)
    assert set(once.values()) == {1}
    assert house.violations() == {}
    assert house.taken_minor() == sum(pledge.collected_minor for pledge in house.pledges())
    return len(once) == backers


def collect(house: House, *, most_minutes: int) -> None:
    """Tick every minute until nothing is outstanding."""
    for _ in range(most_minutes):
        house.tick()
        if {pledge.status for pledge in house.pledges()} == {PledgeState.COLLECTED}:
            return
        house.clock.advance(timedelta(minutes=1))
    raise AssertionError(Counter(pledge.status for pledge in house.pledges()))


def test_three_calls_of_four_fail_and_every_card_is_charged_once(house: House) -> None:
    for fault in Fault:
        house.simulator.faults.strike(CREATE, fault)
        house.simulator.faults.strike(CONFIRM, fault)
    for number in range(8):
        house.pledge("board", f"backer-{number}@example.org")
    house.to_deadline()
    collect(house, most_minutes=60)
    assert is_whole(house, backers=8)
    assert len(house.simulator.shapes("payment_intent")) == 8


class Killed(BaseException):
    """The worker's process ends here."""


class Dying(StripeGateway):
    """A gateway whose process dies around one of its calls."""

    def __init__(self, house: House, at: str) -> None:
        super().__init__(KEY, PROVIDER, clock=house.clock, wire=house.line())
        self.at = at

    def create_intent(self, charge: Charge) -> str:
        self._die("before create")
        made = super().create_intent(charge)
        self._die("after create")
        return made

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        self._die("before confirm")
        reading = super().confirm_intent(intent, charge, attempt)
        self._die("after confirm")
        return reading

    def _die(self, here: str) -> None:
        if self.at == here:
            raise Killed


def die(house: House, at: str) -> None:
    """A worker starts on what is due and is killed at its first call of that kind."""
    gateway = Dying(house, at)
    works = replace(house.works, gateway=gateway)
    with closing(gateway), pytest.raises(Killed):
        charge_due(works.database, works.gateway, works.clock, works.speed, threading.Event())


@pytest.fixture
def calm_house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        with database.transaction() as session:
            live_campaign(session, it.clock.now(), goal_minor=50_00)
        yield it


DEATHS = ("before create", "after create", "before confirm", "after confirm")


@pytest.mark.parametrize("later", [timedelta(minutes=3), timedelta(hours=25)])
def test_whenever_a_worker_dies_the_next_one_charges_once(calm_house: House, later: timedelta) -> None:
    """After a day the provider has forgotten every key: what was sent is looked up, not sent again."""
    house = calm_house
    house.pledge("board", "ada@example.org")
    fund(house)
    for at in DEATHS:
        die(house, at)
        house.clock.advance(later)
        house.simulator.tick()
    collect(house, most_minutes=5)
    assert is_whole(house, backers=1)
    assert len(house.simulator.shapes("payment_intent")) == 1
    assert house.letters.count(("charge_receipt", "ada@example.org")) == 1


def test_an_intent_that_only_a_dead_worker_knew_is_canceled_before_another_card_pays(calm_house: House) -> None:
    house = calm_house
    token = house.pledge("board", "ada@example.org")
    fund(house)
    die(house, "after create")
    pledge = house.pledge_of(token)
    house.apply(CardGone(pledge.customer, pledge.payment_method))
    house.clock.advance(timedelta(minutes=3))
    house.tick()
    house.desk.fix(token)
    house.fill_in(token, "ok")
    house.desk.look(token)
    statuses = [intent["status"] for intent in house.simulator.intents_of(pledge.id)]
    assert sorted(statuses) == ["canceled", "succeeded"]
    assert is_whole(house, backers=1)


def test_a_stopped_worker_gives_back_what_it_did_not_charge(calm_house: House) -> None:
    house = calm_house
    token = house.pledge("board", "ada@example.org")
    fund(house)
    stop = threading.Event()
    stop.set()
    works = house.works
    assert charge_due(works.database, works.gateway, works.clock, works.speed, stop) == 1
    assert house.pledge_of(token).lease_until is None
    assert outstanding(house.database, house.campaign().id) == 1
    collect(house, most_minutes=1)
    assert outstanding(house.database, house.campaign().id) == 0


def test_a_worker_whose_lease_was_taken_over_keeps_its_hands_off(calm_house: House) -> None:
    house = calm_house
    token = house.pledge("board", "ada@example.org")
    fund(house)
    pledge = house.pledge_of(token)
    charge(house.database, house.gateway, house.clock, pledge.id, house.clock.now())
    assert house.simulator.shapes("payment_intent") == []


def test_the_answer_of_a_dead_workers_call_is_learned_from_the_sweep_alone(calm_house: House) -> None:
    house = calm_house
    token = house.pledge("board", "ada@example.org")
    fund(house)
    die(house, "after confirm")
    house.clock.advance(timedelta(minutes=11))
    assert sweeping.sweep_payments(house.database, house.gateway, house.clock.now()) == 1
    assert house.pledge_of(token).status is PledgeState.COLLECTED
    assert sweeping.sweep_payments(house.database, house.gateway, house.clock.now()) == 0
