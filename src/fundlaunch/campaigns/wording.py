"""How the time line speaks: the words for fields, values, moves and those who made them. English, to be translated."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from fundlaunch import i18n
from fundlaunch.campaigns import categories
from fundlaunch.campaigns.changes import YES
from fundlaunch.campaigns.rules import ELSEWHERE
from fundlaunch.campaigns.states import CampaignEvent, Funding, Measure, Shipping
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import parse_amount

FIELDS: Mapping[str, str] = {
    "title": N_("Title"), "blurb": N_("One sentence about it"), "story": N_("Story"), "risks": N_("Risks"),
    "faq": N_("Questions"), "creator": N_("Name of the creator"), "place": N_("Place"), "country": N_("Country"),
    "category": N_("Category"), "tags": N_("Tags"), "accent": N_("Colour"), "video": N_("Film"),
    "poster": N_("Picture"), "alt": N_("The picture in words"), "pictures": N_("Pictures of the story"),
    "plain_pledges": N_("Pledges without a reward"), "slug": N_("Address of the page"), "language": N_("Main language"),
    "currency": N_("Currency"), "goal": N_("Goal"), "funding": N_("Funding"), "duration_days": N_("Days it runs"),
    "deadline": N_("Deadline"), "launch_at": N_("Launch by the clock"), "timezone": N_("Time zone"),
    "review": N_("Approval by the operator"), "late_pledges": N_("Late pledges"),
    "announced": N_("Page before the launch"), "preview": N_("Link to the preview"),
    "by_hand": N_("Pledge entered by hand, its number and sum"),
}  # fmt: skip
"""Fields of a campaign, by the first part of their path; `poster.alt` by its second."""

PARTS: Mapping[str, str] = {
    "title": N_("title"), "name": N_("name"), "description": N_("description"), "price": N_("price"),
    "late_price": N_("price for late pledges"), "quantity": N_("quantity"), "limit_per_backer": N_("limit per backer"),
    "starts_at": N_("opens"), "ends_at": N_("ends"), "closed": N_("closed"), "secret": N_("secret"),
    "featured": N_("featured"), "delivery": N_("delivery"), "shipping": N_("shipping"), "rates": N_("shipping rates"),
    "items": N_("what it brings"), "tiers": N_("goes with"), "picture": N_("picture"), "sku": N_("SKU"),
    "weight": N_("weight"), "customs_value": N_("customs value"), "hs_code": N_("HS code"), "options": N_("options"),
    "variants": N_("variants"), "threshold": N_("threshold"), "measure": N_("what is counted"), "item": N_("item"),
    "grants": N_("what it adds"), "opens": N_("reward it opens"), "unit_cost": N_("cost of a unit"),
    "reached": N_("reached"),
}  # fmt: skip
"""Fields of something that is named, by the third part of their path."""

THINGS: Mapping[str, tuple[str, str, str]] = {
    "items": (N_("Item “{name}”: {part}"), N_("Item “{name}”"), N_("Order of the items")),
    "tiers": (N_("Reward “{name}”: {part}"), N_("Reward “{name}”"), N_("Order of the rewards")),
    "add_ons": (N_("Add-on “{name}”: {part}"), N_("Add-on “{name}”"), N_("Order of the add-ons")),
    "stretch_goals": (
        N_("Stretch goal “{name}”: {part}"), N_("Stretch goal “{name}”"), N_("Order of the stretch goals"),
    ),
}  # fmt: skip
"""A part of a thing; the thing itself, which came or went; the order they stand in."""

VALUES: Mapping[str, str] = {
    YES: N_("yes"), "approved": N_("approved"), "reached": N_("reached"), "not reached": N_("not reached"),
    Shipping.NONE: N_("nothing to send"), Shipping.DIGITAL: N_("digital"), Shipping.PICK_UP: N_("picked up"),
    Shipping.SOME: N_("some countries"), Shipping.WORLDWIDE: N_("worldwide"),
    Funding.ALL_OR_NOTHING: N_("all or nothing"), Funding.FLEXIBLE: N_("keep what you raise"),
    Measure.MONEY: N_("money"), Measure.BACKERS: N_("backers"), Measure.ORDERS: N_("orders of an item"),
}  # fmt: skip

NO = N_("no")

WORDS_FOR = frozenset({"plain_pledges", "late_pledges", "review", "announced", "preview", "funding"})
PART_WORDS_FOR = frozenset({"closed", "secret", "featured", "shipping", "measure", "reached"})
"""Fields whose values are words of ours; anything else is what somebody typed, and is never translated."""

YES_OR_NO = frozenset({"plain_pledges", "late_pledges", "announced", "closed", "secret", "featured"})

UNSHOWN = frozenset({"video", "poster", "picture", "pictures"})
"""Fields whose values are names of files or keys, which say nothing to people."""

MOVES: Mapping[str, str] = {
    CampaignEvent.LAUNCHED: N_("Launched"), CampaignEvent.SUBMITTED: N_("Submitted"),
    CampaignEvent.RETURNED: N_("Given back"), CampaignEvent.DEADLINE_MET: N_("Ended: the goal was reached"),
    CampaignEvent.DEADLINE_MISSED: N_("Ended: the goal was not reached"),
    CampaignEvent.CREATOR_CANCELED: N_("Canceled by its creator"),
    CampaignEvent.OPERATOR_SUSPENDED: N_("Suspended by the operator"), CampaignEvent.STOPPED: N_("Stopped"),
}  # fmt: skip

ACTORS: Mapping[str, str] = {
    "clock": N_("the clock"), "totals": N_("the totals"), "campaign file": N_("a campaign file"),
    "command line": N_("the command line"), "seed": N_("a file of examples"),
}  # fmt: skip

LANGUAGE_NAMES: Mapping[str, str] = {"en": "English", "ko": "한국어"}

IN_A_LANGUAGE = N_("{field} ({spoken})")


def label(language: str, field: str, names: Mapping[str, str]) -> str:
    """What a path is called, in a language; `names` are the titles of things by the first two parts of their paths."""
    head, *rest = field.split(".")
    if head not in THINGS:
        return _in_its_language(language, i18n.translate(language, FIELDS.get(_own(head, rest), head)), rest)
    part, whole, order = THINGS[head]
    slug = rest[0]
    if slug == "order" and len(rest) == 1 and f"{head}.{slug}" not in names:
        return i18n.translate(language, order)
    name = names.get(f"{head}.{slug}", slug)
    if len(rest) == 1:
        return i18n.translate(language, whole, name=name)
    words = i18n.translate(language, PARTS.get(rest[1], rest[1]))
    return _in_its_language(language, i18n.translate(language, part, name=name, part=words), rest[1:])


def value(language: str, field: str, text: str, names: Mapping[str, str]) -> str:
    """What a field holds, in a language; '' for nothing, and for what says nothing to people.

    `names` are the titles of things by the first two parts of their paths.
    """
    head, *rest = field.split(".")
    name = rest[1] if head in THINGS and len(rest) > 1 else head
    if name in UNSHOWN and "alt" not in rest:
        return ""
    if name in YES_OR_NO and not text:
        return i18n.translate(language, NO)
    if head in THINGS and len(rest) == 1:
        return _titled(text, head, names) if rest[0] == "order" else _with_amounts(language, text)
    if name in NAMES_OF:
        return _titled(text, NAMES_OF[name], names)
    if text and name in SPOKEN:
        return SPOKEN[name](language, text)
    is_word = name in (PART_WORDS_FOR if head in THINGS and len(rest) > 1 else WORDS_FOR)
    return i18n.translate(language, VALUES.get(text, text)) if is_word and text else text


def _with_amounts(language: str, text: str) -> str:
    """Every '49.50 USD' in a text as people of a language write it."""
    return _AMOUNT.sub(lambda found: _amount(language, found), text)


def _amount(language: str, found: re.Match[str]) -> str:
    try:
        return i18n.money(parse_amount(found[1], found[2]), language)
    except BadInput:
        return found[0]  # somebody's own words, such as a title with a model number


def _titled(text: str, kinds: str, names: Mapping[str, str]) -> str:
    """Slugs as the titles of what they name, where that still is there."""
    found = {path.partition(".")[2]: title for path, title in names.items() if path.partition(".")[0] in kinds.split()}
    return _SLUG.sub(lambda slug: found.get(slug[0], slug[0]), text)


def _moment(language: str, text: str) -> str:
    """'2026-12-01 09:00' on the campaign's own clocks, as people of a language write it."""
    return i18n.moment(datetime.fromisoformat(text).replace(tzinfo=UTC), language, "UTC")


