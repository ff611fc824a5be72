"""A draft as the text of a campaign file: what `file_format` reads gives the same draft again, to the last mark.

Only what differs from its default is written, in the order of docs/campaign-files.md. TOML by hand: its syntax for
what a draft holds is small, and the layout is for people to read (https://toml.io/en/v1.0.0).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    StretchDraft,
    TierDraft,
    VariantDraft,
)
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Funding, Measure, Shipping
from fundlaunch.campaigns.video import OWN_FILE
from fundlaunch.money import Money

HEAD = "# A FundLaunch campaign; docs/campaign-files.md tells the keys."

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_SHORT = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}

Value = str | int | bool | datetime | list[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """Names of the files beside the campaign file, by what they hold: stories and risks by language, pictures by name
    in the media folder."""

    stories: Mapping[str, str] = field(default_factory=dict)
    risks: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)


def written(draft: CampaignDraft, beside: Beside) -> str:
    """The campaign file of a draft. Stories and risks that have no file beside are written into it."""
    lines = [HEAD, *_head(draft, beside)]
    for n in range(max((len(text.faq) for text in draft.texts.values()), default=0)):
        lines += ["", "[[faq]]", *_question(draft.texts, n)]
    for item in draft.items:
        lines += ["", "[[items]]", *_item(item, draft.currency)]
    for kind, offers, limit in (
        ("tiers", draft.tiers, POLICY.tier_limit_per_backer),
        ("add_ons", draft.add_ons, POLICY.add_on_limit_per_backer),
    ):
        for offer in offers:
            lines += ["", f"[[{kind}]]", *_tier(offer, draft.currency, limit, beside)]
    for goal in draft.stretch_goals:
        lines += ["", "[[stretch_goals]]", *_goal(goal, draft.currency)]
    return "\n".join(lines) + "\n"


def languages(draft: CampaignDraft) -> list[str]:
    """Every language that some text of the draft is in, the main one first."""
    offers = (*draft.tiers, *draft.add_ons)
    by_language: list[Iterable[str]] = [[draft.language], draft.texts, draft.poster_alt]
    by_language += [offer.texts for offer in offers] + [goal.titles for goal in draft.stretch_goals]
    for item in draft.items:
        by_language += [item.names, *(option.names for option in item.options)]
        by_language += [value.names for option in item.options for value in option.values]
    return list(dict.fromkeys(language for found in by_language for language in found))


def _head(draft: CampaignDraft, beside: Beside) -> Iterator[str]:
    yield from _line("slug", draft.slug)
    yield from _line("language", draft.language)
    yield from _line("languages", languages(draft))
    yield from _said("creator", draft.creator_name)
    yield from _said("place", draft.place)
    yield from _said("country", draft.country)
    yield from _said("category", draft.category)
    yield from _said("tags", list(draft.tags))
    yield from _line("currency", draft.currency)
    yield from _line("goal", _amount(draft.goal_minor, draft.currency))
    yield from _said("funding", draft.funding.value, Funding.ALL_OR_NOTHING.value)
    yield from _line("duration_days", draft.duration_days)
    yield from _wall("deadline", draft.deadline)
    yield from _wall("launch_at", draft.launch_at)
    yield from _line("timezone", draft.timezone)
    yield from _line("accent", draft.accent)
    yield from _said("plain_pledges", draft.takes_plain_pledges, usual=True)
    yield from _said("video", draft.video.removeprefix(OWN_FILE))
    yield from _said("poster.file", beside.pictures.get(draft.poster, draft.poster))
    yield from _words("poster.alt", draft.poster_alt)
    yield from _said("pictures", list(draft.pictures))
    yield from _words("title", {language: text.title for language, text in draft.texts.items()})
    yield from _words("blurb", {language: text.blurb for language, text in draft.texts.items() if text.blurb})
    for key, texts, files in (("story", _stories(draft), beside.stories), ("risks", _risks(draft), beside.risks)):
        yield from _words(key, {language: files.get(language, text) for language, text in texts.items() if text})


def _stories(draft: CampaignDraft) -> dict[str, str]:
    return {language: text.story for language, text in draft.texts.items()}


def _risks(draft: CampaignDraft) -> dict[str, str]:
    return {language: text.risks for language, text in draft.texts.items()}


def _question(texts: Mapping[str, CampaignText], n: int) -> Iterator[str]:
    asked = {language: text.faq[n] for language, text in texts.items() if n < len(text.faq)}
    yield from _words("question", {language: question for language, (question, _) in asked.items()})
    yield from _words("answer", {language: answer for language, (_, answer) in asked.items()})


def _item(item: ItemDraft, currency: str) -> Iterator[str]:
    yield from _line("slug", item.slug)
    yield from _line("sku", item.sku)
    yield from _words("name", item.names)
    yield from _said("weight_grams", item.weight_grams)
    if item.customs_value_minor:
        yield from _line("customs_value", _amount(item.customs_value_minor, currency))
    yield from _said("hs_code", item.hs_code)
    for option in item.options:
        yield from ("", "[[items.options]]", *_line("slug", option.slug), *_words("name", option.names))
        for value in option.values:
            yield from ("", "[[items.options.values]]", *_line("slug", value.slug), *_words("name", value.names))
    for variant in item.variants:
        yield from ("", "[[items.variants]]", *_variant(variant, currency))


def _variant(variant: VariantDraft, currency: str) -> Iterator[str]:
    yield from _line("sku", variant.sku)
    for option, value in variant.choice.items():
        yield from _line(f"choice.{_key(option)}", value)
    if variant.weight_grams is not None:
        yield from _line("weight_grams", variant.weight_grams)
    if variant.customs_value_minor is not None:
        yield from _line("customs_value", _amount(variant.customs_value_minor, currency))
    yield from _said("hs_code", variant.hs_code)
    if variant.quantity is not None:
        yield from _line("quantity", variant.quantity)


def _tier(tier: TierDraft, currency: str, usual_limit: int, beside: Beside) -> Iterator[str]:
    yield from _line("slug", tier.slug)
    yield from _words("title", {language: text.title for language, text in tier.texts.items()})
    told = {language: text.description for language, text in tier.texts.items() if text.description}
    yield from _words("description", told)
    yield from _line("price", _amount(tier.price_minor, currency))
    if tier.late_price_minor is not None:
        yield from _line("late_price", _amount(tier.late_price_minor, currency))
    if tier.quantity is not None:
        yield from _line("quantity", tier.quantity)
    yield from _said("limit_per_backer", tier.limit_per_backer, usual_limit)
    yield from _wall("starts_at", tier.starts_at)
    yield from _wall("ends_at", tier.ends_at)
    yield from _said("closed", tier.closed)
    yield from _said("secret_key", tier.secret_key)
    yield from _said("featured", tier.featured)
    yield from _said("delivery", tier.delivery)
    yield from _said("picture", beside.pictures.get(tier.picture, tier.picture))
    yield from _said("tiers", list(tier.tiers))
    for slug, units in tier.items.items():
        yield from _line(f"items.{_key(slug)}", units)
    yield from _said("shipping", tier.shipping.value, Shipping.NONE.value)
    for place, rate in tier.rates.items():
        yield from _line(f"rates.{_key(place)}", _rate(rate, currency))


def _goal(goal: StretchDraft, currency: str) -> Iterator[str]:
    yield from _line("slug", goal.slug)
    yield from _words("title", goal.titles)
    yield from _said("measure", goal.measure.value, Measure.MONEY.value)
    yield from _said("item", goal.item)
    is_money = goal.measure is Measure.MONEY
    yield from _line("threshold", _amount(goal.threshold, currency) if is_money else goal.threshold)
    for tier, granted in goal.grants.items():
        for item, units in granted.items():
            yield from _line(f"grants.{_key(tier)}.{_key(item)}", units)
    yield from _said("opens", goal.opens)
    if goal.unit_cost_minor is not None:
        yield from _line("unit_cost", _amount(goal.unit_cost_minor, currency))


def _line(key: str, value: Value) -> Iterator[str]:
    yield f"{key} = {_value(value)}"


def _said(key: str, value: Value, usual: Value | None = None) -> Iterator[str]:
    """A line only where the value is not the usual one (nothing, if none is named), which is read where no key is."""
    if value != usual and (value or usual is not None):
        yield from _line(key, value)


def _words(key: str, texts: Mapping[str, str]) -> Iterator[str]:
    for language, text in texts.items():
        yield from _line(f"{key}.{_key(language)}", text)


def _wall(key: str, when: datetime | None) -> Iterator[str]:
    if when is not None:
        yield from _line(key, when)


def _amount(minor: int, currency: str) -> str:
    return Money(minor, currency).plain()


def _rate(rate: Rate, currency: str) -> Value:
    first, further = _amount(rate.first_minor, currency), _amount(rate.further_minor, currency)
    return first if first == further else [first, further]


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    """A text of one line in quotation marks, one of several between three of them."""
    if "\n" not in text:
        return f'"{_escaped(text)}"'
    lines = "\n".join(map(_escaped, text.split("\n")))
    return f'"""\n{lines}"""'


def _escaped(text: str) -> str:
    return "".join(_SHORT.get(mark) or (f"\\u{ord(mark):04x}" if _is_control(mark) else mark) for mark in text)


def _is_control(mark: str) -> bool:
    return mark < " " or "\x7f" <= mark <= "\x9f"


def _key(word: str) -> str:
    return word if _BARE.fullmatch(word) else f'"{_escaped(word)}"'
