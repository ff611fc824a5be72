"""The list of campaigns on both databases: every order by its index, pages by key, and what a search finds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text
from sqlmodel import Session

from fundlaunch.campaigns.discovery import listing, search
from fundlaunch.campaigns.discovery.search import SORTS, Cursor, Search, Sort, State
from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INDEXES = {
    Sort.ENDING: "campaign_ending", Sort.ENDED: "campaign_ending", Sort.NEWEST: "campaign_newest",
    Sort.FUNDED: "campaign_funded", Sort.POPULAR: "campaign_popular", Sort.STARTING: "campaign_announced",
}  # fmt: skip
ORDERS = [(state, sort) for state, sorts in SORTS.items() for sort in sorts]


def put(session: Session, slug: str, **changes: Any) -> None:
    session.add(row(slug, **changes))


def row(slug: str, **changes: Any) -> Campaign:
    values: dict[str, Any] = {
        "id": slug, "slug": slug, "status": CampaignState.LIVE, "texts": {"en": {"title": slug}}, "currency": "USD",
        "goal_minor": 1000_00, "created_at": NOW, "launched_at": NOW - timedelta(days=3),
        "deadline_at": NOW + timedelta(days=9),
    }  # fmt: skip
    return Campaign(**values | changes)


def crowd(session: Session, count: int) -> None:
    """Campaigns in every state, many of them alike in what they are ordered by."""
    rows = [one_of_many(n) for n in range(count)]
    columns = [column.key for column in listing.CAMPAIGN.columns]
    session.connection().execute(
        insert(listing.CAMPAIGN), [{key: getattr(row, key) for key in columns} for row in rows]
    )


def one_of_many(n: int) -> Campaign:
    status = (CampaignState.LIVE, CampaignState.SUCCESSFUL, CampaignState.FAILED, CampaignState.DRAFT)[n % 4]
    started = status is not CampaignState.DRAFT
    return row(
        f"c{n:03}",
        status=status,
        launched_at=NOW - timedelta(hours=n // 6) if started else None,
        deadline_at=NOW + timedelta(hours=n // 8) if started else None,
        launch_at=None if started or n % 3 else NOW + timedelta(hours=n // 5),
        is_announced=not started,
        percent=n % 7,
        backers=n % 5,
    )


def slugs(database: Database, wanted: Search) -> list[str]:
    with database.reading() as session:
        return [campaign.slug for campaign in listing.found(session, wanted, "en", NOW).campaigns]


def pages(database: Database, wanted: Search) -> Iterator[list[str]]:
    """Every page, forward, each asked for by the address of the one before."""
    while True:
        with database.reading() as session:
            found = listing.found(session, wanted, "en", NOW)
        yield [campaign.slug for campaign in found.campaigns]
        if found.after is None:
            return
        wanted = search.read(wanted.at(found.after))


def all_of(database: Database, wanted: Search) -> list[str]:
    with database.reading() as session:
        return [key.id for key in listing._keys(session, wanted, 10_000)]


def test_paging_visits_every_campaign_once_and_in_order(database: Database) -> None:
    with database.transaction() as session:
        crowd(session, 240)
    for state, sort in ORDERS:
        wanted = Search(state=state, sort=sort)
        seen = list(pages(database, wanted))
        assert [slug for page in seen for slug in page] == all_of(database, wanted), sort
        assert sum(map(len, seen)) == {State.RUNNING: 60, State.UPCOMING: 60, State.ENDED: 120}[state]
        assert [len(page) for page in seen[:-1]] == [listing.PAGE] * (len(seen) - 1)


def test_the_way_back_leads_over_the_same_pages(database: Database) -> None:
    with database.transaction() as session:
        crowd(session, 320)
    wanted = Search(state=State.ENDED, sort=Sort.POPULAR)
    forward = list(pages(database, wanted))
    with database.reading() as session:
        first = listing.found(session, wanted, "en", NOW)
        assert first.after is not None
        second = listing.found(session, search.read(wanted.at(first.after)), "en", NOW)
        assert second.after is not None
        third = listing.found(session, search.read(wanted.at(second.after)), "en", NOW)
        assert third.before is not None
        back = listing.found(session, search.read(wanted.at(third.before)), "en", NOW)
        assert back.before is not None
        start = listing.found(session, search.read(wanted.at(back.before)), "en", NOW)
    assert [one.slug for one in back.campaigns] == forward[1]
    assert [one.slug for one in start.campaigns] == forward[0]
    assert (first.before, start.before) == (None, None)


def test_a_campaign_that_comes_meanwhile_moves_no_other(database: Database) -> None:
    with database.transaction() as session:
        crowd(session, 200)
    wanted = Search(sort=Sort.NEWEST)
    walk = pages(database, wanted)
    seen = next(walk)
    with database.transaction() as session:
        put(session, "late-comer", launched_at=NOW + timedelta(hours=1))
    rest = [slug for page in walk for slug in page]
    assert len(seen + rest) == len(set(seen + rest)) == 50
    assert "late-comer" not in rest
    assert next(pages(database, wanted))[0] == "late-comer"


def plan(session: Session, statement: Select[Any]) -> str:
    """How the database carries a statement out, where it may neither sort nor read whole tables if it can help it."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        for setting in ("enable_seqscan", "enable_sort", "enable_incremental_sort", "enable_bitmapscan"):
            session.connection().execute(text(f"SET LOCAL {setting} = off"))
    keyword = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    explained = text(f"{keyword} {_literal(statement, session)}")
    return "\n".join(str(row[-1]) for row in session.connection().execute(explained).all())


