"""What facts about payments do to payments and their pledges: collected, declined, waiting for the backer's bank.

Only news moves a life: a decline that names a charge already heard of, or a payment already settled, changes nothing.
"""

from datetime import datetime

from sqlmodel import Session, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.errors import N_, Conflict
from fundlaunch.payments.facts import (
    AuthenticationAsked,
    CardGone,
    CardSaved,
    ChargeDeclined,
    ChargeSucceeded,
    CheckoutExpired,
    DeclineClass,
    Fact,
    IntentCreated,
    PaidInCheckout,
    RefundFailed,
    RefundMade,
)
from fundlaunch.payments.states import CHECKOUT, PAYMENT, CheckoutEvent, PaymentEvent, PaymentState
from fundlaunch.payments.tables import Checkout, Payment
from fundlaunch.pledges import rows
from fundlaunch.pledges.notices import tell_backer
from fundlaunch.pledges.rules import after_failure
from fundlaunch.pledges.states import PledgeEvent
from fundlaunch.pledges.tables import Pledge
from fundlaunch.pledges.wanted import current_payment

UNDECIDED = frozenset({PaymentState.CONFIRMING, PaymentState.UNKNOWN, PaymentState.NEEDS_BACKER})


def apply(session: Session, fact: Fact, now: datetime) -> None:
    """Apply a fact about a payment; one about no payment of ours changes nothing. Raises Conflict, IllegalMove."""
    payment = _payment(session, fact)
    if payment is None:
        return
    pledge = rows.by_id(session, payment.pledge_id)
    session.refresh(payment)
    match fact:
        case IntentCreated():
            created(session, payment, fact.intent)
        case ChargeSucceeded():
            _succeeded(session, payment, pledge, fact, now)
        case PaidInCheckout():
            _paid(session, payment, pledge, fact, now)
        case ChargeDeclined():
            _declined(session, payment, pledge, fact, now)
        case AuthenticationAsked():
            _asked(session, payment, pledge, fact, now)
        case _:
            # Of the facts about payments only IntentCanceled is left.
            _canceled(session, payment, now)


def created(session: Session, payment: Payment, intent: str) -> None:
    """Write down the intent's id, once; another id for the same payment is a contradiction."""
    if payment.intent not in {None, intent}:
        raise Conflict(N_("One payment was given two intents by the provider."))
    if payment.status is PaymentState.INTENDED:
        payment.intent = intent
        move(session, payment, PaymentEvent.CREATED)


def checkout_expired(session: Session, checkout: Checkout, now: datetime) -> None:
    """A page ran out unpaid: its payment, if it has one, can never succeed. The pledge itself stays as it is."""
    payment = session.get(Payment, checkout.payment_id) if checkout.payment_id else None
    if payment is None or payment.status in {PaymentState.SUCCEEDED, PaymentState.CANCELED}:
        return
    event = PaymentEvent.CANCEL_CONFIRMED if payment.status is PaymentState.INTENDED else PaymentEvent.CHECKOUT_EXPIRED
    payment.settled_at = now
    move(session, payment, event)


def card_missing(session: Session, pledge: Pledge, now: datetime) -> None:
    """The saved card is gone at the provider, so there is nothing to charge: recovery begins without a try."""
    _fail(session, pledge, PledgeEvent.CHARGE_DECLINED, "card_removed", DeclineClass.NEW_CARD, now)


def move(session: Session, payment: Payment, event: PaymentEvent) -> None:
    """One step of the payment's life; raises IllegalMove."""
    payment.status = PAYMENT.move(payment.status, event)
    session.add(payment)
    session.flush()


def take(session: Session, payment: Payment, event: PaymentEvent, now: datetime) -> None:
    """The money of this payment was taken; raises Conflict if another payment of its pledge stands beside it (M3)."""
    if payment.status is PaymentState.CANCELED and current_payment(session, payment.pledge_id) is not None:
        raise Conflict(N_("Two payments of one pledge were made at the provider. Give one of them back there."))
    if payment.is_checkout and payment.status is PaymentState.INTENDED:
        # The answer to opening the page was lost, but the backer paid there: it was opened.
        move(session, payment, PaymentEvent.CREATED)
    payment.settled_at = now
    move(session, payment, event)


def check_amount(payment: Payment, amount_minor: int, currency: str) -> None:
    """Raises Conflict unless just that was taken which was asked for (M8)."""
    if (amount_minor, currency) != (payment.amount_minor, payment.currency):
        raise Conflict(N_("The provider took another amount or currency than this pledge's."))


def _payment(session: Session, fact: Fact) -> Payment | None:
    if isinstance(fact, CardSaved | CheckoutExpired | CardGone | RefundMade | RefundFailed):
        return None
    if isinstance(fact, PaidInCheckout):
        checkout = session.get(Checkout, fact.checkout_id) if fact.checkout_id else None
        payment_id = checkout.payment_id if checkout else None
        return session.get(Payment, payment_id) if payment_id else None
    by_intent = session.exec(select(Payment).where(Payment.intent == fact.intent)).one_or_none()
    return by_intent or (session.get(Payment, fact.payment_id) if fact.payment_id else None)


