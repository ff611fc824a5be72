"""What a stretch goal costs, and how the list of them reads: views for the editor."""

from dataclasses import dataclass

from fundlaunch import i18n
from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.stretch_cost import cost, most_units, units, units_expected
from fundlaunch.errors import N_
from fundlaunch.i18n import NN_
from fundlaunch.money import Money
from fundlaunch.studio.editing.goals import offers
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.section import name_in


@dataclass(frozen=True, slots=True)
class Check:
    """What a goal costs now and when it is reached; `is_guess` while nothing is ordered to reckon from.

    `threshold` is the goal itself where it is money, else None. `unit` is None while its cost was not said.
    """

    unit: Money | None
    units_now: int
    units_then: int
    now: Money
    then: Money
    is_guess: bool
    threshold: Money | None

    @property
    def grants_nothing(self) -> bool:
        return self.units_then == 0


def check(draft: CampaignDraft, slug: str, stand: Stand) -> Check:
    """The check of one goal of a draft as it was typed ('' for the newest), with the orders of now."""
    goal = next((goal for goal in draft.stretch_goals if goal.slug == slug), draft.stretch_goals[-1])
    now, counted = units(goal.grants, stand.ordered), count_now(goal, stand)
    is_guess = now == 0 or counted <= 0
    prices = {offer.slug: offer.price_minor for offer in offers(draft)}
    then = (
        most_units(goal.measure, goal.threshold, goal.grants, prices)
        if is_guess
        else units_expected(now, counted, goal.threshold)
    )
    each = goal.unit_cost_minor
    costs = cost(each or 0, now, then)
    return Check(
        unit=None if each is None else Money(each, draft.currency),
        units_now=now,
        units_then=then,
        now=Money(costs[0].total_minor, draft.currency),
        then=Money(costs[1].total_minor, draft.currency),
        is_guess=is_guess,
        threshold=Money(goal.threshold, draft.currency) if goal.measure is Measure.MONEY else None,
    )


def count_now(goal: StretchDraft, stand: Stand) -> int:
    """How far what a goal counts has come: minor units, backers, or units of its item."""
    if goal.measure is Measure.MONEY:
        return stand.pledged_minor
    if goal.measure is Measure.BACKERS:
        return stand.backers
    brought = {offer.slug: offer.items.get(goal.item, 0) for offer in offers(stand.draft)}
    return sum(stand.ordered.get(slug, 0) * each for slug, each in brought.items())


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A stretch goal in the list of the editor; `does` are phrases of what reaching it does."""

    slug: str
    title: str
    mark: str
    does: tuple[str, ...]
    is_reached: bool


def lines(stand: Stand, language: str) -> tuple[GoalLine, ...]:
    """The goals of a campaign for their list, in the creator's order."""
    draft = stand.draft
    return tuple(
        GoalLine(
            slug=goal.slug,
            title=name_in(goal.titles, language, draft.language),
            mark=mark(goal, draft, language),
            does=tuple(_does(goal, draft, language)),
            is_reached=goal.slug in stand.reached,
        )
        for goal in draft.stretch_goals
    )


def mark(goal: StretchDraft, draft: CampaignDraft, language: str) -> str:
    """A threshold in words."""
    if goal.measure is Measure.MONEY:
        return i18n.money(Money(goal.threshold, draft.currency), language)
    if goal.measure is Measure.BACKERS:
        return i18n.translate_plural(language, NN_("{count} backer", "{count} backers"), goal.threshold)
    names = {item.slug: item.names for item in draft.items}
    item = name_in(names.get(goal.item, {}), language, draft.language) or goal.item
    count = i18n.number(goal.threshold, language)
    return i18n.translate(language, N_("{count} × {item}"), count=count, item=item)


def _does(goal: StretchDraft, draft: CampaignDraft, language: str) -> list[str]:
    names = {item.slug: name_in(item.names, language, draft.language) for item in draft.items}
    titles = {
        offer.slug: name_in({code: text.title for code, text in offer.texts.items()}, language, draft.language)
        for offer in offers(draft)
    }
    alike: dict[tuple[str, int], list[str]] = {}
    for tier, granted in goal.grants.items():
        for item, count in granted.items():
            alike.setdefault((item, count), []).append(titles[tier])
    told = [
        i18n.translate(
            language,
            N_("{count} × {item} added to {tiers}"),
            count=i18n.number(count, language),
            item=names[item],
            tiers=i18n.listed(tiers, language),
        )
        for (item, count), tiers in alike.items()
    ]
    if goal.opens:
        told.append(i18n.translate(language, N_("Opens the reward “{title}”"), title=titles[goal.opens]))
    return told
