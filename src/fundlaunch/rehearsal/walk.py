"""Walking the clock: from one instant at which something is due to the next, until nothing is."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.errors import N_, Refused
from fundlaunch.inbox import DELIVERY, DeliveryState
from fundlaunch.outbox import MOST_TRIES, PROMISE
from fundlaunch.pledges.collection import CAMPAIGN, PLEDGE
from fundlaunch.pledges.states import IN_RECOVERY, PledgeState
from fundlaunch.rehearsal.house import House

MOST_STEPS = 500_000
STUCK_STEP = timedelta(minutes=1)
"""What is still due after its time (its lease has to run out, say) is looked at again after so long."""


def walk(
    house: House, until: datetime, appointment: Callable[[], datetime | None] = lambda: None
) -> Iterator[datetime]:
    """Move the clock from due instant to due instant up to `until`, doing at each what is due; gives each instant.

    `appointment` names an instant of the caller's own to stop at. The clock stands at the last instant, or at `until`
    if something is due after it. Raises Refused if there is no end to it.
    """
    for _ in range(MOST_STEPS):
        with house.database.reading() as session:
            known = (next_due(session), appointment())
        ahead = [at for at in known if at is not None]
        if not ahead:
            return
        now = house.clock.now()
        at = min(ahead)
        at = at if at > now else now + STUCK_STEP
        if at > until:
            house.clock.set(until)
            return
        house.clock.set(at)
        house.settle()
        yield at
    raise Refused(N_("The rehearsal does not come to an end: the same things stay due. Please report this."))


def next_due(session: Session) -> datetime | None:
    """The next instant at which a chore has something to do; None if it never has."""
    connection = session.connection()
    found = [connection.execute(asked).scalar_one_or_none() for asked in _questions()]
    return min((at for at in found if at is not None), default=None)


def _questions() -> Iterator[Select[datetime | None]]:
    p, c = PLEDGE.c, CAMPAIGN.c
    recovering = p.status.in_(IN_RECOVERY)
    yield _earliest(c.deadline_at, c.status == CampaignState.LIVE)
    charged_at = case((and_(p.lease_until.is_not(None), p.lease_until > p.due_at), p.lease_until), else_=p.due_at)
    collecting = and_(c.status == CampaignState.SUCCESSFUL, c.collection_paused.is_(False))
    waits = or_(p.status == PledgeState.PLEDGED, recovering)
    yield _earliest(charged_at, waits, collecting).select_from(PLEDGE.join(CAMPAIGN, c.id == p.campaign_id))
    yield _earliest(p.remind_at, recovering)
    yield _earliest(p.window_ends_at, recovering, p.due_at.is_(None))
    yield _earliest(p.hold_expires_at, p.status == PledgeState.PREAUTH)
    yield _earliest(PROMISE.c.due_at, PROMISE.c.kept_at.is_(None), PROMISE.c.tries < MOST_TRIES)
    yield _earliest(DELIVERY.c.due_at, DELIVERY.c.status == DeliveryState.WAITING)


def _earliest(at: ColumnElement[datetime], *where: ColumnElement[bool]) -> Select[datetime | None]:
    return select(func.min(at)).where(at.is_not(None), *where)