def _succeeded(session: Session, payment: Payment, pledge: Pledge, fact: ChargeSucceeded, now: datetime) -> None:
    check_amount(payment, fact.amount_minor, fact.currency)
    payment.charge = fact.charge or payment.charge
    if payment.is_checkout:
        payment.intent = payment.intent or fact.intent
    _settle(session, payment, pledge, _success_event(payment), now)


def _paid(session: Session, payment: Payment, pledge: Pledge, fact: PaidInCheckout, now: datetime) -> None:
    check_amount(payment, fact.amount_minor, fact.currency)
    checkout = session.get_one(Checkout, fact.checkout_id)
    checkout.status = CHECKOUT.move(checkout.status, CheckoutEvent.COMPLETED)
    checkout.session = checkout.session or fact.session
    session.add(checkout)
    payment.intent = payment.intent or fact.intent
    pledge.payment_method = fact.payment_method or pledge.payment_method
    _settle(session, payment, pledge, _success_event(payment), now)


def _success_event(payment: Payment) -> PaymentEvent:
    return PaymentEvent.PAID_IN_CHECKOUT if payment.is_checkout else PaymentEvent.SUCCEEDED


def _settle(session: Session, payment: Payment, pledge: Pledge, event: PaymentEvent, now: datetime) -> None:
    if payment.status is PaymentState.SUCCEEDED:
        session.add(payment)
        return
    take(session, payment, event, now)
    pledge.collected_minor = payment.amount_minor
    pledge.due_at = pledge.remind_at = pledge.lease_until = None
    rows.move(session, pledge, PledgeEvent.CHARGE_SUCCEEDED, now)
    tell_backer(session, pledge, "charge_receipt", now, more={"charged_at": now.isoformat()})


def _declined(session: Session, payment: Payment, pledge: Pledge, fact: ChargeDeclined, now: datetime) -> None:
    if _is_old(payment, fact.charge):
        return
    payment.charge = fact.charge or payment.charge
    payment.decline_code = fact.decline_code or fact.code
    move(session, payment, PaymentEvent.DECLINED)
    _fail(session, pledge, PledgeEvent.CHARGE_DECLINED, payment.decline_code, fact.decline_class, now)


def _asked(session: Session, payment: Payment, pledge: Pledge, fact: AuthenticationAsked, now: datetime) -> None:
    if _is_old(payment, fact.charge) or payment.status is PaymentState.NEEDS_BACKER:
        return
    payment.charge = fact.charge or payment.charge
    payment.decline_code = "authentication_required"
    move(session, payment, PaymentEvent.BACKER_NEEDED)
    _fail(session, pledge, PledgeEvent.AUTHENTICATION_ASKED, payment.decline_code, DeclineClass.BACKER, now)


def _canceled(session: Session, payment: Payment, now: datetime) -> None:
    if payment.status is PaymentState.CONFIRMING:
        # The confirmation met an intent that was canceled meanwhile: its answer is known only by this look-up.
        move(session, payment, PaymentEvent.ANSWER_UNCLEAR)
    payment.settled_at = now
    move(session, payment, PaymentEvent.CANCEL_CONFIRMED)


def _is_old(payment: Payment, charge: str) -> bool:
    """True for a failure that was heard of before, or that cannot be of the present attempt."""
    return payment.is_checkout or payment.status not in UNDECIDED or (bool(charge) and charge == payment.charge)


def _fail(
    session: Session, pledge: Pledge, event: PledgeEvent, code: str, decline: DeclineClass, now: datetime
) -> None:
    pledge.tries += 1
    pledge.decline_code = code
    first = pledge.window_ends_at is None
    pledge.window_ends_at = pledge.window_ends_at or now + POLICY.recovery.window
    step = after_failure(POLICY.recovery, decline, window_ends_at=pledge.window_ends_at, tries=pledge.tries, now=now)
    pledge.lease_until = None
    pledge.due_at = step.due_at
    pledge.remind_at = step.remind_at
    rows.move(session, pledge, event, now, note=code)
    if first:
        tell_failure(session, pledge, now)


def tell_failure(session: Session, pledge: Pledge, now: datetime, *, final: str = "") -> None:
    """The letter about a failed charge, or the bank's question: the first, each reminder, the final notice."""
    asked = pledge.decline_code == "authentication_required"
    topic = final or ("bank_confirmation_needed" if asked else "charge_failed")
    assert pledge.window_ends_at is not None  # noqa: S101 - set by the first failure, which every letter follows
    more = {
        "decline_code": pledge.decline_code,
        "window_ends_at": pledge.window_ends_at.isoformat(),
        "reminder": pledge.reminders,
    }
    tell_backer(session, pledge, topic, now, once=str(pledge.reminders), more=more)
