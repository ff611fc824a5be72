"""What is wrong with a draft's stretch goals: what they count, what they bring, and whether they can come at all."""

from collections.abc import Iterator, Mapping

from fundlaunch.campaigns import bounds
from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Measure
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import GOAL_LIMIT_MINOR

COUNT_LIMIT = 100_000_000
"""A threshold in backers or orders; nobody has counted half as many."""


def stretch_goals(draft: CampaignDraft) -> Iterator[BadInput]:
    """Every fault of the stretch goals, in their order."""
    yield from bounds.not_more("stretch_goals", len(draft.stretch_goals), POLICY.stretch_goals)
    for n, goal in enumerate(draft.stretch_goals):
        yield from _goal(f"stretch_goals.{n}", goal, draft)
    yield from bounds.once("stretch_goals", (goal.slug for goal in draft.stretch_goals), "slug")
    yield from _opened_once(draft)
    yield from _in_circles(draft)


def _goal(path: str, goal: StretchDraft, draft: CampaignDraft) -> Iterator[BadInput]:
    items = {item.slug for item in draft.items}
    yield from bounds.slug(f"{path}.slug", goal.slug)
    yield from bounds.named(f"{path}.title", goal.titles)
    yield from _threshold(f"{path}.threshold", goal)
    if goal.measure is Measure.ORDERS:
        yield from _counted(f"{path}.item", goal.item, items)
    elif goal.item:
        yield BadInput(
            N_("Only a stretch goal by orders counts an item. Leave it out, or choose “orders”."), field=f"{path}.item"
        )
    if goal.unit_cost_minor is not None and not 0 <= goal.unit_cost_minor < GOAL_LIMIT_MINOR:
        yield BadInput(N_("What a unit costs you is an amount, 0 or more."), field=f"{path}.unit_cost")
    tiers = {offer.slug for offer in (*draft.tiers, *draft.add_ons)}
    yield from _grants(f"{path}.grants", goal.grants, tiers, items)
    if goal.opens:
        yield from bounds.tier(f"{path}.opens", goal.opens, tiers)


def _threshold(field: str, goal: StretchDraft) -> Iterator[BadInput]:
    most = GOAL_LIMIT_MINOR - 1 if goal.measure is Measure.MONEY else COUNT_LIMIT
    if goal.threshold <= 0:
        yield BadInput(N_("A stretch goal must be more than zero."), field=field)
    elif goal.threshold > most:
        yield BadInput(N_("A stretch goal cannot be as far away as this."), field=field)


def _counted(field: str, item: str, items: set[str]) -> Iterator[BadInput]:
    if item:
        yield from bounds.item(field, item, items)
    else:
        yield BadInput(N_("Say which item’s orders this stretch goal counts."), field=field)


def _grants(
    field: str, grants: Mapping[str, Mapping[str, int]], tiers: set[str], items: set[str]
) -> Iterator[BadInput]:
    for tier, granted in grants.items():
        yield from bounds.tier(f"{field}.{tier}", tier, tiers)
        if not granted:
            yield BadInput(N_("Say what this reward gets, or leave it out."), field=f"{field}.{tier}")
        for item, units in granted.items():
            yield from bounds.item(f"{field}.{tier}.{item}", item, items)
            if item in items:
                yield from bounds.within(f"{field}.{tier}.{item}", units, bounds.UNITS_LIMIT)


def _opened_once(draft: CampaignDraft) -> Iterator[BadInput]:
    by: dict[str, str] = {}
    for n, goal in enumerate(draft.stretch_goals):
        if goal.opens and by.setdefault(goal.opens, goal.slug) != goal.slug:
            yield BadInput(
                N_("“{tier}” is opened by the stretch goal “{goal}” already. One goal opens a reward."),
                field=f"stretch_goals.{n}.opens",
                tier=goal.opens[:60],
                goal=by[goal.opens][:60],
            )


def _in_circles(draft: CampaignDraft) -> Iterator[BadInput]:
    """A goal by orders must not wait for itself: for an item that only rewards bring which the goal opens first.

    What goals grant is not counted as an order, so a goal may well grant what it counts.
    """
    waits = {goal.slug: _waits_for(goal, draft) for goal in draft.stretch_goals}
    for n, goal in enumerate(draft.stretch_goals):
        if goal.slug in _reachable(goal.slug, waits):
            yield BadInput(
                N_("This stretch goal counts an item that can be ordered only once it is reached. Count another item."),
                field=f"stretch_goals.{n}.item",
            )


def _waits_for(goal: StretchDraft, draft: CampaignDraft) -> set[str]:
    """The goals that open what brings the counted item, if nothing else brings it."""
    if goal.measure is not Measure.ORDERS:
        return set()
    opened = {other.opens: other.slug for other in draft.stretch_goals if other.opens}
    bringing = [offer.slug for offer in (*draft.tiers, *draft.add_ons) if goal.item in offer.items]
    return {opened[slug] for slug in bringing} if all(slug in opened for slug in bringing) else set()


def _reachable(start: str, waits: Mapping[str, set[str]]) -> set[str]:
    """Every goal that a goal waits for, directly or through others."""
    found: set[str] = set()
    ahead = list(waits[start])
    while ahead:
        slug = ahead.pop()
        if slug not in found:
            found.add(slug)
            ahead += waits.get(slug, set())
    return found
