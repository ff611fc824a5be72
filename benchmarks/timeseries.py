"""Real campaigns hour by hour, as pledges, raises, falls and cancels: do totals and stretch goals follow?

    python -m benchmarks.timeseries [--folder ../shared/data/campaigns/timeseries] [--seed 1] [--postgres]
                                   [--only larry]

Each series gives backers and money by the hour. Backers who are there at its start are planted; from then on every
hour is played through the actions of pledging: as many new backers as the hour asks for and some who cancel, some who
choose differently, and raises or falls until money and backers are those of the series to the minor unit, also where
money fell while backers rose. Stretch goals of every measure stand at heights that the series crosses up and down.
After each hour what the program says is compared with a plain recomputation over all pledges. Exit code 1 if anything
differs.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlmodel import Session, col, select

from benchmarks.crash import private_postgres
from benchmarks.crowd import Books, Crowd, Point, draft
from fundlaunch import migrations
from fundlaunch.campaigns.tables import Campaign, CampaignChange, StretchGoal, Tier
from fundlaunch.clock import stopwatch_seconds
from fundlaunch.database import Database
from fundlaunch.seeding.planting import launch
from fundlaunch.verify import verify

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "campaigns" / "timeseries"
SERIES = ("larry", "locus", "thorium")


@dataclass(slots=True)
class Replayed:
    """What was found. `moves` counts goals reached and fallen by measure, `acts` what backers did."""

    points: int = 0
    differences: list[str] = field(default_factory=list)
    moves: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    violations: int = 0
    money_falls: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.differences and not self.violations


def read(path: Path) -> list[Point]:
    """The points of a series; money is in US dollars there."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Point(datetime.fromisoformat(row["at_utc"]), int(row["backers"]), int(row["pledged_usd"]) * 100)
            for row in csv.DictReader(file)
        ]


def slice_with_a_fall(points: Sequence[Point], hours: int) -> Sequence[Point]:
    """So many hours in which money falls, with as few backers as can be."""
    starts = [
        n for n in range(len(points) - hours)
        if any(after.minor < before.minor for before, after in pairwise(points[n + 1 : n + hours]))
    ]  # fmt: skip
    first = min(starts, key=lambda n: points[n + hours - 1].backers)
    return points[first : first + hours]


def replay(database: Database, name: str, points: Sequence[Point], seed: int) -> Replayed:
    """Play a series on a migrated database; its campaign is called `name`."""
    found = Replayed(money_falls=sum(after.minor < before.minor for before, after in pairwise(points)))
    wanted = draft(name, points)
    books = Books(wanted.stretch_goals)
    crowd = Crowd(name, books, found.acts, seed)
    for n, point in enumerate(points):
        with database.transaction() as session:
            if n == 0:
                launch(session, wanted, None, point.at)
                crowd.plant(session, point)
            else:
                crowd.hour(session, point)
        found.points += 1
        with database.reading() as session:
            found.differences += [f"{name} {point.at}: {line}" for line in _differences(session, name, point, books)]
    with database.reading() as session:
        found.differences += _different_moves(session, name, books)
        violations = verify(session, points[-1].at + timedelta(minutes=1))
    found.violations = sum(one.count for one in violations.values())
    measures = {goal.slug: goal.measure.value for goal in wanted.stretch_goals}
    found.moves.update(f"{measures[slug]} {'reached' if up else 'fell back'}" for _, slug, up in books.moves)
    return found


def _differences(session: Session, name: str, point: Point, books: Books) -> Iterator[str]:
    campaign = session.exec(select(Campaign).where(Campaign.slug == name)).one()
    minor, backers, units = books.counted()
    said = (campaign.pledged_minor, campaign.backers)
    if not said == (point.minor, point.backers) == (minor, backers):
        yield f"totals {said}, series {(point.minor, point.backers)}, recomputed {(minor, backers)}"
    if campaign.percent != minor * 100 // campaign.goal_minor:
        yield f"percent {campaign.percent}"
    ordered = dict(session.exec(select(Tier.slug, Tier.ordered).where(Tier.campaign_id == campaign.id)).all())
    if ordered != units:
        yield f"ordered {ordered}, recomputed {units}"
    goals_said = {
        slug: at
        for slug, at in session.exec(
            select(StretchGoal.slug, StretchGoal.reached_at).where(StretchGoal.campaign_id == campaign.id)
        )
        if at is not None
    }
    if goals_said != books.reached or set(goals_said) != books.recount():
        yield f"reached {goals_said}, recomputed {books.reached}"


def _different_moves(session: Session, name: str, books: Books) -> list[str]:
    """Every rise and fall of a goal is a line of the time line, at its time."""
    lines = session.exec(
        select(CampaignChange)
        .join(Campaign, col(Campaign.id) == CampaignChange.campaign_id)
        .where(Campaign.slug == name)
        .order_by(col(CampaignChange.seq))
    )
    said = Counter((line.at, line.field.split(".")[1], line.after == "reached") for line in lines)
    known = Counter(books.moves)
    return [f"{name}: move {move} told {said[move]} times, made {known[move]} times" for move in said | known
            if said[move] != known[move]]  # fmt: skip


@contextmanager
def _sqlite_file() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/timeseries.sqlite3"


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--postgres", action="store_true")
    options.add_argument("--only", choices=SERIES)
    chosen = options.parse_args()
    is_sound = True
    with private_postgres() if chosen.postgres else _sqlite_file() as url:
        database = Database(url)
        migrations.upgrade(database)
        for name in [chosen.only] if chosen.only else SERIES:
            seconds = stopwatch_seconds()
            found = replay(database, name, read(chosen.folder / f"{name}.csv"), chosen.seed)
            is_sound = is_sound and found.is_sound
            _print(name, found, stopwatch_seconds() - seconds)
        database.dispose()
    return 0 if is_sound else 1


def _print(name: str, found: Replayed, seconds: float) -> None:
    print(f"{name}: {found.points} points checked, {len(found.differences)} differences, "
          f"{found.money_falls} hours in which money fell, {found.violations} violations, {seconds:.0f} s")  # fmt: skip
    for word, count in sorted(found.acts.items()) + sorted(found.moves.items()):
        print(f"  {word}: {count:,}")
    for line in found.differences[:20]:
        print(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
