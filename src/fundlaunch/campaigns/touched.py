"""What a revision touches: two drafts taken apart into rows of the table of edits, each with its field's path. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, TypeVar

from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    ItemOption,
    OptionValue,
    StretchDraft,
    TierDraft,
)
from fundlaunch.campaigns.states import Measure

FILE_KEYS = {
    "goal_minor": "goal",
    "creator_name": "creator",
    "takes_plain_pledges": "plain_pledges",
    "poster_alt": "poster.alt",
    "price_minor": "price",
    "late_price_minor": "late_price",
    "customs_value_minor": "customs_value",
    "unit_cost_minor": "unit_cost",
}
"""Fields whose key in a campaign file has another name."""

TEXTS = ("title", "blurb", "story", "risks")
KINDS = ("tiers", "add_ons", "items", "stretch_goals")
OWN_RULES = frozenset({"texts", "deadline", "launch_at", "duration_days", *KINDS})
"""Fields of a draft that are not simply equal or not."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A row of the table, the path of the field in the words of a campaign file, and the thing's slug ('' for none)."""

    row: str
    field: str
    slug: str = ""


Present = Callable[[StretchDraft], int]
"""How far a stretch goal has come."""


class Named(Protocol):
    """What a campaign has several of."""

    @property
    def slug(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)


def touched(
    before: CampaignDraft, after: CampaignDraft, chosen: Mapping[str, int], reached: frozenset[str], present: Present
) -> Iterator[Touched]:
    """Everything that differs. `chosen` counts units by slug of tier or add-on, `reached` are slugs of goals."""
    yield from head(before, after)
    promised = _promised(before, chosen, reached)
    for kind in ("tiers", "add_ons"):
        old_offers: tuple[TierDraft, ...] = getattr(before, kind)
        new_offers: tuple[TierDraft, ...] = getattr(after, kind)
        yield from _came_or_went(
            kind, old_offers, new_offers, lambda slug: "chosen_tier" if chosen.get(slug) else "tier"
        )
        for path, old, new in _kept(kind, old_offers, new_offers):
            yield from _tier(path, old, new, is_chosen=bool(chosen.get(old.slug)))
    yield from _came_or_went(
        "items", before.items, after.items, lambda slug: "promised_item" if slug in promised else "item"
    )
    for path, item, revised in _kept("items", before.items, after.items):
        yield from _item(path, item, revised, "promised_item" if item.slug in promised else "item")
    yield from _goals(before, after, reached, present)


def head(before: CampaignDraft, after: CampaignDraft) -> Iterator[Touched]:
    """What differs of the campaign itself, without what it offers."""
    for field in fields(CampaignDraft):
        name = field.name
        if name not in OWN_RULES and getattr(before, name) != getattr(after, name):
            yield Touched(name, FILE_KEYS.get(name, name))
    # A file that states no time of its own leaves the one that the launch made.
    for name in ("deadline", "launch_at"):
        if getattr(after, name) is not None and getattr(after, name) != getattr(before, name):
            yield Touched(name, name)
    if after.duration_days != before.duration_days and after.deadline is None:
        yield Touched("duration_days", "duration_days")
    for language in dict.fromkeys((*before.texts, *after.texts)):
        old, new = before.texts.get(language, CampaignText()), after.texts.get(language, CampaignText())
        for name in TEXTS:
            if getattr(old, name) != getattr(new, name):
                yield Touched(name, f"{name}.{language}")
        if old.faq != new.faq:
            yield Touched("faq", "faq")


def _promised(before: CampaignDraft, chosen: Mapping[str, int], reached: frozenset[str]) -> set[str]:
    """Items that somebody is to get, or whose orders have brought something."""
    found = {slug for offer in (*before.tiers, *before.add_ons) if chosen.get(offer.slug) for slug in offer.items}
    for goal in before.stretch_goals:
        if goal.slug in reached:
            found |= {slug for granted in goal.grants.values() for slug in granted}
            found |= {goal.item} if goal.measure is Measure.ORDERS else set()
    return found


def _came_or_went(
    kind: str, before: Sequence[Named], after: Sequence[Named], row: Callable[[str], str]
) -> Iterator[Touched]:
    """Things that are new, gone, or stand in another order; `row` names the part of the table for a slug."""
    old, new = [one.slug for one in before], [one.slug for one in after]
    for n, slug in enumerate(new):
        if slug not in old:
            yield Touched(f"{ROWS[kind]}.added", f"{kind}.{n}", slug)
    for slug in old:
        if slug not in new:
            yield Touched(f"{row(slug)}.removed", kind, slug)
    if [slug for slug in old if slug in new] != [slug for slug in new if slug in old]:
        yield Touched(f"{ROWS[kind]}.order", kind)


