"""Giving money back: a refund is wanted, and what the provider says of it.

A refund is a row of its own, committed before the provider hears of it; `refunding` sends it. What was given back of a
pledge is the sum of its refunds that succeeded. What is wanted here is always all that is left of a payment: a part of
it may have gone back by hand. Rows are locked in one order: pledge, campaign, tiers.
"""

import logging
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import insert_once, table
from fundlaunch.errors import N_, Conflict
from fundlaunch.payments.facts import RefundFailed, RefundMade
from fundlaunch.payments.states import REFUND, PaymentState, RefundEvent, RefundState
from fundlaunch.payments.tables import Payment, Refund
from fundlaunch.pledges import rows, stock
from fundlaunch.pledges.notices import tell_backer, tell_creator
from fundlaunch.pledges.rules import difference
from fundlaunch.pledges.states import PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge

REFUND_ROW = table(Refund)

log = logging.getLogger(__name__)

BACKER, CLOSED, SOLD_OUT, LIMIT, OVER, BY_HAND = "backer", "closed", "sold_out", "limit", "over", "by_hand"
"""Why money goes back: its backer canceled; it came too late, the campaign being over or the reward gone; the address
has as many of the reward already as one backer can have; the campaign
ended without keeping it; somebody gave it back at the provider."""


def want(session: Session, pledge: Pledge, why: str, now: datetime) -> bool:
    """Write down that all that is left of a pledge's money goes back, and tell its backer; False if that is so already.

    The caller holds the pledge's lock, so that nobody else can want the same.
    """
    payment = session.exec(
        select(Payment).where(Payment.pledge_id == pledge.id, Payment.status == PaymentState.SUCCEEDED)
    ).one()
    left_minor = payment.amount_minor - _spoken_for(session, pledge)
    if left_minor <= 0:
        return False
    refund = Refund(
        payment_id=payment.id,
        pledge_id=pledge.id,
        campaign_id=pledge.campaign_id,
        status=RefundState.INTENDED,
        amount_minor=left_minor,
        currency=payment.currency,
        reason=why,
        created_at=now,
        due_at=now,
    )
    session.add(refund)
    session.flush()
    reason = session.get_one(Campaign, pledge.campaign_id).closed_reason
    tell_backer(session, pledge, "refund_began", now, once=refund.id, more={"why": why, "reason": reason})
    return True


def made(session: Session, fact: RefundMade, now: datetime) -> None:
    """The provider gives money back, or has begun to; raises Conflict for another sum than was asked for."""
    refund = _known(session, fact) or _adopted(session, fact, now)
    if refund is None:
        return
    pledge = rows.by_id(session, refund.pledge_id)
    session.refresh(refund)
    if (refund.amount_minor, refund.currency) != (fact.amount_minor, fact.currency):
        raise Conflict(N_("The provider gave back another sum than was asked for."))
    if refund.refund not in {None, fact.refund}:
        raise Conflict(N_("One refund was made twice by the provider."))
    if refund.status is RefundState.FAILED:
        # Old news: a failure is the bank's last word.
        return
    refund.refund = fact.refund
    before = refund.status
    refund.status = REFUND.move(before, RefundEvent.SUCCEEDED if fact.is_settled else RefundEvent.ACCEPTED)
    session.add(refund)
    if refund.status is RefundState.SUCCEEDED and before is not RefundState.SUCCEEDED:
        refund.settled_at = now
        refund.problem = ""
        _given_back(session, pledge, refund, now)


def failed(session: Session, fact: RefundFailed, now: datetime) -> None:
    """The money did not arrive, so it is here again: a person has to find another way."""
    refund = _known(session, fact)
    if refund is None:
        return
    pledge = rows.by_id(session, refund.pledge_id)
    session.refresh(refund)
    if refund.status is RefundState.FAILED:
        return
    refund.refund = refund.refund or fact.refund
    end(session, refund, fact.reason, now)
    _sum_up(session, pledge)
    log.error("refund %s of pledge %s failed: %s", refund.id, pledge.id, fact.reason)
    campaign = session.get_one(Campaign, refund.campaign_id)
    tell_creator(session, campaign, "creator_refund_failed", now, once=refund.id, pledge=pledge)


