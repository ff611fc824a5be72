"""One pledge's charge, step by step. Each step begins with what the rows say and ends with a commit."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from fundlaunch.campaigns import tally
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.errors import AnswerUnclear, Conflict, ProviderOutOfReach
from fundlaunch.payments.facts import IntentCreated
from fundlaunch.payments.gateway import Charge, Gateway, IntentReading, ProviderRefused
from fundlaunch.payments.states import PaymentEvent, PaymentKind, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges import charges, rows
from fundlaunch.pledges.endings import end_checkout
from fundlaunch.pledges.learning import learn
from fundlaunch.pledges.wanted import current_payment, new_payment

log = logging.getLogger(__name__)

MOST_STEPS = 6
"""Create, confirm, look up, and an old page to expire first: more steps than that mean something is amiss."""

PAUSE = timedelta(seconds=30)
"""How long a pledge waits after the provider was out of reach or its answer unclear."""

REFUSED_PAUSE = timedelta(minutes=15)

KEY_KEPT = timedelta(hours=20)
"""The provider keeps idempotency keys at least 24 h; an older unanswered call is looked up instead (STRIPE 3.1)."""

KEY_RENEWED_AFTER = timedelta(minutes=10)

CARD_IS_GONE = frozenset({"resource_missing", "payment_method_unexpected_state", "payment_method_customer_decline"})
"""The provider's words for a saved card that cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rows said at the start of a step."""

    payment: Payment
    charge: Charge
    checkout: Checkout | None


def charge(database: Database, gateway: Gateway, clock: Clock, pledge_id: str, lease_until: datetime) -> None:
    """Bring one claimed pledge as far as it goes now; raises nothing of the provider's.

    The lease must still be the caller's at every step: a worker that was too slow leaves the pledge to the next.
    """
    try:
        for _ in range(MOST_STEPS):
            situation = _look(database, clock, pledge_id, lease_until)
            if situation is None or not _step(database, gateway, clock, situation):
                return
    except ProviderOutOfReach:
        _wait(database, clock, pledge_id, PAUSE)
    except ProviderRefused as error:
        _refused(database, clock, pledge_id, error)
    except Conflict as error:
        log.error("pledge %s cannot be charged: %s", pledge_id, error)  # noqa: TRY400 - its sentence says it all
        _wait(database, clock, pledge_id, REFUSED_PAUSE)


def _look(database: Database, clock: Clock, pledge_id: str, lease_until: datetime) -> Situation | None:
    """The payment to work on, newly intended if there is none; None if there is nothing (more) to do."""
    now = clock.now()
    with database.transaction() as session:
        pledge = rows.by_id(session, pledge_id)
        if pledge.lease_until != lease_until or pledge.due_at is None or pledge.due_at > now:
            return None
        campaign = session.get_one(Campaign, pledge.campaign_id)
        payment = current_payment(session, pledge_id)
        if payment is None and campaign.status is not CampaignState.SUCCESSFUL:
            return None
        if not pledge.payment_method:
            charges.card_missing(session, pledge, now)
            return None
        payment = payment or new_payment(session, pledge, PaymentKind.INTENT, now)
        checkout = session.exec(select(Checkout).where(Checkout.payment_id == payment.id)).one_or_none()
        wanted = Charge(
            payment_id=payment.id,
            pledge_id=pledge.id,
            customer=pledge.customer,
            payment_method=pledge.payment_method,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            description=f"{campaign.slug}, backer {pledge.backer_number}",
        )
    return Situation(payment, wanted, checkout)


def _step(database: Database, gateway: Gateway, clock: Clock, at: Situation) -> bool:
    """Do what the payment's state asks for; says whether there may be a further step."""
    if at.payment.is_checkout:
        return _end_fix(database, gateway, clock, at)
    match at.payment.status:
        case PaymentState.INTENDED:
            return _create(database, gateway, clock, at)
        case PaymentState.CREATED | PaymentState.DECLINED:
            return _confirm(database, gateway, clock, at)
        case _:
            return _look_up(database, gateway, clock, at)


def _create(database: Database, gateway: Gateway, clock: Clock, at: Situation) -> bool:
    intent = None
    if clock.now() - at.payment.created_at > KEY_KEPT:
        intent = _find(gateway, at)
    if intent is None:
        try:
            intent = gateway.create_intent(at.charge)
        except AnswerUnclear:
            # An answer 500 is kept under the key and would come back for a day, though the intent may be there.
            intent = _find(gateway, at)
            if intent is None:
                raise
    learn(database, (IntentCreated(intent=intent, payment_id=at.payment.id),), clock.now())
    return True


def _find(gateway: Gateway, at: Situation) -> str | None:
    return gateway.find_intent(customer=at.charge.customer, payment_id=at.payment.id)


