"""The stretch goals of a campaign as its page shows them: reached, next, or locked; and what the reached ones bring."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, StretchGoal, StretchGrant
from fundlaunch.errors import N_
from fundlaunch.money import Money

KEEPS_ITS_WORD = (CampaignState.LIVE, CampaignState.SUCCESSFUL)
"""Only such a campaign brings what its reached goals promise: where nothing is sent, nothing is added to it."""


def locked_tiers(session: Session, campaign_id: str) -> frozenset[str]:
    """The ids of tiers that cannot be chosen now: some stretch goal opens them, and none of those is reached."""
    opened: dict[str, bool] = {}
    goals = select(StretchGoal.opens_tier_id, StretchGoal.reached_at).where(StretchGoal.campaign_id == campaign_id)
    for tier_id, reached_at in session.exec(goals):
        if tier_id is not None:
            opened[tier_id] = opened.get(tier_id, False) or reached_at is not None
    return frozenset(tier_id for tier_id, is_open in opened.items() if not is_open)


def granted(session: Session, campaign_id: str) -> Mapping[str, Mapping[str, int]]:
    """What the goals that are reached now add to one unit of each tier: units by item id by tier id."""
    reached = (
        select(StretchGrant.tier_id, StretchGrant.item_id, StretchGrant.quantity)
        .join(StretchGoal, col(StretchGoal.id) == StretchGrant.goal_id)
        .join(Campaign, col(Campaign.id) == StretchGoal.campaign_id)
        .where(StretchGoal.campaign_id == campaign_id, col(StretchGoal.reached_at).is_not(None))
        .where(col(Campaign.status).in_(KEEPS_ITS_WORD))
    )
    found: dict[str, dict[str, int]] = {}
    for tier_id, item_id, quantity in session.exec(reached):
        items = found.setdefault(tier_id, {})
        items[item_id] = items.get(item_id, 0) + quantity
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of the ladder. `standing` is "reached", "next" or "locked", `standing_words` the same in a sentence.

    `part` of `whole` is how far the next one has come from the one before it, in minor units.
    """

    threshold: Money
    title: str
    words: str
    standing: str
    standing_words: str
    part: int
    whole: int


def steps(session: Session, campaign: Campaign, language: str) -> tuple[Step, ...]:
    """The goal and the stretch goals above it, lowest first; nothing where a campaign has no stretch goals."""
    statement = select(StretchGoal).where(StretchGoal.campaign_id == campaign.id)
    rows = session.exec(statement.order_by(col(StretchGoal.threshold), col(StretchGoal.position))).all()
    if not rows:
        return ()
    found = [_goal(campaign, language)]
    for row in rows:
        found.append(_step(row, campaign, language, before=found[-1]))
    return tuple(found)


def _goal(campaign: Campaign, language: str) -> Step:
    goal = Money(campaign.goal_minor, campaign.currency)
    title = i18n.translate(language, N_("The goal"))
    if campaign.pledged_minor >= campaign.goal_minor:
        return Step(goal, title, "", "reached", i18n.translate(language, N_("Reached")), 1, 1)
    words = _missed(language) if campaign.frozen_at else _to_go(goal, campaign, language)
    return Step(goal, title, "", "next", words, campaign.pledged_minor, goal.minor)


def _step(row: StretchGoal, campaign: Campaign, language: str, before: Step) -> Step:
    texts = i18n.texts_in(row.texts, language, campaign.language)
    threshold = Money(row.threshold, campaign.currency)
    title = texts.get("title") or row.slug
    if row.reached_at is not None:
        day = i18n.day_short(row.reached_at, language, campaign.timezone)
        told = i18n.translate(language, N_("Reached on {day}"), day=day)
        return Step(threshold, title, "", "reached", told, 1, 1)
    if campaign.frozen_at is not None:
        return Step(threshold, title, "", "locked", _missed(language), 0, 1)
    if before.standing != "reached":
        after = i18n.money(before.threshold, language)
        told = i18n.translate(language, N_("Opens after {amount}"), amount=after)
        return Step(threshold, title, "", "locked", told, 0, 1)
    part, whole = campaign.pledged_minor - before.threshold.minor, row.threshold - before.threshold.minor
    return Step(threshold, title, "", "next", _to_go(threshold, campaign, language), part, max(whole, 1))


def _to_go(threshold: Money, campaign: Campaign, language: str) -> str:
    left = threshold - Money(campaign.pledged_minor, campaign.currency)
    return i18n.translate(language, N_("{amount} to go"), amount=i18n.money(left, language))


def _missed(language: str) -> str:
    return i18n.translate(language, N_("Not reached"))
