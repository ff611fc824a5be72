"""Some hours of real campaigns, played through the actions: totals and stretch goals are right after each of them."""

from pathlib import Path

import pytest
from benchmarks.timeseries import read, replay, slice_with_a_fall

from fundlaunch.database import Database

# A long run: what it walks through is walked branch by branch in tests of its own, so it need not be traced.
pytestmark = pytest.mark.no_cover

HOURS = 6


@pytest.mark.parametrize("name", ["locus", "thorium"])
def test_totals_and_stretch_goals_are_those_of_a_real_campaign_hour_by_hour(
    database: Database, shared_data: Path, name: str
) -> None:
    check(database, shared_data, name)


def test_the_same_of_a_campaign_with_thousands_of_backers(sqlite_database: Database, shared_data: Path) -> None:
    check(sqlite_database, shared_data, "larry")


def check(database: Database, shared_data: Path, name: str) -> None:
    points = slice_with_a_fall(read(shared_data / "campaigns" / "timeseries" / f"{name}.csv"), HOURS)
    found = replay(database, name, points, seed=1)
    assert found.differences == []
    assert (found.points, found.violations) == (HOURS, 0)
    assert found.money_falls
    assert found.moves["money fell back"]