def _month(language: str, text: str) -> str:
    return i18n.month(date.fromisoformat(f"{text}-01"), language)


def _country(language: str, code: str) -> str:
    return i18n.country(code, language)


def _category(language: str, slug: str) -> str:
    return i18n.translate(language, categories.name(slug)) or slug


def _rates(language: str, text: str) -> str:
    """'KR 3000 KRW + 1000 KRW; …': a place, what the first unit costs there, and each further one."""
    places = (one.partition(" ") for one in text.split("; "))
    return "; ".join(
        f"{i18n.translate(language, ELSEWHERE_WORD) if code == ELSEWHERE else _country(language, code)}"
        f" {_with_amounts(language, amounts)}"
        for code, _, amounts in places
    )


_AMOUNT = re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?) ([A-Z]{3})\b")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*(?=$|[,:;]| ×)")

ELSEWHERE_WORD = N_("everywhere else")

NAMES_OF: Mapping[str, str] = {
    "items": "items", "item": "items", "tiers": "tiers", "opens": "tiers add_ons", "grants": "tiers add_ons items",
}  # fmt: skip
"""Fields that name other things by their slugs, and the kinds of these things."""

SPOKEN: Mapping[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("goal", "price", "late_price", "threshold", "unit_cost", "customs_value"), _with_amounts),
    "variants": _with_amounts,
    **dict.fromkeys(("deadline", "launch_at", "starts_at", "ends_at"), _moment),
    "rates": _rates, "delivery": _month, "country": _country, "category": _category,
    "language": lambda _language, code: LANGUAGE_NAMES.get(code, code),
}  # fmt: skip
"""Fields whose values are written in the language of the page."""


def actor(language: str, name: str) -> str:
    """Who did it: a word for a part of the program, or the address of a person as it is."""
    return i18n.translate(language, ACTORS[name]) if name in ACTORS else name


def _own(head: str, rest: list[str]) -> str:
    return rest[0] if head == "poster" and rest else head


def _in_its_language(language: str, words: str, rest: list[str]) -> str:
    spoken = LANGUAGE_NAMES.get(rest[-1], "") if rest else ""
    return i18n.translate(language, IN_A_LANGUAGE, field=words, spoken=spoken) if spoken else words
