"""The stretch goals of a campaign as its page shows them: reached, next, or locked."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns.tables import Campaign, StretchGoal
from fundlaunch.errors import N_
from fundlaunch.money import Money


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
