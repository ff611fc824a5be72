"""How one value is written into one cell of a list.

A spreadsheet takes a text that begins with = + - @ for a formula and runs it (OWASP: CSV injection). Such a text gets
an apostrophe in front, also where spaces, quotes or invisible marks stand before the sign, and for the full-width and
small forms of the signs, which some spreadsheets read as the plain ones. Telephone numbers stay as they are, since a
carrier prints what it gets.
"""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fundlaunch.money import Money

APOSTROPHE = "'"
PHONE = re.compile(r"\+[0-9 ()-]+", re.ASCII)

# A cell that begins with a letter or figure and holds no control character needs no further look.
_HARMLESS = re.compile(r"[^\W_][^\x00-\x1f\x7f-\x9f]*")
_FORMULA = re.compile(
    r"[\t\r]"  # Excel drops these and reads on
    r"|[\s\"'`´‘’“”„«»\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\x00-\x1f\x7f-\x9f]*"
    r"[=+\-@＝＋－＠﹦﹢﹣﹫⁺⁻⁼₊₋₌−]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
"""Currencies whose sign is one character and means no other currency there; all others are named by their code."""


def text(value: str) -> str:
    """A text without NUL and other control characters; tabs become spaces, line ends single newlines."""
    if _HARMLESS.fullmatch(value):
        return value
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def guarded(value: str) -> str:
    """A cleaned text that no spreadsheet takes for a formula."""
    if _HARMLESS.fullmatch(value):
        return value
    cleaned = text(value)
    return APOSTROPHE + cleaned if _FORMULA.match(value) or _FORMULA.match(cleaned) else cleaned


def guarded_phone(value: str) -> str:
    """A telephone number as it is if it is one (a plus and figures), else guarded like any text."""
    return value if PHONE.fullmatch(value) else guarded(value)


def money_plain(amount: Money) -> str:
    """'1000.00', '168000': digits and a point; the currency has a column of its own."""
    return amount.plain()


def money_signed(amount: Money) -> str:
    """'$1,000.00' where the sign is plain, else 'SEK 1,000.00'."""
    whole, _, cents = amount.plain().partition(".")
    figure = f"{int(whole):,}" + (f".{cents}" if cents else "")
    sign = _SIGNS.get(amount.currency)
    return f"{sign}{figure}" if sign else f"{amount.currency} {figure}"


def money_number_format(currency: str, decimals: int) -> str:
    """The number format of a spreadsheet that shows an amount as `money_signed` writes it."""
    sign = _SIGNS.get(currency) or f"{currency} "
    return f'"{sign}"#,##0' + ("." + "0" * decimals if decimals else "")


def time_iso(when: datetime, zone: str) -> str:
    """'2018-03-28T08:27:00Z'; always UTC, whatever the campaign's zone."""
    del zone
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def time_slashed(when: datetime, zone: str) -> str:
    """'2018/03/28, 10:27' on the clocks of `zone`."""
    return when.astimezone(ZoneInfo(zone)).strftime("%Y/%m/%d, %H:%M")
