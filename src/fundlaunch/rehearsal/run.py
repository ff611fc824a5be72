"""A rehearsal from the campaign file to the lists. docs/rehearsal.md tells it to its users."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select

from fundlaunch import verify
from fundlaunch.campaigns import actions, campaign_file
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.errors import N_, Misconfigured, Refused
from fundlaunch.fulfilment import lists
from fundlaunch.fulfilment.wanted import read_wanted
from fundlaunch.pledges import collection, pledge_file
from fundlaunch.pledges.pledge_file import Entry
from fundlaunch.pledges.states import COUNTS, PledgeState
from fundlaunch.rehearsal.backers import Backers, Declined
from fundlaunch.rehearsal.house import House, open_database, open_house
from fundlaunch.rehearsal.result import Result, StockLine, result, stock
from fundlaunch.rehearsal.walk import walk
from fundlaunch.settings import Settings

DATABASE = "fundlaunch.sqlite3"
PARTIAL = ".rehearsal-under-way"
MARK = "REHEARSAL"
MARK_SAYS = "Made by `fundlaunch rehearse`, and made anew by the next run: invented backers, no real money.\n"
ACTOR = "rehearsal"
BATCH = 25
"""Rows after which letters are written; the books follow every single row."""

PER_SECOND = 20
BASE_URL = "http://127.0.0.1:8000"
JUST_BEFORE = timedelta(microseconds=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every deadline: the file is read before its pledges, and those say when the launch is."""

LONGEST = timedelta(days=90)
"""Recovery is over long before so many days after the deadline."""

WITH_CANCELED = tuple(sorted(state.value for state in COUNTS | {PledgeState.CANCELED}))
LISTS: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "backers.csv": ("backers", "fundlaunch", ()),
    "backers.xlsx": ("backers", "fundlaunch", ()),
    "backers-kickstarter.csv": ("backers", "kickstarter-2024", ()),
    "backers-kickstarter.xlsx": ("backers", "kickstarter-2024", ()),
    "backers-with-canceled.csv": ("backers", "fundlaunch", WITH_CANCELED),
    "fulfilment-lines.csv": ("items", "lines", ()),
    "fulfilment-per-pledge.csv": ("items", "per-pledge", ()),
    "picklist.csv": ("picklist", "picklist", ()),
}
"""The lists a rehearsal leaves behind: kind, preset, states (none: the usual ones)."""

