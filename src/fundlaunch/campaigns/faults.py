"""Everything that is wrong with a draft, found in one pass: for forms that mark their fields and files that name lines.

A fault's `field` is a dotted path in the words of a campaign file: 'goal', 'tiers.2.price', 'items.0.sku'.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches

from fundlaunch.campaigns import video
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, StretchDraft, TierDraft
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import ELSEWHERE, local_instant, zone
from fundlaunch.campaigns.states import Shipping
from fundlaunch.errors import N_, BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import GOAL_LIMIT_MINOR, MAXIMUM_CHARGE_MINOR, MINIMUM_CHARGE_MINOR, Money
from fundlaunch.web import accent

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

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", re.ASCII)
_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])", re.ASCII)
_SKU = re.compile(r"[!-~](?:[ -~]{0,48}[!-~])?", re.ASCII)


def faults(draft: CampaignDraft, now: datetime) -> list[BadInput]:
    """Every fault of a draft, in the order of the file; an empty list means that it can be kept."""
    found = [*_basics(draft), *_times(draft, now), *_texts(draft), *_look(draft)]
    found += [*_offers(draft)]
    for n, stretch in enumerate(draft.stretch_goals):
        found += _stretch(f"stretch_goals.{n}", stretch)
    if len(draft.stretch_goals) > POLICY.stretch_goals:
        found.append(_too_many("stretch_goals", POLICY.stretch_goals))
    return found + list(_twice("stretch_goals", (goal.slug for goal in draft.stretch_goals), "slug"))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; '' if none is near."""
    return next(iter(get_close_matches(word, sorted(known), 1, cutoff=0.6)), "")


def _basics(draft: CampaignDraft) -> Iterator[BadInput]:
    yield from _slug("slug", draft.slug)
    if draft.currency not in MINIMUM_CHARGE_MINOR:
        yield BadInput(
            N_("“{typed}” is not a currency a campaign can use. Use one of: {known}."),
            field="currency",
            typed=draft.currency[:20],
            known=", ".join(sorted(MINIMUM_CHARGE_MINOR)),
        )
    if not 0 < draft.goal_minor < GOAL_LIMIT_MINOR:
        yield BadInput(N_("The goal must be more than zero."), field="goal")
    yield from _length("creator", draft.creator_name, NAME_LIMIT)
    yield from _length("place", draft.place, NAME_LIMIT)


def _times(draft: CampaignDraft, now: datetime) -> Iterator[BadInput]:
    least, most = POLICY.duration_days
    if not least <= draft.duration_days <= most:
        yield BadInput(N_("A campaign runs {least} to {most} days."), field="duration_days", least=least, most=most)
    try:
        zone(draft.timezone)
    except BadInput as error:
        yield error
        return
    try:
        end = local_instant(draft.deadline, draft.timezone) if draft.deadline is not None else None
    except BadInput as error:
        yield error
        return
    if end is not None and end <= now:
        yield BadInput(N_("The deadline lies in the past. Choose one at least a day from now."), field="deadline")


def _texts(draft: CampaignDraft) -> Iterator[BadInput]:
    if draft.language not in LANGUAGES:
        yield _unknown_language("language", draft.language)
    if not draft.main_text.title:
        yield BadInput(N_("The campaign needs a title in its main language."), field="title")
    for language, text in draft.texts.items():
        if language not in LANGUAGES:
            yield _unknown_language("languages", language)
        yield from _length(f"title.{language}", text.title, TITLE_LIMIT)
        yield from _length(f"blurb.{language}", text.blurb, BLURB_LIMIT)
        yield from _bytes(f"story.{language}", text.story, STORY_LIMIT_BYTES)
        yield from _bytes(f"risks.{language}", text.risks, RISKS_LIMIT_BYTES)
        if len(text.faq) > FAQ_LIMIT:
            yield _too_many("faq", FAQ_LIMIT)
        for question, answer in text.faq:
            yield from _length("faq", question, BLURB_LIMIT)
            yield from _length("faq", answer, DESCRIPTION_LIMIT)


