"""Deliveries in the inbox: kept once, applied once, tried again, parked, replayed, found in the provider's list."""

import inspect
import json
import random
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlmodel import Session, select

from fundlaunch import inbox
from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear, IllegalMove, NotFound, ProviderOutOfReach
from fundlaunch.inbox import Delivery, DeliveryState
from fundlaunch.payments.facts import CardGone, CardSaved, CheckoutExpired, Fact, IntentCanceled
from fundlaunch.payments.gateway import CheckoutReading, IntentReading, ProviderEvent, ProviderRefused

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LEASE_SECONDS = 120
SAVED = CardSaved("cs_1", "ours", "cus_1", "pm_1", "visa", "4242")
CANCELED = IntentCanceled("pi_1", "ours")


@dataclass
class Provider:
    """The part of a gateway that the inbox asks: answers that were laid out before."""

    checkout: tuple[Fact, ...] = ()
    intent: tuple[Fact, ...] = ()
    events: list[ProviderEvent] = field(default_factory=list)
    silence: Exception | None = None
    looks: list[str] = field(default_factory=list)
    asked_since: list[str | None] = field(default_factory=list)

    def read_checkout(self, session: str) -> CheckoutReading:
        return CheckoutReading(self._look(session), "complete", "", self.checkout)

    def read_intent(self, intent: str) -> IntentReading:
        return IntentReading(self._look(intent), "canceled", "ours", self.intent)

    def _look(self, name: str) -> str:
        self.looks.append(name)
        if self.silence is not None:
            raise self.silence
        return name

    def events_since(self, event_id: str | None, *, limit: int) -> Iterator[ProviderEvent]:
        self.asked_since.append(event_id)
        start = 1 + [event.id for event in self.events].index(event_id) if event_id else 0
        return iter(self.events[start : start + limit])


