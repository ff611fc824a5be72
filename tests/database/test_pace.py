"""One pace for every process: sending times are handed out once, evenly, and never faster than the limit."""

from datetime import timedelta
from itertools import pairwise

import pytest

from fundlaunch.database import Database
from fundlaunch.payments import pace
from tests.house import NOON


@pytest.mark.parametrize("per_second", [3, 20, 300])
def test_two_workers_share_one_pace(database: Database, per_second: int) -> None:
    times = []
    for _ in range(2):
        with database.transaction() as session:
            times += pace.reserve(session, "charge", per_second, per_second=per_second, now=NOON)
    assert times[0] == NOON
    assert all(later - sooner >= timedelta(seconds=1) / per_second for sooner, later in pairwise(times))
    assert times[-1] - NOON < timedelta(seconds=2)


def test_an_endpoint_at_rest_starts_from_now_and_each_has_its_own(database: Database) -> None:
    with database.transaction() as session:
        pace.reserve(session, "charge", 5, per_second=1, now=NOON)
        assert pace.reserve(session, "refund", 1, per_second=1, now=NOON) == [NOON]
        later = NOON + timedelta(hours=1)
        assert pace.reserve(session, "charge", 1, per_second=1, now=later) == [later]
