"""Stripe's objects and events turned into facts: pure functions of plain mappings.

An object in a final state is taken at its word. One that may still move, or that does not show everything, is read
again first: its event becomes a `Look`. Shapes are those of API 2026-10-28; what is missing reads as ''. Objects
without our mark (other products may share the account) become nothing.

A PaymentIntent that a Checkout session made is told of by its session: its own events say nothing of their own, since
a card that failed there may be followed by another one on the same page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fundlaunch.payments.facts import (
    AuthenticationAsked,
    CardGone,
    CardSaved,
    ChargeDeclined,
    ChargeSucceeded,
    CheckoutExpired,
    Fact,
    IntentCanceled,
    PaidInCheckout,
    RefundFailed,
    RefundMade,
)
from fundlaunch.payments.stripe.declines import AUTHENTICATION_REQUIRED, classify

Shape = Mapping[str, Any]
"""A JSON object of the provider."""


class Sight(StrEnum):
    """What can be looked at."""

    CHECKOUT = "checkout"
    INTENT = "intent"
    REFUNDS = "refunds"
    """All refunds of one intent, by the intent's id."""


@dataclass(frozen=True, slots=True)
class Look:
    """The event only says that something happened: the object with this id of the provider tells what."""

    sight: Sight
    id: str


Learned = tuple[Fact, ...] | Look


def learn(event: Shape) -> Learned:
    """What an event means: facts that are complete by themselves, or what must be read first. Never raises."""
    reading = READINGS.get(_text(event, "type"))
    if reading is None:
        return ()
    return reading(_part(event, "data"))


def checkout_facts(session: Shape) -> tuple[Fact, ...]:
    """What a session means; it must be read with both intents' `payment_method` expanded."""
    status = _text(session, "status")
    if status == "expired":
        return (CheckoutExpired(_text(session, "id"), checkout_id_of(session)),)
    if status != "complete":
        return ()
    if _text(session, "mode") == "setup":
        return (_card_saved(session),)
    if _text(session, "payment_status") == "paid":
        return (_paid(session),)
    return ()


def intent_facts(intent: Shape) -> tuple[Fact, ...]:
    """What an intent means; nothing while it waits to be confirmed, is processing, or belongs to a session."""
    if _text(_part(intent, "metadata"), "checkout"):
        return ()
    name, payment_id, status = _text(intent, "id"), payment_id_of(intent), _text(intent, "status")
    if status == "succeeded":
        charge, received = _id(intent, "latest_charge"), _minor(intent, "amount_received")
        return (ChargeSucceeded(name, payment_id, charge, received, _currency(intent)),)
    if status == "canceled":
        return (IntentCanceled(name, payment_id),)
    if status == "requires_action":
        return (AuthenticationAsked(name, payment_id, _id(intent, "latest_charge")),)
    if status == "requires_payment_method" and _part(intent, "last_payment_error"):
        return (refusal_fact(intent, _part(intent, "last_payment_error")),)
    return ()


def refusal_fact(intent: Shape, error: Shape) -> ChargeDeclined | AuthenticationAsked:
    """What the error of a failed confirmation means: the card was declined, or its owner must confirm at the bank."""
    code, decline_code, advice = (_text(error, name) for name in ("code", "decline_code", "advice_code"))
    charge = _id(error, "charge") or _id(intent, "latest_charge")
    if AUTHENTICATION_REQUIRED in {code, decline_code}:
        return AuthenticationAsked(_text(intent, "id"), payment_id_of(intent), charge)
    return ChargeDeclined(
        intent=_text(intent, "id"),
        payment_id=payment_id_of(intent),
        charge=charge,
        code=code,
        decline_code=decline_code,
        advice=advice,
        decline_class=classify(code, decline_code, advice),
    )


def refund_facts(refund: Shape) -> tuple[Fact, ...]:
    """What a refund means; one that still asks something of its receiver is under way like a pending one."""
    name, intent, status = _text(refund, "id"), _id(refund, "payment_intent"), _text(refund, "status")
    refund_id = _text(_part(refund, "metadata"), "refund")
    if not intent:
        return ()
    if status in {"failed", "canceled"}:
        return (RefundFailed(name, refund_id, intent, _text(refund, "failure_reason") or status),)
    amount, is_settled = _minor(refund, "amount"), status == "succeeded"
    return (RefundMade(name, refund_id, intent, amount, _currency(refund), is_settled),)


