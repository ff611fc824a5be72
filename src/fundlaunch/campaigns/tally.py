"""The running totals of a campaign: one statement moves money, backers and stretch goals together.

The UPDATE takes the campaign's row lock, so every change of a total, every change of a pledge at the deadline and the
freeze itself stand in one order (TRUST C1, P4).
"""

from datetime import datetime

from sqlalchemy import case, update
from sqlmodel import Session, select

from fundlaunch.campaigns.tables import Campaign, StretchGoal
from fundlaunch.database import table

CAMPAIGN = table(Campaign)
STRETCH = table(StretchGoal)


def add(session: Session, campaign_id: str, *, minor: int, backers: int, now: datetime) -> int:
    """Add (or take away) money and backers; gives the new total in minor units. Stretch goals follow it."""
    c = CAMPAIGN.c
    statement = (
        update(CAMPAIGN)
        .where(c.id == campaign_id)
        .values(
            pledged_minor=c.pledged_minor + minor,
            backers=c.backers + backers,
            percent=(c.pledged_minor + minor) * 100 // c.goal_minor,
            version=c.version + 1,
        )
        .returning(c.pledged_minor)
    )
    total = int(session.connection().execute(statement).scalar_one())
    _follow(session, campaign_id, total, now)
    return total


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


def _follow(session: Session, campaign_id: str, total_minor: int, now: datetime) -> None:
    """Before the deadline a stretch goal is reached and falls back with the total (RULES section 4)."""
    s = STRETCH.c
    moved = case((s.threshold <= total_minor, now), else_=None)
    changes = (s.threshold <= total_minor) != s.reached_at.is_not(None)
    session.connection().execute(update(STRETCH).where(s.campaign_id == campaign_id, changes).values(reached_at=moved))
