"""What may be changed when: one table of fields and phases (RULES section 3), for forms and campaign files alike.

A revision is taken apart into the rows of the table that it touches (`touched`); each of them is allowed in its phases
alone. Rewards and add-ons have the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft
from fundlaunch.campaigns.rules import takes_pledges
from fundlaunch.campaigns.states import CampaignState, Measure
from fundlaunch.campaigns.touched import Touched, head, touched
from fundlaunch.errors import N_, BadInput


class EditPhase(StrEnum):
    """LATE is after a success, when late pledges can still come; ENDED is after every other end."""

    DRAFT = "draft"
    LIVE = "live"
    LATE = "late"
    ENDED = "ended"


BEFORE_LAUNCH = frozenset({EditPhase.DRAFT})
UNTIL_THE_END = frozenset({EditPhase.DRAFT, EditPhase.LIVE})
WHILE_CHOSEN = UNTIL_THE_END | {EditPhase.LATE}
NOT_LIVE = BEFORE_LAUNCH | {EditPhase.LATE}
ALWAYS = frozenset(EditPhase)

EDITABLE: Mapping[str, frozenset[EditPhase]] = {
    # What people back the campaign on
    "slug": BEFORE_LAUNCH,
    "language": BEFORE_LAUNCH,
    "currency": BEFORE_LAUNCH,
    "goal_minor": BEFORE_LAUNCH,
    "duration_days": BEFORE_LAUNCH,
    "deadline": BEFORE_LAUNCH,
    "launch_at": BEFORE_LAUNCH,
    "funding": BEFORE_LAUNCH,
    "timezone": BEFORE_LAUNCH,
    # What it says and looks like
    "takes_plain_pledges": UNTIL_THE_END,
    "title": UNTIL_THE_END,
    "blurb": UNTIL_THE_END,
    "story": UNTIL_THE_END,
    "risks": UNTIL_THE_END,
    "faq": ALWAYS,
    "creator_name": UNTIL_THE_END,
    "place": UNTIL_THE_END,
    "country": UNTIL_THE_END,
    "category": UNTIL_THE_END,
    "tags": UNTIL_THE_END,
    "accent": UNTIL_THE_END,
    "video": UNTIL_THE_END,
    "poster": UNTIL_THE_END,
    "poster_alt": UNTIL_THE_END,
    "pictures": UNTIL_THE_END,
    # A tier or add-on that nobody chose; what late pledges need stays open after a success
    "tier.added": WHILE_CHOSEN,
    "tier.removed": UNTIL_THE_END,
    "tier.order": UNTIL_THE_END,
    "tier.title": UNTIL_THE_END,
    "tier.description": UNTIL_THE_END,
    "tier.price_minor": UNTIL_THE_END,
    "tier.late_price_minor": WHILE_CHOSEN,
    "tier.quantity": UNTIL_THE_END,
    "tier.limit_per_backer": UNTIL_THE_END,
    "tier.starts_at": UNTIL_THE_END,
    "tier.ends_at": UNTIL_THE_END,
    "tier.closed": WHILE_CHOSEN,
    "tier.secret_key": UNTIL_THE_END,
    "tier.featured": UNTIL_THE_END,
    "tier.delivery": UNTIL_THE_END,
    "tier.shipping": UNTIL_THE_END,
    "tier.rates": UNTIL_THE_END,
    "tier.items": UNTIL_THE_END,
    "tier.tiers": UNTIL_THE_END,
    "tier.picture": UNTIL_THE_END,
    # One that somebody chose: picture and "closed" only; the quantity may rise, never fall
    "chosen_tier.removed": BEFORE_LAUNCH,
    "chosen_tier.title": BEFORE_LAUNCH,
    "chosen_tier.description": BEFORE_LAUNCH,
    "chosen_tier.price_minor": BEFORE_LAUNCH,
    "chosen_tier.late_price_minor": NOT_LIVE,
    "chosen_tier.quantity.raised": UNTIL_THE_END,
    "chosen_tier.quantity.lowered": BEFORE_LAUNCH,
    "chosen_tier.limit_per_backer": BEFORE_LAUNCH,
    "chosen_tier.starts_at": BEFORE_LAUNCH,
    "chosen_tier.ends_at": BEFORE_LAUNCH,
    "chosen_tier.closed": WHILE_CHOSEN,
    "chosen_tier.secret_key": BEFORE_LAUNCH,
    "chosen_tier.featured": BEFORE_LAUNCH,
    "chosen_tier.delivery": BEFORE_LAUNCH,
    "chosen_tier.shipping": BEFORE_LAUNCH,
    "chosen_tier.rates": BEFORE_LAUNCH,
    "chosen_tier.items": BEFORE_LAUNCH,
    "chosen_tier.tiers": BEFORE_LAUNCH,
    "chosen_tier.picture": UNTIL_THE_END,
    # What is packed. Numbers for labels and customs papers are no promise, and are often known only afterwards
    "item.added": WHILE_CHOSEN,
    "item.removed": UNTIL_THE_END,
    "item.order": UNTIL_THE_END,
    "item.name": UNTIL_THE_END,
    "item.options": UNTIL_THE_END,
    "item.sku": ALWAYS,
    "item.weight_grams": ALWAYS,
    "item.customs_value_minor": ALWAYS,
    "item.hs_code": ALWAYS,
    "item.variants": ALWAYS,
    # An item that chosen tiers bring keeps its meaning; there may come to be more to choose from
    "promised_item.removed": BEFORE_LAUNCH,
    "promised_item.name": BEFORE_LAUNCH,
    "promised_item.options": BEFORE_LAUNCH,
    "promised_item.options.more": ALWAYS,
    # Stretch goals; what a unit costs is the creator's own figure
    "stretch_goal.added": UNTIL_THE_END,
    "stretch_goal.removed": UNTIL_THE_END,
    "stretch_goal.order": UNTIL_THE_END,
    "stretch_goal.title": UNTIL_THE_END,
    "stretch_goal.threshold": UNTIL_THE_END,
    "stretch_goal.threshold.not_above": BEFORE_LAUNCH,
    "stretch_goal.measure": UNTIL_THE_END,
    "stretch_goal.item": UNTIL_THE_END,
    "stretch_goal.grants": UNTIL_THE_END,
    "stretch_goal.opens": UNTIL_THE_END,
    "stretch_goal.unit_cost_minor": ALWAYS,
    "reached_goal.removed": BEFORE_LAUNCH,
    "reached_goal.title": BEFORE_LAUNCH,
    "reached_goal.threshold": BEFORE_LAUNCH,
    "reached_goal.measure": BEFORE_LAUNCH,
    "reached_goal.item": BEFORE_LAUNCH,
    "reached_goal.grants": BEFORE_LAUNCH,
    "reached_goal.opens": BEFORE_LAUNCH,
}
"""The phases in which a field of a draft may change, by its name in `draft`; texts by their own names."""

REVISED = frozenset({"title", "blurb", "story", "risks", "faq", "video", "poster", "poster_alt"})
"""Rows of which a campaign keeps what was there before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a campaign has come. `chosen` counts units that somebody holds by the slug of tier or add-on.

    `reached` are slugs of stretch goals. `pledged_minor`, `backers` and `ordered` (units by slug) are the totals that
    stretch goals count.
    """

    phase: EditPhase
    chosen: Mapping[str, int]
    reached: frozenset[str]
    pledged_minor: int
    backers: int = 0
    ordered: Mapping[str, int] = field(default_factory=dict)

    def present(self, goal: StretchDraft, draft: CampaignDraft) -> int:
        """How far a stretch goal has come: minor units, backers, or ordered units of its item."""
        if goal.measure is Measure.MONEY:
            return self.pledged_minor
        if goal.measure is Measure.BACKERS:
            return self.backers
        offers = (*draft.tiers, *draft.add_ons)
        return sum(self.ordered.get(offer.slug, 0) * offer.items.get(goal.item, 0) for offer in offers)


def phase(status: CampaignState, deadline_at: datetime | None, now: datetime) -> EditPhase:
    """A live campaign whose deadline has come counts as ended, also before its final count is done."""
    if status in {CampaignState.DRAFT, CampaignState.SUBMITTED}:
        return EditPhase.DRAFT
    if status is CampaignState.SUCCESSFUL:
        return EditPhase.LATE
    return EditPhase.LIVE if takes_pledges(status, deadline_at, now) else EditPhase.ENDED


def refusals(before: CampaignDraft, after: CampaignDraft, standing: Standing) -> list[BadInput]:
    """Every change that is not allowed now, each with its field; an empty list allows the whole revision."""
    if standing.phase is EditPhase.DRAFT:
        return []
    found = touched(before, after, standing.chosen, standing.reached, lambda goal: standing.present(goal, before))
    return [_refusal(one, standing) for one in found if standing.phase not in EDITABLE[one.row]]


def changed(before: CampaignDraft, after: CampaignDraft) -> list[str]:
    """Names of the rows about the campaign itself that a revision touches."""
    return list(dict.fromkeys(one.row for one in head(before, after)))


def _refusal(one: Touched, standing: Standing) -> BadInput:
    if standing.phase is not EditPhase.LIVE:
        sentence = N_("The campaign has ended, and this stays as it was then. Put the old value back.")
        return BadInput(sentence, field=one.field)
    sentence = next((said for start, said in SENTENCES if one.row.startswith(start)), FIXED)
    return BadInput(sentence, field=one.field, slug=one.slug, count=standing.chosen.get(one.slug, 0))


FIXED = N_("This was fixed at the launch, because people back the campaign on it. Put the old value back.")

SENTENCES = (
    (
        "chosen_tier.removed",
        N_("“{slug}” was chosen by backers and cannot be removed. Close it instead."),
    ),
    (
        "chosen_tier.quantity",
        N_("The quantity of “{slug}” may rise, but not fall, once somebody chose it. Close it instead."),
    ),
    (
        "chosen_tier",
        N_("“{slug}” was chosen {count} times: only its picture, a higher quantity and “closed” can change now."),
    ),
    (
        "promised_item.removed",
        N_("“{slug}” belongs to rewards that backers chose, and cannot be removed. Put it back."),
    ),
    (
        "promised_item",
        N_("“{slug}” belongs to rewards that backers chose: its name stays, and values of options can only be added."),
    ),
    (
        "stretch_goal.threshold.not_above",
        N_("A new stretch goal must lie above what is reached already. Choose a higher one."),
    ),
    (
        "reached_goal",
        N_("The stretch goal “{slug}” is reached, and stays as it was promised. Put it back."),
    ),
)
"""What is said of a change that is not allowed while the campaign is live, by the beginning of its row."""
