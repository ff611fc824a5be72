"""What signing in may and may not do: addresses, limits, how long a session lasts. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from fundlaunch.errors import N_, BadInput

SIGN_IN_LASTS = timedelta(minutes=15)
CODE_DIGITS = 6
MOST_TRIES = 5
LIMIT_WINDOW = timedelta(hours=1)
EMAIL_LIMIT = 254
"""The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3)."""

SEEN_STEP = timedelta(minutes=5)
"""How stale the time a session was last seen may be; a write for every page would be a waste."""

KEEP_ENDED = timedelta(days=1)
"""How long finished sign-ins and sessions are kept: they hold network addresses and serve the limits only."""

HOME = "/"

NO_ADDRESS = N_("“{typed}” is not an e-mail address. Write it as name@example.org.")


@dataclass(frozen=True, slots=True)
class MailLimits:
    """How many sign-in mails go out in an hour, to one address and at the wish of one network address."""

    per_address: int
    per_ip: int


LIMITS = MailLimits(per_address=5, per_ip=20)
NO_LIMITS = MailLimits(per_address=10**9, per_ip=10**9)
"""For the setting LIMITS=off, which is refused together with a live key."""


class SessionKind(StrEnum):
    """Whose session it is: the more a person may do, the sooner it ends."""

    BACKER = "backer"
    CREATOR = "creator"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends after `idle` without a page, and after `absolute` whatever happens."""

    idle: timedelta
    absolute: timedelta


LIFETIMES = {
    SessionKind.BACKER: Lifetime(idle=timedelta(days=14), absolute=timedelta(days=90)),
    SessionKind.CREATOR: Lifetime(idle=timedelta(hours=12), absolute=timedelta(days=7)),
    SessionKind.OPERATOR: Lifetime(idle=timedelta(hours=1), absolute=timedelta(hours=12)),
}

_BROWSERS = (
    ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""Marks of browsers, those first that also carry the mark of a later one."""

_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip

_SEGMENT = r"[A-Za-z0-9_-]{1,80}"
_PATHS_AFTER_SIGN_IN = re.compile(
    rf"/|/(?:studio|account|campaigns|pledges)(?:/{_SEGMENT}){{0,6}}/?|/outbox(?:/{_SEGMENT})?", re.ASCII
)


def email_key(typed: str, *, field: str = "email") -> str:
    """What makes two spellings one address: small letters, composed letters, the domain in its ASCII form.

    Tags behind a plus stay, since two tags may be two mailboxes; look-alike letters stay apart. Raises BadInput.
    """
    try:
        found = validate_email(typed.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise BadInput(NO_ADDRESS, field=field, typed=typed[:80]) from None
    return f"{found.local_part.lower()}@{found.ascii_domain.lower()}"


def is_address(typed: str) -> bool:
    """True if mail could be sent to it, as far as its letters tell."""
    try:
        return bool(email_key(typed))
    except BadInput:
        return False


def path_after_sign_in(wanted: str) -> str:
    """`wanted` if it is a path of ours of a known shape, else the front page; never another site (F71)."""
    return wanted if len(wanted) <= 300 and _PATHS_AFTER_SIGN_IN.fullmatch(wanted) else HOME


def asked_from(ip: str) -> str:
    """The network a limit counts for: an IPv4 address, the /64 of an IPv6 one (one household has all of it)."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def code_typed(typed: str) -> str:
    """The six digits out of what a person typed or pasted ('123 456', '123-456'); '' if there are not six."""
    digits = re.sub(r"[\s-]", "", typed)
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else ""


def browser_name(user_agent: str) -> str:
    """'Firefox, Linux' out of what a browser sends of itself; '' if it says nothing known. No more of it is kept."""
    names = (next((name for mark, name in known if mark in user_agent), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, names))


def is_over(kind: SessionKind, seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """True once a session was idle for too long or has reached its absolute end."""
    return now >= expires_at or now - seen_at >= LIFETIMES[kind].idle
