"""Which currencies the simulator takes, and how little or much it charges: the provider's own limits, as money.py has
them. The API writes currencies in lower case, the rest of the program in upper case."""

from fundlaunch.money import MAXIMUM_CHARGE_MINOR, MINIMUM_CHARGE_MINOR
from fundlaunch.payments.simulator.refusals import Refusal


def currency(sent: str, param: str = "currency") -> str:
    """The currency in lower case; refuses one that is not known."""
    if sent.upper() not in MINIMUM_CHARGE_MINOR:
        known = ", ".join(sorted(MINIMUM_CHARGE_MINOR)).lower()
        raise Refusal(f"Invalid currency: {sent}. Stripe currently supports these currencies: {known}", param=param)
    return sent.lower()


def chargeable(amount: int, in_currency: str, param: str = "amount") -> int:
    """The amount in minor units; refuses one that is too small or too large to charge."""
    least = MINIMUM_CHARGE_MINOR[in_currency.upper()]
    if amount < least:
        raise Refusal(
            f"Amount must be at least {least} in the smallest unit of {in_currency}.",
            code="amount_too_small",
            param=param,
        )
    if amount > MAXIMUM_CHARGE_MINOR:
        raise Refusal(
            f"Amount must be no more than {MAXIMUM_CHARGE_MINOR} in the smallest unit of {in_currency}.",
            code="amount_too_large",
            param=param,
        )
    return amount
