"""One stretch goal on a page of its own: what it counts, from when on it is reached, and what reaching it does."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from fundlaunch.campaigns.bounds import NAME_LIMIT, UNITS_LIMIT
from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft, TierDraft
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.stretch_faults import COUNT_LIMIT
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import Money
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs, Section, in_languages, joined, slug_of
from fundlaunch.web.forms import Form

MEASURES = (
    (Measure.MONEY, N_("Money"), N_("What is pledged together, in the campaign's currency.")),
    (Measure.BACKERS, N_("Backers"), N_("How many people back the campaign.")),
    (Measure.ORDERS, N_("Orders of an item"), N_("How many units of one item are ordered, over all rewards.")),
)
"""What can be counted, as choices: value, name, what it means."""

PLAIN = ("measure", "threshold", "item", "opens", "unit_cost")
GRANTS_LIMIT = 20
NEW = "new"
"""The word in the address of a page for a new one; no goal has it as its short name."""


def grants_of(draft: CampaignDraft) -> Rows:
    """The rows of what is granted: so many of an item, to the rewards that are ticked."""
    return Rows("grants", ("item", "units"), GRANTS_LIMIT, parts=tuple(f"to.{offer.slug}" for offer in offers(draft)))


def offers(draft: CampaignDraft) -> tuple[TierDraft, ...]:
    """Rewards, then add-ons: both can be opened, and both can bring more."""
    return (*draft.tiers, *draft.add_ons)


def goal_section(draft: CampaignDraft, slug: str, *, is_reached: bool) -> Section:
    """The section of the goal of that slug ('' for a new one) in this draft; a reached one stays as promised."""
    rows = grants_of(draft)
    fields = joined(in_languages("title"), PLAIN)
    goals = draft.stretch_goals
    at = next((n for n, goal in enumerate(goals) if goal.slug == slug), len(goals))
    return Section(
        name=f"stretch/{slug or NEW}",
        title=N_("Stretch goal"),
        words="",
        fields=fields,
        written=lambda found: _written(named(found, slug), found),
        read=_reader(slug),
        tables=(rows,),
        row=lambda name: _row(name, is_new=not slug, is_reached=is_reached) if name in fields | rows.names else "",
        place=lambda path, _: _place(path.removeprefix(f"stretch_goals.{at}.")),
    )


def _row(name: str, *, is_new: bool, is_reached: bool) -> str:
    if is_new:
        return "stretch_goal.added"
    stem = name.partition(".")[0]
    if stem == "unit_cost":
        return "stretch_goal.unit_cost_minor"
    return f"{'reached_goal' if is_reached else 'stretch_goal'}.{stem}"


def named(draft: CampaignDraft, slug: str) -> StretchDraft:
    """The goal of that slug; a blank one if there is none."""
    return next((goal for goal in draft.stretch_goals if goal.slug == slug), None) or StretchDraft("", {}, 0)


def without(draft: CampaignDraft, slug: str) -> CampaignDraft:
    """The draft without one goal."""
    return replace(draft, stretch_goals=tuple(goal for goal in draft.stretch_goals if goal.slug != slug))


def _written(goal: StretchDraft, draft: CampaignDraft) -> Pairs:
    cost = goal.unit_cost_minor
    pairs = [(f"title.{language}", title) for language, title in goal.titles.items()]
    pairs += [
        ("measure", goal.measure.value),
        ("threshold", _threshold_written(goal, draft.currency)),
        ("item", goal.item),
        ("opens", goal.opens),
        ("unit_cost", "" if cost is None else Money(cost, draft.currency).plain()),
    ]
    return pairs + list(_grants_written(goal, draft))


def _threshold_written(goal: StretchDraft, currency: str) -> str:
    if not goal.threshold:
        return ""
    return Money(goal.threshold, currency).plain() if goal.measure is Measure.MONEY else str(goal.threshold)


def _grants_written(goal: StretchDraft, draft: CampaignDraft) -> Iterator[tuple[str, str]]:
    """What several rewards are granted alike is one row."""
    rows = grants_of(draft)
    alike: dict[tuple[str, int], list[str]] = {}
    for tier, granted in goal.grants.items():
        for item, units in granted.items():
            alike.setdefault((item, units), []).append(tier)
    for n, ((item, units), tiers) in enumerate(alike.items()):
        yield from ((rows.name(n, "item"), item), (rows.name(n, "units"), str(units)))
        yield from ((rows.name(n, f"to.{tier}"), "yes") for tier in tiers)


def _reader(slug: str) -> Callable[[Form, CampaignDraft], CampaignDraft]:
    def read(form: Form, draft: CampaignDraft) -> CampaignDraft:
        goal = goal_read(form, draft, slug)
        if not slug:
            return replace(draft, stretch_goals=(*draft.stretch_goals, goal))
        return replace(draft, stretch_goals=tuple(goal if old.slug == slug else old for old in draft.stretch_goals))

    return read


def goal_read(form: Form, draft: CampaignDraft, slug: str) -> StretchDraft:
    """A goal as it was typed; mistakes are noted in the form."""
    titles = {language: form.optional_text(f"title.{language}", NAME_LIMIT) for language in LANGUAGES}
    if not titles.get(draft.language):
        form.refuse(f"title.{draft.language}", N_("A name is missing here."))
    chosen = form.choice("measure", [measure.value for measure in Measure])
    measure = Measure(chosen) if chosen else Measure.MONEY
    made_of = next(filter(None, titles.values()), "")
    cost = form.typed("unit_cost").strip()
    return StretchDraft(
        slug=slug or slug_of(made_of, [NEW, *(goal.slug for goal in draft.stretch_goals)], other="stretch-goal"),
        titles={language: title for language, title in titles.items() if title},
        threshold=_threshold(form, measure, draft.currency),
        measure=measure,
        # The item is asked for only where orders are counted.
        item=form.choice("item", [item.slug for item in draft.items]) if measure is Measure.ORDERS else "",
        grants=_grants(form, draft),
        opens=form.choice("opens", ["", *(offer.slug for offer in offers(draft))]),
        unit_cost_minor=form.money("unit_cost", draft.currency).minor if cost else None,
    )


def _threshold(form: Form, measure: Measure, currency: str) -> int:
    if measure is Measure.MONEY:
        return form.money("threshold", currency).minor
    if not form.typed("threshold").strip():
        form.refuse("threshold", N_("Please fill this in."))
    return form.count("threshold", COUNT_LIMIT)


def _grants(form: Form, draft: CampaignDraft) -> dict[str, dict[str, int]]:
    rows = grants_of(draft)
    found: dict[str, dict[str, int]] = {}
    for n in range(rows.count(form)):
        item = form.choice(rows.name(n, "item"), [item.slug for item in draft.items])
        units = form.count(rows.name(n, "units"), UNITS_LIMIT)
        if not units:
            form.refuse(rows.name(n, "units"), N_("Write a whole number from 1 to {most}."), most=UNITS_LIMIT)
        ticked = [offer.slug for offer in offers(draft) if form.is_ticked(rows.name(n, f"to.{offer.slug}"))]
        if not ticked:
            form.refuse(rows.name(n, "item"), N_("Tick at least one reward that gets it."))
        for slug in ticked:
            if item in found.setdefault(slug, {}):
                form.refuse(rows.name(n, "item"), N_("A reward gets this item in a line above already."))
            found[slug][item] = units
    return found


def _place(path: str) -> str:
    return "grants" if path.startswith("grants.") else path
