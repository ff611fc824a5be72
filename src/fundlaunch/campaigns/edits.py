"""What may be changed when: field by phase (RULES section 3), decided by comparing a draft with what is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum

from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, StretchDraft, TierDraft
from fundlaunch.campaigns.rules import takes_pledges
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.errors import N_, BadInput


class EditPhase(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    ENDED = "ended"


ALWAYS = frozenset(EditPhase)
UNTIL_THE_END = frozenset({EditPhase.DRAFT, EditPhase.LIVE})
BEFORE_LAUNCH = frozenset({EditPhase.DRAFT})

EDITABLE: Mapping[str, frozenset[EditPhase]] = {
    "slug": BEFORE_LAUNCH,
    "language": BEFORE_LAUNCH,
    "currency": BEFORE_LAUNCH,
    "goal_minor": BEFORE_LAUNCH,
    "duration_days": BEFORE_LAUNCH,
    "deadline": BEFORE_LAUNCH,
    "launch_at": BEFORE_LAUNCH,
    "funding": BEFORE_LAUNCH,
    "timezone": BEFORE_LAUNCH,
    "takes_plain_pledges": UNTIL_THE_END,
    "texts": UNTIL_THE_END,
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
    "items": UNTIL_THE_END,
    "tiers": UNTIL_THE_END,
    "add_ons": UNTIL_THE_END,
    "stretch_goals": UNTIL_THE_END,
}
"""The phases in which a field of a draft may change; tiers and stretch goals have rules of their own while live."""

FILE_KEYS = {"goal_minor": "goal", "creator_name": "creator", "texts": "title", "takes_plain_pledges": "plain_pledges"}
"""Fields whose key in a campaign file has another name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a campaign has come: tiers that somebody chose, stretch goals that are reached, money in minor units."""

    phase: EditPhase
    chosen: Mapping[str, int]
    reached: frozenset[str]
    pledged_minor: int


def phase(status: CampaignState, deadline_at: datetime | None, now: datetime) -> EditPhase:
    """A live campaign whose deadline has come counts as ended, also before its final count is done."""
    if status in {CampaignState.DRAFT, CampaignState.SUBMITTED}:
        return EditPhase.DRAFT
    return EditPhase.LIVE if takes_pledges(status, deadline_at, now) else EditPhase.ENDED


def refusals(before: CampaignDraft, after: CampaignDraft, standing: Standing) -> list[BadInput]:
    """Every change that is not allowed now, each with its field; an empty list allows the whole revision."""
    found = [_locked(name) for name in changed(before, after) if standing.phase not in EDITABLE[name]]
    if standing.phase is EditPhase.LIVE:
        found += _tiers("tiers", before.tiers, after.tiers, standing)
        found += _tiers("add_ons", before.add_ons, after.add_ons, standing)
        found += _stretch_goals(before, after, standing)
    return found


def changed(before: CampaignDraft, after: CampaignDraft) -> list[str]:
    """Names of the rules in EDITABLE that a revision touches."""
    names = [field.name for field in fields(CampaignDraft) if field.name not in {"texts", "deadline"}]
    found = [name for name in names if getattr(before, name) != getattr(after, name)]
    # A file that states no deadline leaves the one that the launch worked out of the days.
    if after.deadline is not None and after.deadline != before.deadline:
        found.append("deadline")
    if _without_faq(before) != _without_faq(after):
        found.append("texts")
    if _faq(before) != _faq(after):
        found.append("faq")
    return found


def _without_faq(draft: CampaignDraft) -> dict[str, CampaignText]:
    return {language: replace(text, faq=()) for language, text in draft.texts.items()}


def _faq(draft: CampaignDraft) -> dict[str, tuple[tuple[str, str], ...]]:
    return {language: text.faq for language, text in draft.texts.items()}


def _locked(name: str) -> BadInput:
    if EDITABLE[name] is BEFORE_LAUNCH:
        sentence = N_("This was fixed at the launch, because people back the campaign on it. Put the old value back.")
    else:
        sentence = N_("The campaign has ended, and this stays as it was then. Put the old value back.")
    return BadInput(sentence, field=FILE_KEYS.get(name, name))


def _tiers(
    kind: str, before: tuple[TierDraft, ...], after: tuple[TierDraft, ...], standing: Standing
) -> Iterator[BadInput]:
    places = {tier.slug: n for n, tier in enumerate(after)}
    for old in before:
        chosen = standing.chosen.get(old.slug, 0)
        if not chosen:
            continue
        if old.slug not in places:
            yield BadInput(
                N_("“{slug}” was chosen by backers and cannot be removed. Close it instead."), field=kind, slug=old.slug
            )
            continue
        place = places[old.slug]
        yield from _tier_with_backers(f"{kind}.{place}", old, after[place], chosen)


def _tier_with_backers(path: str, old: TierDraft, new: TierDraft, chosen: int) -> Iterator[BadInput]:
    """Picture and "closed" are free; the quantity may rise, never fall; from no limit to one is a fall."""
    if replace(new, picture=old.picture, closed=old.closed, quantity=old.quantity) != old:
        yield BadInput(
            N_("“{slug}” was chosen {count} times: only its picture, a higher quantity and “closed” can change now."),
            field=path,
            slug=old.slug,
            count=chosen,
        )
    if new.quantity is not None and (old.quantity is None or new.quantity < old.quantity):
        yield BadInput(
            N_("The quantity of “{slug}” may rise, but not fall, once somebody chose it. Close it instead."),
            field=f"{path}.quantity",
            slug=old.slug,
        )


def _stretch_goals(before: CampaignDraft, after: CampaignDraft, standing: Standing) -> Iterator[BadInput]:
    old = {goal.slug: goal for goal in before.stretch_goals}
    for n, goal in enumerate(after.stretch_goals):
        if old.get(goal.slug) == goal:
            continue
        if goal.slug in standing.reached:
            yield _reached(f"stretch_goals.{n}", goal)
        elif goal.threshold <= standing.pledged_minor:
            yield BadInput(
                N_("A new stretch goal must lie above what is pledged already."), field=f"stretch_goals.{n}.threshold"
            )
    kept = {goal.slug for goal in after.stretch_goals}
    for slug in sorted(standing.reached - kept):
        yield _reached("stretch_goals", old[slug])


def _reached(field: str, goal: StretchDraft) -> BadInput:
    return BadInput(
        N_("The stretch goal “{slug}” is reached, and stays as it was promised. Put it back."),
        field=field,
        slug=goal.slug,
    )
