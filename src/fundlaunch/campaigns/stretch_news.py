"""What is kept and told when a stretch goal is reached or falls back.

Every such moment is a line of the campaign's time line; the creator gets a letter the first time alone (TRUST C1).
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch.campaigns import timeline
from fundlaunch.campaigns.changes import Difference
from fundlaunch.campaigns.notices import tell_creator
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.tables import Campaign, StretchGoal

log = logging.getLogger(__name__)

ACTOR = "totals"
"""Who is named in the time line where a total decided, not a person."""

REACHED, FALLEN = "reached", "not reached"


def tell(session: Session, campaign_id: str, moved: Sequence[str], now: datetime) -> None:
    """Write down that these goals (by id) have just been reached or fallen back; the campaign's row is locked."""
    fresh = {"populate_existing": True}
    campaign = session.exec(select(Campaign).where(Campaign.id == campaign_id).execution_options(**fresh)).one()
    goals = session.exec(
        select(StretchGoal)
        .where(col(StretchGoal.id).in_(moved))
        .order_by(col(StretchGoal.threshold), col(StretchGoal.position))
        .execution_options(**fresh)
    ).all()
    timeline.record(session, campaign, [_line(goal) for goal in goals], ACTOR, now)
    for goal in goals:
        log.info("stretch goal %s of %s is %s", goal.slug, campaign.slug, REACHED if goal.reached_at else FALLEN)
        if goal.reached_at is not None:
            _tell_creator(session, campaign, goal, now)


def field_of(goal: StretchGoal) -> str:
    """How a goal's being reached is called in the time line."""
    return f"stretch_goals.{goal.slug}.reached"


def _line(goal: StretchGoal) -> Difference:
    before, after = (FALLEN, REACHED) if goal.reached_at else (REACHED, FALLEN)
    return Difference(field_of(goal), before, after, is_public=True)


def _tell_creator(session: Session, campaign: Campaign, goal: StretchGoal, now: datetime) -> None:
    """Once for ever: a goal that falls back and rises again is no news."""
    texts = goal.texts.get(campaign.language) or {}
    threshold = "threshold_minor" if goal.measure is Measure.MONEY else "threshold"
    more = {"goal": texts.get("title") or goal.slug, "measure": goal.measure.value, threshold: goal.threshold}
    tell_creator(session, campaign, "stretch_goal_reached", now, once=goal.id, more=more)