def end(session: Session, refund: Refund, problem: str, now: datetime) -> None:
    """This refund will never give anything back, or did not."""
    refund.status = REFUND.move(refund.status, RefundEvent.FAILED)
    refund.problem = problem[:500]
    refund.settled_at = now
    session.add(refund)
    session.flush()


def is_on_its_way(session: Session, pledge: Pledge) -> bool:
    """True if all that was taken for a pledge went back, or is to."""
    return 0 < pledge.collected_minor <= _spoken_for(session, pledge)


def leaving_minor(session: Session, campaign_id: str) -> int:
    """What the total still holds of pledges whose backers canceled: their money has not gone yet."""
    asked = select(Refund.pledge_id).where(
        Refund.campaign_id == campaign_id,
        Refund.reason == BACKER,
        col(Refund.status).in_([RefundState.INTENDED, RefundState.PENDING]),
    )
    counted = select(func.coalesce(func.sum(col(Pledge.total_minor)), 0)).where(
        col(Pledge.id).in_(asked), Pledge.status == PledgeState.COLLECTED
    )
    return int(session.exec(counted).one())


def left_minor(session: Session, refund: Refund) -> int:
    """What is left of a refund's payment beside what went back, or is to, by others."""
    payment = session.get_one(Payment, refund.payment_id)
    others = select(func.coalesce(func.sum(col(Refund.amount_minor)), 0)).where(
        Refund.payment_id == payment.id, Refund.id != refund.id, Refund.status != RefundState.FAILED
    )
    return min(payment.amount_minor - int(session.exec(others).one()), refund.amount_minor)


def _spoken_for(session: Session, pledge: Pledge) -> int:
    standing = select(func.coalesce(func.sum(col(Refund.amount_minor)), 0)).where(
        Refund.pledge_id == pledge.id, Refund.status != RefundState.FAILED
    )
    return int(session.exec(standing).one())


def _known(session: Session, fact: RefundMade | RefundFailed) -> Refund | None:
    """Our row for a refund of the provider's: by its id, or by the mark that we gave it."""
    by_name = session.exec(select(Refund).where(Refund.refund == fact.refund)).one_or_none()
    return by_name or (session.get(Refund, fact.refund_id) if fact.refund_id else None)


def _adopted(session: Session, fact: RefundMade, now: datetime) -> Refund | None:
    """A row for a refund that somebody made at the provider by hand, if it is of our money."""
    payment = session.exec(select(Payment).where(Payment.intent == fact.intent)).one_or_none()
    if payment is None or fact.refund_id:
        return None
    refund = Refund(
        payment_id=payment.id,
        pledge_id=payment.pledge_id,
        campaign_id=payment.campaign_id,
        status=RefundState.INTENDED,
        amount_minor=fact.amount_minor,
        currency=fact.currency,
        reason=BY_HAND,
        refund=fact.refund,
        created_at=now,
        due_at=now,
    )
    # Two events may tell of it at the same time.
    insert_once(session, REFUND_ROW, refund.model_dump())
    return session.exec(select(Refund).where(Refund.refund == fact.refund)).one()


def _given_back(session: Session, pledge: Pledge, refund: Refund, now: datetime) -> None:
    session.flush()
    _sum_up(session, pledge)
    tell_backer(session, pledge, "refund_made", now, once=refund.id, more={"refund_minor": refund.amount_minor})
    is_whole = pledge.refunded_minor >= pledge.collected_minor
    if not is_whole or pledge.status is not PledgeState.COLLECTED or pledge.origin is not PledgeOrigin.CAMPAIGN:
        return
    campaign = tally.lock(session, pledge.campaign_id)
    if campaign.status is not CampaignState.LIVE:
        # After the freeze what was pledged stands for ever; only what was collected changes.
        return
    pledge.ended_at = now
    rows.move(session, pledge, PledgeEvent.REFUNDED_WHOLE, now)
    held = rows.units(session, pledge.id)
    stock.free(session, held)
    tally.add(session, campaign.id, minor=-pledge.total_minor, backers=-1, units=difference(held, {}), now=now)


def _sum_up(session: Session, pledge: Pledge) -> None:
    succeeded = select(func.coalesce(func.sum(col(Refund.amount_minor)), 0)).where(
        Refund.pledge_id == pledge.id, Refund.status == RefundState.SUCCEEDED
    )
    pledge.refunded_minor = int(session.exec(succeeded).one())
    session.add(pledge)
