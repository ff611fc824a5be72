"""kill -9 in the middle of a collection: the small run of benchmarks/crash.py (TRUST G1)."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.crash import Plan, run

from fundlaunch.database import Database
from tests import planted

# A long run: what it walks through is walked branch by branch in tests of its own, so it need not be traced.
pytestmark = pytest.mark.no_cover

PLAN = Plan(pledges=40, kills=2, rate=400, lease_seconds=1, seed=3)
WITH_ONE_KILL_INSIDE = replace(PLAN, pledges=12, kills=0)
"""Nobody kills this worker from outside; twelve pledges are enough for the goal."""


def test_a_killed_collection_charges_nobody_twice_and_forgets_nobody(database_url: str) -> None:
    outcome = run(database_url, PLAN, (sys.executable, "-m", "fundlaunch", "work"))
    assert outcome.is_sound, outcome
    assert outcome.killed, "it was over before anybody was killed"


def test_a_worker_that_forgets_what_it_sent_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    """The negative control: without look-up and index a kill makes a second charge, and the comparison says so.

    The copy kills itself where a kill matters most: the card is charged, and nothing has been written down yet. The
    worker's other threads may be at the same point by then.
    """
    died = tmp_path / "died"
    sent = "reading = gateway.confirm_intent(payment.intent, at.charge, payment.attempt)\n"
    die = (
        f"        from pathlib import Path\n        if not Path({str(died)!r}).exists():\n"
        f"            Path({str(died)!r}).touch()\n            import os; os.kill(os.getpid(), 9)\n"
    )
    suicide = planted.Edit("src/fundlaunch/pledges/charging.py", sent, sent + die)
    planted.plant(tmp_path / "copy", (planted.FORGETFUL, suicide))
    database = Database(sqlite_url)
    with database.transaction() as session:
        session.connection().exec_driver_sql("DROP INDEX payment_one_of_pledge")
    database.dispose()
    paths = os.pathsep.join(str(tmp_path / "copy" / part) for part in ("src", "webhooks"))
    work = f"{sys.executable} -m fundlaunch work"
    worker = ("env", f"PYTHONPATH={paths}", "sh", "-c", f"{work}; exec {work}")
    outcome = run(sqlite_url, WITH_ONE_KILL_INSIDE, worker)
    assert died.exists()
    assert outcome.charged_twice >= 1
    assert outcome.theirs_minor > outcome.due_minor
    assert not outcome.is_sound