def _confirm(database: Database, gateway: Gateway, clock: Clock, at: Situation) -> bool:
    with database.transaction() as session:
        payment = _locked(session, at.payment)
        if (payment.status, payment.attempt) != (at.payment.status, at.payment.attempt):
            return True
        if _is_stopped(session, payment):
            return False
        payment.attempt += 1
        payment.sent_at = clock.now()
        charges.move(session, payment, PaymentEvent.CONFIRM_SENT)
    return _send(database, gateway, clock, at, payment)


def _send(database: Database, gateway: Gateway, clock: Clock, at: Situation, payment: Payment) -> bool:
    """Send this attempt's confirmation under its own key; an unclear answer is written down before anything else."""
    assert payment.intent is not None  # noqa: S101 - a payment beyond *intended* has its intent's id
    try:
        reading = gateway.confirm_intent(payment.intent, at.charge, payment.attempt)
    except AnswerUnclear:
        with database.transaction() as session:
            unclear = _locked(session, payment)
            if unclear.status is PaymentState.CONFIRMING:
                charges.move(session, unclear, PaymentEvent.ANSWER_UNCLEAR)
        raise
    learn(database, reading.facts, clock.now())
    return False


def _look_up(database: Database, gateway: Gateway, clock: Clock, at: Situation) -> bool:
    """After a killed worker or an unclear answer: ask the provider; only if it never got the call, send it again."""
    assert at.payment.intent is not None  # noqa: S101 - as in _send
    reading = gateway.read_intent(at.payment.intent)
    if _never_arrived(reading, at.payment):
        renewed = _renewed(database, clock, at.payment)
        return renewed is not None and _send(database, gateway, clock, at, renewed)
    learn(database, reading.facts, clock.now())
    if not reading.facts:
        _wait(database, clock, at.charge.pledge_id, PAUSE)
    return False


def _renewed(database: Database, clock: Clock, payment: Payment) -> Payment | None:
    """The same attempt, or after ten minutes the next one under a new key; None where the campaign was stopped.

    The provider keeps a 500 under its key and would repeat it for a day. By then no call can be under way, the look-up
    has shown the intent unconfirmed, and one intent succeeds once, under whatever key (TRUST F27).
    """
    with database.transaction() as session:
        fresh = _locked(session, payment)
        if _is_stopped(session, fresh):
            return None
        now = clock.now()
        if fresh.sent_at is not None and now - fresh.sent_at > KEY_RENEWED_AFTER:
            fresh.attempt += 1
            fresh.sent_at = now
            session.add(fresh)
    return fresh


def _is_stopped(session: Session, payment: Payment) -> bool:
    """From the moment its campaign is stopped no charge begins; a stop waits until this transaction is over."""
    return tally.hold_still_by_id(session, payment.campaign_id).status is not CampaignState.SUCCESSFUL


def _never_arrived(reading: IntentReading, payment: Payment) -> bool:
    """True if the intent stands as it stood before this attempt: unconfirmed, or with only the old failure."""
    if reading.status == "requires_confirmation" or (reading.status == "requires_payment_method" and not reading.facts):
        return True
    known = {getattr(fact, "charge", None) for fact in reading.facts}
    return reading.status == "requires_payment_method" and payment.charge in known


def _end_fix(database: Database, gateway: Gateway, clock: Clock, at: Situation) -> bool:
    """The final retry comes: the backer's payment page is expired first, so that only one of the two can succeed."""
    assert at.checkout is not None  # noqa: S101 - a payment of that kind is written together with its checkout
    learn(database, end_checkout(gateway, at.checkout, at.charge.customer), clock.now())
    return True


def _locked(session: Session, payment: Payment) -> Payment:
    rows.by_id(session, payment.pledge_id)
    return session.get_one(Payment, payment.id, populate_existing=True)


def _wait(database: Database, clock: Clock, pledge_id: str, pause: timedelta) -> None:
    with database.transaction() as session:
        pledge = rows.by_id(session, pledge_id)
        if pledge.due_at is not None:
            pledge.due_at = clock.now() + pause
            pledge.lease_until = None
            session.add(pledge)


def _refused(database: Database, clock: Clock, pledge_id: str, error: ProviderRefused) -> None:
    """A card that is gone begins recovery; any other refusal is a mistake of ours or of the account: later again."""
    if error.code in CARD_IS_GONE:
        with database.transaction() as session:
            pledge = rows.by_id(session, pledge_id)
            if pledge.due_at is not None:
                charges.card_missing(session, pledge, clock.now())
                pledge.lease_until = None
        return
    _wait(database, clock, pledge_id, REFUSED_PAUSE)
