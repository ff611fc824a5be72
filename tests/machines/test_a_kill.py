"""kill -9 in the middle of a collection: the small run of benchmarks/crash.py (TRUST G1)."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.crash import Plan, run

from fundlaunch.database import Database
from tests import planted

PLAN = Plan(pledges=40, kills=2, rate=400, lease_seconds=1, seed=3)
MORE_KILLS = replace(PLAN, pledges=60, kills=5)
"""Without guards one charge that was under way at one of the kills is enough."""


def test_a_killed_collection_charges_nobody_twice_and_forgets_nobody(database_url: str) -> None:
    outcome = run(database_url, PLAN, (sys.executable, "-m", "fundlaunch", "work"))
    assert outcome.is_sound, outcome
    assert outcome.killed, "it was over before anybody was killed"


def test_a_worker_that_forgets_what_it_sent_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    """The negative control: without look-up and index a kill makes a second charge, and the comparison says so."""
    planted.plant(tmp_path / "copy", (planted.FORGETFUL,))
    database = Database(sqlite_url)
    with database.transaction() as session:
        session.connection().exec_driver_sql("DROP INDEX payment_one_of_pledge")
    database.dispose()
    paths = os.pathsep.join(str(tmp_path / "copy" / part) for part in ("src", "webhooks"))
    worker = ("env", f"PYTHONPATH={paths}", sys.executable, "-m", "fundlaunch", "work")
    outcome = run(sqlite_url, MORE_KILLS, worker)
    assert outcome.charged_twice > 0
    assert outcome.theirs_minor > outcome.due_minor
    assert not outcome.is_sound