def _look(draft: CampaignDraft) -> Iterator[BadInput]:
    try:
        accent.check(draft.accent)
    except BadInput as error:
        yield error
    try:
        if draft.video:
            video.parse(draft.video)
    except BadInput as error:
        yield error
    for language, text in draft.poster_alt.items():
        yield from _length(f"poster.alt.{language}", text, BLURB_LIMIT)


def _offers(draft: CampaignDraft) -> Iterator[BadInput]:
    if len(draft.items) > ITEMS_LIMIT:
        yield _too_many("items", ITEMS_LIMIT)
    for n, item in enumerate(draft.items):
        yield from _item(f"items.{n}", item)
    yield from _twice("items", (item.slug for item in draft.items), "slug")
    yield from _twice("items", (item.sku for item in draft.items), "sku")
    known = {item.slug for item in draft.items}
    for kind, offers in (("tiers", draft.tiers), ("add_ons", draft.add_ons)):
        if len(offers) > POLICY.tiers:
            yield _too_many(kind, POLICY.tiers)
        for n, offer in enumerate(offers):
            yield from _tier(f"{kind}.{n}", offer, draft, known)
    yield from _twice("tiers", (offer.slug for offer in draft.tiers), "slug")
    taken = {offer.slug for offer in draft.tiers}
    yield from _twice("add_ons", (offer.slug for offer in draft.add_ons), "slug", taken)


def _item(path: str, item: ItemDraft) -> Iterator[BadInput]:
    yield from _slug(f"{path}.slug", item.slug)
    if not _SKU.fullmatch(item.sku):
        yield BadInput(
            N_("An item needs a stock number (SKU) of 1 to 50 letters, digits and signs, such as BOARD-01."),
            field=f"{path}.sku",
        )
    yield from _named(f"{path}.name", item.names)
    if item.weight_grams < 0:
        yield BadInput(N_("A weight is counted in whole grams, 0 or more."), field=f"{path}.weight_grams")


def _tier(path: str, tier: TierDraft, draft: CampaignDraft, items: set[str]) -> Iterator[BadInput]:
    yield from _slug(f"{path}.slug", tier.slug)
    yield from _named(f"{path}.title", {language: text.title for language, text in tier.texts.items()})
    for language, text in tier.texts.items():
        yield from _length(f"{path}.description.{language}", text.description, DESCRIPTION_LIMIT)
    yield from _price(path, tier, draft.currency)
    if tier.quantity is not None and not 1 <= tier.quantity <= QUANTITY_LIMIT:
        yield _range(f"{path}.quantity", QUANTITY_LIMIT)
    if not 1 <= tier.limit_per_backer <= UNITS_LIMIT:
        yield _range(f"{path}.limit_per_backer", UNITS_LIMIT)
    yield from _window(path, tier, draft.timezone)
    if tier.delivery and not _MONTH.fullmatch(tier.delivery):
        yield BadInput(N_("Write the month of delivery as year and month, such as 2027-05."), field=f"{path}.delivery")
    for slug, units in tier.items.items():
        if slug not in items:
            yield _unknown_item(f"{path}.items.{slug}", slug, items)
        elif not 1 <= units <= UNITS_LIMIT:
            yield _range(f"{path}.items.{slug}", UNITS_LIMIT)
    yield from _shipping(path, tier)


def _price(path: str, tier: TierDraft, currency: str) -> Iterator[BadInput]:
    least = MINIMUM_CHARGE_MINOR.get(currency, 1) if path.startswith("tiers") else 0
    if currency in MINIMUM_CHARGE_MINOR and not least <= tier.price_minor <= MAXIMUM_CHARGE_MINOR:
        yield BadInput(
            N_("A price is at least {least} and at most {most}."),
            field=f"{path}.price",
            least=str(Money(least, currency)),
            most=str(Money(MAXIMUM_CHARGE_MINOR, currency)),
        )


def _window(path: str, tier: TierDraft, timezone: str) -> Iterator[BadInput]:
    for name, wall in (("starts_at", tier.starts_at), ("ends_at", tier.ends_at)):
        try:
            if wall is not None:
                local_instant(wall, timezone, field=f"{path}.{name}")
        except BadInput as error:
            if error.field != "timezone":
                yield error
    if tier.starts_at is not None and tier.ends_at is not None and tier.starts_at >= tier.ends_at:
        yield BadInput(N_("The reward would end before it starts. Choose a later end."), field=f"{path}.ends_at")


