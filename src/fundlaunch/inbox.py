"""The provider's deliveries: kept once, worked on until they are applied, parked if that can never be.

A delivery is kept in the receiver's one transaction and worked on later. Work happens in three steps, so that nothing
waits for the network inside a transaction: claim a batch under a lease; find out what each event means, asking the
provider where the event alone does not say; apply all its facts and mark the row in one transaction. A worker that dies
between two steps leaves a lease that runs out.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

from sqlalchemy import Column, Index, LargeBinary, Update, or_, select, update
from sqlmodel import Field, Session, SQLModel

from fundlaunch.database import Database, EnumText, UtcDateTime, insert_once, one_of, table
from fundlaunch.errors import N_, Conflict, NotFound, ProviderOutOfReach
from fundlaunch.payments.facts import Fact
from fundlaunch.payments.gateway import Gateway, ProviderRefused
from fundlaunch.payments.stripe.events import Learned, Look, Sight, learn

log = logging.getLogger(__name__)

BATCH = 50
MOST_TRIES = 20
CONFLICT_TRIES = 5
"""A fact may overtake our own commit by seconds; one that still does not fit after minutes never will."""

FIRST_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 3600
PROVIDER_PAUSE_SECONDS = 30
PROBLEM_LENGTH = 500

BACKFILL_LIMIT = 10_000
"""Events asked for in one round; the next goes on where this one ended."""

BACKFILL_OVERLAP = timedelta(minutes=10)
"""The provider may list an event after a younger one, so each round begins a little before the end of the last."""

Apply = Callable[[Session, Fact, datetime], None]
"""`pledges.actions.apply`: one fact into the rows, inside the caller's transaction, at the given time."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    APPLIED = "applied"
    IGNORED = "ignored"
    PARKED = "parked"


class Delivery(SQLModel, table=True):
    """One event of the provider. `id` and `type` are its words, `body` its raw JSON.

    `created_at` is when the provider made it, `listed_at` when a backfill saw it in the provider's own list.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("status", DeliveryState),
        Index("delivery_due", "status", "due_at"),
        Index("delivery_listed", "listed_at", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=255)
    type: str = Field(max_length=100)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    received_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    listed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    status: DeliveryState = Field(sa_column=Column(EnumText(DeliveryState), nullable=False))
    tries: int = Field(default=0)
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    problem: str = Field(default="", max_length=PROBLEM_LENGTH)


DELIVERY = table(Delivery)


class Incoming(Protocol):
    """An event to keep: what the receiver hands over, or what a gateway lists."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery under our lease until `lease_until`."""

    id: str
    body: bytes
    tries: int
    lease_until: datetime


class LeaseLost(Exception):
    """Another worker took the delivery over, or it was replayed: what was about to be applied is rolled back."""


def keep(session: Session, delivery: Incoming, now: datetime) -> bool:
    """Keep an event once, however often it comes; True if it is new."""
    return insert_once(
        session,
        DELIVERY,
        {
            "id": delivery.id,
            "type": delivery.type,
            "body": delivery.body,
            "created_at": delivery.created_at,
            "received_at": now,
            "status": DeliveryState.WAITING,
            "tries": 0,
            "due_at": now,
            "problem": "",
        },
    )


def replay(session: Session, delivery_id: str, now: datetime) -> None:
    """Have a delivery worked on once more, whatever became of it; raises NotFound."""
    again = {"status": DeliveryState.WAITING, "tries": 0, "due_at": now, "lease_until": None, "problem": ""}
    changed = session.connection().execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(again))
    if not changed.rowcount:
        raise NotFound(
            N_("There is no delivery {id}. Look at the list of deliveries for its exact id."), id=delivery_id
        )


def work(database: Database, gateway: Gateway, apply: Apply, now: datetime, *, lease_seconds: int) -> int:
    """Work on one batch of due deliveries; gives how many were claimed (0: nothing was due).

    What goes wrong with one delivery is written beside it and tried again later. Raises DatabaseOutOfReach.
    """
    with database.transaction() as session:
        claimed = _claim(session, now, now + timedelta(seconds=lease_seconds))
    for delivery in claimed:
        if not _work_on(database, gateway, apply, delivery, now):
            # The rest of the batch would meet the same silence: its lease runs out, then it is tried again.
            break
    return len(claimed)


