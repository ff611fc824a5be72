"""Collecting: every due pledge is charged exactly once, by any number of workers, at one pace (RULES 6, TRUST 1).

The rows are the queue. A worker claims a batch by lease, reserves sending times, and brings each pledge one step after
the other: intention committed, intent created, its id committed, confirmation committed, confirmation sent, answer
applied. A killed worker's lease runs out; the next one finds in the payment's state what to do, and after an unclear
answer it looks the intent up before anything else.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import Clock
from fundlaunch.database import Database, table
from fundlaunch.payments import pace
from fundlaunch.payments.gateway import Gateway
from fundlaunch.pledges.charging import charge
from fundlaunch.pledges.states import IN_RECOVERY, PledgeState
from fundlaunch.pledges.tables import Pledge

PLEDGE = table(Pledge)
CAMPAIGN = table(Campaign)

ENDPOINT = "charge"
"""Creating and confirming are two endpoints of the provider; each gets one call for each sending time of this pace."""

LARGEST_BATCH = 100
THREADS = 8


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast, and for how long a worker is trusted: calls per second to each endpoint, seconds of a lease."""

    per_second: int
    lease_seconds: int
    threads: int = THREADS

    @property
    def batch(self) -> int:
        """So many that the last of them is sent well within the lease, even when another worker shares the pace."""
        return max(1, min(LARGEST_BATCH, self.per_second * self.lease_seconds // 4))


def charge_due(
    database: Database, gateway: Gateway, clock: Clock, speed: Speed, stop: threading.Event, campaign: str | None = None
) -> int:
    """Charge one batch of due pledges (of one campaign id, or of all); gives how many were claimed.

    Stops between two charges once `stop` is set. Provider errors put a pledge back into the queue, they raise nothing.
    """
    now = clock.now()
    claimed = _claim(database, now, speed, campaign)
    if not claimed:
        return 0
    with database.transaction() as session:
        times = pace.reserve(session, ENDPOINT, len(claimed), per_second=speed.per_second, now=now)
    lease_until = now + timedelta(seconds=speed.lease_seconds)

    def one(work: tuple[str, datetime]) -> None:
        pledge_id, at = work
        clock.wait_until(at, stop)
        if not stop.is_set():
            charge(database, gateway, clock, pledge_id, lease_until)

    with ThreadPoolExecutor(max_workers=speed.threads) as pool:
        for _ in pool.map(one, zip(claimed, times, strict=True)):
            pass
    if stop.is_set():
        _give_back(database, claimed, lease_until)
    return len(claimed)


def _claim(database: Database, now: datetime, speed: Speed, campaign: str | None) -> Sequence[str]:
    p = PLEDGE.c
    due = (
        select(p.id)
        .join(CAMPAIGN, CAMPAIGN.c.id == p.campaign_id)
        .where(p.due_at <= now, or_(p.lease_until.is_(None), p.lease_until <= now))
        .where(p.status.in_([PledgeState.PLEDGED, *IN_RECOVERY]))
        .where(CAMPAIGN.c.status == CampaignState.SUCCESSFUL, CAMPAIGN.c.collection_paused.is_(False))
        .order_by(p.due_at, p.id)
        .limit(speed.batch)
        .with_for_update(of=PLEDGE, skip_locked=True)
    )
    if campaign is not None:
        due = due.where(p.campaign_id == campaign)
    take = (
        update(PLEDGE)
        .where(p.id.in_(due))
        .values(lease_until=now + timedelta(seconds=speed.lease_seconds))
        .returning(p.id)
    )
    with database.transaction() as session:
        return list(session.connection().execute(take).scalars())


def _give_back(database: Database, claimed: Sequence[str], lease_until: datetime) -> None:
    """Stopped on purpose: what was not charged need not wait for the lease to run out."""
    with database.transaction() as session:
        session.connection().execute(
            update(PLEDGE).where(PLEDGE.c.id.in_(claimed), PLEDGE.c.lease_until == lease_until).values(lease_until=None)
        )


def outstanding(database: Database, campaign_id: str) -> int:
    """How many pledges of a campaign are due or in recovery: neither collected nor dropped."""
    p = PLEDGE.c
    count = select(func.count()).where(p.campaign_id == campaign_id, p.status.in_([PledgeState.PLEDGED, *IN_RECOVERY]))
    with database.reading() as session:
        return int(session.connection().execute(count).scalar_one())
