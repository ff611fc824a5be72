"""The sweeper: what a lost webhook would have told, asked for (TRUST decision 4).

What the provider will not tell, or what contradicts our books, is logged for a person and keeps nobody else waiting.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import or_
from sqlmodel import col, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.database import Database
from fundlaunch.payments.facts import Fact
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.states import CheckoutState, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges.learning import learn_or_log

BATCH = 200
UNSETTLED = (PaymentState.CONFIRMING, PaymentState.UNKNOWN)


def sweep_checkouts(database: Database, gateway: Gateway, now: datetime) -> int:
    """Read every open checkout that was not looked at for ten minutes; gives how many. Raises ProviderOutOfReach."""
    old = now - POLICY.checkout_lookup_after
    with database.reading() as session:
        stale = session.exec(
            select(Checkout)
            .where(Checkout.status == CheckoutState.OPEN, col(Checkout.created_at) <= old)
            .where(or_(col(Checkout.looked_at).is_(None), col(Checkout.looked_at) <= old))
            .limit(BATCH)
        ).all()
    for checkout in stale:
        assert checkout.session is not None  # noqa: S101 - an open checkout has its session
        learn_or_log(database, partial(_checkout_facts, gateway, checkout.session), now)
        with database.transaction() as session:
            session.get_one(Checkout, checkout.id).looked_at = now
    return len(stale)


def sweep_payments(database: Database, gateway: Gateway, now: datetime) -> int:
    """Look up every charge whose answer is missing for ten minutes; gives how many. Raises ProviderOutOfReach."""
    old = now - POLICY.checkout_lookup_after
    with database.reading() as session:
        unsettled = session.exec(
            select(Payment)
            .where(col(Payment.status).in_(UNSETTLED), col(Payment.sent_at) <= old)
            .order_by(col(Payment.sent_at))
            .limit(BATCH)
        ).all()
    for payment in unsettled:
        assert payment.intent is not None  # noqa: S101 - a sent confirmation names its intent
        learn_or_log(database, partial(_intent_facts, gateway, payment.intent), now)
    return len(unsettled)


def _checkout_facts(gateway: Gateway, page: str) -> tuple[Fact, ...]:
    return gateway.read_checkout(page).facts


def _intent_facts(gateway: Gateway, intent: str) -> tuple[Fact, ...]:
    return gateway.read_intent(intent).facts