def backfill(database: Database, gateway: Gateway, now: datetime) -> int:
    """Keep what the provider lists and never delivered, at most BACKFILL_LIMIT at a time; gives how many were new.

    The list is read from where the last round ended, not from the newest event received: one that got lost lies before
    others that came. Raises ProviderOutOfReach; what was kept until then stays kept.
    """
    with database.reading() as session:
        last_seen = _last_listed(session, now)
    listed = gateway.events_since(last_seen, limit=BACKFILL_LIMIT)
    new = 0
    while some := list(islice(listed, BATCH)):
        with database.transaction() as session:
            new += sum([keep(session, event, now) for event in some])
            seen = update(DELIVERY).where(DELIVERY.c.id.in_([event.id for event in some])).values(listed_at=now)
            session.connection().execute(seen)
    return new


def _last_listed(session: Session, now: datetime) -> str | None:
    d = DELIVERY.c
    settled = (
        select(d.id)
        .where(d.listed_at.is_not(None), d.created_at <= now - BACKFILL_OVERLAP)
        .order_by(d.created_at.desc(), d.id)
        .limit(1)
    )
    found: str | None = session.connection().execute(settled).scalar_one_or_none()
    return found


def _claim(session: Session, now: datetime, lease_until: datetime) -> list[Claimed]:
    d = DELIVERY.c
    due = (
        select(d.id, d.body, d.tries)
        .where(d.status == DeliveryState.WAITING, d.due_at <= now)
        .where(or_(d.lease_until.is_(None), d.lease_until <= now))
        .order_by(d.due_at, d.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = session.connection().execute(due).all()
    ours = update(DELIVERY).where(d.id.in_([row.id for row in rows])).values(lease_until=lease_until)
    session.connection().execute(ours)
    return [Claimed(row.id, row.body, row.tries, lease_until) for row in rows]


def _work_on(database: Database, gateway: Gateway, apply: Apply, delivery: Claimed, now: datetime) -> bool:
    """Work on one delivery; False if the provider is out of reach."""
    try:
        facts = _facts(gateway, learn(json.loads(delivery.body)))
        with database.transaction() as session:
            for fact in facts:
                apply(session, fact, now)
            _settle(session, delivery, DeliveryState.APPLIED if facts else DeliveryState.IGNORED)
    except LeaseLost:
        log.info("delivery %s was taken over", delivery.id)
    except ProviderOutOfReach as error:
        # Not the event's fault, so it costs no try.
        _postpone(database, delivery, error, delivery.tries, now + timedelta(seconds=PROVIDER_PAUSE_SECONDS))
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the deliveries behind it, nor get lost
        _try_again(database, delivery, error, now)
    return True


def _facts(gateway: Gateway, learned: Learned) -> tuple[Fact, ...]:
    if not isinstance(learned, Look):
        return learned
    if learned.sight is Sight.CHECKOUT:
        return gateway.read_checkout(learned.id).facts
    if learned.sight is Sight.REFUNDS:
        return gateway.refunds_of(learned.id)
    return gateway.read_intent(learned.id).facts


def _try_again(database: Database, delivery: Claimed, error: Exception, now: datetime) -> None:
    tries = delivery.tries + 1
    if tries >= _most_tries(error):
        _park(database, delivery, error)
        return
    log.warning("delivery %s failed (try %d)", delivery.id, tries, exc_info=error)
    pause = min(FIRST_PAUSE_SECONDS * 2 ** (tries - 1), LONGEST_PAUSE_SECONDS)
    _postpone(database, delivery, error, tries, now + timedelta(seconds=pause))


def _most_tries(error: Exception) -> int:
    if isinstance(error, ProviderRefused) and error.code == "resource_missing":
        return 1
    return CONFLICT_TRIES if isinstance(error, Conflict) else MOST_TRIES


def _park(database: Database, delivery: Claimed, error: Exception) -> None:
    log.error("delivery %s is parked: %s", delivery.id, error)
    _record(database, delivery, status=DeliveryState.PARKED, tries=delivery.tries + 1, problem=_problem(error))


def _postpone(database: Database, delivery: Claimed, error: Exception, tries: int, due_at: datetime) -> None:
    _record(database, delivery, tries=tries, due_at=due_at, problem=_problem(error))


def _record(database: Database, delivery: Claimed, **values: object) -> None:
    with database.transaction() as session:
        session.connection().execute(_ours(delivery).values(lease_until=None, **values))


def _settle(session: Session, delivery: Claimed, status: DeliveryState) -> None:
    done = _ours(delivery).values(status=status, tries=delivery.tries + 1, lease_until=None, problem="")
    if not session.connection().execute(done).rowcount:
        raise LeaseLost


def _ours(delivery: Claimed) -> Update:
    """An UPDATE that finds the row only while our lease on it stands."""
    d = DELIVERY.c
    return update(DELIVERY).where(
        d.id == delivery.id, d.status == DeliveryState.WAITING, d.lease_until == delivery.lease_until
    )


def _problem(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH]
