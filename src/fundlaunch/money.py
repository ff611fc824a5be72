"""Money: whole minor units and a currency. There is no division here, and no float.

Rounding has a name wherever it happens: `percent_floored`, `share_half_up`. Exponents follow ISO 4217 as the payment
provider counts them (Stripe: zero-decimal and three-decimal currencies, https://docs.stripe.com/currencies).
"""

import re
from dataclasses import dataclass

from fundlaunch.errors import N_, BadAmount

EXPONENTS = {
    "USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "AUD": 2, "NZD": 2, "CHF": 2, "SEK": 2,
    "NOK": 2, "DKK": 2, "SGD": 2, "HKD": 2, "MXN": 2, "PLN": 2,
    "KRW": 0, "JPY": 0,
    "KWD": 3,
}  # fmt: skip
"""Digits behind the decimal point, by ISO 4217 code."""

MINIMUM_CHARGE_MINOR = {
    "USD": 50, "EUR": 50, "GBP": 30, "CAD": 50, "AUD": 50, "NZD": 50, "CHF": 50, "SEK": 300,
    "NOK": 300, "DKK": 250, "SGD": 50, "HKD": 400, "MXN": 1000, "PLN": 200,
    "KRW": 1000, "JPY": 50,
}  # fmt: skip
"""The provider's smallest charge; its keys are the currencies a campaign may use."""

MAXIMUM_CHARGE_MINOR = 99_999_999
"""The provider's largest single charge, in minor units of any currency."""

MOST_PLEDGE_MINOR = {
    "USD": 25_000_00, "EUR": 25_000_00, "GBP": 20_000_00, "CAD": 35_000_00, "AUD": 40_000_00, "NZD": 40_000_00,
    "CHF": 20_000_00, "SEK": 250_000_00, "NOK": 250_000_00, "DKK": 175_000_00, "SGD": 35_000_00, "HKD": 200_000_00,
    "MXN": 450_000_00, "PLN": 100_000_00, "KRW": 35_000_000, "JPY": 4_000_000,
}  # fmt: skip
"""The largest pledge FundLaunch takes: about 25,000 US dollars in each currency, far below the provider's limit.

A pledge above it is rather a slip of the finger, and one that fails would by itself decide many a campaign.
"""

GOAL_LIMIT_MINOR = 10**15
"""A goal, and every total, stays below this: far inside 64 bits."""

_TOO_LONG = re.compile(r"[0-9]{16,}(?:\.[0-9]+)?", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency in whole minor units (cents; won for KRW). May be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("money is counted in whole minor units")
        if self.currency not in EXPONENTS:
            raise not_a_currency(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.plain()} {self.currency}"

    def plain(self) -> str:
        """Digits with a point and every decimal of the currency: '742739.00', '21840000', '-0.50'."""
        exponent = EXPONENTS[self.currency]
        digits = str(abs(self.minor)).rjust(exponent + 1, "0")
        whole, cents = digits[: len(digits) - exponent], digits[len(digits) - exponent :]
        return ("-" if self.minor < 0 else "") + whole + (f".{cents}" if cents else "")

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def not_a_currency(typed: str, *, field: str = "") -> BadAmount:
    """The sentence for a currency that no campaign can use, with those it can."""
    return BadAmount(
        N_("“{typed}” is not a currency a campaign can use. Use one of: {known}."),
        field=field,
        typed=typed[:20],
        known=", ".join(sorted(MINIMUM_CHARGE_MINOR)),
    )


def check_pledge(total_minor: int, currency: str, *, field: str = "") -> None:
    """Refuse a pledge below the provider's smallest charge or above the largest one taken; raises `BadAmount`."""
    if currency not in MINIMUM_CHARGE_MINOR:
        raise not_a_currency(currency, field=field)
    least, most = MINIMUM_CHARGE_MINOR[currency], MOST_PLEDGE_MINOR[currency]
    if not least <= total_minor <= most:
        raise BadAmount(
            N_("A pledge is at least {least} and at most {most}."),
            field=field,
            least=str(Money(least, currency)),
            most=str(Money(most, currency)),
        )


def parse_amount(typed: str, currency: str, *, field: str = "") -> Money:
    """Read an amount as a person types it: digits, at most one point, no sign, no grouping, no exponent.

    '12', '12.5', '12.50' are amounts of a two-decimal currency; '1,234.56', '-1', '1e400', 'NaN', '١٢' and '0.001' are
    refused with a sentence (raises `BadAmount`, which names `field`). Zero is an amount; callers decide about it.
    """
    text = typed.strip()
    if _TOO_LONG.fullmatch(text):
        raise BadAmount(N_("“{typed}” is larger than any amount FundLaunch can hold."), field=field, typed=text[:40])
    if not _AMOUNT.fullmatch(text):
        raise BadAmount(
            N_("“{typed}” is not an amount. Write digits only, for example 1234.56, without commas or signs."),
            field=field,
            typed=text[:40],
        )
    whole, _, cents = text.partition(".")
    exponent = EXPONENTS.get(currency)
    if exponent is None:
        raise not_a_currency(currency, field=field)
    if len(cents) > exponent and cents[exponent:].strip("0"):
        raise BadAmount(
            N_("“{typed}” is finer than {currency} allows ({digits} digits behind the point)."),
            field=field,
            typed=text,
            currency=currency,
            digits=exponent,
        )
    minor = int(whole + cents[:exponent].ljust(exponent, "0"))
    if minor >= GOAL_LIMIT_MINOR:
        raise BadAmount(N_("“{typed}” is larger than any amount FundLaunch can hold."), field=field, typed=text)
    return Money(minor, currency)


def percent_floored(part_minor: int, whole_minor: int) -> int:
    """Whole percent, rounded down and never clipped: 7,999.65 of 8,000 is 99 (RULES: campaign numbers)."""
    return part_minor * 100 // whole_minor


def share_half_up(amount_minor: int, numerator: int, denominator: int) -> int:
    """`amount * numerator / denominator` in whole minor units, halves away from zero; for fees and forecasts."""
    twice = 2 * abs(amount_minor) * numerator + denominator
    rounded = twice // (2 * denominator)
    return rounded if amount_minor >= 0 else -rounded