def _literal(statement: Select[Any], session: Session) -> str:
    return str(statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})).replace(":", r"\:")


def test_every_order_comes_out_of_its_index_at_the_start_and_deep_inside(database: Database) -> None:
    with database.transaction() as session:
        crowd(session, 40)
        for n in range(40):
            put(session, f"d{n}", status=CampaignState.DRAFT, launched_at=None, deadline_at=None)
        session.flush()
        session.connection().execute(text("ANALYZE campaign"))
    for state, sort in ORDERS:
        figure = 3 if sort in {Sort.FUNDED, Sort.POPULAR} else int(NOW.timestamp()) * 1_000_000
        for cursor in (None, Cursor(figure, "c003")):
            with database.reading() as session:
                how = plan(session, listing.statement(Search(state=state, sort=sort, cursor=cursor), 25))
            assert set(re.findall(r"campaign_[a-z]+", how)) == {INDEXES[sort]}, how
            if state is State.RUNNING:
                assert not re.search("TEMP B-TREE|Sort", how), how


@pytest.mark.parametrize(("state", "sort"), ORDERS)
def test_what_does_not_fit_is_passed_over_without_reading_its_row(
    sqlite_database: Database, state: State, sort: Sort
) -> None:
    wanted = Search("lamp", "crafts", "bamboo", "KR", "KRW", state, sort)
    with sqlite_database.reading() as session:
        how = plan(session, listing.statement(wanted, 25))
    looked_up = [line for line in how.splitlines() if line.startswith(("SEARCH", "SCAN")) and " USING " in line]
    assert {line.split(" USING ")[1].split(" (")[0] for line in looked_up} == {
        f"COVERING INDEX {INDEXES[sort]}", "PRIMARY KEY"
    }, how  # fmt: skip


def test_a_plan_without_an_index_is_noticed(database: Database) -> None:
    with database.transaction() as session:
        crowd(session, 4)
    with database.reading() as session:
        c = listing.CAMPAIGN.c
        how = plan(session, select(c.id).order_by(c.goal_minor).limit(5))
    assert re.search("TEMP B-TREE|Sort", how)


def words_of(session: Session, slug: str, words: str, **changes: Any) -> None:
    put(session, slug, **changes)
    session.flush()
    session.add(CampaignWords(campaign_id=slug, words=search.folded(words)))


