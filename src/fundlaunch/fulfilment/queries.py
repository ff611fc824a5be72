"""Reads for lists. Every function expects a session on one snapshot (`database.reading()`)."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import table
from fundlaunch.errors import N_, BadInput
from fundlaunch.fulfilment.rows import NO_TIER, BackerRow, Catalogue, Choice, ListedTier, PostalAddress, Totals
from fundlaunch.fulfilment.rules import address_status
from fundlaunch.fulfilment.tables import Address, ExportBatch
from fundlaunch.money import Money
from fundlaunch.pledges.tables import Pledge, PledgeLine

WINDOW = 1000
"""Pledges read at a time: memory holds one window of them, however long the list."""

BATCHES_SHOWN = 50

PLEDGE = table(Pledge)
LINE = table(PledgeLine)
ADDRESS = table(Address)
CAMPAIGN = table(Campaign)
BATCH = table(ExportBatch)

P, A = PLEDGE.c, ADDRESS.c
_PLEDGE_COLUMNS = (
    P.id, P.backer_number, P.status, P.name, P.email, P.language, P.country, P.ref, P.currency, P.tier_id,
    P.tier_quantity, P.lines_minor, P.shipping_minor, P.bonus_minor, P.total_minor, P.collected_minor,
    P.confirmed_at, P.created_at, P.origin, P.refunded_minor,
)  # fmt: skip
ADDRESS_COLUMNS = (
    A.name, A.company, A.line1, A.line2, A.line3, A.city, A.district, A.state, A.postcode, A.country,
    A.phone, A.delivery_notes, A.updated_at,
)  # fmt: skip
_WHOLE = len(_PLEDGE_COLUMNS)


def backer_rows(session: Session, catalogue: Catalogue, choice: Choice) -> Generator[BackerRow, None, None]:
    """The pledges asked for, ordered by backer number (those without one at the end), one window in memory at a time.

    The rows are read while the caller takes them, from the snapshot of `session`, which must stay open meanwhile; a
    caller that does not take them all closes the generator before the session.
    """
    statement = (
        select(*_PLEDGE_COLUMNS, *ADDRESS_COLUMNS)
        .select_from(PLEDGE.outerjoin(ADDRESS, A.pledge_id == P.id))
        .where(*_asked(catalogue, choice))
        .order_by(P.backer_number.asc().nulls_last(), P.id)
    )
    tiers = {tier.id: tier for tier in (*catalogue.tiers, *catalogue.add_ons)}
    connection = session.connection()
    # yield_per is a cursor on the server with PostgreSQL, and rows as they are asked for with SQLite.
    with connection.execute(statement, execution_options={"yield_per": WINDOW}) as found:
        for window in found.partitions():
            lines = _lines(session, [row[0] for row in window])
            for row in window:
                yield _backer(row, lines.get(row[0], []), tiers)


def totals(session: Session, catalogue: Catalogue, choice: Choice) -> Totals:
    """What a list of these pledges has to add up to, counted by the database itself."""
    statement = select(func.count(), func.coalesce(func.sum(P.total_minor), 0)).where(*_asked(catalogue, choice))
    pledges, amount_minor = session.connection().execute(statement).one()
    return Totals(int(pledges), int(amount_minor))


def public_totals(session: Session, campaign_id: str) -> Totals | None:
    """The totals on the campaign's page, late and offline pledges with them: every pledge of pledges.states.COUNTS.

    None once the campaign ended without success: its page keeps the frozen total while its pledges were released.
    """
    c = CAMPAIGN.c
    backers = c.backers + c.late_backers + c.offline_backers
    minor = c.pledged_minor + c.late_minor + c.offline_minor
    statement = select(c.status, backers, minor).where(c.id == campaign_id)
    status, pledges, amount_minor = session.connection().execute(statement).one()
    if status not in {CampaignState.LIVE, CampaignState.SUCCESSFUL}:
        return None
    return Totals(pledges, amount_minor)


def campaign_id(session: Session, slug: str) -> str:
    """The id of a campaign, '' if there is none."""
    return session.connection().execute(select(CAMPAIGN.c.id).where(CAMPAIGN.c.slug == slug)).scalar_one_or_none() or ""


def countries(session: Session, campaign_id: str, choice: Choice) -> tuple[str, ...]:
    """Countries of the pledges asked for, sorted; '' stands for pledges that are sent nowhere."""
    asked = [P.campaign_id == campaign_id, P.status.in_(choice.statuses)]
    statement = select(P.country).where(*asked).distinct().order_by(P.country)
    return tuple(session.connection().execute(statement).scalars())


def _asked(catalogue: Catalogue, choice: Choice) -> list[ColumnElement[bool]]:
    asked = [P.campaign_id == catalogue.campaign_id, P.status.in_(sorted(choice.statuses))]
    if choice.country:
        asked.append(P.country == choice.country)
    if choice.tier == NO_TIER:
        asked.append(P.tier_id.is_(None))
    elif choice.tier:
        asked.append(P.tier_id == _tier_id(catalogue, choice.tier))
    return asked


def _tier_id(catalogue: Catalogue, slug: str) -> str:
    for tier in catalogue.tiers:
        if tier.slug == slug:
            return tier.id
    raise BadInput(N_("There is no reward “{slug}” in this campaign."), field="tier", slug=slug)


def _lines(session: Session, pledge_ids: list[str]) -> Mapping[str, list[tuple[str, int, int]]]:
    line = LINE.c
    statement = select(line.pledge_id, line.tier_id, line.quantity, line.unit_price_minor)
    found: dict[str, list[tuple[str, int, int]]] = {}
    for pledge_id, *rest in session.connection().execute(statement.where(line.pledge_id.in_(pledge_ids))):
        found.setdefault(pledge_id, []).append((rest[0], rest[1], rest[2]))
    return found


def _backer(row: Sequence[Any], lines: Iterable[tuple[str, int, int]], tiers: Mapping[str, ListedTier]) -> BackerRow:
    (pledge_id, number, status, name, email, language, country, ref, currency, tier_id,
     tier_quantity, lines_minor, shipping_minor, bonus_minor, total_minor, collected_minor,
     confirmed_at, created_at, origin, refunded_minor) = row[:_WHOLE]  # fmt: skip
    address = PostalAddress(*row[_WHOLE:]) if row[_WHOLE] is not None else None
    units: dict[str, int] = {}
    items: dict[str, int] = {}
    price_minor, is_sent = 0, False
    # Whose money went back whole stays in the list of what was pledged, yet is owed nothing of it.
    is_owed = not 0 < collected_minor <= refunded_minor
    for line_tier_id, quantity, unit_price_minor in lines:
        tier = tiers[line_tier_id]
        units[line_tier_id] = quantity
        is_sent = is_sent or (is_owed and tier.is_sent)
        if line_tier_id == tier_id:
            price_minor = unit_price_minor
        for item, each in tier.items if is_owed else ():
            items[item.id] = items.get(item.id, 0) + quantity * each
    return BackerRow(
        pledge_id, number, status, name, email, language, country, ref, currency, tiers.get(tier_id), tier_quantity,
        price_minor, lines_minor, shipping_minor, bonus_minor, total_minor, collected_minor,
        confirmed_at or created_at, units, items,
        address_status(is_given=address is not None, is_sent=is_sent), address,
        origin, refunded_minor,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One list that was taken out, for the studio; `amount` is what its pledges come to.

    `is_complete` False: the download broke off.
    """

    at: datetime
    actor: str
    kind: str
    preset: str
    format: str
    rows: int
    pledges: int
    amount: Money
    is_complete: bool


def batches(session: Session, campaign_id: str) -> tuple[BatchLine, ...]:
    """The newest lists taken out of a campaign, newest first, at most BATCHES_SHOWN."""
    b = BATCH.c
    statement = (
        select(b.at, b.actor, b.kind, b.preset, b.format, b.rows, b.pledges, b.amount_minor, b.currency, b.sha256 != "")
        .where(b.campaign_id == campaign_id)
        .order_by(b.at.desc(), b.id)
        .limit(BATCHES_SHOWN)
    )
    return tuple(
        BatchLine(at, actor, kind, preset, form, rows, pledges, Money(minor, currency), is_complete)
        for at, actor, kind, preset, form, rows, pledges, minor, currency, is_complete in session.connection().execute(
            statement
        )
    )
