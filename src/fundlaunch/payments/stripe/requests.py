"""The parameters of each call, and the keys under which Stripe remembers its first answer.

Keys come from our own committed rows, so the same wish is the same call however often it is sent
(docs.stripe.com/api/idempotent_requests). Stripe writes currencies in lower case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, cast

if TYPE_CHECKING:
    # Thousands of typed dictionaries, which only the type checker reads.
    from stripe import RequestOptions
    from stripe.params import (
        CustomerCreateParams,
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        RefundCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsPaymentIntentData

    from fundlaunch.payments.gateway import CardCheckout, Charge, Giving, PaymentCheckout

METHODS: list[Literal["card", "link"]] = ["card", "link"]
"""What settles at once and can be charged later without its owner."""

NAME_LENGTH = 256
TITLE_LENGTH = 250
DESCRIPTION_LENGTH = 1000

Locale: TypeAlias = Literal["auto", "en", "ko"]
LOCALES = frozenset({"en", "ko"})

SESSION_PARTS = ["setup_intent.payment_method", "payment_intent.payment_method"]
"""What must be expanded for `events.checkout_facts`."""


def under(key: str) -> RequestOptions:
    """Options that send a call under an idempotency key."""
    return {"idempotency_key": key}


def customer(*, email: str, name: str, pledge_id: str) -> CustomerCreateParams:
    params: CustomerCreateParams = {"email": email, "metadata": {"pledge": pledge_id}}
    if name:
        params["name"] = name[:NAME_LENGTH]
    return params


def card_checkout(wanted: CardCheckout) -> SessionCreateParams:
    """A session in setup mode: it saves a card for charges without its owner and takes no money."""
    marks = {"checkout": wanted.checkout_id, "pledge": wanted.pledge_id}
    return {
        **_any_checkout(wanted),
        "mode": "setup",
        "currency": wanted.currency.lower(),
        "metadata": marks,
        "setup_intent_data": {"metadata": marks},
    }


def payment_checkout(wanted: PaymentCheckout) -> SessionCreateParams:
    """A session in payment mode: it takes one amount now, in the campaign's own currency."""
    marks = {"checkout": wanted.checkout_id, "pledge": wanted.pledge_id, "payment": wanted.payment_id}
    # A session's metadata is not copied to its intent.
    of_intent: SessionCreateParamsPaymentIntentData = {"metadata": marks}
    if wanted.keeps_card:
        of_intent["setup_future_usage"] = "off_session"
    return {
        **_any_checkout(wanted),
        "mode": "payment",
        "metadata": marks,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": wanted.currency.lower(),
                    "unit_amount": wanted.amount_minor,
                    "product_data": {"name": wanted.title[:TITLE_LENGTH]},
                },
            }
        ],
        "payment_intent_data": of_intent,
        "adaptive_pricing": {"enabled": False},
    }


def _any_checkout(wanted: CardCheckout | PaymentCheckout) -> SessionCreateParams:
    locale = wanted.language if wanted.language in LOCALES else "auto"
    return {
        "customer": wanted.customer,
        "client_reference_id": wanted.checkout_id,
        "allowed_payment_method_types": [*METHODS],
        "success_url": wanted.success_url,
        "cancel_url": wanted.cancel_url,
        "expires_at": int(wanted.expires_at.timestamp()),
        "locale": cast("Locale", locale),
    }


def intent(charge: Charge) -> PaymentIntentCreateParams:
    """An unconfirmed intent.

    It names no card: the confirmation does. So a card that is gone meanwhile is refused when it is charged, as every
    other decline is, and the intent exists to be told of it.
    """
    params: PaymentIntentCreateParams = {
        "amount": charge.amount_minor,
        "currency": charge.currency.lower(),
        "customer": charge.customer,
        "metadata": {"payment": charge.payment_id, "pledge": charge.pledge_id},
        # Nobody is there to be sent to a bank's page, so no return address is needed either.
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    if charge.description:
        params["description"] = charge.description[:DESCRIPTION_LENGTH]
    return params


def confirmation(charge: Charge) -> PaymentIntentConfirmParams:
    """Charge the saved card without its owner; a declined intent has forgotten its card, so it is sent each time."""
    return {"payment_method": charge.payment_method, "off_session": True}


def refund(wanted: Giving) -> RefundCreateParams:
    """So much of what an intent took goes back; Stripe itself refuses more than is left of it."""
    return {
        "payment_intent": wanted.intent,
        "amount": wanted.amount_minor,
        "reason": "requested_by_customer",
        "metadata": {"refund": wanted.refund_id, "pledge": wanted.pledge_id},
    }
