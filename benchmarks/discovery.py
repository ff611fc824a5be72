"""The list of 10,000 campaigns against the front page of ten: every order, choice, search and a page deep inside.

    python -m benchmarks.discovery [--postgres] [--campaigns 10000] [--rounds 30]

Fills two databases of one engine, one with ten campaigns, one with many (stories of some kilobytes, two languages for
a third of them), and asks the real pages, rendered whole, in interleaved rounds. One line for each page:
`RATIO discovery.<page> = <its median by that of the small front page> (goal <= G), milliseconds, the queries alone`.
Exit code 1 if a ratio misses its goal.
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import insert, text
from starlette.applications import Starlette

from fundlaunch import migrations
from fundlaunch.campaigns import pages
from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.discovery import listing, search
from fundlaunch.campaigns.discovery.search import Search, Sort, State
from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import SimulatedClock, stopwatch_seconds
from fundlaunch.database import Database, new_id, table
from fundlaunch.pledges.standing import ask_standing
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests import databases, postgres
from tests.asgi import client

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FEW = 10
BATCH = 500
DEEP_PAGES = 100
GOAL_PAGE = 2.5
GOAL_NOTHING = 4.0
"""A search that nothing fits reads every campaign of its state; it may take this many times the small front page."""

COUNTRIES = ("US", "KR", "DE", "FR", "JP", "GB", "CA", "SE", "BR", "IT", "ES", "NL")
CURRENCIES = ("USD", "EUR", "KRW", "GBP", "JPY")
WORDS = (
    "board", "lamp", "bamboo", "motor", "wheel", "garden", "paper", "clock", "radio", "kettle", "chair", "camera",
    "book", "printer", "drum", "puzzle", "coffee", "knife", "tent", "bicycle", "wallet", "pen", "synth", "loom", "kiln",
    "mirror", "shelf", "compass", "atlas", "lantern",
)  # fmt: skip


@dataclass
class Site:
    """One database and its pages."""

    database: Database
    browser: httpx.Client


def main() -> int:
    """Measure; gives the exit code."""
    options = argparse.ArgumentParser(description="Measure the list of campaigns.")
    options.add_argument("--postgres", action="store_true", help="on a private PostgreSQL instead of SQLite")
    options.add_argument("--campaigns", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=30)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="fundlaunch-discovery-") as folder, _urls(chosen, folder) as urls:
        few, many = (opened(url, Path(folder)) for url in urls)
        fill(few.database, FEW)
        fill(many.database, chosen.campaigns)
        missed = measure(few, many, chosen.rounds)
        for site in (few, many):
            site.database.dispose()
    return 1 if missed else 0


@contextmanager
def _urls(chosen: argparse.Namespace, folder: str) -> Iterator[Sequence[str]]:
    if not chosen.postgres:
        yield [f"sqlite:///{folder}/{name}.sqlite3" for name in ("few", "many")]
        return
    binaries = postgres.programs()
    assert binaries is not None, "install PostgreSQL (apt install postgresql)"
    place = postgres.make_folder()
    held = postgres.hold(place)
    try:
        server = postgres.start(place, binaries)
        yield [databases.create_postgres(server, f"discovery_{name}", "template0") for name in ("few", "many")]
    finally:
        postgres.release(place, held)


def opened(url: str, folder: Path) -> Site:
    """A database of the newest shape and the public pages of campaigns on it."""
    database = Database(url)
    migrations.upgrade(database)
    settings = Settings(data_dir=folder, secret_key="k" * 40, base_url="http://127.0.0.1:8000")
    shell = Shell(settings, database, SimulatedClock(NOW), Templates(settings, assets.installed()))
    return Site(database, client(Starlette(routes=pages.routes(shell, ask_standing)), settings.base_url))


def fill(database: Database, count: int) -> None:
    """Write `count` campaigns: six of ten run, one of ten is coming, the others are over."""
    draws = random.Random(count)
    for start in range(0, count, BATCH):
        rows = [_row(draws, n) for n in range(start, min(start + BATCH, count))]
        with database.transaction() as session:
            session.connection().execute(insert(table(Campaign)), rows)
            session.connection().execute(insert(table(CampaignWords)), [_words(row) for row in rows])
    with database.transaction() as session:
        session.connection().execute(text("ANALYZE"))


def _row(draws: random.Random, n: int) -> dict[str, Any]:
    running, coming = n % 10 < 6, n % 10 == 6
    ended = (CampaignState.SUCCESSFUL, CampaignState.FAILED, CampaignState.CANCELED)[n % 3]
    status = CampaignState.LIVE if running else CampaignState.DRAFT if coming else ended
    launched_at = NOW - timedelta(minutes=draws.randrange(1, 40_000) + (0 if running else 90_000))
    title = " ".join(draws.choices(WORDS, k=4))
    tags = draws.sample(WORDS, 3)
    story = " ".join(draws.choices(WORDS, k=900))
    texts = {
        "en": {"title": title, "blurb": " ".join(draws.choices(WORDS, k=14)), "story": story, "risks": story[:900]}
    }
    if n % 3 == 0:
        texts["ko"] = {"title": f"대나무 {n}", "blurb": "등", "story": story, "risks": ""}
    goal_minor, pledged_minor = draws.randrange(1_000_00, 90_000_00), draws.randrange(0, 200_000_00)
    model = Campaign(
        id=new_id(), slug=f"campaign-{n}", status=status, texts=texts, creator_name=f"Maker {n}",
        country=draws.choice(COUNTRIES), category=draws.choice(list(CATEGORIES)), tags=tags,
        currency=draws.choice(CURRENCIES), goal_minor=goal_minor, is_announced=coming, created_at=NOW,
        launch_at=NOW + timedelta(minutes=n) if coming and n % 20 == 6 else None,
        launched_at=None if coming else launched_at, deadline_at=None if coming else launched_at + timedelta(days=30),
        pledged_minor=0 if coming else pledged_minor, percent=0 if coming else pledged_minor * 100 // goal_minor,
        backers=0 if coming else draws.randrange(0, 3000),
    )  # fmt: skip
    return {column.key: getattr(model, column.key) for column in table(Campaign).columns}


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    said = [part for one in row["texts"].values() for part in (one["title"], one["blurb"])]
    words = search.folded(" ".join([*said, row["creator_name"], *(f"#{tag}#" for tag in row["tags"])]))
    return {"campaign_id": row["id"], "words": words}


def measure(few: Site, many: Site, rounds: int) -> list[str]:
    """Ask each page in turn, round after round; prints the ratios and gives those that miss their goal."""
    asked = addresses(many.database)
    for query in asked.values():
        _seconds(many.browser, query)
    base: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, query in asked.items():
            base.append(_seconds(few.browser, {}))
            taken[name].append(_seconds(many.browser, query))
    small = statistics.median(base)
    print(f"front page of {FEW}: {small * 1000:.1f} ms, {rounds} rounds", flush=True)
    missed = []
    for name, query in asked.items():
        ratio, alone = statistics.median(taken[name]) / small, _query_seconds(many.database, query, rounds)
        goal = GOAL_NOTHING if name.startswith("nothing") else GOAL_PAGE
        print(
            f"RATIO discovery.{name} = {ratio:.2f} (goal <= {goal:.1f}), {ratio * small * 1000:.1f} ms, "
            f"queries {alone * 1000:.1f} ms",
            flush=True,
        )
        if ratio > goal:
            missed.append(name)
    for name in missed:
        print(f"{name} misses its goal", file=sys.stderr)
    return missed


def addresses(database: Database) -> Mapping[str, Mapping[str, str]]:
    """What is asked for, by name: an address's query each."""
    found = {f"{state.value}.{sort.value}": Search(state=state, sort=sort) for state in State for sort in _sorts(state)}
    deep = {f"{name}.deep": wanted for name, wanted in found.items()}
    return {
        "front": {},
        **{name: wanted.query for name, wanted in found.items()},
        **{name: _deep(database, wanted) for name, wanted in deep.items()},
        "search.word": Search(text="lamp").query,
        "search.three_words": Search(text="lamp kiln atlas").query,
        "search.korean": Search(text="대나무").query,
        "search.one_of_all": Search(text="maker 4321").query,
        "tag": Search(tag="bamboo").query,
        "category": Search(category="music").query,
        "country": Search(country="SE").query,
        "currency": Search(currency="JPY", sort=Sort.FUNDED).query,
        "everything": Search("lamp", "music", "kiln", "SE", "JPY", State.ENDED, Sort.FUNDED).query,
        "nothing.word": Search(text="xylophone").query,
        "nothing.country": Search(country="IS").query,
    }


def _sorts(state: State) -> Sequence[Sort]:
    return search.SORTS[state]


def _deep(database: Database, wanted: Search) -> Mapping[str, str]:
    """The address of a page deep inside: the hundredth, or the last but one."""
    with database.reading() as session:
        keys = listing._keys(session, wanted, DEEP_PAGES * listing.PAGE)  # noqa: SLF001 - the way there is not measured
    return wanted.at(keys[-listing.PAGE])


def _seconds(browser: httpx.Client, query: Mapping[str, str]) -> float:
    began = stopwatch_seconds()
    answer = browser.get("/?" + urlencode(query) if query else "/")
    seconds = stopwatch_seconds() - began
    assert answer.status_code == 200, answer.text
    return seconds


def _query_seconds(database: Database, query: Mapping[str, str], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = stopwatch_seconds()
        with database.reading() as session:
            if query:
                listing.found(session, search.read(query), "en", NOW)
            else:
                listing.front(session, "en", NOW)
        taken.append(stopwatch_seconds() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    raise SystemExit(main())