ROWS = {"tiers": "tier", "add_ons": "tier", "items": "item", "stretch_goals": "stretch_goal"}


def _kept(kind: str, before: Sequence[Thing], after: Sequence[Thing]) -> Iterator[tuple[str, Thing, Thing]]:
    """What stays and differs: its path, as it was, as it is to be."""
    old = {one.slug: one for one in before}
    for n, one in enumerate(after):
        if one.slug in old and old[one.slug] != one:
            yield f"{kind}.{n}", old[one.slug], one


def _tier(path: str, old: TierDraft, new: TierDraft, *, is_chosen: bool) -> Iterator[Touched]:
    row = "chosen_tier" if is_chosen else "tier"
    for name in ("title", "description"):
        if _by_language(old, name) != _by_language(new, name):
            yield Touched(f"{row}.{name}", f"{path}.{name}", new.slug)
    for field in fields(TierDraft):
        if field.name in {"texts", "tiers"} or getattr(old, field.name) == getattr(new, field.name):
            continue
        last = f".{_direction(old.quantity, new.quantity)}" if is_chosen and field.name == "quantity" else ""
        yield Touched(f"{row}.{field.name}{last}", f"{path}.{FILE_KEYS.get(field.name, field.name)}", new.slug)
    if set(old.tiers) != set(new.tiers):
        yield Touched(f"{row}.tiers", f"{path}.tiers", new.slug)


def _by_language(tier: TierDraft, name: str) -> dict[str, str]:
    return {language: getattr(text, name) for language, text in tier.texts.items() if getattr(text, name)}


def _direction(old: int | None, new: int | None) -> str:
    """From no limit to one is a fall."""
    return "raised" if new is None or (old is not None and new > old) else "lowered"


def _item(path: str, old: ItemDraft, new: ItemDraft, row: str) -> Iterator[Touched]:
    if old.names != new.names:
        yield Touched(f"{row}.name", f"{path}.name", new.slug)
    if old.options != new.options:
        is_more = row == "promised_item" and _widens(old.options, new.options)
        yield Touched(f"{row}.options{'.more' if is_more else ''}", f"{path}.options", new.slug)
    for name in ("sku", "weight_grams", "customs_value_minor", "hs_code", "variants"):
        if getattr(old, name) != getattr(new, name):
            yield Touched(f"item.{name}", f"{path}.{FILE_KEYS.get(name, name)}", new.slug)


def _widens(old: Sequence[ItemOption], new: Sequence[ItemOption]) -> bool:
    """Every option is still there under its name, with every value it had."""
    kept = {option.slug: option for option in new}
    return all(
        option.slug in kept
        and kept[option.slug].names == option.names
        and set(map(_value, option.values)) <= set(map(_value, kept[option.slug].values))
        for option in old
    )


def _value(value: OptionValue) -> tuple[str, tuple[tuple[str, str], ...]]:
    return value.slug, tuple(sorted(value.names.items()))


def _goals(before: CampaignDraft, after: CampaignDraft, reached: frozenset[str], present: Present) -> Iterator[Touched]:
    kind, old_goals, new_goals = "stretch_goals", before.stretch_goals, after.stretch_goals
    yield from _came_or_went(
        kind, old_goals, new_goals, lambda slug: "reached_goal" if slug in reached else "stretch_goal"
    )
    kept = {goal.slug: goal for goal in old_goals}
    for n, goal in enumerate(new_goals):
        is_counted_anew = goal.slug not in kept or _counts(kept[goal.slug]) != _counts(goal)
        if goal.slug not in reached and is_counted_anew and goal.threshold <= present(goal):
            yield Touched("stretch_goal.threshold.not_above", f"{kind}.{n}.threshold", goal.slug)
    for path, old, new in _kept(kind, old_goals, new_goals):
        yield from _goal(path, old, new, "reached_goal" if old.slug in reached else "stretch_goal")


def _counts(goal: StretchDraft) -> tuple[Measure, str, int]:
    return goal.measure, goal.item, goal.threshold


def _goal(path: str, old: StretchDraft, new: StretchDraft, row: str) -> Iterator[Touched]:
    if old.titles != new.titles:
        yield Touched(f"{row}.title", f"{path}.title", new.slug)
    for name in ("threshold", "measure", "item", "grants", "opens"):
        if getattr(old, name) != getattr(new, name):
            yield Touched(f"{row}.{name}", f"{path}.{name}", new.slug)
    if old.unit_cost_minor != new.unit_cost_minor:
        yield Touched("stretch_goal.unit_cost_minor", f"{path}.unit_cost", new.slug)
