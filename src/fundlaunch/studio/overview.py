"""What a creator's overview shows: totals, rewards by count and money, what the money is made of and became."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from fundlaunch.campaigns import queries, stretch
from fundlaunch.campaigns.queries import Apart
from fundlaunch.campaigns.rewards import Reward, rewards
from fundlaunch.campaigns.rules import Phase, phase
from fundlaunch.campaigns.standing import Standing
from fundlaunch.campaigns.states import CampaignState, Funding, TierKind
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import table
from fundlaunch.money import Money, percent_floored
from fundlaunch.pledges.standing import ask_standing
from fundlaunch.pledges.states import COUNTS, PledgeEvent, PledgeOrigin
from fundlaunch.pledges.tables import Pledge, PledgeLine, PledgeMove
from fundlaunch.studio.progress import Progress, progress

PLEDGE = table(Pledge)
LINE = table(PledgeLine)
MOVE = table(PledgeMove)

ENDED_EARLY = frozenset({CampaignState.CANCELED, CampaignState.SUSPENDED})
OVER = ENDED_EARLY | {CampaignState.SUCCESSFUL, CampaignState.FAILED}


@dataclass(frozen=True, slots=True)
class TierLine:
    """A reward or add-on in figures. `pledged` is its price times its units; shipping and bonus stand elsewhere."""

    slug: str
    title: str
    is_add_on: bool
    price: Money
    backers: int
    units: int
    quantity: int | None
    taken: int
    pledged: Money


@dataclass(frozen=True, slots=True)
class Parts:
    """What was pledged = rewards + add_ons + shipping + bonus."""

    rewards: Money
    add_ons: Money
    shipping: Money
    bonus: Money
    total: Money
    without_reward: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A campaign's overview. `average` is floored to the minor unit; `launch_at` is when the clock launches it.

    `pays_back` says of one that ended early that cards had been charged by then: it was stopped, or is flexible.
    """

    phase: Phase
    pledged: Money
    goal: Money
    percent: int
    backers: int
    backers_today: int
    average: Money
    timezone: str
    deadline_at: datetime | None
    launched_at: datetime | None
    launch_at: datetime | None
    closed_reason: str
    progress: Progress | None
    next_stretch: Money | None
    tiers: tuple[TierLine, ...]
    parts: Parts
    standing: Standing
    late: Apart
    offline: Apart
    is_settled: bool
    pays_back: bool

    @property
    def is_without_success(self) -> bool:
        return self.phase in {Phase.FAILED, Phase.CANCELED, Phase.SUSPENDED}

    @property
    def is_successful(self) -> bool:
        return self.phase in {Phase.SUCCESSFUL, Phase.COLLECTING}

    @property
    def tiers_total(self) -> Money:
        return sum((line.pledged for line in self.tiers), Money(0, self.pledged.currency))


def overview(session: Session, slug: str, language: str, now: datetime) -> Overview:
    """The overview of a campaign in a language; raises NotFound."""
    campaign = queries.by_slug(session, slug)
    standing = ask_standing(session, campaign)
    bought = _bought(session, campaign.id)
    days = progress(session, campaign, now)
    steps = stretch.steps(session, campaign, language)
    tiers = _tiers(rewards(session, campaign, language, {}, now, key=None), campaign, bought)
    return Overview(
        phase=phase(campaign.status, campaign.deadline_at, now, outstanding=standing.outstanding),
        pledged=Money(campaign.pledged_minor, campaign.currency),
        goal=Money(campaign.goal_minor, campaign.currency),
        percent=percent_floored(campaign.pledged_minor, campaign.goal_minor),
        backers=campaign.backers,
        backers_today=days.days[-1].backers if days and days.is_running else 0,
        average=Money(campaign.pledged_minor // max(campaign.backers, 1), campaign.currency),
        timezone=campaign.timezone,
        deadline_at=campaign.deadline_at,
        launched_at=campaign.launched_at,
        launch_at=campaign.launch_at,
        closed_reason=campaign.closed_reason,
        progress=days,
        next_stretch=next((step.threshold for step in steps[1:] if step.threshold and step.standing == "next"), None),
        tiers=tiers,
        parts=_parts(session, campaign, tiers),
        standing=standing,
        late=Apart(campaign.late_backers, Money(campaign.late_minor, campaign.currency)),
        offline=Apart(campaign.offline_backers, Money(campaign.offline_minor, campaign.currency)),
        is_settled=campaign.status in OVER and not campaign.settling,
        pays_back=campaign.status in ENDED_EARLY
        and (campaign.frozen_at is not None or campaign.funding is Funding.FLEXIBLE),
    )


def counted(campaign_id: str) -> ColumnElement[bool]:
    """Pledges in the campaign's total: its own that count, and those that ended only because the campaign did."""
    released = select(MOVE.c.pledge_id).where(
        MOVE.c.pledge_id == PLEDGE.c.id, MOVE.c.event == PledgeEvent.CAMPAIGN_RELEASED.value
    )
    own = (PLEDGE.c.campaign_id == campaign_id) & (PLEDGE.c.origin == PledgeOrigin.CAMPAIGN)
    return own & (PLEDGE.c.status.in_(COUNTS) | released.exists())


def _bought(session: Session, campaign_id: str) -> Mapping[str, tuple[int, int, int]]:
    """(pledges, units, minor units) by tier id."""
    amount = func.sum(LINE.c.quantity * LINE.c.unit_price_minor)
    statement = (
        select(LINE.c.tier_id, func.count(), func.sum(LINE.c.quantity), amount)
        .join(PLEDGE, PLEDGE.c.id == LINE.c.pledge_id)
        .where(counted(campaign_id))
        .group_by(LINE.c.tier_id)
    )
    rows = session.connection().execute(statement)
    return {tier_id: (int(pledges), int(units), int(minor)) for tier_id, pledges, units, minor in rows}


def _tiers(
    offered: tuple[Reward, ...], campaign: Campaign, bought: Mapping[str, tuple[int, int, int]]
) -> tuple[TierLine, ...]:
    lines = []
    for reward in sorted(offered, key=lambda found: found.kind is TierKind.ADD_ON):
        pledges, units, minor = bought.get(reward.id, (0, 0, 0))
        lines.append(
            TierLine(
                slug=reward.slug,
                title=reward.title,
                is_add_on=reward.kind is TierKind.ADD_ON,
                price=reward.price,
                backers=pledges,
                units=units,
                quantity=reward.quantity,
                taken=reward.taken,
                pledged=Money(minor, campaign.currency),
            )
        )
    return tuple(lines)


def _parts(session: Session, campaign: Campaign, tiers: tuple[TierLine, ...]) -> Parts:
    sums = select(
        func.coalesce(func.sum(PLEDGE.c.shipping_minor), 0),
        func.coalesce(func.sum(PLEDGE.c.bonus_minor), 0),
        func.coalesce(func.sum(PLEDGE.c.total_minor), 0),
        func.count().filter(PLEDGE.c.tier_id.is_(None)),
    ).where(counted(campaign.id))
    shipping, bonus, total, without = session.connection().execute(sums).one()
    by_kind = {True: 0, False: 0}
    for line in tiers:
        by_kind[line.is_add_on] += line.pledged.minor

    def money(minor: int) -> Money:
        return Money(int(minor), campaign.currency)

    return Parts(money(by_kind[False]), money(by_kind[True]), money(shipping), money(bonus), money(total), without)
