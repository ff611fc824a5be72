"""The small run of the random walk over the campaign core, and of the faults that it has to find."""

from pathlib import Path

import pytest
from benchmarks.planted_faults import FAULTS, found

from tests import core_walk
from tests.databases import Copy, Opener, copy_sqlite

# What it walks through is walked branch by branch in tests of its own, so it need not be traced.
pytestmark = pytest.mark.no_cover

BY_NAME = {fault.name: fault for fault in FAULTS}


def test_whatever_backers_creators_and_clocks_do_the_invariants_hold(prepared_sqlite: Path, tmp_path: Path) -> None:
    opener = Opener()
    core_walk.walk(
        lambda: opener.opened(copy_sqlite(prepared_sqlite, tmp_path / "walked.sqlite3")), start=1, examples=5, steps=30
    )


def test_they_hold_on_postgresql_as_well(postgres_copy: Copy) -> None:
    opener = Opener()
    core_walk.walk(lambda: opener.opened(postgres_copy.renew()), start=2, examples=3, steps=25)


@pytest.mark.parametrize("name", ["a changed pledge moves the total by nothing"])
def test_a_planted_fault_is_found(name: str) -> None:
    assert BY_NAME[name].breaks in found(BY_NAME[name], seeds=2, examples=15, steps=30)


def test_there_are_faults_for_every_invariant_that_the_walk_watches() -> None:
    assert {"S1", "S2", "S3", "M5", "P2", "P4", "C1", "C2"} <= {fault.breaks for fault in FAULTS}
    assert len(BY_NAME) == len(FAULTS) >= 8
    assert all(fault.edits for fault in FAULTS)
