"""The backers of a campaign: found, filtered and paged by their number."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlmodel import Session

from fundlaunch.campaigns.states import Shipping
from fundlaunch.campaigns.tables import Tier
from fundlaunch.database import table
from fundlaunch.fulfilment.tables import Address
from fundlaunch.money import Money
from fundlaunch.pledges.states import COUNTS, IN_RECOVERY, PledgeOrigin, PledgeState
from fundlaunch.studio.declines import in_words
from fundlaunch.studio.overview import LINE, PLEDGE, counted

ADDRESS = table(Address)
TIER = table(Tier)

PAGE = 50
SEARCH_LIMIT = 100
NO_REWARD = "-"
RECOVERY = "recovery"
"""The filter for both states in which a payment can be mended."""

SENT = (Shipping.SOME, Shipping.WORLDWIDE)
P = PLEDGE.c


class HasAddress(StrEnum):
    """Whether a pledge whose parcel needs an address has one."""

    GIVEN = "given"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; '' for any. `state` is a state of a pledge or RECOVERY, `tier` a slug or NO_REWARD, `origin`
    how the pledge came.

    `after` and `before` are backer numbers: the page begins behind one, or ends before the other.
    """

    search: str = ""
    tier: str = ""
    state: str = ""
    country: str = ""
    address: str = ""
    origin: str = ""
    after: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True)
class BackerLine:
    """A backer in the list. `reason` is an English message, `fix_token` the pledge's token while it can be mended."""

    number: int
    name: str
    email: str
    reward: str
    more: int
    country: str
    status: PledgeState
    origin: PledgeOrigin
    reason: str
    fix_token: str
    window_ends_at: datetime | None
    total: Money
    address: HasAddress | None


@dataclass(frozen=True, slots=True)
class BackerPage:
    """One page of the list. `count` and `total` are of all that were found; `older` and `newer` are numbers or 0."""

    lines: tuple[BackerLine, ...]
    count: int
    total: Money
    newer: int
    older: int


def backer_page(session: Session, campaign_id: str, currency: str, titles: dict[str, str], wish: Wish) -> BackerPage:
    """A page of a campaign's backers by number; `titles` are the names of its rewards by id."""
    asked = _asked(campaign_id, wish)
    count, minor = session.connection().execute(
        select(func.count(), func.coalesce(func.sum(P.total_minor), 0)).where(*asked)
    ).one()  # fmt: skip
    rows = _rows(session, asked, wish)
    lines = tuple(_line(row, titles) for row in rows[:PAGE])
    if wish.before:
        lines = lines[::-1]
    has_more = len(rows) > PAGE
    is_back = bool(wish.before)
    return BackerPage(
        lines,
        int(count),
        Money(int(minor), currency),
        newer=lines[0].number if lines and (has_more if is_back else bool(wish.after)) else 0,
        older=lines[-1].number if lines and (is_back or has_more) else 0,
    )


def countries(session: Session, campaign_id: str) -> tuple[str, ...]:
    """Countries of a campaign's backers."""
    statement = select(P.country).where(_stands(campaign_id), P.country != "").distinct().order_by(P.country)
    return tuple(session.connection().execute(statement).scalars())


def waiting(session: Session, campaign_id: str) -> tuple[int, int]:
    """How many pledges wait for a card to be mended, and how many for an address."""
    failing = select(func.count()).select_from(PLEDGE).where(*_asked(campaign_id, Wish(state=RECOVERY)))
    missing = select(func.count()).select_from(PLEDGE).where(*_asked(campaign_id, Wish(address=HasAddress.MISSING)))
    connection = session.connection()
    return int(connection.execute(failing).scalar_one()), int(connection.execute(missing).scalar_one())


def without_pages(wish: Wish) -> Wish:
    """The same wish from its beginning."""
    return replace(wish, after=0, before=0)


