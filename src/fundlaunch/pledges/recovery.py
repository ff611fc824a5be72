"""Recovery: reminders while the window is open; at its end page and intent are closed and the pledge is dropped."""

from datetime import datetime
from functools import partial

from sqlmodel import col, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.outbox import promise_release
from fundlaunch.payments.facts import Fact
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges import charges, rows, stock
from fundlaunch.pledges.endings import cancel_for_good, end_checkout
from fundlaunch.pledges.learning import learn_or_log
from fundlaunch.pledges.notices import tell_backer, tell_creator
from fundlaunch.pledges.rules import is_final_notice, next_reminder
from fundlaunch.pledges.states import IN_RECOVERY, PledgeEvent
from fundlaunch.pledges.tables import Pledge
from fundlaunch.pledges.wanted import current_payment

BATCH = 100


def remind_due(database: Database, now: datetime) -> int:
    """Owe every reminder that is due; gives how many."""
    with database.transaction() as session:
        statement = select(Pledge).where(col(Pledge.remind_at) <= now, col(Pledge.status).in_(IN_RECOVERY))
        due = session.exec(statement.limit(BATCH).with_for_update(skip_locked=True)).all()
        for pledge in due:
            assert pledge.window_ends_at is not None  # noqa: S101 - a reminder is planned together with its window
            if now < pledge.window_ends_at:
                pledge.reminders += 1
                final = is_final_notice(POLICY.recovery, window_ends_at=pledge.window_ends_at, now=now)
                charges.tell_failure(session, pledge, now, final="charge_final_notice" if final else "")
            pledge.remind_at = next_reminder(POLICY.recovery, window_ends_at=pledge.window_ends_at, now=now)
            session.add(pledge)
    return len(due)


def drop_due(database: Database, gateway: Gateway, now: datetime) -> int:
    """Drop the pledges whose window has closed and whose last try is over; gives how many were dropped.

    Nothing can be charged after a drop: page expired and intent canceled at the provider come first.
    Raises ProviderOutOfReach.
    """
    with database.reading() as session:
        over = session.exec(
            select(Pledge.id)
            .where(col(Pledge.status).in_(IN_RECOVERY), col(Pledge.window_ends_at) <= now, col(Pledge.due_at).is_(None))
            .order_by(col(Pledge.window_ends_at))
            .limit(BATCH)
        ).all()
    dropped = 0
    for pledge_id in over:
        if learn_or_log(database, partial(close_payment, database, gateway, pledge_id), now):
            dropped += _drop(database, pledge_id, now)
    return dropped


def close_payment(database: Database, gateway: Gateway, pledge_id: str) -> tuple[Fact, ...]:
    """Make sure at the provider that the pledge's page or charge can never succeed; the facts may say that it has."""
    with database.reading() as session:
        pledge = session.get_one(Pledge, pledge_id)
        payment = current_payment(session, pledge_id)
        if payment is None:
            return ()
        checkout = session.exec(select(Checkout).where(Checkout.payment_id == payment.id)).one_or_none()
    if checkout is not None:
        return end_checkout(gateway, checkout, pledge.customer)
    return cancel_for_good(gateway, payment, pledge.customer)


def _drop(database: Database, pledge_id: str, now: datetime) -> bool:
    with database.transaction() as session:
        pledge = rows.by_id(session, pledge_id)
        if pledge.status not in IN_RECOVERY or current_payment(session, pledge_id) is not None:
            return False
        pledge.remind_at = pledge.due_at = None
        pledge.ended_at = now
        rows.move(session, pledge, PledgeEvent.WINDOW_CLOSED, now)
        stock.free(session, rows.units(session, pledge_id))
        if pledge.payment_method:
            promise_release(session, customer=pledge.customer, payment_method=pledge.payment_method, now=now)
        tell_backer(session, pledge, "pledge_dropped", now)
        campaign = session.get_one(Campaign, pledge.campaign_id)
        tell_creator(session, campaign, "creator_pledge_dropped", now, once=pledge.id, pledge=pledge)
        return True
