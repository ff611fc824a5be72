"""Which currencies the simulator takes and the least it charges in each (docs.stripe.com/currencies).

Amounts are whole minor units. For currencies without a minimum of their own Stripe asks for the worth of half a dollar;
the figures for those are round ones near it.
"""

from fundlaunch.payments.simulator.refusals import Refusal

LEAST_MINOR = {
    "usd": 50,
    "eur": 50,
    "gbp": 30,
    "aud": 50,
    "cad": 50,
    "chf": 50,
    "nzd": 50,
    "sgd": 50,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "hkd": 400,
    "mxn": 1_000,
    "pln": 200,
    "jpy": 50,
    "krw": 700,
}
MOST_MINOR = 99_999_999
"""Eight digits, for every currency."""


def currency(sent: str, param: str = "currency") -> str:
    """The currency in lower case; refuses one that is not in the table."""
    known = sent.lower()
    if known not in LEAST_MINOR:
        raise Refusal(
            f"Invalid currency: {sent}. Stripe currently supports these currencies: {', '.join(sorted(LEAST_MINOR))}",
            param=param,
        )
    return known


def chargeable(amount: int, in_currency: str, param: str = "amount") -> int:
    """The amount; refuses one that is too small or too large to charge."""
    least = LEAST_MINOR[in_currency]
    if amount < least:
        raise Refusal(
            f"Amount must be at least {least} in the smallest unit of {in_currency}.",
            code="amount_too_small",
            param=param,
        )
    if amount > MOST_MINOR:
        raise Refusal(
            f"Amount must be no more than {MOST_MINOR} in the smallest unit of {in_currency}.",
            code="amount_too_large",
            param=param,
        )
    return amount
