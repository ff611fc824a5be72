"""How a campaign came to its total, day by day, read from the time lines of its pledges.

Every change of the public total stands in a pledge's time line, so the days add up to the total to the minor unit.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, case, func, literal, select
from sqlmodel import Session, col
from sqlmodel import select as of

from fundlaunch.campaigns.rules import takes_pledges
from fundlaunch.campaigns.states import CampaignEvent
from fundlaunch.campaigns.tables import Campaign, CampaignMove
from fundlaunch.database import table
from fundlaunch.money import Money, percent_floored
from fundlaunch.pledges.states import COUNTS, PledgeEvent, PledgeOrigin
from fundlaunch.pledges.tables import Pledge, PledgeMove

PLEDGE = table(Pledge)
MOVE = table(PledgeMove)

MOST_DAYS = 100
"""Days a chart has; a campaign runs 60 at most, and its checkouts are read soon after."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day on the clocks of the campaign: what came on it (less what was taken back), and how it then stood."""

    day: date
    pledged: Money
    backers: int
    total: Money
    percent: int
    is_today: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """The days from the launch until now or the end, oldest first. `last_day` is the day of the deadline."""

    days: tuple[Day, ...]
    last_day: date
    is_running: bool

    @property
    def total(self) -> Money:
        return self.days[-1].total

    @property
    def backers(self) -> int:
        return sum(day.backers for day in self.days)


def progress(session: Session, campaign: Campaign, now: datetime) -> Progress | None:
    """The days of a campaign; None before its launch."""
    if campaign.launched_at is None or campaign.deadline_at is None:
        return None
    zone = ZoneInfo(campaign.timezone)
    first = campaign.launched_at.astimezone(zone).date()
    last = campaign.deadline_at.astimezone(zone).date()
    until = _until(session, campaign, now).astimezone(zone).date()
    count = max(1, min((min(until, last) - first).days + 1, MOST_DAYS))
    days = [first + timedelta(days=n) for n in range(count)]
    changes = _changes(session, campaign, days)
    totals = accumulate(minor for minor, _ in changes)
    today = now.astimezone(zone).date()
    shown = tuple(
        Day(
            day,
            Money(minor, campaign.currency),
            backers,
            Money(total, campaign.currency),
            percent_floored(total, campaign.goal_minor),
            day == today,
        )
        for day, (minor, backers), total in zip(days, changes, totals, strict=True)
    )
    return Progress(shown, last, takes_pledges(campaign.status, campaign.deadline_at, now))


def _until(session: Session, campaign: Campaign, now: datetime) -> datetime:
    """The last instant a chart shows: now, or when the campaign was taken back."""
    events = (CampaignEvent.CREATOR_CANCELED.value, CampaignEvent.OPERATOR_SUSPENDED.value)
    statement = of(CampaignMove.at).where(CampaignMove.campaign_id == campaign.id, col(CampaignMove.event).in_(events))
    ended_at = session.exec(statement).first()
    return min(now, ended_at) if ended_at else now


def _changes(session: Session, campaign: Campaign, days: list[date]) -> list[tuple[int, int]]:
    """(minor units, backers) of each day; what came after the last one counts as its own."""
    counted = _counted(campaign.id)
    minor = func.lag(counted.c.minor, 1, 0).over(partition_by=counted.c.pledge_id, order_by=counted.c.seq)
    backers = func.lag(counted.c.backers, 1, 0).over(partition_by=counted.c.pledge_id, order_by=counted.c.seq)
    steps = select(
        counted.c.at,
        (counted.c.minor - minor).label("minor"),
        (counted.c.backers - backers).label("backers"),
    ).cte("steps")
    place = _day_of(steps.c.at, days, campaign.timezone).label("place")
    statement = select(place, func.sum(steps.c.minor), func.sum(steps.c.backers)).group_by(place)
    found = {int(n): (int(minor), int(backers)) for n, minor, backers in session.connection().execute(statement)}
    return [found.get(n, (0, 0)) for n in range(len(days))]


def _counted(campaign_id: str) -> CTE:
    """What each step of a time line left in the public total. Releases after the end change nothing: it is frozen."""
    stays = MOVE.c.after.in_(sorted(COUNTS)) | (MOVE.c.event == PledgeEvent.CAMPAIGN_RELEASED.value)
    return (
        select(
            MOVE.c.pledge_id,
            MOVE.c.seq,
            MOVE.c.at,
            case((stays, MOVE.c.total_minor), else_=0).label("minor"),
            case((stays, 1), else_=0).label("backers"),
        )
        .join(PLEDGE, PLEDGE.c.id == MOVE.c.pledge_id)
        .where(PLEDGE.c.campaign_id == campaign_id, PLEDGE.c.origin == PledgeOrigin.CAMPAIGN)
        .cte("counted")
    )


def _day_of(at: ColumnElement[datetime], days: list[date], timezone: str) -> ColumnElement[int]:
    """Which of the days an instant belongs to, worked out by the database from the instants at which they begin."""
    begins = [(n, _beginning(day, timezone)) for n, day in enumerate(days)]
    if len(begins) == 1:
        return literal(0)
    return case(*((at < instant, n - 1) for n, instant in begins[1:]), else_=len(days) - 1)


def _beginning(day: date, timezone: str) -> datetime:
    """Midnight. Where the clocks skip it, its instant by the time before is the one at which the day begins."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
