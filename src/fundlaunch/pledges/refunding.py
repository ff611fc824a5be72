"""Sending refunds: each is carried out once at the provider, whenever a worker dies (TRUST F34).

A worker takes due refunds by moving their `due_at` on, so that a killed one's come round again. A refund that may have
been sent before is looked for at the provider before it is sent once more, under the same key; and the provider
refuses to give back more of a charge than is left of it.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update
from sqlmodel import Session

from fundlaunch.clock import Clock
from fundlaunch.database import Database, table
from fundlaunch.errors import Conflict, ProviderOutOfReach
from fundlaunch.payments import pace
from fundlaunch.payments.gateway import Gateway, Giving, ProviderRefused
from fundlaunch.payments.states import RefundState
from fundlaunch.payments.tables import Payment, Refund
from fundlaunch.pledges import refunds, rows
from fundlaunch.pledges.charging import KEY_RENEWED_AFTER, PAUSE, REFUSED_PAUSE
from fundlaunch.pledges.collection import Speed
from fundlaunch.pledges.learning import learn, learn_or_log

log = logging.getLogger(__name__)

REFUND = table(Refund)
ENDPOINT = "refund"
BATCH = 100
LOOK_EVERY = timedelta(minutes=10)

NOTHING_LEFT = "charge_already_refunded"
"""The provider's word for a charge of which nothing is left to give back."""


def give_due(database: Database, gateway: Gateway, clock: Clock, speed: Speed, stop: threading.Event) -> int:
    """Send one batch of due refunds at the common pace; gives how many were taken up."""
    now = clock.now()
    claimed = _claim(database, RefundState.INTENDED, now, timedelta(seconds=speed.lease_seconds))
    if not claimed:
        return 0
    with database.transaction() as session:
        times = pace.reserve(session, ENDPOINT, len(claimed), per_second=speed.per_second, now=now)

    def one(work: tuple[str, datetime]) -> None:
        refund_id, at = work
        clock.wait_until(at, stop)
        if not stop.is_set():
            give(database, gateway, clock, refund_id)

    with ThreadPoolExecutor(max_workers=speed.threads) as pool:
        for _ in pool.map(one, zip(claimed, times, strict=True)):
            pass
    return len(claimed)


def give(database: Database, gateway: Gateway, clock: Clock, refund_id: str) -> None:
    """Bring one refund as far as it goes now; raises nothing of the provider's."""
    try:
        _give(database, gateway, clock, refund_id)
    except ProviderOutOfReach:
        _wait(database, refund_id, clock.now() + PAUSE, "")
    except (ProviderRefused, Conflict) as error:
        log.error("refund %s waits for a person: %s", refund_id, error)  # noqa: TRY400 - its sentence says it all
        _wait(database, refund_id, clock.now() + REFUSED_PAUSE, str(error))


def sweep_refunds(database: Database, gateway: Gateway, now: datetime) -> int:
    """Ask about every refund that is under way; gives how many. Raises ProviderOutOfReach."""
    claimed = _claim(database, RefundState.PENDING, now, LOOK_EVERY)
    for refund_id in claimed:
        with database.reading() as session:
            intent = _intent(session, session.get_one(Refund, refund_id))
        learn_or_log(database, partial(gateway.refunds_of, intent), now)
    return len(claimed)


def _claim(database: Database, status: RefundState, now: datetime, lease: timedelta) -> list[str]:
    r = REFUND.c
    due = select(r.id).where(r.status == status, r.due_at <= now).order_by(r.due_at, r.id).limit(BATCH)
    taken = due.with_for_update(skip_locked=True)
    with database.transaction() as session:
        statement = update(REFUND).where(r.id.in_(taken)).values(due_at=now + lease).returning(r.id)
        return sorted(session.connection().execute(statement).scalars())


def _give(database: Database, gateway: Gateway, clock: Clock, refund_id: str) -> None:
    with database.reading() as session:
        refund = session.get_one(Refund, refund_id)
        intent = _intent(session, refund)
    if refund.sent_at is not None:
        learn(database, gateway.refunds_of(intent), clock.now())
    wanted = _want(database, clock, refund_id, intent)
    if wanted is None:
        return
    try:
        facts = gateway.refund(wanted)
    except ProviderRefused as refused:
        learn(database, gateway.refunds_of(intent), clock.now())
        if not _is_less(database, clock, refund_id, refused.code):
            raise
    else:
        learn(database, facts, clock.now())


def _want(database: Database, clock: Clock, refund_id: str, intent: str) -> Giving | None:
    """What to send, written down as sent; None if nothing is to be sent (any more).

    The provider keeps an error under its key for a day. Ten minutes later no call can be under way, and the look-up has
    shown that nothing came of it: it goes out under the next key.
    """
    now = clock.now()
    with database.transaction() as session:
        refund = _locked(session, refund_id)
        if refund.status is not RefundState.INTENDED:
            return None
        if refund.sent_at is None or now - refund.sent_at > KEY_RENEWED_AFTER:
            refund.attempt += 1
            refund.sent_at = now
            session.add(refund)
        return Giving(
            refund_id=refund.id,
            pledge_id=refund.pledge_id,
            intent=intent,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            attempt=refund.attempt,
        )


def _is_less(database: Database, clock: Clock, refund_id: str, code: str) -> bool:
    """True if somebody gave money back by hand, which is written down by now: ours shrinks to the rest, or ends."""
    with database.transaction() as session:
        refund = _locked(session, refund_id)
        if refund.status is not RefundState.INTENDED:
            return True
        left_minor = refunds.left_minor(session, refund)
        if code == NOTHING_LEFT or left_minor <= 0:
            refunds.end(session, refund, NOTHING_LEFT, clock.now())
            return True
        if left_minor == refund.amount_minor:
            return False
        # Another sum needs another key, and nothing of the old one can be under way: it was refused.
        refund.amount_minor, refund.sent_at, refund.due_at = left_minor, None, clock.now()
        session.add(refund)
        return True


def _wait(database: Database, refund_id: str, until: datetime, problem: str) -> None:
    with database.transaction() as session:
        refund = _locked(session, refund_id)
        refund.due_at = until
        refund.problem = problem[:500]
        session.add(refund)


def _locked(session: Session, refund_id: str) -> Refund:
    rows.by_id(session, session.get_one(Refund, refund_id).pledge_id)
    return session.get_one(Refund, refund_id, populate_existing=True)


def _intent(session: Session, refund: Refund) -> str:
    intent = session.get_one(Payment, refund.payment_id).intent
    assert intent is not None  # noqa: S101 - a payment that succeeded names its intent
    return intent