Report = Callable[[str, int, int], None]
"""Told what is going on, how much of it is done, of how much."""


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal that came to its end. `violations` counts what `verify` found, by invariant."""

    result: Result
    stock: list[StockLine]
    refused: list[Declined]
    violations: dict[str, int]


def rehearse(campaign: Path, pledges: Path, out: Path | None, report: Report) -> Rehearsed:
    """Run a whole campaign; with `out` its lists and its database are left there.

    It is launched at the time of the first row. Raises BadFile, BadPledgeFile, NotReady, Misconfigured (`out`).
    """
    draft = campaign_file.load(campaign, LONG_AGO).draft
    entries = pledge_file.read(pledges, draft.currency)
    if not entries:
        raise Refused(N_("{name} has no pledges, so there is nothing to rehearse."), name=pledges.name)
    clock = SimulatedClock(entries[0].at)
    with _folder(out) as folder, open_database(folder / DATABASE) as database:
        with open_house(database, clock, Settings(data_dir=folder, base_url=BASE_URL), per_second=PER_SECOND) as house:
            with database.transaction() as session:
                slug = campaign_file.put(session, draft, None, clock.now())
                actions.launch(session, slug, ACTOR, clock.now())
            backers = Backers(house, _campaign(database, slug))
            _play(house, backers, entries, report)
        written = _write_lists(database, slug, folder, clock.now()) if out is not None else []
        return _ending(database, backers, [str(out / name) for name in written] if out else [], clock.now())


def _play(house: House, backers: Backers, entries: Sequence[Entry], report: Report) -> None:
    deadline_at = backers.campaign.deadline_at
    assert deadline_at is not None  # noqa: S101 - the launch has set it
    for done, entry in enumerate(entries):
        if entry.at >= deadline_at:
            _pass_by(house, entry.at)
        backers.act(entry)
        if done % BATCH == 0:
            house.settle()
            report("pledges", done, len(entries))
    report("pledges", len(entries), len(entries))
    _pass_by(house, deadline_at)
    _collect(house, backers, report)
    if _campaign(house.database, backers.campaign.slug).status is CampaignState.SUCCESSFUL:
        backers.give_addresses()
    _recover(house, backers, deadline_at, report)


def _pass_by(house: House, until: datetime) -> None:
    """Let time pass up to an instant, which is not yet worked on."""
    for _ in walk(house, until=until - JUST_BEFORE):
        pass
    house.clock.set(until)


def _collect(house: House, backers: Backers, report: Report) -> None:
    """The deadline: close, tell everybody, charge."""
    for name in ("closing", "settling"):
        while house.chore(name):
            pass
    whole = collection.outstanding(house.database, backers.campaign.id)
    done = 0
    while charged := house.chore("charges"):
        done += charged
        report("charges", done, whole)
    house.settle()


def _recover(house: House, backers: Backers, deadline_at: datetime, report: Report) -> None:
    whole = collection.outstanding(house.database, backers.campaign.id)
    for _ in walk(house, until=deadline_at + LONGEST, appointment=backers.next_answer):
        backers.answer_banks()
        left = collection.outstanding(house.database, backers.campaign.id)
        report("recovery", whole - left, whole)


def _write_lists(database: Database, slug: str, folder: Path, now: datetime) -> list[str]:
    """The lists of a successful campaign; one that failed has nobody to send anything to."""
    if _campaign(database, slug).status is not CampaignState.SUCCESSFUL:
        return []
    for name, (kind, preset, statuses) in LISTS.items():
        ending = name.rpartition(".")[2]
        wanted = read_wanted(slug, kind, ACTOR, preset_name=preset, format_name=ending, statuses=statuses)
        lists.export_to(database, folder / name, wanted, now)
    return list(LISTS)


def _ending(database: Database, backers: Backers, written: list[str], now: datetime) -> Rehearsed:
    slug = backers.campaign.slug
    with database.reading() as session:
        found = verify.verify(session, now)
        return Rehearsed(
            result(session, slug, written),
            stock(session, slug),
            backers.refused,
            {name: one.count for name, one in found.items() if one.count},
        )


def _campaign(database: Database, slug: str) -> Campaign:
    with database.reading() as session:
        return session.exec(select(Campaign).where(Campaign.slug == slug)).one()


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Where the rehearsal works: a folder inside `out`, whose content is put in place at the end, or one that goes."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="fundlaunch-rehearsal-") as name:
            yield Path(name)
        return
    partial = out / PARTIAL
    try:
        _refuse_other_database(out)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        _put_in_place(partial, out)
    except OSError as error:
        raise Misconfigured(
            N_("{path} cannot be written ({reason}). Choose another folder with --out."),
            path=out,
            reason=(error.strerror or "unwritable").lower(),
        ) from error


def _refuse_other_database(out: Path) -> None:
    if (out / DATABASE).exists() and not (out / MARK).exists():
        raise Refused(
            N_("{path} holds a database that no rehearsal has made. Choose an empty folder with --out."), path=out
        )


def _put_in_place(partial: Path, out: Path) -> None:
    (out / MARK).write_text(MARK_SAYS, encoding="utf-8")
    for beside in (out / f"{DATABASE}-wal", out / f"{DATABASE}-shm"):
        beside.unlink(missing_ok=True)
    for made in sorted(partial.iterdir()):
        made.replace(out / made.name)
    partial.rmdir()
