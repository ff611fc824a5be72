"""The one door for money facts: whatever was learned from the provider, by whatever way, is applied here.

Order, repetition and source do not matter: old news changes nothing, and a fact that contradicts our books raises a
Conflict, so that the inbox parks it for a person instead of guessing. Rows are locked in one order: pledge, campaign,
tiers.
"""

from datetime import datetime
from functools import singledispatch

from sqlmodel import Session, col, select

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.errors import N_, Conflict
from fundlaunch.outbox import promise_release
from fundlaunch.payments.facts import (
    CardGone,
    CardSaved,
    CheckoutExpired,
    Fact,
    PaidInCheckout,
    RefundFailed,
    RefundMade,
)
from fundlaunch.payments.states import CHECKOUT, CheckoutEvent, CheckoutPurpose, CheckoutState
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges import charges, paying, refunds, rows, stock
from fundlaunch.pledges.notices import tell_backer
from fundlaunch.pledges.states import HOLDS_STOCK, PledgeEvent, PledgeState
from fundlaunch.pledges.tables import Pledge


def apply(session: Session, fact: Fact, now: datetime) -> None:
    """Apply one fact. A fact about something that is not ours changes nothing.

    Raises Conflict or IllegalMove when our books cannot be brought to agree with it.
    """
    _apply(fact, session, now)


@singledispatch
def _apply(fact: Fact, session: Session, now: datetime) -> None:
    charges.apply(session, fact, now)


@_apply.register
def _card_saved(fact: CardSaved, session: Session, now: datetime) -> None:
    checkout = _checkout(session, fact.checkout_id, fact.session)
    if checkout is None:
        return
    pledge = rows.by_id(session, checkout.pledge_id)
    session.refresh(checkout)
    if checkout.purpose is not CheckoutPurpose.SAVE_CARD:
        raise Conflict(N_("A card was saved in a checkout that was opened to pay."))
    _move_checkout(session, checkout, CheckoutEvent.COMPLETED, fact.session)
    if pledge.payment_method == fact.payment_method:
        return
    campaign = tally.lock(session, pledge.campaign_id)
    late = campaign.status is not CampaignState.LIVE
    if late and pledge.status is PledgeState.PREAUTH:
        rows.expire(session, pledge, now)
    beyond = not late and rows.is_beyond_limit(session, pledge)
    if beyond and pledge.status is PledgeState.PREAUTH:
        rows.expire(session, pledge, now)
    if pledge.status is PledgeState.PREAUTH or (
        pledge.status is PledgeState.EXPIRED and not late and not beyond and _still_there(session, pledge)
    ):
        _confirm(session, pledge, fact, now)
    else:
        _turn_away(session, pledge, fact, "closed" if late else "limit" if beyond else "sold_out", now)


@_apply.register
def _checkout_expired(fact: CheckoutExpired, session: Session, now: datetime) -> None:
    checkout = _checkout(session, fact.checkout_id, fact.session)
    if checkout is None:
        return
    pledge = rows.by_id(session, checkout.pledge_id)
    session.refresh(checkout)
    _move_checkout(session, checkout, CheckoutEvent.EXPIRED, fact.session)
    if checkout.status is not CheckoutState.EXPIRED:
        return
    charges.checkout_expired(session, checkout, now)
    if pledge.status is PledgeState.PREAUTH and not _has_open_checkout(session, pledge):
        rows.expire(session, pledge, now)


@_apply.register
def _paid(fact: PaidInCheckout, session: Session, now: datetime) -> None:
    checkout = _checkout(session, fact.checkout_id, fact.session)
    if checkout is not None and checkout.purpose is CheckoutPurpose.PAY_NOW:
        paying.paid(session, checkout, fact, now)
    else:
        charges.apply(session, fact, now)


@_apply.register
def _refund_made(fact: RefundMade, session: Session, now: datetime) -> None:
    refunds.made(session, fact, now)


@_apply.register
def _refund_failed(fact: RefundFailed, session: Session, now: datetime) -> None:
    refunds.failed(session, fact, now)


@_apply.register
def _card_gone(fact: CardGone, session: Session, now: datetime) -> None:
    """Forget a card that the provider holds no more; its charge will then ask for a new one (TRUST F31)."""
    del now
    theirs = Pledge.customer == fact.customer if fact.customer else Pledge.payment_method == fact.payment_method
    statement = select(Pledge).where(theirs, col(Pledge.status).in_(HOLDS_STOCK), col(Pledge.payment_method) != "")
    for pledge in session.exec(statement.with_for_update()):
        if fact.payment_method in {"", pledge.payment_method} and pledge.status is not PledgeState.COLLECTED:
            pledge.payment_method = ""
            session.add(pledge)


def _confirm(session: Session, pledge: Pledge, fact: CardSaved, now: datetime) -> None:
    pledge.customer = fact.customer
    pledge.payment_method = fact.payment_method
    pledge.card_brand = fact.card_brand
    pledge.card_last4 = fact.card_last4
    pledge.hold_expires_at = None
    pledge.confirmed_at = now
    pledge.ended_at = None
    pledge.backer_number = tally.next_backer_number(session, pledge.campaign_id)
    rows.move(session, pledge, PledgeEvent.CARD_SAVED, now)
    units = rows.units(session, pledge.id)
    tally.add(session, pledge.campaign_id, minor=pledge.total_minor, backers=1, units=units, now=now)
    tell_backer(session, pledge, "pledge_confirmed", now)


def _turn_away(session: Session, pledge: Pledge, fact: CardSaved, reason: str, now: datetime) -> None:
    """A card came too late, or a second one for the same pledge: release it; tell a backer who has no pledge."""
    promise_release(session, customer=fact.customer, payment_method=fact.payment_method, now=now)
    if pledge.status is PledgeState.EXPIRED:
        pledge.ended_at = now
        rows.move(session, pledge, PledgeEvent.CARD_SAVED_TOO_LATE, now, note=reason)
        tell_backer(session, pledge, "pledge_too_late", now, more={"reason": reason})


def _still_there(session: Session, pledge: Pledge) -> bool:
    """Take the units of an expired hold again, if they are left."""
    return stock.try_claim(session, rows.units(session, pledge.id))


def _checkout(session: Session, checkout_id: str, provider_session: str) -> Checkout | None:
    if checkout_id and (checkout := session.get(Checkout, checkout_id)):
        return checkout
    return session.exec(select(Checkout).where(Checkout.session == provider_session)).one_or_none()


def _move_checkout(session: Session, checkout: Checkout, event: CheckoutEvent, provider_session: str) -> None:
    checkout.status = CHECKOUT.move(checkout.status, event)
    checkout.session = checkout.session or provider_session or None
    session.add(checkout)
    session.flush()


def _has_open_checkout(session: Session, pledge: Pledge) -> bool:
    still = select(Checkout.id).where(
        Checkout.pledge_id == pledge.id, col(Checkout.status).in_([CheckoutState.INTENDED, CheckoutState.OPEN])
    )
    return session.exec(still).first() is not None
