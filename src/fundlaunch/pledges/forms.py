"""What a backer types: the selection, and where to write to. Amounts are read in the campaign's currency."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from fundlaunch.campaigns.countries import all_countries
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import Money
from fundlaunch.people.rules import email_key
from fundlaunch.pledges.rules import Selection
from fundlaunch.web.forms import Form

ADD_ON = "add-"
"""What the field of an add-on begins with; its slug follows."""

CHOICE_FIELDS = frozenset({"tier", "quantity", "country", "bonus", "seen_total", "key"})
REVIEW_FIELDS = CHOICE_FIELDS | {"email", "accept"}
CHANGE_FIELDS = CHOICE_FIELDS | {"version", "lang", "ref"}
CANCEL_FIELDS = frozenset({"reason"})
NOTE_FIELDS = frozenset({"note"})
MOST_UNITS = 999_999
REASON_LIMIT = 500
KEY_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the letters go. Guests pledge with an address only."""

    email: str


def selection(form: Form, currency: str) -> Selection | None:
    """What the form asks for, mistakes noted at their fields; None while no answer about the reward was given."""
    if "tier" not in form:
        return None
    country = form.typed("country")
    if country and country not in all_countries():
        form.refuse("country", N_("Please choose a country from the list."))
        country = ""
    return Selection(
        tier=form.typed("tier") or None,
        quantity=form.count("quantity", MOST_UNITS) if form.typed("quantity") else 1,
        add_ons=_add_ons(form),
        bonus_minor=form.optional_money("bonus", currency).minor,
        country=country,
        key=form.typed("key")[:KEY_LIMIT],
    )


def _add_ons(form: Form) -> dict[str, int]:
    counts = {name.removeprefix(ADD_ON): form.count(name, MOST_UNITS) for name in add_on_fields(form)}
    return {slug: count for slug, count in counts.items() if count}


def add_on_fields(form: Form) -> list[str]:
    """The names of the add-on fields that came."""
    return [name for name in form if name.startswith(ADD_ON)]


def fields(chosen: Selection, currency: str) -> list[tuple[str, str]]:
    """A selection as the fields of a form, so that a page can open at it."""
    return [
        ("tier", chosen.tier or ""),
        ("quantity", str(max(chosen.quantity, 1))),
        ("country", chosen.country),
        ("bonus", Money(chosen.bonus_minor, currency).plain() if chosen.bonus_minor else ""),
        *((ADD_ON + slug, str(count)) for slug, count in chosen.add_ons.items()),
        *([("key", chosen.key)] if chosen.key else []),
    ]


def contact(form: Form) -> Contact:
    """The e-mail address, and the tick that rewards are not guaranteed; mistakes are noted at their fields."""
    email = form.email("email")
    if not form.is_ticked("accept"):
        form.refuse("accept", N_("Please tick that you know this: it is what crowdfunding means."))
    return Contact(email)


def pledge_key(form: Form, chosen: Selection, email: str, mark: str) -> str:
    """The key that makes a repeated form the same pledge.

    The page's random key alone would give the first basket again to somebody who went back and chose differently, so
    the selection and the address are part of it. Raises BadInput if the page sent none. It begins with the page's mark:
    `mark`, that of the pledge whose own page leads here to choose anew, else the one of this form.
    """
    own = _digest([form.request_key()])
    return (mark or own) + _digest([email_key(email), *_said(chosen)])


def page_mark(form: Form) -> str:
    """What the keys of all pledges begun from one page begin with; '' if the form has no key."""
    try:
        return _digest([form.request_key()])
    except BadInput:
        return ""


def _digest(said: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps(list(said)).encode()).hexdigest()[:32]


def _said(chosen: Selection) -> Iterable[object]:
    yield from (chosen.tier, chosen.quantity, chosen.bonus_minor, chosen.country)
    yield sorted(chosen.add_ons.items())
