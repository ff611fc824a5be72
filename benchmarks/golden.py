"""The golden campaign, whole: 1,178 backers from the first pledge to the last drop, twice.

    python -m benchmarks.golden [--out DIR]

Rehearses examples/stary with good cards and with troubled ones, and compares what comes out with the real campaign of
2015: totals, tiers, lists, letters, drops. One line for each run, with the seconds it took; exit code 1 if anything
differs.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, func, select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.clock import stopwatch_seconds
from fundlaunch.database import Database
from fundlaunch.money import Money
from fundlaunch.outbox import MAIL, Promise
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove
from fundlaunch.rehearsal.run import DATABASE, Rehearsed, rehearse
from fundlaunch.web import resources

PLEDGED_MINOR = 742_739_00
ABOVE_TIERS_MINOR = 78_714_00
BACKERS = 1_178
TIERS = {"thanks": 54, "first-twenty": 20, "early-bird": 46, "one": 859, "two": 170, "five": 20, "ten": 3}
WINDOW = timedelta(days=7)


def main() -> int:
    """Run both rehearsals; gives the exit code."""
    options = argparse.ArgumentParser(description="Rehearse the golden campaign.")
    options.add_argument("--out", type=Path, default=None, help="keep lists and databases here")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="fundlaunch-golden-") as folder:
        differences = [
            f"{name}: {difference}"
            for name in ("pledges.csv", "pledges-troubled.csv")
            for difference in run(name, (chosen.out or Path(folder)) / Path(name).stem)
        ]
    for difference in differences:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


def run(name: str, out: Path) -> list[str]:
    """Rehearse with one pledge file; gives what differs from the real campaign."""
    stary = resources.examples() / "stary"
    began = stopwatch_seconds()
    done = rehearse(stary / "campaign.toml", stary / name, out, lambda *_: None)
    seconds = stopwatch_seconds() - began
    found = done.result
    print(f"{name}: {found.backers} backers, {Money(found.pledged_minor, found.currency)}, {seconds:.0f} s", flush=True)
    database = Database(f"sqlite:///{out / DATABASE}")
    differences = [*in_totals(done), *in_lists(out), *in_recovery(database, done)]
    database.dispose()
    return differences


def in_totals(done: Rehearsed) -> Iterator[str]:
    """What the real campaign had, to the cent."""
    found = done.result
    known = {
        "outcome": (found.outcome, CampaignState.SUCCESSFUL),
        "pledged": (found.pledged_minor, PLEDGED_MINOR),
        "percent": (found.percent, 742),
        "backers": (found.backers, BACKERS),
        "without a tier": (found.without_tier, 6),
        "above tier prices": (found.above_tier_prices_minor, ABOVE_TIERS_MINOR),
        "tiers": (found.tiers, TIERS),
        "collected and dropped": (found.collected_minor + found.dropped_minor, PLEDGED_MINOR),
        "in recovery at the end": (found.in_recovery_minor, 0),
        "violations": (done.violations, {}),
        "refused rows": (done.refused, []),
    }
    for name, (here, real) in known.items():
        if here != real:
            yield f"{name} is {here}, not {real}"


def in_lists(out: Path) -> Iterator[str]:
    """Both backer lists have every backer once, and amounts that are the total."""
    for name, column in (("backers.csv", "pledge_amount"), ("backers-kickstarter.csv", "Pledge Amount")):
        with (out / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        cents = sum(int("".join(sign for sign in row[column] if sign.isdigit())) for row in rows)
        if (len(rows), cents) != (BACKERS, PLEDGED_MINOR):
            yield f"{name} has {len(rows)} rows over {cents} cents"


def in_recovery(database: Database, done: Rehearsed) -> Iterator[str]:
    """Drops after exactly the window, letters once."""
    failures = ("charge_declined", "authentication_asked")
    with database.reading() as session:
        first = dict(
            session.exec(
                select(PledgeMove.pledge_id, func.min(PledgeMove.at))
                .where(col(PledgeMove.event).in_(failures))
                .group_by(col(PledgeMove.pledge_id))
            ).all()
        )
        dropped = session.exec(select(Pledge).where(Pledge.status == PledgeState.DROPPED)).all()
        letters = session.exec(select(Promise.topic, Promise.key).where(Promise.kind == MAIL)).all()
    for pledge in dropped:
        if pledge.ended_at is None or pledge.ended_at - first[pledge.id] != WINDOW:
            yield f"pledge {pledge.backer_number} was dropped at {pledge.ended_at}, its card failed {first[pledge.id]}"
    if len(set(letters)) != len(letters) or len(letters) != sum(done.result.mails.values()):
        yield "a letter went out twice, or not at all"


if __name__ == "__main__":
    raise SystemExit(main())