@pytest.fixture
def library(database: Database) -> Database:
    with database.transaction() as session:
        words_of(session, "board", "kerb, a board lindqvist gothenburg #skating# #e-mobility#", country="SE",
                 category="technology", deadline_at=NOW + timedelta(days=1))  # fmt: skip
        words_of(session, "lamp", "bamboo lamp 대나무 등 전주 #crafts#", country="KR", currency="KRW",
                 category="crafts", deadline_at=NOW + timedelta(days=2))  # fmt: skip
        words_of(session, "game", "straße: 100%_fun board game #games#", country="DE", currency="EUR",
                 category="games", deadline_at=NOW + timedelta(days=3))  # fmt: skip
        words_of(session, "old", "an old board", status=CampaignState.FAILED)
        words_of(session, "hidden", "a board nobody announced", status=CampaignState.DRAFT, launched_at=None)
        words_of(session, "coming", "a lamp", status=CampaignState.SUBMITTED, is_announced=True, launched_at=None)
    return database


FINDS = [
    ({"q": "board"}, ["board", "game"]),
    ({"q": "BOARD game"}, ["game"]),
    ({"q": "대나무"}, ["lamp"]),
    ({"q": "STRASSE"}, ["game"]),
    ({"q": "Straße"}, ["game"]),
    ({"q": "%"}, ["game"]),
    ({"q": "100%_"}, ["game"]),
    ({"q": "_"}, ["game"]),
    ({"q": "board bamboo"}, []),
    ({"category": "crafts"}, ["lamp"]),
    ({"category": "no such one"}, ["board", "lamp", "game"]),
    ({"country": "DE", "q": "board"}, ["game"]),
    ({"currency": "KRW"}, ["lamp"]),
    ({"tag": "Skating"}, ["board"]),
    ({"tag": "skat"}, []),
    ({"tag": "e-mobility"}, ["board"]),
    ({"state": "ended"}, ["old"]),
    ({"state": "upcoming"}, ["coming"]),
    ({"state": "upcoming", "q": "board"}, []),
    ({"state": "drafts", "after": "x", "sort": "'"}, ["board", "lamp", "game"]),
    ({"after": f"{10**17}.zzz"}, ["board", "lamp", "game"][3:]),
    ({"before": "999999999999999999.z"}, ["board", "lamp", "game"]),
]
"""What an address asks for, and what is found."""


def test_a_search_finds_what_has_every_word_and_fits_every_choice(library: Database) -> None:
    found = [(query, slugs(library, search.read(query))) for query, _ in FINDS]
    assert found == FINDS


def test_where_nothing_is_found_the_other_states_are_looked_through(library: Database) -> None:
    with library.reading() as session:
        assert listing.found(session, Search(text="old"), "en", NOW).elsewhere == (State.ENDED,)
        assert listing.found(session, Search(text="nowhere"), "en", NOW).elsewhere == ()
        assert listing.found(session, Search(text="kerb"), "en", NOW).elsewhere == ()


def test_the_countries_to_choose_from_are_those_that_occur(library: Database) -> None:
    with library.reading() as session:
        assert listing.found(session, Search(), "en", NOW).countries == ("DE", "KR", "SE")


def test_the_front_page_says_whether_there_is_more(library: Database) -> None:
    with library.reading() as session:
        view = listing.front(session, "en", NOW)
    assert [one.slug for one in view.live] == ["board", "lamp", "game"]
    assert [one.slug for one in view.upcoming] == ["coming"]
    assert [one.slug for one in view.ended] == ["old"]
    assert not view.has_more
    with library.transaction() as session:
        crowd(session, 120)
    with library.reading() as session:
        view = listing.front(session, "en", NOW)
    assert view.more == frozenset(State)
    assert (len(view.live), len(view.upcoming), len(view.ended)) == (12, 6, 6)
