"""What became of a rehearsed campaign, in the shape of the outside contract. Amounts in minor units."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from fundlaunch.campaigns.states import CampaignState, TierKind
from fundlaunch.campaigns.tables import Campaign, StretchGoal, Tier
from fundlaunch.database import table
from fundlaunch.money import percent_floored
from fundlaunch.outbox import MAIL, PROMISE
from fundlaunch.pledges.states import COUNTS, IN_RECOVERY, PledgeEvent, PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove

PLEDGE = table(Pledge)
LINE = table(PledgeLine)
MOVE = table(PledgeMove)


@dataclass(frozen=True, slots=True)
class Result:
    """`percent` is floored, `tiers` are backers by slug; `above_tier_prices_minor` is shipping, add-ons and bonus."""

    outcome: CampaignState
    currency: str
    goal_minor: int
    pledged_minor: int
    percent: int
    backers: int
    without_tier: int
    above_tier_prices_minor: int
    tiers: dict[str, int]
    stretch_goals: dict[str, datetime | None]
    collected_minor: int
    in_recovery_minor: int
    dropped_minor: int
    refunded_minor: int
    mails: dict[str, int]
    lists: list[str]

    def shape(self) -> dict[str, Any]:
        """The result as JSON says it; times in ISO 8601."""
        reached = {slug: at.isoformat() if at else None for slug, at in self.stretch_goals.items()}
        return asdict(self) | {"outcome": self.outcome.value, "stretch_goals": reached}


@dataclass(frozen=True, slots=True)
class StockLine:
    """How a tier or add-on was taken: units held at the end, and how many there are (None: without limit)."""

    slug: str
    claimed: int
    quantity: int | None


def result(session: Session, slug: str, lists: list[str]) -> Result:
    """Read everything of a campaign that has ended; `lists` were written. `session` is one of `database.reading()`."""
    campaign = session.exec(select_rows(Campaign).where(Campaign.slug == slug)).one()
    by_status = _sums(session, campaign.id)
    tiers, without, at_price_minor = _tiers(session, campaign.id)
    return Result(
        outcome=campaign.status,
        currency=campaign.currency,
        goal_minor=campaign.goal_minor,
        pledged_minor=campaign.pledged_minor,
        percent=percent_floored(campaign.pledged_minor, campaign.goal_minor),
        backers=campaign.backers,
        without_tier=without,
        above_tier_prices_minor=campaign.pledged_minor - at_price_minor,
        tiers=tiers,
        stretch_goals=_stretch_goals(session, campaign.id),
        collected_minor=by_status.get(PledgeState.COLLECTED, 0),
        in_recovery_minor=sum(by_status.get(status, 0) for status in IN_RECOVERY),
        dropped_minor=by_status.get(PledgeState.DROPPED, 0),
        refunded_minor=_refunded(session, campaign.id),
        mails=_mails(session, campaign.id),
        lists=lists,
    )


def stock(session: Session, slug: str) -> list[StockLine]:
    """Every tier and add-on in its order."""
    statement = select_rows(Tier).join(Campaign).where(Campaign.slug == slug).order_by(col(Tier.position))
    return [StockLine(tier.slug, tier.claimed, tier.quantity) for tier in session.exec(statement)]


def _sums(session: Session, campaign_id: str) -> dict[PledgeState, int]:
    p = PLEDGE.c
    statement = select(p.status, func.sum(p.total_minor)).where(p.campaign_id == campaign_id).group_by(p.status)
    return {status: int(minor) for status, minor in session.connection().execute(statement)}


def _refunded(session: Session, campaign_id: str) -> int:
    p = PLEDGE.c
    given_back = select(func.coalesce(func.sum(p.refunded_minor), 0)).where(p.campaign_id == campaign_id)
    return int(session.connection().execute(given_back).scalar_one())


def _tiers(session: Session, campaign_id: str) -> tuple[dict[str, int], int, int]:
    """Backers by tier, backers without one, and the sum of what the tiers alone cost."""
    p, line = PLEDGE.c, LINE.c
    released = select(MOVE.c.seq).where(MOVE.c.pledge_id == p.id, MOVE.c.event == PledgeEvent.CAMPAIGN_RELEASED.value)
    statement = (
        select(p.tier_id, func.count(), func.sum(line.quantity * line.unit_price_minor))
        .select_from(PLEDGE.outerjoin(LINE, (line.pledge_id == p.id) & (line.tier_id == p.tier_id)))
        .where(p.campaign_id == campaign_id, or_(p.status.in_(COUNTS), released.exists()))
        .group_by(p.tier_id)
    )
    found = {tier_id: (backers, int(minor or 0)) for tier_id, backers, minor in session.connection().execute(statement)}
    offered = session.exec(
        select_rows(Tier)
        .where(Tier.campaign_id == campaign_id, Tier.kind == TierKind.BASE)
        .order_by(col(Tier.position))
    )
    backers = {tier.slug: found.get(tier.id, (0, 0))[0] for tier in offered}
    return backers, found.get(None, (0, 0))[0], sum(minor for _, minor in found.values())


def _stretch_goals(session: Session, campaign_id: str) -> dict[str, datetime | None]:
    goals = select_rows(StretchGoal).where(StretchGoal.campaign_id == campaign_id)
    return {goal.slug: goal.reached_at for goal in session.exec(goals.order_by(col(StretchGoal.threshold)))}


def _mails(session: Session, campaign_id: str) -> dict[str, int]:
    p = PROMISE.c
    sent = select(p.topic, func.count().label("letters")).where(
        p.kind == MAIL, p.campaign_id == campaign_id, p.kept_at.is_not(None)
    )
    found = session.connection().execute(sent.group_by(p.topic).order_by(p.topic))
    return {row.topic: row.letters for row in found}
