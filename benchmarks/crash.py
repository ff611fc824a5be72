"""A collection whose worker is killed again and again: nobody is charged twice, nobody is forgotten.

    python -m benchmarks.crash [--pledges 2000] [--kills 10] [--rate 200] [--lease 2] [--seed 1]
                              [--database URL | --postgres]

A real worker process (`fundlaunch work`) closes a campaign and charges its cards at a local stand-in for Stripe, which
keeps books of its own. The worker is killed with SIGKILL at random moments and started again. At the end both books
are compared, pledge by pledge, and `verify` is run. Without --database it uses a new SQLite file, with --postgres a
private server that is started for this run and gone after it.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from fundlaunch import migrations
from fundlaunch.campaigns import tally
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import RealClock
from fundlaunch.database import Database
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.server import Served
from fundlaunch.payments.states import PaymentState
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.tables import Payment
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from fundlaunch.verify import verify
from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk_test_crash"
PATIENCE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, how often killed, how fast."""

    pledges: int
    kills: int
    rate: int
    lease_seconds: int
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What both books said. Amounts in minor units of USD."""

    charged_twice: int
    forgotten: int
    ours_minor: int
    theirs_minor: int
    due_minor: int
    violations: int
    killed: int
    seconds: float

    @property
    def is_sound(self) -> bool:
        equal = self.ours_minor == self.theirs_minor == self.due_minor
        return equal and not (self.charged_twice or self.forgotten or self.violations)


def run(
    database_url: str, plan: Plan, worker: tuple[str, ...] = (sys.executable, "-m", "fundlaunch", "work")
) -> Outcome:
    """Run the plan on a migrated, empty database; `worker` is the command that is killed."""
    clock = RealClock()
    database = Database(database_url)
    simulator = Simulator(clock, seed=plan.seed)
    with Served(simulator) as served, tempfile.TemporaryDirectory() as folder:
        gateway = StripeGateway(KEY, served.base_url, clock=clock)
        with database.transaction() as session:
            campaign = _set_up(session, simulator, gateway, plan, clock)
        gateway.close()
        environment = _environment(database_url, served.base_url, folder, plan)
        began = time.monotonic()
        killed = _work_and_kill(database, worker, environment, plan)
        outcome = _compare(database, simulator, campaign, killed, time.monotonic() - began)
    simulator.close()
    database.dispose()
    return outcome


def _set_up(session: Session, simulator: Simulator, gateway: StripeGateway, plan: Plan, clock: RealClock) -> str:
    now = clock.now()
    campaign = Campaign(
        slug="crash", status=CampaignState.LIVE, texts={"en": {"title": "Crash"}}, currency="USD", goal_minor=100_00,
        launched_at=now - timedelta(days=30), deadline_at=now, created_at=now - timedelta(days=31),
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    for number in range(1, plan.pledges + 1):
        customer = gateway.make_customer(key=f"crash-{number}", email="", name="", pledge_id=f"crash-{number}")
        session.add(_pledge(campaign, number, customer, simulator.save_card(customer, "ok"), now))
    session.flush()
    pledged = session.exec(select(func.sum(Pledge.total_minor)).where(Pledge.campaign_id == campaign.id)).one()
    tally.add(session, campaign.id, minor=int(pledged), backers=plan.pledges, units={}, now=now)
    return campaign.id


def _pledge(campaign: Campaign, number: int, customer: str, card: str, now: datetime) -> Pledge:
    total = 10_00 + number
    return Pledge(
        token=f"crash-{number}", campaign_id=campaign.id, request_key=str(number), status=PledgeState.PLEDGED,
        email=f"backer-{number}@example.org", email_key=f"backer-{number}@example.org", currency="USD",
        bonus_minor=total, total_minor=total, backer_number=number, created_at=now, confirmed_at=now,
        customer=customer, payment_method=card,
    )  # fmt: skip


def _environment(database_url: str, api_base: str, folder: str, plan: Plan) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("FUNDLAUNCH_")}
    return ours | {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "webhooks")]),
        "FUNDLAUNCH_DATABASE_URL": database_url,
        "FUNDLAUNCH_DATA_DIR": folder,
        "FUNDLAUNCH_SECRET_KEY": "only-for-this-run-" + "0" * 32,
        "FUNDLAUNCH_STRIPE_SECRET_KEY": KEY,
        "FUNDLAUNCH_STRIPE_WEBHOOK_SECRET": "whsec_only_for_this_run",
        "FUNDLAUNCH_STRIPE_API_BASE": api_base,
        "FUNDLAUNCH_STRIPE_RATE_PER_SECOND": str(plan.rate),
        "FUNDLAUNCH_LEASE_SECONDS": str(plan.lease_seconds),
    }


def _work_and_kill(database: Database, worker: tuple[str, ...], environment: dict[str, str], plan: Plan) -> int:
    """Kill once after each share of the charges, at a random moment; then let the last worker finish."""
    chance = random.Random(plan.seed)
    marks = sorted(chance.sample(range(1, plan.pledges), plan.kills))
    until = time.monotonic() + PATIENCE_SECONDS
    process = _start(worker, environment)
    killed = 0
    try:
        while (collected := _collected(database)) < plan.pledges:
            assert time.monotonic() < until, f"only {collected} of {plan.pledges} were collected in time"
            if marks and collected >= marks[0]:
                marks.pop(0)
                time.sleep(chance.random() / 20)  # the kill has to meet the worker at no moment of our choosing
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                process = _start(worker, environment)
            assert process.poll() is None, "the worker ended by itself"
            time.sleep(0.01)  # the worker is another process: only its rows tell how far it is
    finally:
        process.kill()
        process.wait()
    return killed


def _start(worker: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(worker, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _collected(database: Database) -> int:
    with database.reading() as session:
        return session.exec(
            select(func.count()).select_from(Pledge).where(col(Pledge.status) == PledgeState.COLLECTED)
        ).one()


def _compare(database: Database, simulator: Simulator, campaign: str, killed: int, seconds: float) -> Outcome:
    taken = [charge for charge in simulator.charges() if charge.status == "succeeded"]
    by_pledge = Counter(charge.metadata["pledge"] for charge in taken)
    with database.reading() as session:
        pledges = session.exec(select(Pledge.id, Pledge.total_minor).where(Pledge.campaign_id == campaign)).all()
        ours = session.exec(
            select(func.sum(Payment.amount_minor)).where(Payment.status == PaymentState.SUCCEEDED)
        ).one()
        violations = sum(found.count for found in verify(session, RealClock().now()).values())
    return Outcome(
        charged_twice=sum(count > 1 for count in by_pledge.values()),
        forgotten=sum(by_pledge[pledge_id] == 0 for pledge_id, _ in pledges),
        ours_minor=int(ours or 0),
        theirs_minor=sum(charge.amount_minor for charge in taken),
        due_minor=sum(total for _, total in pledges),
        violations=violations,
        killed=killed,
        seconds=seconds,
    )


@contextmanager
def _sqlite_file(given: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield given or f"sqlite:///{folder}/crash.sqlite3"


@contextmanager
def private_postgres() -> Iterator[str]:
    """The address of a server of this run alone, gone after it."""
    binaries = postgres.programs()
    assert binaries is not None, "install PostgreSQL (apt install postgresql), or name a server with --database"
    folder = postgres.make_folder()
    held = postgres.hold(folder)
    try:
        yield postgres.start(folder, binaries)
    finally:
        postgres.release(folder, held)


def main() -> int:
    """Run from the command line; exit code 1 if anything is unsound."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("pledges", 2000), ("kills", 10), ("rate", 200), ("lease", 2), ("seed", 1)):
        options.add_argument(f"--{name}", type=int, default=default)
    where = options.add_mutually_exclusive_group()
    where.add_argument("--database", default="")
    where.add_argument("--postgres", action="store_true")
    chosen = options.parse_args()
    plan = Plan(chosen.pledges, chosen.kills, chosen.rate, chosen.lease, chosen.seed)
    with private_postgres() if chosen.postgres else _sqlite_file(chosen.database) as url:
        database = Database(url)
        migrations.upgrade(database)
        database.dispose()
        outcome = run(url, plan)
    print(outcome)
    print(f"RESULT crash = {'sound' if outcome.is_sound else 'UNSOUND'} ({outcome.killed} kills)")
    return 0 if outcome.is_sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
