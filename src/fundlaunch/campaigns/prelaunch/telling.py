"""After a launch: every follower gets one letter, in batches, promised in the same transaction that notes it.

The rows are the queue: a launched campaign stays `is_announced` until nobody is left to tell. A follower confirms under
the lock that the launch takes (actions.confirm), so nobody comes in unseen after the last batch.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, true, update
from sqlmodel import Session, col

from fundlaunch.campaigns.notices import campaign_words
from fundlaunch.campaigns.prelaunch.rules import TOLD_AT_ONCE
from fundlaunch.campaigns.prelaunch.tables import Follower
from fundlaunch.campaigns.states import CampaignState, Funding
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database, table
from fundlaunch.outbox import promise_mail

FOLLOWER = table(Follower)
CAMPAIGN = table(Campaign)


def tell_followers(database: Database, now: datetime) -> int:
    """Owe one batch of letters; gives how many followers were told (0: nobody was left)."""
    c = CAMPAIGN.c
    due = select(c.id).where(c.is_announced == true(), c.status == CampaignState.LIVE).limit(1)
    with database.reading() as session:
        campaign_id = session.connection().execute(due).scalar_one_or_none()
    if campaign_id is None:
        return 0
    with database.transaction() as session:
        return _tell(session, campaign_id, now) or _end(session, campaign_id)


def _tell(session: Session, campaign_id: str, now: datetime) -> int:
    f = FOLLOWER.c
    some = _untold(campaign_id).limit(TOLD_AT_ONCE).with_for_update(skip_locked=True)
    take = update(FOLLOWER).where(f.id.in_(some)).values(told_at=now).returning(f.id, f.token, f.email, f.language)
    followers = session.connection().execute(take).all()
    campaign = session.get_one(Campaign, campaign_id)
    for row in followers:
        payload = {
            "campaign": campaign_words(campaign, row.language),
            "follower": {"token": row.token},
            "more": {"is_all_or_nothing": campaign.funding is Funding.ALL_OR_NOTHING},
        }
        promise_mail(
            session, "campaign_launched", key=row.id, to=row.email, language=row.language, payload=payload, now=now,
            campaign_id=campaign_id,
        )  # fmt: skip
    return len(followers)


def _end(session: Session, campaign_id: str) -> int:
    """Close the list, unless another worker holds the last of it and may yet let go."""
    if session.connection().execute(_untold(campaign_id).limit(1)).one_or_none() is None:
        session.connection().execute(update(CAMPAIGN).where(col(Campaign.id) == campaign_id).values(is_announced=False))
    return 0


def _untold(campaign_id: str) -> Select[Any]:
    f = FOLLOWER.c
    return select(f.id).where(f.campaign_id == campaign_id, f.told_at.is_(None), f.confirmed_at.is_not(None))
