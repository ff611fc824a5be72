"""Launches by the clock: what is ready at its time goes live; what is not stays, and its creator is told once."""

from datetime import datetime

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns import actions, life
from fundlaunch.campaigns.actions import NotApproved
from fundlaunch.campaigns.launch_check import NotReady
from fundlaunch.campaigns.notices import tell_creator
from fundlaunch.campaigns.states import Review
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Refused
from fundlaunch.people.tables import Account

ACTOR = "clock"
BATCH = 50


def launch_due(database: Database, review: Review, now: datetime) -> int:
    """Launch one batch of campaigns whose time has come; gives how many were looked at.

    Each has a transaction of its own, so that one that cannot be launched holds up no other.
    """
    with database.reading() as session:
        due = session.exec(
            select(Campaign.slug)
            .where(col(Campaign.status).in_(life.BEFORE_LAUNCH), col(Campaign.launch_at) <= now)
            .order_by(col(Campaign.launch_at), col(Campaign.id))
            .limit(BATCH)
        ).all()
    for slug in due:
        with database.transaction() as session:
            _launch(session, slug, review, now)
    return len(due)


def _launch(session: Session, slug: str, review: Review, now: datetime) -> None:
    campaign = actions.find(session, slug)
    if campaign.status not in life.BEFORE_LAUNCH or campaign.launch_at is None or campaign.launch_at > now:
        # Launched, or put off, between the look and the lock.
        return
    planned = campaign.launch_at
    try:
        actions.launch(session, slug, ACTOR, now, review=review)
    except (NotReady, NotApproved, BadInput) as refusal:
        # Each of them is raised before anything is written.
        life.set_schedule(session, campaign, None, ACTOR, now)
        more = {"launch_at": planned.isoformat(), "missing": _missing(session, campaign, refusal)}
        tell_creator(session, campaign, "creator_not_launched", now, once=planned.isoformat(), more=more)
    else:
        tell_creator(session, campaign, "creator_launched", now)


def _missing(session: Session, campaign: Campaign, refusal: Refused) -> list[str]:
    """What stood in the way, in the creator's language: a letter is filled with plain texts."""
    owner = session.get(Account, campaign.owner_id) if campaign.owner_id else None
    language = owner.language if owner else campaign.language
    if not isinstance(refusal, NotReady):
        return [i18n.translate(language, refusal.sentence, **refusal.values)]
    return [i18n.translate(language, point.what, **point.values) for point in refusal.points]
