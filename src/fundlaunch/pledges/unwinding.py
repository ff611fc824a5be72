"""A campaign that ended without its money: cards are released, charges under way ended, what was taken goes back.

It failed, was canceled or suspended, or was stopped after its success. Every step can be interrupted and begun again:
what is left to do is read from the rows.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import Session, col, select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.outbox import promise_release
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.states import PaymentState, RefundState
from fundlaunch.payments.tables import Payment, Refund
from fundlaunch.pledges import refunds, rows, stock
from fundlaunch.pledges.learning import learn_or_log
from fundlaunch.pledges.notices import tell_backer
from fundlaunch.pledges.recovery import close_payment
from fundlaunch.pledges.states import IN_RECOVERY, PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge

BATCH = 200

RELEASED = {
    CampaignState.FAILED: "campaign_failed",
    CampaignState.CANCELED: "campaign_canceled",
    CampaignState.SUSPENDED: "campaign_suspended",
}
"""What a backer whose card is released is told."""

UNCHARGED = IN_RECOVERY | {PledgeState.PLEDGED}


def end_charges(database: Database, gateway: Gateway, campaign_id: str, now: datetime) -> None:
    """Cancel the charges and payment pages under way at the provider, and apply what became of them.

    One that was quicker has succeeded, and its money goes back like any other. Raises ProviderOutOfReach.
    """
    with database.reading() as session:
        under_way = session.exec(
            select(Pledge.id)
            .where(Pledge.campaign_id == campaign_id, col(Pledge.status).in_(UNCHARGED), _has_payment())
            .order_by(Pledge.id)
            .limit(BATCH)
        ).all()
    for pledge_id in under_way:
        learn_or_log(database, partial(close_payment, database, gateway, pledge_id), now)


def unwind(session: Session, campaign: Campaign, now: datetime) -> int:
    """Release or give back one batch of pledges; gives how many. Passes over those whose charge is still under way."""
    ready = or_(and_(col(Pledge.status).in_(UNCHARGED), ~_has_payment()), _is_kept())
    batch = session.exec(
        select(Pledge)
        .where(Pledge.campaign_id == campaign.id, ready)
        .order_by(col(Pledge.backer_number))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for pledge in batch:
        if pledge.status is PledgeState.COLLECTED:
            refunds.want(session, pledge, refunds.OVER, now)
            _forget_card(session, pledge, now)
        else:
            _release(session, pledge, campaign, now)
    return len(batch)


def is_unwound(session: Session, campaign_id: str) -> bool:
    """True once every pledge was released or its money is on its way back."""
    left = select(Pledge.id).where(
        Pledge.campaign_id == campaign_id, or_(col(Pledge.status).in_(UNCHARGED), _is_kept())
    )
    return session.exec(left.limit(1)).first() is None


def _has_payment() -> ColumnElement[bool]:
    return exists().where(col(Payment.pledge_id) == col(Pledge.id), col(Payment.status) != PaymentState.CANCELED)


def _is_kept() -> ColumnElement[bool]:
    """Collected through the provider and not all on its way back; one that the bank sent back is for a person."""
    theirs = col(Refund.pledge_id) == col(Pledge.id)
    failed = exists().where(theirs, col(Refund.status) == RefundState.FAILED)
    going = select(func.coalesce(func.sum(col(Refund.amount_minor)), 0)).where(theirs).correlate(Pledge)
    return and_(
        col(Pledge.status) == PledgeState.COLLECTED,
        col(Pledge.origin) != PledgeOrigin.OFFLINE,
        ~failed,
        going.scalar_subquery() < col(Pledge.collected_minor),
    )


def _release(session: Session, pledge: Pledge, campaign: Campaign, now: datetime) -> None:
    """The card was never charged and never will be; the backer is told so, the provider forgets it."""
    pledge.ended_at = now
    pledge.due_at = pledge.remind_at = pledge.lease_until = None
    rows.move(session, pledge, PledgeEvent.CAMPAIGN_RELEASED, now)
    stock.free(session, rows.units(session, pledge.id))
    _forget_card(session, pledge, now)
    tell_backer(session, pledge, RELEASED[campaign.status], now, more={"reason": campaign.closed_reason})


def _forget_card(session: Session, pledge: Pledge, now: datetime) -> None:
    if pledge.payment_method:
        promise_release(session, customer=pledge.customer, payment_method=pledge.payment_method, now=now)