class Desk:
    """A database, a provider and the facts that were applied."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.provider = Provider()
        self.applied: list[Fact] = []
        self.trouble: list[BaseException | None] = []

    def apply(self, session: Session, fact: Fact, now: datetime) -> None:
        """Record a fact and its row in the same transaction; fail as laid out."""
        session.add(mark(f"mark_{len(self.applied)}", now))
        session.flush()
        if self.trouble and (error := self.trouble.pop(0)) is not None:
            raise error
        self.applied.append(fact)

    def keep(self, events: Iterable[ProviderEvent], now: datetime = NOON) -> list[bool]:
        with self.database.transaction() as session:
            return [inbox.keep(session, event, now) for event in events]

    def work(self, now: datetime = NOON, module: ModuleType = inbox) -> int:
        claimed = module.work(self.database, self.provider, self.apply, now, lease_seconds=LEASE_SECONDS)
        return int(claimed)

    def backfill(self, now: datetime) -> int:
        gateway: Any = self.provider
        return inbox.backfill(self.database, gateway, now)

    def row(self, name: str = "evt_1") -> Delivery:
        with self.database.reading() as session:
            found = session.get(Delivery, name)
            assert found is not None
            return found

    def states(self) -> dict[str, str]:
        with self.database.reading() as session:
            rows = session.exec(select(Delivery)).all()
            return {row.id: row.status.value for row in rows if not row.id.startswith("mark")}

    def marks(self) -> int:
        with self.database.reading() as session:
            return len([row for row in session.exec(select(Delivery)).all() if row.id.startswith("mark")])


def mark(name: str, now: datetime) -> Delivery:
    """Any row will do to see whether what `apply` wrote was rolled back."""
    return Delivery(
        id=name, type="mark", body=b"", created_at=now, received_at=now, status=DeliveryState.APPLIED, due_at=now
    )


def event(name: str, kind: str, shape: dict[str, object], created_at: datetime = NOON) -> ProviderEvent:
    body = {"id": name, "type": kind, "data": {"object": shape}}
    return ProviderEvent(name, kind, created_at, json.dumps(body).encode())


def gone(number: int, created_at: datetime = NOON) -> ProviderEvent:
    return event(f"evt_{number}", "customer.deleted", {"id": f"cus_{number}"}, created_at)


def completed(name: str = "evt_1") -> ProviderEvent:
    return event(name, "checkout.session.completed", {"id": "cs_1", "client_reference_id": "ours"})


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_delivery_is_kept_once_however_often_it_comes(desk: Desk) -> None:
    assert desk.keep([gone(1), gone(2), gone(1)]) == [True, True, False]
    assert desk.keep([gone(1)], NOON + timedelta(days=3)) == [False]
    assert desk.row().received_at == NOON


def test_a_delivery_that_comes_eight_times_at_once_is_kept_once(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda _: desk.keep([gone(1)])[0], range(8)))
    assert sorted(kept) == [False] * 7 + [True]


def test_doubled_shuffled_and_lost_deliveries_are_each_applied_once_in_the_end(desk: Desk) -> None:
    dice = random.Random(11)
    desk.provider.events = [gone(n, NOON + timedelta(seconds=n)) for n in range(200)]
    sent = [event for event in desk.provider.events for _ in range(dice.choice([0, 1, 2, 2, 3]))]
    dice.shuffle(sent)
    for start in range(0, len(sent), 20):
        desk.keep(sent[start : start + 20], NOON + timedelta(minutes=5))
        desk.work(NOON + timedelta(minutes=5))
    assert len(desk.applied) < 200
    desk.backfill(NOON + timedelta(minutes=10))
    while desk.work(NOON + timedelta(minutes=10)):
        pass
    assert sorted(desk.applied, key=repr) == sorted((CardGone(f"cus_{n}", "") for n in range(200)), key=repr)


def test_a_delivery_is_applied_once_and_what_it_became_is_written_with_it(desk: Desk) -> None:
    desk.keep([gone(1)])
    assert [desk.work(), desk.work()] == [1, 0]
    assert desk.applied == [CardGone("cus_1", "")]
    assert (desk.row().status, desk.row().tries, desk.row().lease_until) == (DeliveryState.APPLIED, 1, None)
    assert desk.marks() == 1


def test_a_repeat_of_an_applied_delivery_changes_nothing(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.work()
    desk.keep([gone(1)])
    assert desk.work() == 0
    assert len(desk.applied) == 1


def test_deliveries_are_worked_on_in_the_order_of_their_making(desk: Desk) -> None:
    desk.keep([gone(n, NOON - timedelta(minutes=n)) for n in (1, 3, 2)])
    desk.work()
    assert [fact.customer for fact in desk.applied if isinstance(fact, CardGone)] == ["cus_3", "cus_2", "cus_1"]


def test_a_big_heap_is_worked_on_in_bounded_batches(desk: Desk) -> None:
    desk.keep([gone(n) for n in range(inbox.BATCH + 3)])
    assert [desk.work(), desk.work(), desk.work()] == [inbox.BATCH, 3, 0]


def test_what_the_event_does_not_say_is_read_at_the_provider(desk: Desk) -> None:
    desk.provider.checkout = (SAVED,)
    desk.provider.intent = (CANCELED,)
    failed = event("evt_2", "payment_intent.payment_failed", {"id": "pi_1", "metadata": {"payment": "ours"}})
    desk.keep([completed(), failed])
    desk.work()
    assert desk.provider.looks == ["cs_1", "pi_1"]
    assert desk.applied == [SAVED, CANCELED]


def test_an_event_that_means_nothing_is_ignored_but_kept(desk: Desk) -> None:
    desk.keep([event("evt_1", "payout.paid", {"id": "po_1"}), completed("evt_2")])
    desk.work()
    assert desk.states() == {"evt_1": "ignored", "evt_2": "ignored"}
    assert desk.applied == []


def test_two_facts_of_one_delivery_are_applied_together_or_not_at_all(desk: Desk) -> None:
    desk.provider.checkout = (SAVED, CheckoutExpired("cs_1", "ours"))
    desk.trouble = [None, ValueError("a bug")]
    desk.keep([completed()])
    desk.work()
    assert desk.marks() == 0
    assert desk.row().status is DeliveryState.WAITING


def test_a_failed_delivery_is_tried_again_later_and_lets_the_others_pass(desk: Desk) -> None:
    desk.keep([gone(1), gone(2)])
    desk.trouble = [ValueError("a bug")]
    desk.work()
    assert desk.states() == {"evt_1": "waiting", "evt_2": "applied"}
    assert (desk.row().tries, desk.row().problem) == (1, "ValueError: a bug")
    assert desk.row().due_at == NOON + timedelta(seconds=inbox.FIRST_PAUSE_SECONDS)
    assert desk.work(NOON + timedelta(seconds=inbox.FIRST_PAUSE_SECONDS - 1)) == 0
    assert desk.work(NOON + timedelta(seconds=inbox.FIRST_PAUSE_SECONDS)) == 1
    assert (desk.row().status, desk.row().tries, desk.row().problem) == (DeliveryState.APPLIED, 2, "")


def test_the_pauses_double_up_to_an_hour_and_then_the_delivery_is_parked(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.trouble = [ValueError(f"try {n}") for n in range(1, inbox.MOST_TRIES + 1)]
    now, pauses = NOON, []
    while desk.row().status is DeliveryState.WAITING:
        desk.work(now)
        pauses.append((desk.row().due_at - now).total_seconds())
        now = desk.row().due_at
    assert pauses[:4] == [10, 20, 40, 80]
    assert max(pauses) == inbox.LONGEST_PAUSE_SECONDS
    assert (desk.row().status, desk.row().tries) == (DeliveryState.PARKED, inbox.MOST_TRIES)
    assert desk.row().problem == "ValueError: try 20"
    assert desk.work(now + timedelta(days=30)) == 0


def test_a_fact_that_can_never_be_applied_is_parked_after_a_few_tries(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.trouble = [IllegalMove("A {name} cannot.", name="payment") for _ in range(inbox.CONFLICT_TRIES)]
    for n in range(inbox.CONFLICT_TRIES):
        desk.work(NOON + timedelta(hours=n))
    assert (desk.row().status, desk.row().problem) == (DeliveryState.PARKED, "IllegalMove: A payment cannot.")


def test_a_fact_that_came_before_our_own_commit_is_applied_after_it(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.trouble = [IllegalMove("Too early.")]
    desk.work()
    desk.work(NOON + timedelta(minutes=1))
    assert desk.row().status is DeliveryState.APPLIED


def test_an_object_that_the_provider_does_not_know_parks_its_delivery(desk: Desk) -> None:
    desk.keep([completed()])
    desk.provider.silence = ProviderRefused("No such session.", code="resource_missing")
    desk.work()
    assert (desk.row().status, desk.row().problem) == (DeliveryState.PARKED, "ProviderRefused: No such session.")


def test_a_refusal_that_may_be_a_wrong_key_is_tried_again(desk: Desk) -> None:
    desk.keep([completed()])
    desk.provider.silence = ProviderRefused("A wrong key.", code="api_key_expired")
    desk.work()
    assert desk.row().status is DeliveryState.WAITING


@pytest.mark.parametrize("silence", [ProviderOutOfReach("Nobody answers."), AnswerUnclear("What?")])
def test_a_provider_out_of_reach_costs_no_try_and_ends_the_batch(desk: Desk, silence: Exception) -> None:
    desk.keep([completed("evt_1"), completed("evt_2")])
    desk.provider.silence = silence
    desk.work()
    assert desk.provider.looks == ["cs_1"]
    assert (desk.row().tries, desk.row().status) == (0, DeliveryState.WAITING)
    assert desk.row().due_at == NOON + timedelta(seconds=inbox.PROVIDER_PAUSE_SECONDS)
    desk.provider.silence = None
    desk.provider.checkout = (SAVED,)
    assert desk.work(NOON + timedelta(seconds=LEASE_SECONDS)) == 2
    assert desk.states() == {"evt_1": "applied", "evt_2": "applied"}


class Killed(BaseException):
    """The process ends here, without a chance to tidy up."""


def test_a_worker_killed_in_the_middle_leaves_the_delivery_to_the_next(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.trouble = [Killed()]
    with pytest.raises(Killed):
        desk.work()
    assert desk.marks() == 0
    assert desk.work(NOON + timedelta(seconds=LEASE_SECONDS - 1)) == 0
    assert desk.work(NOON + timedelta(seconds=LEASE_SECONDS)) == 1
    assert desk.applied == [CardGone("cus_1", "")]


class Meanwhile(Provider):
    """While this worker asks the provider, another one works on the same table at `other_at`."""

    def __init__(self, desk: Desk, module: ModuleType, other_at: datetime) -> None:
        super().__init__()
        self.desk, self.module, self.other_at = desk, module, other_at
        self.taken: list[int] = []

    def read_checkout(self, session: str) -> CheckoutReading:
        self.taken.append(self.desk.work(self.other_at, self.module))
        return CheckoutReading(session, "complete", "", (SAVED,))


def interleave(desk: Desk, module: ModuleType, *, other_at: datetime) -> int:
    """One delivery, two workers, the second while the first asks the provider; gives what the second claimed."""
    desk.keep([completed()])
    desk.provider.checkout = (SAVED,)
    first = Meanwhile(desk, module, other_at)
    module.work(desk.database, first, desk.apply, NOON, lease_seconds=LEASE_SECONDS)
    (taken,) = first.taken
    return taken


def without(guard: str, instead: str = "") -> ModuleType:
    """The inbox with one guard taken out of its source, on the same table."""
    source = inspect.getsource(inbox)
    for old, new in (
        ("class Delivery(SQLModel, table=True):", "class Delivery(SQLModel):"),
        ("table(Delivery)", "KNOWN_TABLE"),
        (guard, instead),
    ):
        assert source.count(old) == 1, "the guard has moved: change this control with it"
        source = source.replace(old, new)
    module = ModuleType("edited_inbox")
    module.__dict__["KNOWN_TABLE"] = inbox.DELIVERY
    sys.modules["edited_inbox"] = module
    exec(compile(source, "edited_inbox.py", "exec"), module.__dict__)  # noqa: S102 - our own source, one line changed
    return module


LEASE_GUARD = "        .where(or_(d.lease_until.is_(None), d.lease_until <= now))\n"
FENCE = "        raise LeaseLost\n"


def test_what_one_worker_claimed_another_does_not_take(desk: Desk) -> None:
    assert interleave(desk, inbox, other_at=NOON) == 0
    assert desk.marks() == 1


def test_without_the_lease_another_worker_takes_it(desk: Desk) -> None:
    assert interleave(desk, without(LEASE_GUARD), other_at=NOON) == 1


def test_a_worker_whose_lease_ran_out_applies_nothing(desk: Desk) -> None:
    assert interleave(desk, inbox, other_at=NOON + timedelta(seconds=LEASE_SECONDS)) == 1
    assert desk.marks() == 1
    assert desk.row().tries == 1


def test_without_the_fence_a_delivery_is_applied_twice(desk: Desk) -> None:
    interleave(desk, without(FENCE, "        pass\n"), other_at=NOON + timedelta(seconds=LEASE_SECONDS))
    assert desk.marks() == 2


def test_a_replayed_delivery_is_worked_on_again(desk: Desk) -> None:
    desk.keep([gone(1)])
    desk.trouble = [ValueError("a bug")] * inbox.MOST_TRIES
    for n in range(inbox.MOST_TRIES):
        desk.work(NOON + timedelta(days=n))
    later = NOON + timedelta(days=40)
    with desk.database.transaction() as session:
        inbox.replay(session, "evt_1", later)
    assert (desk.row().status, desk.row().tries, desk.row().problem) == (DeliveryState.WAITING, 0, "")
    assert desk.work(later) == 1
    assert desk.row().status is DeliveryState.APPLIED


def test_replaying_an_unknown_delivery_says_so(desk: Desk) -> None:
    with desk.database.transaction() as session, pytest.raises(NotFound, match="evt_404"):
        inbox.replay(session, "evt_404", NOON)


def test_a_lost_delivery_is_found_in_the_providers_list(desk: Desk) -> None:
    desk.provider.events = [gone(n, NOON + timedelta(minutes=n)) for n in range(5)]
    desk.keep([gone(0), gone(1), gone(3), gone(4)])
    assert desk.backfill(NOON + timedelta(minutes=5)) == 1
    assert desk.states() == dict.fromkeys(["evt_0", "evt_1", "evt_2", "evt_3", "evt_4"], "waiting")
    assert desk.backfill(NOON + timedelta(minutes=6)) == 0


def test_one_lost_before_the_last_received_is_found_too(desk: Desk) -> None:
    desk.provider.events = [gone(0)]
    desk.backfill(NOON + timedelta(minutes=30))
    desk.provider.events += [gone(1, NOON + timedelta(hours=1)), gone(2, NOON + timedelta(hours=2))]
    desk.keep([gone(2, NOON + timedelta(hours=2))])
    assert desk.backfill(NOON + timedelta(hours=3)) == 1
    assert "evt_1" in desk.states()
    assert desk.provider.asked_since == [None, "evt_0"]


def test_the_list_is_read_again_from_a_little_before_the_end_of_the_last_round(desk: Desk) -> None:
    early, late = gone(1, NOON - timedelta(hours=1)), gone(2, NOON - timedelta(minutes=1))
    desk.provider.events = [early, late]
    desk.backfill(NOON)
    desk.backfill(NOON)
    desk.backfill(NOON + inbox.BACKFILL_OVERLAP)
    assert desk.provider.asked_since == [None, "evt_1", "evt_2"]


def test_a_long_list_is_kept_in_bounded_pieces(desk: Desk) -> None:
    desk.provider.events = [gone(n, NOON + timedelta(seconds=n)) for n in range(2 * inbox.BATCH + 1)]
    assert desk.backfill(NOON + timedelta(hours=1)) == 2 * inbox.BATCH + 1


def test_what_was_kept_before_the_list_broke_off_stays_kept(desk: Desk) -> None:
    class Breaking(Provider):
        def events_since(self, event_id: str | None, *, limit: int) -> Iterator[ProviderEvent]:
            yield from super().events_since(event_id, limit=min(limit, inbox.BATCH))
            raise ProviderOutOfReach("Nobody answers.")

    desk.provider = Breaking(events=[gone(n) for n in range(2 * inbox.BATCH)])
    with pytest.raises(ProviderOutOfReach):
        desk.backfill(NOON)
    assert len(desk.states()) == inbox.BATCH
