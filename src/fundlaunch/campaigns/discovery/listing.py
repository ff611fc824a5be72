"""Reads of the list of campaigns: the front page, and a page of whatever was looked for.

Pages are found by key, never by counting rows: the next one begins behind the last campaign of this one, wherever that
stands now. The order comes from an index that also holds what narrows it (tables.Campaign); of several states each
gives its first rows in order, and only those few are merged. Ids are found first and words stand in a table of their
own, so that long texts are read for the campaigns of one page alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal, select, true, tuple_, union_all
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from fundlaunch.campaigns.discovery.search import STATUSES, Cursor, Search, Sort, State, folded
from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.queries import Summary, summary
from fundlaunch.campaigns.rules import phase
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import UtcDateTime, table

PAGE = 24
LIVE_ON_FRONT, UPCOMING_ON_FRONT, ENDED_ON_FRONT = 12, 6, 6

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SOME_DAY: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""When a campaign starts that has no date yet: behind all others."""

CAMPAIGN = table(Campaign)
WORDS = table(CampaignWords)


@dataclass(frozen=True, slots=True)
class Front:
    """The front page: running campaigns, the one that ends first on top; announced ones; the last that ended.

    `has_more` says that not all of them stand here, so that looking for some is worth a form.
    """

    live: tuple[Summary, ...]
    upcoming: tuple[Summary, ...]
    ended: tuple[Summary, ...]
    more: frozenset[State]

    @property
    def has_more(self) -> bool:
        return bool(self.more)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. `before` and `after` are the pages beside it, None where there are none.

    `elsewhere` are the states in which the same search finds something, asked only where it finds nothing here.
    """

    search: Search
    campaigns: tuple[Summary, ...]
    before: Cursor | None
    after: Cursor | None
    countries: tuple[str, ...]
    elsewhere: tuple[State, ...]


def front(session: Session, language: str, now: datetime) -> Front:
    """The campaigns of the front page."""
    places = (
        (Search(), LIVE_ON_FRONT),
        (Search().among(State.UPCOMING), UPCOMING_ON_FRONT),
        (Search().among(State.ENDED), ENDED_ON_FRONT),
    )
    found = [(search.state, most, _keys(session, search, most + 1)) for search, most in places]
    live, upcoming, ended = (_summaries(session, keys[:most], language, now) for _, most, keys in found)
    return Front(live, upcoming, ended, frozenset(state for state, most, keys in found if len(keys) > most))


def found(session: Session, search: Search, language: str, now: datetime) -> Found:
    """One page of what is looked for."""
    is_back = search.cursor is not None and search.cursor.is_back
    keys = _keys(session, search, PAGE + 1)
    has_further, keys = len(keys) > PAGE, keys[:PAGE]
    if is_back:
        keys.reverse()
    has_before, has_after = (has_further, True) if is_back else (search.cursor is not None, has_further)
    return Found(
        search=search,
        campaigns=_summaries(session, keys, language, now),
        before=replace(keys[0], is_back=True) if keys and has_before else None,
        after=keys[-1] if keys and has_after else None,
        countries=_countries(session),
        elsewhere=() if keys else tuple(_elsewhere(session, search)),
    )


def statement(search: Search, most: int) -> Select[Any]:
    """The first `most` rows (figure, id) of a search, in its order; backwards from a cursor that leads back."""
    key, descends = _key(search.sort)
    if search.cursor is not None and search.cursor.is_back:
        descends = not descends
    parts = [_part(search, status, key, descends=descends, most=most) for status in STATUSES[search.state]]
    if len(parts) == 1:
        return parts[0]
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(both.c.figure, both.c.id).order_by(*_ordered(both.c.figure, both.c.id, descends)).limit(most)


def _part(search: Search, status: CampaignState, key: ColumnElement[Any], *, descends: bool, most: int) -> Select[Any]:
    c = CAMPAIGN.c
    wanted = select(key.label("figure"), c.id.label("id")).where(c.status == status, *_filters(search))
    if _said(search):
        wanted = wanted.join(WORDS, WORDS.c.campaign_id == c.id)
    if search.cursor is not None:
        here, there = tuple_(key, c.id), _place(search.cursor, key)
        wanted = wanted.where(here < there if descends else here > there)
    return wanted.order_by(*_ordered(key, c.id, descends)).limit(most)


def _ordered(key: ColumnElement[Any], id_: ColumnElement[Any], descends: bool) -> tuple[ColumnElement[Any], ...]:  # noqa: FBT001 - which way a list runs
    return (key.desc(), id_.desc()) if descends else (key.asc(), id_.asc())


def _key(sort: Sort) -> tuple[ColumnElement[Any], bool]:
    """What a list is ordered by, and whether the largest comes first."""
    c = CAMPAIGN.c
    match sort:
        case Sort.ENDING:
            return c.deadline_at, False
        case Sort.ENDED:
            return c.deadline_at, True
        case Sort.STARTING:
            return func.coalesce(c.launch_at, literal(SOME_DAY, UtcDateTime), type_=UtcDateTime()), False
        case Sort.NEWEST:
            return c.launched_at, True
        case Sort.FUNDED:
            return c.percent, True
        case Sort.POPULAR:
            return c.backers, True


def _filters(search: Search) -> Iterator[ColumnElement[bool]]:
    c = CAMPAIGN.c
    if search.state is State.UPCOMING:
        yield c.is_announced == true()
    for column in ("category", "country", "currency"):
        if wanted := getattr(search, column):
            yield c[column] == wanted
    for said in _said(search):
        yield WORDS.c.words.contains(said, autoescape=True)


def _said(search: Search) -> tuple[str, ...]:
    """What has to stand in a campaign's words; a tag whole, between its marks (draft_rows.words)."""
    return (*((f"#{folded(search.tag).replace('#', ' ')}#",) if search.tag else ()), *search.words)


def _place(cursor: Cursor, key: ColumnElement[Any]) -> ColumnElement[Any]:
    figure: object = cursor.figure
    if isinstance(key.type, UtcDateTime):
        figure = _instant(cursor.figure)
    return tuple_(literal(figure, key.type), literal(cursor.id))


def _instant(microseconds: int) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return SOME_DAY


def _keys(session: Session, search: Search, most: int) -> list[Cursor]:
    rows = session.connection().execute(statement(search, most)).all()
    return [Cursor(_figure(row.figure), row.id) for row in rows if row.figure is not None]


def _figure(value: object) -> int:
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    assert isinstance(value, int)  # noqa: S101 - every other column that orders the list is a count
    return value


def _summaries(session: Session, keys: list[Cursor], language: str, now: datetime) -> tuple[Summary, ...]:
    """The campaigns of a page in the order of its keys."""
    rows = session.exec(select_rows(Campaign).where(col(Campaign.id).in_([key.id for key in keys]))).all()
    campaigns = {row.id: row for row in rows}
    return tuple(_listed(campaigns[key.id], language, now) for key in keys)


def _listed(campaign: Campaign, language: str, now: datetime) -> Summary:
    """A campaign whose charges still run is told from a finished one on its own page."""
    return summary(campaign, language, phase(campaign.status, campaign.deadline_at, now, outstanding=0))


def _countries(session: Session) -> tuple[str, ...]:
    """The countries that campaigns come from, to choose from."""
    c = CAMPAIGN.c
    rows = session.connection().execute(select(c.country).where(c.country != "").distinct()).scalars()
    return tuple(sorted(rows))


def _elsewhere(session: Session, search: Search) -> Iterator[State]:
    for state in State:
        if state is not search.state and _keys(session, search.among(state), 1):
            yield state
