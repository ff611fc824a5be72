"""What is wanted of the provider, written down before it hears of it: pages of a checkout, and payments."""

from datetime import datetime

from sqlmodel import Session, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.payments.states import CheckoutPurpose, CheckoutState, PaymentKind, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges.states import PledgeOrigin
from fundlaunch.pledges.tables import Pledge


def purpose(pledge: Pledge, campaign: Campaign) -> CheckoutPurpose:
    """What a new pledge's page is for: flexible and late pledges are paid at once (RULES section 5)."""
    at_once = campaign.funding is Funding.FLEXIBLE or pledge.origin is PledgeOrigin.LATE
    return CheckoutPurpose.PAY_NOW if at_once else CheckoutPurpose.SAVE_CARD


def new_checkout(session: Session, pledge: Pledge, purpose: CheckoutPurpose, now: datetime) -> Checkout:
    """Write down that a page is wanted; one that takes money has its payment written down with it."""
    takes_money = purpose is not CheckoutPurpose.SAVE_CARD
    payment = new_payment(session, pledge, PaymentKind.CHECKOUT, now) if takes_money else None
    checkout = Checkout(
        pledge_id=pledge.id,
        campaign_id=pledge.campaign_id,
        purpose=purpose,
        status=CheckoutState.INTENDED,
        payment_id=payment.id if payment else None,
        created_at=now,
        expires_at=now + POLICY.checkout,
    )
    session.add(checkout)
    session.flush()
    return checkout


def new_payment(session: Session, pledge: Pledge, kind: PaymentKind, now: datetime) -> Payment:
    """Write down the intention to take the pledge's total; the database keeps M3."""
    payment = Payment(
        pledge_id=pledge.id,
        campaign_id=pledge.campaign_id,
        kind=kind,
        status=PaymentState.INTENDED,
        amount_minor=pledge.total_minor,
        currency=pledge.currency,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    return payment


def current_payment(session: Session, pledge_id: str) -> Payment | None:
    """The one payment of a pledge that is not canceled (M3), if any."""
    return session.exec(
        select(Payment).where(Payment.pledge_id == pledge_id, Payment.status != PaymentState.CANCELED)
    ).one_or_none()
