"""How long, how large and how many the parts of a draft may be, with the sentence for each that is not so."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from fundlaunch.errors import N_, BadInput

TITLE_LIMIT = 100
BLURB_LIMIT = 300
STORY_LIMIT_BYTES = 50_000
RISKS_LIMIT_BYTES = 20_000
NAME_LIMIT = 120
DESCRIPTION_LIMIT = 2_000
FAQ_LIMIT = 50
ITEMS_LIMIT = 200
UNITS_LIMIT = 1_000
QUANTITY_LIMIT = 1_000_000
TAG_LIMIT = 30
KEY_LIMIT = 64
HS_CODE_LIMIT = 30
WEIGHT_LIMIT_GRAMS = 1_000_000_000

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", re.ASCII)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; '' if none is near."""
    return next(iter(get_close_matches(word, sorted(known), 1, cutoff=0.6)), "")


def slug(field: str, typed: str) -> Iterator[BadInput]:
    """A short name for addresses and files."""
    if not SLUG.fullmatch(typed):
        yield BadInput(
            N_("A short name has 1 to 60 small letters a to z, digits and hyphens, such as early-bird."), field=field
        )


def named(field: str, names: Mapping[str, str]) -> Iterator[BadInput]:
    """A name in at least one language, none of them too long."""
    if not any(names.values()):
        yield BadInput(N_("A name is missing here."), field=field)
    for language, name in names.items():
        yield from length(f"{field}.{language}", name, NAME_LIMIT)


def length(field: str, text: str, limit: int) -> Iterator[BadInput]:
    """At most `limit` characters."""
    if len(text) > limit:
        yield BadInput(
            N_("This is too long: {count} characters, at most {limit} fit."), field=field, count=len(text), limit=limit
        )


def size(field: str, text: str, limit_bytes: int) -> Iterator[BadInput]:
    """At most so many bytes of UTF-8."""
    found = len(text.encode("utf-8"))
    if found > limit_bytes:
        yield BadInput(
            N_("This is too long: {size} kB, at most {limit} kB fit."),
            field=field,
            size=found // 1000 + 1,
            limit=limit_bytes // 1000,
        )


def within(field: str, count: int, most: int) -> Iterator[BadInput]:
    """A count from 1 to `most`."""
    if not 1 <= count <= most:
        yield BadInput(N_("Write a whole number from 1 to {most}."), field=field, most=most)


def not_more(field: str, count: int, most: int) -> Iterator[BadInput]:
    """At most so many parts of a kind."""
    if count > most:
        yield BadInput(N_("There are too many of these: at most {most} fit."), field=field, most=most)


def once(kind: str, words: Iterable[str], name: str, taken: Iterable[str] = ()) -> Iterator[BadInput]:
    """Every word once, and none of those that are taken already."""
    seen = set(taken)
    for n, word in enumerate(words):
        if word and word in seen:
            yield BadInput(
                N_("“{word}” is used twice. Every one needs a name of its own."), field=f"{kind}.{n}.{name}", word=word
            )
        seen.add(word)


def item(field: str, typed: str, items: Iterable[str]) -> Iterator[BadInput]:
    """An item of the campaign, by its short name."""
    if typed not in items:
        yield BadInput(
            N_("There is no item “{slug}” in this campaign. Its items are: {known}."),
            field=field,
            slug=typed[:60],
            known=", ".join(sorted(items)) or "-",
        )


def tier(field: str, typed: str, tiers: Iterable[str]) -> Iterator[BadInput]:
    """A reward of the campaign, by its short name."""
    if typed not in tiers:
        yield BadInput(
            N_("There is no reward “{slug}” in this campaign. Its rewards are: {known}."),
            field=field,
            slug=typed[:60],
            known=", ".join(sorted(tiers)) or "-",
        )
