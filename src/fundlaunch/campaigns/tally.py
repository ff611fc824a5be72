"""The running totals of a campaign: money, backers, ordered units and stretch goals move together, in one order.

The UPDATE takes the campaign's row lock, so every change of a total, every change of a pledge at the deadline and the
freeze itself stand in one order (TRUST C1, P4). Rows are locked in the order of pledges: campaign, tiers by id.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, select

from fundlaunch.campaigns import stretch_news
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.tables import Campaign, StretchGoal, Tier, TierItem
from fundlaunch.database import UtcDateTime, table
from fundlaunch.errors import N_, Conflict

CAMPAIGN = table(Campaign)
STRETCH = table(StretchGoal)
TIER = table(Tier)
TIER_ITEM = table(TierItem)


def add(
    session: Session, campaign_id: str, *, minor: int, backers: int, units: Mapping[str, int], now: datetime
) -> int:
    """Add (or take away) what pledges of the campaign's own time bring; gives the new total in minor units.

    `units` is the change of ordered units by tier id. Stretch goals follow. Raises Conflict after the freeze: then
    nothing moves, and whoever came so far with money has to give it back instead.
    """
    c = CAMPAIGN.c
    statement = (
        update(CAMPAIGN)
        .where(c.id == campaign_id, c.frozen_at.is_(None))
        .values(
            pledged_minor=c.pledged_minor + minor,
            backers=c.backers + backers,
            percent=(c.pledged_minor + minor) * 100 // c.goal_minor,
            version=c.version + 1,
        )
        .returning(c.pledged_minor)
    )
    total = session.connection().execute(statement).scalar_one_or_none()
    if total is None:
        raise Conflict(N_("The totals of this campaign are final. Nothing can be added to them or taken away."))
    for tier_id, change in sorted(units.items()):
        if change:
            ordered = update(TIER).where(TIER.c.id == tier_id).values(ordered=TIER.c.ordered + change)
            session.connection().execute(ordered)
    follow(session, campaign_id, now)
    return int(total)


def add_late(session: Session, campaign_id: str, *, minor: int, backers: int) -> None:
    """Count (or take away) late pledges: apart from the campaign's own total, which is final by then."""
    c = CAMPAIGN.c
    counted = {"late_minor": c.late_minor + minor, "late_backers": c.late_backers + backers}
    _count_apart(session, campaign_id, counted)


def add_offline(session: Session, campaign_id: str, *, minor: int, backers: int) -> None:
    """Count (or take away) pledges that the creator entered by hand: they never move the outcome."""
    c = CAMPAIGN.c
    counted = {"offline_minor": c.offline_minor + minor, "offline_backers": c.offline_backers + backers}
    _count_apart(session, campaign_id, counted)


def follow(session: Session, campaign_id: str, now: datetime) -> None:
    """Let every stretch goal be reached or fall back as the totals say; after the freeze nothing moves.

    The caller holds the campaign's row lock. Call it also where a goal is written anew while its campaign is live.
    """
    s, c = STRETCH.c, CAMPAIGN.c
    is_moving = select_columns(c.frozen_at.is_(None)).where(c.id == campaign_id).scalar_subquery()
    is_reached = s.threshold <= _counted(campaign_id)
    statement = (
        update(STRETCH)
        .where(s.campaign_id == campaign_id, is_moving, is_reached != s.reached_at.is_not(None))
        .values(reached_at=case((s.reached_at.is_(None), literal(now, UtcDateTime())), else_=None))
        .returning(s.id)
    )
    moved = session.connection().execute(statement).scalars().all()
    if moved:
        stretch_news.tell(session, campaign_id, moved, now)


def next_backer_number(session: Session, campaign_id: str) -> int:
    """The next number in the order of confirmation; never reused."""
    c = CAMPAIGN.c
    statement = (
        update(CAMPAIGN)
        .where(c.id == campaign_id)
        .values(last_backer_number=c.last_backer_number + 1)
        .returning(c.last_backer_number)
    )
    return int(session.connection().execute(statement).scalar_one())


def lock(session: Session, campaign_id: str) -> Campaign:
    """The campaign with its row locked against every other change of totals, until the transaction ends.

    On PostgreSQL FOR NO KEY UPDATE, so that starting a checkout (which only needs the campaign to stay live) goes on.
    On SQLite a writing transaction holds the whole database anyway.
    """
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True)
    return session.exec(statement.execution_options(populate_existing=True)).one()


def lock_alone(session: Session, campaign_id: str) -> Campaign:
    """The campaign locked even against new checkouts: for the freeze."""
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one()


def hold_still(session: Session, slug: str) -> Campaign | None:
    """The campaign of that slug, kept from being frozen or canceled until the transaction ends."""
    statement = select(Campaign).where(Campaign.slug == slug).with_for_update(read=True, key_share=True)
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def hold_still_by_id(session: Session, campaign_id: str) -> Campaign:
    """The same by its id, for a campaign that is known to be there."""
    statement = select(Campaign).where(Campaign.id == campaign_id).with_for_update(read=True, key_share=True)
    return session.exec(statement.execution_options(populate_existing=True)).one()


def _count_apart(session: Session, campaign_id: str, counted: Mapping[str, ColumnElement[int]]) -> None:
    c = CAMPAIGN.c
    session.connection().execute(update(CAMPAIGN).where(c.id == campaign_id).values(version=c.version + 1, **counted))


def _counted(campaign_id: str) -> ColumnElement[int]:
    """What a stretch goal counts, as the totals stand: minor units, backers, or ordered units of its item."""
    s, c, t, i = STRETCH.c, CAMPAIGN.c, TIER.c, TIER_ITEM.c
    orders = (
        select_columns(func.coalesce(func.sum(t.ordered * i.quantity), 0))
        .join_from(TIER_ITEM, TIER, t.id == i.tier_id)
        .where(i.item_id == s.item_id)
    )
    return case(
        (s.measure == Measure.MONEY, select_columns(c.pledged_minor).where(c.id == campaign_id).scalar_subquery()),
        (s.measure == Measure.BACKERS, select_columns(c.backers).where(c.id == campaign_id).scalar_subquery()),
        else_=orders.correlate(STRETCH).scalar_subquery(),
    )
