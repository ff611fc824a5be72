"""The deadline: nothing new starts, every open checkout is read to its end, then one transaction freezes (RULES 2, 6).

Every step can be interrupted and begun again: what is left to do is read from the rows. While the provider is out of
reach closing waits; the page says "final count" until the freeze.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.actions import move
from fundlaunch.campaigns.rules import outcome
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.states import CheckoutPurpose, CheckoutState, RefundState
from fundlaunch.payments.tables import Checkout, Refund
from fundlaunch.pledges import unwinding
from fundlaunch.pledges.endings import end_checkout
from fundlaunch.pledges.learning import learn_or_log
from fundlaunch.pledges.notices import tell_backer, tell_creator
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge

BATCH = 200

WAITING = (CheckoutState.INTENDED, CheckoutState.OPEN)


def close_due(database: Database, gateway: Gateway, clock: Clock) -> int:
    """Close every campaign whose deadline has passed; gives how many were frozen. Raises ProviderOutOfReach."""
    now = clock.now()
    with database.reading() as session:
        due = session.exec(
            select(Campaign.id).where(Campaign.status == CampaignState.LIVE, col(Campaign.deadline_at) <= now)
        ).all()
    frozen = 0
    for campaign_id in due:
        if read_open_checkouts(database, gateway, campaign_id, now):
            frozen += _freeze(database, campaign_id, clock)
    return frozen


def settle_due(database: Database, gateway: Gateway, now: datetime) -> int:
    """Tell one batch of pledges of each frozen or canceled campaign what follows; gives how many were told.

    Successful: queued for their charge. Otherwise: card released, or the money on its way back. Raises
    ProviderOutOfReach.
    """
    with database.reading() as session:
        settling = session.exec(select(Campaign.id, Campaign.status).where(col(Campaign.settling))).all()
    told = 0
    for campaign_id, status in settling:
        if status is not CampaignState.SUCCESSFUL:
            read_open_checkouts(database, gateway, campaign_id, now)
            unwinding.end_charges(database, gateway, campaign_id, now)
        told += _settle_batch(database, campaign_id, now)
    return told


def read_open_checkouts(database: Database, gateway: Gateway, campaign_id: str, now: datetime) -> bool:
    """Expire every open page of new pledges of a campaign at the provider and apply its final state.

    Says whether all of them could be read; one that could not holds up its own campaign only.
    """
    read = [
        learn_or_log(database, partial(end_checkout, gateway, checkout, customer), now)
        for checkout, customer in _waiting(database, campaign_id)
    ]
    return all(read)


def expire_holds(database: Database, gateway: Gateway, now: datetime) -> int:
    """End the checkouts whose hold is over, so that their units are free again; gives how many were ended."""
    with database.reading() as session:
        over = session.exec(
            select(Checkout, Pledge.customer)
            .join(Pledge, col(Pledge.id) == Checkout.pledge_id)
            .where(Pledge.status == PledgeState.PREAUTH, col(Pledge.hold_expires_at) <= now)
            .where(col(Checkout.status).in_(WAITING))
            .limit(BATCH)
        ).all()
    ended = [
        learn_or_log(database, partial(end_checkout, gateway, checkout, customer), now) for checkout, customer in over
    ]
    return sum(ended)


def _waiting(database: Database, campaign_id: str) -> Iterator[tuple[Checkout, str]]:
    last = ""
    while True:
        with database.reading() as session:
            batch = session.exec(
                select(Checkout, Pledge.customer)
                .join(Pledge, col(Pledge.id) == Checkout.pledge_id)
                .where(Checkout.campaign_id == campaign_id, col(Checkout.status).in_(WAITING))
                .where(Checkout.purpose != CheckoutPurpose.FIX_PAYMENT, col(Checkout.id) > last)
                .order_by(Checkout.id)
                .limit(BATCH)
            ).all()
        if not batch:
            return
        yield from batch
        last = batch[-1][0].id


def _freeze(database: Database, campaign_id: str, clock: Clock) -> int:
    """The one transaction that decides: totals, outcome and stretch goals stand from here on (TRUST P4)."""
    with database.transaction() as session:
        campaign = tally.lock_alone(session, campaign_id)
        if campaign.status is not CampaignState.LIVE or _still_waiting(session, campaign_id):
            # Somebody else froze it, or a checkout slipped in before the lock: the next round reads it.
            return 0
        if _is_giving_back(session, campaign_id):
            # Who canceled in time must not be counted; a refund that the provider refuses holds nobody up.
            return 0
        # Reading the checkouts took its time, and cards were saved meanwhile: the freeze comes after all of them.
        now = clock.now()
        event = outcome(campaign.pledged_minor, campaign.goal_minor, campaign.funding)
        move(session, campaign, event, "clock", "", now)
        campaign.frozen_at = now
        campaign.settling = True
        tell_creator(session, campaign, "creator_campaign_ended", now, more={"outcome": campaign.status.value})
        return 1


def _still_waiting(session: Session, campaign_id: str) -> bool:
    waiting = select(Checkout.id).where(
        Checkout.campaign_id == campaign_id,
        Checkout.purpose != CheckoutPurpose.FIX_PAYMENT,
        col(Checkout.status).in_(WAITING),
    )
    return session.exec(waiting.limit(1)).first() is not None


def _is_giving_back(session: Session, campaign_id: str) -> bool:
    unsent = select(Refund.id).where(
        Refund.campaign_id == campaign_id, Refund.status == RefundState.INTENDED, Refund.problem == ""
    )
    return session.exec(unsent.limit(1)).first() is not None


def _settle_batch(database: Database, campaign_id: str, now: datetime) -> int:
    with database.transaction() as session:
        # Two workers at once would free the same tiers in different orders.
        campaign = tally.lock(session, campaign_id)
        if campaign.status is CampaignState.SUCCESSFUL:
            told, is_done = _queue_batch(session, campaign_id, now), not _untold(session, campaign_id)
        else:
            told = unwinding.unwind(session, campaign, now)
            is_done = unwinding.is_unwound(session, campaign_id) and not _still_waiting(session, campaign_id)
        if not told and is_done:
            campaign.settling = False
            session.add(campaign)
        return told


def _queue_batch(session: Session, campaign_id: str, now: datetime) -> int:
    statement = (
        select(Pledge)
        .where(Pledge.campaign_id == campaign_id, Pledge.status == PledgeState.PLEDGED, col(Pledge.due_at).is_(None))
        .order_by(col(Pledge.backer_number))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    batch = session.exec(statement).all()
    for pledge in batch:
        pledge.due_at = now
        session.add(pledge)
        tell_backer(session, pledge, "campaign_funded", now)
    return len(batch)


def _untold(session: Session, campaign_id: str) -> bool:
    """A pledge that another transaction holds was passed over above; the next round takes it."""
    untold = select(Pledge.id).where(
        Pledge.campaign_id == campaign_id, Pledge.status == PledgeState.PLEDGED, col(Pledge.due_at).is_(None)
    )
    return session.exec(untold.limit(1)).first() is not None
