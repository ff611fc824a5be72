"""Making sure at the provider that something can never succeed any more; the answer may be that it just has."""

from fundlaunch.payments.facts import CheckoutExpired, Fact, IntentCanceled, IntentCreated
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.tables import Checkout, Payment


def end_checkout(gateway: Gateway, checkout: Checkout, customer: str) -> tuple[Fact, ...]:
    """Expire a checkout at the provider and read what became of it; one that was never opened just ends."""
    provider_session = checkout.session
    if provider_session is None and customer:
        provider_session = gateway.find_checkout(customer=customer, checkout_id=checkout.id)
    if provider_session is None:
        return (CheckoutExpired(session="", checkout_id=checkout.id),)
    return gateway.expire_checkout(provider_session).facts


def cancel_for_good(gateway: Gateway, payment: Payment, customer: str) -> tuple[Fact, ...]:
    """Make sure at the provider that this intent of ours can never succeed; the facts say so, or that it has.

    An intent whose id we never learned is looked for first; if the provider holds none, there is nothing to cancel.
    """
    intent = payment.intent or gateway.find_intent(customer=customer, payment_id=payment.id)
    if intent is None:
        return (IntentCanceled(intent="", payment_id=payment.id),)
    return (IntentCreated(intent=intent, payment_id=payment.id), *gateway.cancel_intent(intent).facts)
