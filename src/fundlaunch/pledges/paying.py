"""A pledge that is paid at once, by flexible funding or late: what it means that its page was paid.

Rows are locked in one order: pledge, campaign, tiers.
"""

from datetime import datetime

from sqlmodel import Session

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, Conflict
from fundlaunch.payments.facts import PaidInCheckout
from fundlaunch.payments.states import CHECKOUT, CheckoutEvent, PaymentEvent, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges import charges, refunds, rows, stock
from fundlaunch.pledges.notices import tell_backer
from fundlaunch.pledges.states import PledgeEvent, PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge


def paid(session: Session, checkout: Checkout, fact: PaidInCheckout, now: datetime) -> None:
    """The page was paid: the pledge is collected, or its money goes back; raises Conflict for another sum (M8)."""
    pledge = rows.by_id(session, checkout.pledge_id)
    session.refresh(checkout)
    payment = session.get_one(Payment, checkout.payment_id, populate_existing=True)
    charges.check_amount(payment, fact.amount_minor, fact.currency)
    if (payment.amount_minor, payment.currency) != (pledge.total_minor, pledge.currency):
        raise Conflict(N_("This pledge was changed after its payment page was opened. Look at both by hand."))
    checkout.status = CHECKOUT.move(checkout.status, CheckoutEvent.COMPLETED)
    checkout.session = checkout.session or fact.session
    session.add(checkout)
    if payment.status is PaymentState.SUCCEEDED:
        return
    payment.intent = payment.intent or fact.intent
    charges.take(session, payment, PaymentEvent.PAID_IN_CHECKOUT, now)
    _note_card(pledge, payment, fact)
    campaign = tally.lock(session, pledge.campaign_id)
    why = _refusal(session, pledge, campaign)
    if pledge.status is PledgeState.PREAUTH and why:
        rows.expire(session, pledge, now)
    if pledge.status is PledgeState.PREAUTH or (not why and _still_there(session, pledge)):
        _collect(session, pledge, campaign, now)
    else:
        _turn_away(session, pledge, why or refunds.SOLD_OUT, now)


def _refusal(session: Session, pledge: Pledge, campaign: Campaign) -> str:
    """Why the pledge cannot stand whatever is left of its units; '' if it can."""
    if not _is_open(campaign, pledge):
        return refunds.CLOSED
    return refunds.LIMIT if rows.is_beyond_limit(session, pledge) else ""


def _still_there(session: Session, pledge: Pledge) -> bool:
    """Take the units of a lost hold again, if they are left."""
    return stock.try_claim(session, rows.units(session, pledge.id))


def _is_open(campaign: Campaign, pledge: Pledge) -> bool:
    """A pledge of the campaign's own time counts until the freeze; a late one as long as the success stands."""
    wanted = CampaignState.SUCCESSFUL if pledge.origin is PledgeOrigin.LATE else CampaignState.LIVE
    return campaign.status is wanted


def _note_card(pledge: Pledge, payment: Payment, fact: PaidInCheckout) -> None:
    """Which card it was is shown; it is not kept at the provider, so there is none to release."""
    pledge.card_brand = fact.card_brand
    pledge.card_last4 = fact.card_last4
    pledge.collected_minor = payment.amount_minor
    pledge.hold_expires_at = None


def _collect(session: Session, pledge: Pledge, campaign: Campaign, now: datetime) -> None:
    pledge.confirmed_at = now
    pledge.ended_at = None
    pledge.backer_number = tally.next_backer_number(session, campaign.id)
    rows.move(session, pledge, PledgeEvent.PAID_NOW, now)
    until = {}
    if pledge.origin is PledgeOrigin.LATE:
        tally.add_late(session, campaign.id, minor=pledge.total_minor, backers=1)
    else:
        until = {"cancel_until_at": campaign.deadline_at.isoformat()} if campaign.deadline_at else {}
        units = rows.units(session, pledge.id)
        tally.add(session, campaign.id, minor=pledge.total_minor, backers=1, units=units, now=now)
    tell_backer(session, pledge, "pledge_paid", now, more={"charged_at": now.isoformat()} | until)


def _turn_away(session: Session, pledge: Pledge, why: str, now: datetime) -> None:
    """The money came too late: it goes back whole, and the backer is told so."""
    pledge.ended_at = now
    rows.move(session, pledge, PledgeEvent.PAID_TOO_LATE, now, note=why)
    refunds.want(session, pledge, why, now)