def _shipping(path: str, tier: TierDraft) -> Iterator[BadInput]:
    if not tier.shipping.is_sent and tier.rates:
        yield BadInput(
            N_("A reward that is not sent has no shipping rates. Remove them, or choose “some” or “worldwide”."),
            field=f"{path}.rates",
        )
    if tier.shipping is Shipping.WORLDWIDE and ELSEWHERE not in tier.rates:
        yield BadInput(
            N_("A reward that is sent worldwide needs the rate “*” for every country without one of its own."),
            field=f"{path}.rates",
        )
    if tier.shipping is Shipping.SOME and (ELSEWHERE in tier.rates or not tier.rates):
        yield BadInput(
            N_("A reward that is sent to some countries needs a rate for each of them, and none for “*”."),
            field=f"{path}.rates",
        )
    for country, rate in tier.rates.items():
        if country != ELSEWHERE and country not in all_countries():
            yield BadInput(
                N_("“{typed}” is not a country code. Use two capital letters of ISO 3166, such as DE or KR."),
                field=f"{path}.rates.{country}",
                typed=country[:20],
            )
        if not (0 <= rate.first_minor <= MAXIMUM_CHARGE_MINOR and 0 <= rate.further_minor <= MAXIMUM_CHARGE_MINOR):
            yield BadInput(N_("A shipping rate cannot be as large as this."), field=f"{path}.rates.{country}")


def _stretch(path: str, stretch: StretchDraft) -> Iterator[BadInput]:
    yield from _slug(f"{path}.slug", stretch.slug)
    yield from _named(f"{path}.title", stretch.titles)
    if not 0 < stretch.threshold < GOAL_LIMIT_MINOR:
        yield BadInput(N_("A stretch goal must be more than zero."), field=f"{path}.threshold")


def _slug(field: str, slug: str) -> Iterator[BadInput]:
    if not SLUG.fullmatch(slug):
        yield BadInput(
            N_("A short name has 1 to 60 small letters a to z, digits and hyphens, such as early-bird."), field=field
        )


def _named(field: str, names: Mapping[str, str]) -> Iterator[BadInput]:
    if not any(names.values()):
        yield BadInput(N_("A name is missing here."), field=field)
    for language, name in names.items():
        yield from _length(f"{field}.{language}", name, NAME_LIMIT)


def _length(field: str, text: str, limit: int) -> Iterator[BadInput]:
    if len(text) > limit:
        yield BadInput(
            N_("This is too long: {count} characters, at most {limit} fit."), field=field, count=len(text), limit=limit
        )


def _bytes(field: str, text: str, limit: int) -> Iterator[BadInput]:
    size = len(text.encode("utf-8"))
    if size > limit:
        yield BadInput(
            N_("This is too long: {size} kB, at most {limit} kB fit."),
            field=field,
            size=size // 1000 + 1,
            limit=limit // 1000,
        )


def _twice(kind: str, words: Iterable[str], name: str, taken: Iterable[str] = ()) -> Iterator[BadInput]:
    seen = set(taken)
    for n, word in enumerate(words):
        if word and word in seen:
            yield BadInput(
                N_("“{word}” is used twice. Every one needs a name of its own."), field=f"{kind}.{n}.{name}", word=word
            )
        seen.add(word)


def _unknown_language(field: str, language: str) -> BadInput:
    return BadInput(
        N_("“{typed}” is not a language of these pages. Use one of: {known}."),
        field=field,
        typed=language[:20],
        known=", ".join(LANGUAGES),
    )


def _unknown_item(field: str, slug: str, items: Iterable[str]) -> BadInput:
    return BadInput(
        N_("There is no item “{slug}” in this campaign. Its items are: {known}."),
        field=field,
        slug=slug[:60],
        known=", ".join(sorted(items)) or "-",
    )


def _range(field: str, most: int) -> BadInput:
    return BadInput(N_("Write a whole number from 1 to {most}."), field=field, most=most)


def _too_many(field: str, most: int) -> BadInput:
    return BadInput(N_("There are too many of these: at most {most} fit."), field=field, most=most)