def checkout_id_of(session: Shape) -> str:
    """Our checkout row's id, or ''."""
    return _text(session, "client_reference_id")


def payment_id_of(intent: Shape) -> str:
    """Our payment row's id, or ''."""
    return _text(_part(intent, "metadata"), "payment")


def _card_saved(session: Shape) -> CardSaved:
    method = _part(_part(session, "setup_intent"), "payment_method")
    card = _part(method, "card")
    return CardSaved(
        session=_text(session, "id"),
        checkout_id=checkout_id_of(session),
        customer=_id(session, "customer"),
        payment_method=_text(method, "id"),
        # A wallet such as Link shows no card: its own name stands for the brand.
        card_brand=_text(card, "brand") or _text(method, "type"),
        card_last4=_text(card, "last4"),
    )


def _paid(session: Shape) -> PaidInCheckout:
    intent = _part(session, "payment_intent")
    method = _part(intent, "payment_method")
    return PaidInCheckout(
        session=_text(session, "id"),
        checkout_id=checkout_id_of(session),
        intent=_text(intent, "id"),
        payment_method=_id(intent, "payment_method"),
        amount_minor=_minor(intent, "amount_received"),
        currency=_currency(intent),
        card_brand=_text(_part(method, "card"), "brand") or _text(method, "type"),
        card_last4=_text(_part(method, "card"), "last4"),
    )


def _completed(data: Shape) -> Learned:
    session = _part(data, "object")
    # Neither the saved card nor the card that paid stands in the event.
    return Look(Sight.CHECKOUT, _text(session, "id")) if checkout_id_of(session) else ()


def _expired(data: Shape) -> Learned:
    session = _part(data, "object")
    return checkout_facts(session) if checkout_id_of(session) else ()


def _ended(data: Shape) -> Learned:
    intent = _part(data, "object")
    return intent_facts(intent) if payment_id_of(intent) else ()


def _still_moving(data: Shape) -> Learned:
    intent = _part(data, "object")
    if not payment_id_of(intent) or _text(_part(intent, "metadata"), "checkout"):
        return ()
    # A decline delivered late may have been followed by a success.
    return Look(Sight.INTENT, _text(intent, "id"))


def _detached(data: Shape) -> Learned:
    customer = _text(_part(data, "previous_attributes"), "customer")
    return (CardGone(customer, _text(_part(data, "object"), "id")),)


def _customer_deleted(data: Shape) -> Learned:
    return (CardGone(_text(_part(data, "object"), "id"), ""),)


def _refunded(data: Shape) -> Learned:
    """A charge does not show its refunds, and a product that shares the account has refunds of its own: look."""
    intent = _id(_part(data, "object"), "payment_intent")
    is_ours = bool(_text(_part(_part(data, "object"), "metadata"), "pledge"))
    return Look(Sight.REFUNDS, intent) if intent and is_ours else ()


def _refund_moved(data: Shape) -> Learned:
    return refund_facts(_part(data, "object"))


READINGS: Mapping[str, Callable[[Shape], Learned]] = {
    "checkout.session.completed": _completed,
    "checkout.session.expired": _expired,
    "payment_intent.succeeded": _ended,
    "payment_intent.canceled": _ended,
    "payment_intent.payment_failed": _still_moving,
    "payment_intent.requires_action": _still_moving,
    "payment_method.detached": _detached,
    "customer.deleted": _customer_deleted,
    "charge.refunded": _refunded,
    "refund.created": _refund_moved,
    "refund.updated": _refund_moved,
    "refund.failed": _refund_moved,
}
"""Every event that can become a fact; all others are kept and mean nothing to us."""


def _part(shape: Shape, name: str) -> Shape:
    value = shape.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(shape: Shape, name: str) -> str:
    value = shape.get(name)
    return value if isinstance(value, str) else ""


def _id(shape: Shape, name: str) -> str:
    """The id of a part that may be given as an id or as the whole object."""
    return _text(shape, name) or _text(_part(shape, name), "id")


def _minor(shape: Shape, name: str) -> int:
    value = shape.get(name)
    return value if isinstance(value, int) else 0


def _currency(shape: Shape) -> str:
    return _text(shape, "currency").upper()
