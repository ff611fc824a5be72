"""Making sure at the provider that something can never succeed any more; the answer may be that it just has."""

from collections.abc import Callable
from typing import TypeVar

from fundlaunch.payments.facts import CheckoutExpired, Fact, IntentCanceled, IntentCreated
from fundlaunch.payments.gateway import Gateway, ProviderRefused
from fundlaunch.payments.tables import Checkout, Payment

Answer = TypeVar("Answer")

MISSING = "resource_missing"
"""The provider's word for an object it does not hold (any more), such as a deleted customer."""


def end_checkout(gateway: Gateway, checkout: Checkout, customer: str) -> tuple[Fact, ...]:
    """Expire a checkout at the provider and read what became of it; one that it does not hold just ends."""
    expired = (CheckoutExpired(session="", checkout_id=checkout.id),)
    page = checkout.session
    if page is None and customer:
        page = _held(lambda: gateway.find_checkout(customer=customer, checkout_id=checkout.id))
    if page is None:
        return expired
    reading = _held(lambda: gateway.expire_checkout(page))
    return expired if reading is None else reading.facts


def cancel_for_good(gateway: Gateway, payment: Payment, customer: str) -> tuple[Fact, ...]:
    """Make sure at the provider that this intent of ours can never succeed; the facts say so, or that it has.

    An intent whose id we never learned was never confirmed: it is looked for only to be tidy, and if it cannot be
    found there is nothing that could take money.
    """
    intent = payment.intent
    if intent is None:
        intent = _held(lambda: gateway.find_intent(customer=customer, payment_id=payment.id))
    if intent is None:
        return (IntentCanceled(intent="", payment_id=payment.id),)
    return (IntentCreated(intent=intent, payment_id=payment.id), *gateway.cancel_intent(intent).facts)


def _held(ask: Callable[[], Answer | None]) -> Answer | None:
    """The answer, or None where the provider says that it holds no such thing."""
    try:
        return ask()
    except ProviderRefused as refused:
        if refused.code != MISSING:
            raise
        return None
