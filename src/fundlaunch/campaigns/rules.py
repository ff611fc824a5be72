"""What a campaign may do, decided from plain values. Amounts in minor units, times aware in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fundlaunch.campaigns.policy import POLICY, Policy
from fundlaunch.campaigns.regions import regions_of
from fundlaunch.campaigns.states import CampaignEvent, CampaignState, Funding, Shipping
from fundlaunch.errors import N_, BadInput

ELSEWHERE = "*"
"""The place of a shipping rate for every country that has none of its own, nor by its region."""


def outcome(pledged_minor: int, goal_minor: int, funding: Funding = Funding.ALL_OR_NOTHING) -> CampaignEvent:
    """Success is pledged >= goal at the deadline; reaching it exactly is success (RULES section 1).

    Whoever keeps what comes in (flexible funding) has succeeded with anything at all.
    """
    least_minor = 1 if funding is Funding.FLEXIBLE else goal_minor
    return CampaignEvent.DEADLINE_MET if pledged_minor >= least_minor else CampaignEvent.DEADLINE_MISSED


def takes_pledges(status: CampaignState, deadline_at: datetime | None, now: datetime) -> bool:
    """A checkout starts, and a change or a cancellation counts, while the campaign is live and now < deadline."""
    return status is CampaignState.LIVE and deadline_at is not None and now < deadline_at


def takes_late_pledges(status: CampaignState, is_open: bool) -> bool:  # noqa: FBT001 - the row's own switch
    """After a success a campaign takes late pledges, charged at once, while its creator keeps them open."""
    return status is CampaignState.SUCCESSFUL and is_open


class Phase(StrEnum):
    """What a visitor is told; some of it is never stored.

    UPCOMING is a campaign before its launch whose page people can follow, LATE_PLEDGES one that succeeded and still
    takes pledges, whether or not charges are outstanding.
    """

    DRAFT = "draft"
    UPCOMING = "upcoming"
    LIVE = "live"
    LAST_DAY = "last_day"
    FINAL_COUNT = "final_count"
    SUCCESSFUL = "successful"
    COLLECTING = "collecting"
    LATE_PLEDGES = "late_pledges"
    FAILED = "failed"
    CANCELED = "canceled"
    SUSPENDED = "suspended"


def phase(
    status: CampaignState,
    deadline_at: datetime | None,
    now: datetime,
    *,
    outstanding: int,
    is_announced: bool = False,
    takes_late: bool = False,
) -> Phase:
    """What the page says; `outstanding` counts pledges whose charge is neither collected nor dropped.

    `is_announced` and `takes_late` are the switches of its row (`is_announced`, `takes_late_pledges`).
    """
    if status is CampaignState.LIVE and deadline_at is not None:
        if now >= deadline_at:
            return Phase.FINAL_COUNT
        return Phase.LAST_DAY if deadline_at - now <= POLICY.last_day else Phase.LIVE
    if takes_late_pledges(status, is_open=takes_late):
        return Phase.LATE_PLEDGES
    if status is CampaignState.SUCCESSFUL and outstanding:
        return Phase.COLLECTING
    if status in {CampaignState.DRAFT, CampaignState.SUBMITTED}:
        return Phase.UPCOMING if is_announced else Phase.DRAFT
    return Phase(status.value)


class Availability(StrEnum):
    OPEN = "open"
    NOT_YET = "not_yet"
    ENDED = "ended"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Offer:
    """What decides whether a tier can be chosen. `locked`: it waits for a stretch goal that is not reached."""

    quantity: int | None
    claimed: int
    starts_at: datetime | None
    ends_at: datetime | None
    closed: bool
    locked: bool = False

    def left(self) -> int | None:
        """Units left; None without a limit."""
        return None if self.quantity is None else self.quantity - self.claimed

    def availability(self, now: datetime) -> Availability:
        if self.closed:
            return Availability.CLOSED
        if self.locked:
            return Availability.LOCKED
        if self.starts_at is not None and now < self.starts_at:
            return Availability.NOT_YET
        if self.ends_at is not None and now >= self.ends_at:
            return Availability.ENDED
        return Availability.SOLD_OUT if self.left() == 0 else Availability.OPEN


@dataclass(frozen=True, slots=True)
class Rate:
    """What sending costs: the first unit and each further one, in minor units."""

    first_minor: int
    further_minor: int

    def cost(self, quantity: int) -> int:
        return self.first_minor + self.further_minor * (quantity - 1) if quantity else 0


def shipping_rate(shipping: Shipping, rates: Mapping[str, Rate], country: str) -> Rate | None:
    """The rate to a country (ISO 3166 alpha-2), or None where it is not sent. Nothing to send costs nothing.

    The nearest rate counts: the country's own, the European Union's, the continent's, and worldwide that of everywhere.
    """
    if not shipping.is_sent:
        return Rate(0, 0)
    places = (country, *regions_of(country), *((ELSEWHERE,) if shipping is Shipping.WORLDWIDE else ()))
    return next((rates[place] for place in places if place in rates), None) if country else None


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises BadInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(
            N_("“{name}” is not a time zone. Write one such as Europe/Berlin or Asia/Seoul."),
            field="timezone",
            name=name[:60],
        ) from None


def local_instant(wall: datetime, timezone: str, *, field: str = "deadline") -> datetime:
    """A wall-clock time in a zone as an instant in UTC.

    A time that the clocks skip (spring forward) is refused; of a time that comes twice the first is taken. Raises
    BadInput.
    """
    local = wall.replace(tzinfo=zone(timezone), fold=0)
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None, fold=0):
        raise BadInput(
            N_("{time} does not exist in {zone}: the clocks are put forward over it. Choose an hour later or earlier."),
            field=field,
            time=wall.strftime("%Y-%m-%d %H:%M"),
            zone=timezone,
        )
    return instant


def deadline(now: datetime, chosen: datetime | None, duration_days: int, policy: Policy = POLICY) -> datetime:
    """The deadline of a campaign launched now: the chosen instant, or so many days on. Raises BadInput."""
    least, most = policy.duration_days
    end = chosen if chosen is not None else now + timedelta(days=duration_days)
    if end <= now:
        raise BadInput(N_("The deadline lies in the past. Choose one at least a day from now."), field="deadline")
    if not timedelta(days=least) <= end - now <= timedelta(days=most):
        raise BadInput(
            N_("A campaign runs {least} to {most} days. Choose a deadline within that."),
            field="deadline",
            least=least,
            most=most,
        )
    return end
