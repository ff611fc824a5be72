"""One pace for all: sending times are handed out from one row per endpoint, so any number of processes keep the rate.

This is the generic cell rate algorithm without a burst: each reservation moves the row's next free time on by n
intervals, in one UPDATE. Time is counted in whole microseconds of UTC.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import case, update
from sqlmodel import Session

from fundlaunch.database import insert_once, table
from fundlaunch.payments.tables import Pace

PACE = table(Pace)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def reserve(session: Session, endpoint: str, times: int, *, per_second: int, now: datetime) -> list[datetime]:
    """The next `times` sending times of an endpoint, evenly `1 / per_second` apart, none before `now`."""
    interval_us = -(-1_000_000 // per_second)
    now_us = (now - EPOCH) // MICROSECOND
    insert_once(session, PACE, {"endpoint": endpoint, "next_us": 0})
    start = case((PACE.c.next_us > now_us, PACE.c.next_us), else_=now_us)
    statement = (
        update(PACE)
        .where(PACE.c.endpoint == endpoint)
        .values(next_us=start + times * interval_us)
        .returning(PACE.c.next_us)
    )
    end_us = int(session.connection().execute(statement).scalar_one())
    return [EPOCH + timedelta(microseconds=end_us - (times - n) * interval_us) for n in range(times)]