def _rows(session: Session, asked: list[ColumnElement[bool]], wish: Wish) -> list[Row[Any]]:
    statement = _columns().where(*asked)
    if wish.before:
        statement = statement.where(P.backer_number < wish.before).order_by(P.backer_number.desc())
    else:
        statement = statement.where(P.backer_number > wish.after).order_by(P.backer_number)
    return list(session.connection().execute(statement.limit(PAGE + 1)))


def _columns() -> Select[Any]:
    lines = select(func.count()).where(LINE.c.pledge_id == P.id, LINE.c.tier_id != func.coalesce(P.tier_id, ""))
    return select(
        P.backer_number, P.name, P.email, P.tier_id, P.country, P.status, P.origin, P.decline_code, P.token,
        P.window_ends_at, P.total_minor, P.currency, lines.scalar_subquery().label("more"), _is_sent().label("is_sent"),
        _is_given().label("is_given"),
    )  # fmt: skip


def _is_sent() -> ColumnElement[bool]:
    return (
        select(LINE.c.pledge_id)
        .join(TIER, TIER.c.id == LINE.c.tier_id)
        .where(LINE.c.pledge_id == P.id, TIER.c.shipping.in_(SENT))
        .exists()
    )


def _is_given() -> ColumnElement[bool]:
    return select(ADDRESS.c.pledge_id).where(ADDRESS.c.pledge_id == P.id).exists()


def _asked(campaign_id: str, wish: Wish) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [
        P.campaign_id == campaign_id,
        P.backer_number.is_not(None),
        _of_state(campaign_id, wish),
    ]
    if wish.search:
        asked.append(_matches(wish.search))
    if wish.tier == NO_REWARD:
        asked.append(P.tier_id.is_(None))
    elif wish.tier:
        ids = select(TIER.c.id).where(TIER.c.campaign_id == campaign_id, TIER.c.slug == wish.tier)
        asked.append(P.tier_id.in_(ids))
    if wish.country:
        asked.append(P.country == wish.country)
    if wish.origin:
        asked.append(P.origin == wish.origin)
    if wish.address == HasAddress.GIVEN:
        asked.append(_is_given())
    elif wish.address == HasAddress.MISSING:
        asked.append(and_(_is_sent(), ~_is_given()))
    return asked


def _of_state(campaign_id: str, wish: Wish) -> ColumnElement[bool]:
    if wish.state == RECOVERY:
        return P.status.in_(sorted(IN_RECOVERY))
    return P.status == wish.state if wish.state else _stands(campaign_id)


def _stands(campaign_id: str) -> ColumnElement[bool]:
    """Pledges of the campaign's total, and those that stand apart from it: late ones, and those entered by hand."""
    apart = and_(P.campaign_id == campaign_id, P.origin != PledgeOrigin.CAMPAIGN, P.status.in_(COUNTS))
    return or_(counted(campaign_id), apart)


def _matches(search: str) -> ColumnElement[bool]:
    """A part of the name or the address, or exactly the number; % and _ are letters like any other."""
    found = [P.name.icontains(search, autoescape=True), P.email_key.icontains(search, autoescape=True)]
    if search.isascii() and search.isdigit() and len(search) <= 9:
        found.append(P.backer_number == int(search))
    return or_(*found)


def _line(row: Row[Any], titles: dict[str, str]) -> BackerLine:
    is_failing = row.status in IN_RECOVERY
    return BackerLine(
        number=row.backer_number,
        name=row.name,
        email=row.email,
        reward=titles.get(row.tier_id or "", ""),
        more=row.more,
        country=row.country,
        status=row.status,
        origin=row.origin,
        reason=in_words(row.decline_code) if is_failing or row.status is PledgeState.DROPPED else "",
        fix_token=row.token if is_failing else "",
        window_ends_at=row.window_ends_at if is_failing else None,
        total=Money(row.total_minor, row.currency),
        address=(HasAddress.GIVEN if row.is_given else HasAddress.MISSING) if row.is_sent else None,
    )
