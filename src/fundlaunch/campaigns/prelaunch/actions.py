"""Verbs of the time before a launch. Each takes a session inside a transaction; none of them commits."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from fundlaunch.campaigns import timeline
from fundlaunch.campaigns.actions import find
from fundlaunch.campaigns.changes import YES, Difference
from fundlaunch.campaigns.discovery.search import BEFORE_THE_LAUNCH
from fundlaunch.campaigns.notices import campaign_words
from fundlaunch.campaigns.prelaunch import posts
from fundlaunch.campaigns.prelaunch.rules import KEEP_POSTS, KEEP_UNCONFIRMED, MOST_REMARKS
from fundlaunch.campaigns.prelaunch.tables import Follower, PostKind, PreviewRemark, VisitorPost
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import insert_once, new_id, table
from fundlaunch.errors import N_, BadInput, Conflict, NotFound, TooMany
from fundlaunch.outbox import promise_mail
from fundlaunch.people.rules import MailLimits, email_key

MASK = "***"
"""What the time line says instead of a key."""

FOLLOWER = table(Follower)
CAMPAIGN = table(Campaign)


class Asked(StrEnum):
    """What became of the wish to be told."""

    LETTER_COMES = "letter_comes"
    ALREADY_OPEN = "already_open"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom a confirmation was for; `is_launched` says that there is nothing left to wait for."""

    slug: str
    is_launched: bool


def announce(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Open the page before the launch to everybody; raises NotFound, Conflict, BadInput."""
    campaign = _draft(session, slug)
    if not campaign.texts.get(campaign.language, {}).get("title"):
        raise BadInput(N_("Give the campaign a title first: people have to know what they follow."), field="title")
    _note(session, campaign, "announced", YES if campaign.is_announced else "", YES, actor, now)
    campaign.is_announced = True
    campaign.version += 1
    session.add(campaign)


def withdraw(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Close that page again. Whoever follows stays, and is told at the launch. Raises NotFound, Conflict."""
    campaign = _draft(session, slug)
    _note(session, campaign, "announced", YES if campaign.is_announced else "", "", actor, now)
    campaign.is_announced = False
    campaign.version += 1
    session.add(campaign)


def share_preview(session: Session, slug: str, actor: str, now: datetime) -> None:
    """Make the preview's link, a new one each time, so that the old one ends. Raises NotFound, Conflict."""
    campaign = _draft(session, slug)
    _note(session, campaign, "preview", MASK if campaign.preview_key else "", MASK, actor, now)
    campaign.preview_key = secrets.token_urlsafe(24)
    session.add(campaign)


def end_preview(session: Session, slug: str, actor: str, now: datetime) -> None:
    """End the preview's link; what was said stays. Raises NotFound, Conflict."""
    campaign = _draft(session, slug)
    _note(session, campaign, "preview", MASK if campaign.preview_key else "", "", actor, now)
    campaign.preview_key = ""
    session.add(campaign)


def follow(
    session: Session, slug: str, email: str, *, language: str, ip: str, limits: MailLimits, now: datetime
) -> Asked:
    """Owe the letter that asks to confirm the address: the same one whether it is known or not.

    Raises NotFound for a campaign that is not announced, BadInput, TooMany.
    """
    key = email_key(email)
    campaign = find(session, slug)
    if campaign.status not in BEFORE_THE_LAUNCH:
        return Asked.ALREADY_OPEN
    if not campaign.is_announced:
        raise NotFound(N_("There is no such campaign. Check the address."))
    posts.count(session, PostKind.FOLLOW, ip, limits, now, email_key=key)
    values = {
        "id": new_id(), "campaign_id": campaign.id, "token": secrets.token_urlsafe(24), "email": email.strip(),
        "email_key": key, "language": language, "created_at": now,
    }  # fmt: skip
    insert_once(session, FOLLOWER, values)
    found = select(FOLLOWER.c.token).where(FOLLOWER.c.campaign_id == campaign.id, FOLLOWER.c.email_key == key)
    token = session.connection().execute(found).scalar_one()
    payload = {"campaign": campaign_words(campaign, language), "follower": {"token": token}}
    promise_mail(
        session, "follow_confirm", key=new_id(), to=email.strip(), language=language, payload=payload, now=now,
        campaign_id=campaign.id,
    )  # fmt: skip
    return Asked.LETTER_COMES


def confirm(session: Session, token: str, now: datetime) -> Confirmed:
    """Count a follower, once. After the launch they see the page instead of a letter. Raises NotFound."""
    f, c = FOLLOWER.c, CAMPAIGN.c
    connection = session.connection()
    row = connection.execute(select(f.campaign_id).where(f.token == token)).one_or_none()
    if row is None:
        raise NotFound(N_("This link leads nowhere any more. Open the campaign's page and ask again."))
    # The campaign's row is locked first, as its launch does: whoever confirms before it gets the letter of the launch.
    locked = select(c.slug, c.status).where(c.id == row.campaign_id).with_for_update()
    campaign = connection.execute(locked).one()
    is_launched = campaign.status not in BEFORE_THE_LAUNCH
    first = connection.execute(
        update(FOLLOWER)
        .where(f.token == token, f.confirmed_at.is_(None))
        .values(confirmed_at=now, told_at=now if is_launched else None)
    )
    if first.rowcount:
        _count(session, row.campaign_id, 1)
    return Confirmed(campaign.slug, is_launched)


def leave(session: Session, token: str) -> None:
    """Take an address off the list and forget it; the same for a link that was used already."""
    f, c = FOLLOWER.c, CAMPAIGN.c
    connection = session.connection()
    campaign_id = connection.execute(select(f.campaign_id).where(f.token == token)).scalar_one_or_none()
    if campaign_id is None:
        return
    connection.execute(select(c.id).where(c.id == campaign_id).with_for_update())
    gone = connection.execute(delete(FOLLOWER).where(f.token == token).returning(f.confirmed_at)).one_or_none()
    if gone is not None and gone.confirmed_at is not None:
        _count(session, campaign_id, -1)


def remark(session: Session, slug: str, *, name: str, text: str, ip: str, limits: MailLimits, now: datetime) -> None:
    """Keep what somebody with the preview's link says about the draft. Raises NotFound, Conflict, TooMany."""
    campaign = _draft(session, slug)
    posts.count(session, PostKind.REMARK, ip, limits, now)
    r = table(PreviewRemark)
    kept = session.connection().execute(select(func.count()).select_from(r).where(r.c.campaign_id == campaign.id))
    if kept.scalar_one() >= MOST_REMARKS:
        raise TooMany(N_("This draft has as many remarks as fit. Write to its creator instead."))
    session.add(PreviewRemark(campaign_id=campaign.id, name=name, text=text, created_at=now))


def forget_old(session: Session, now: datetime) -> int:
    """Forget what only limits needed, and addresses that were never confirmed; gives how many rows went."""
    p, f = table(VisitorPost).c, FOLLOWER.c
    connection = session.connection()
    posted = connection.execute(delete(VisitorPost).where(p.created_at < now - KEEP_POSTS))
    waiting = delete(FOLLOWER).where(f.confirmed_at.is_(None), f.created_at < now - KEEP_UNCONFIRMED)
    return posted.rowcount + connection.execute(waiting).rowcount


def _count(session: Session, campaign_id: str, change: int) -> None:
    c = CAMPAIGN.c
    more = {"followers": c.followers + change, "version": c.version + 1}
    session.connection().execute(update(CAMPAIGN).where(c.id == campaign_id).values(more))


def _note(session: Session, campaign: Campaign, field: str, before: str, after: str, actor: str, now: datetime) -> None:
    """Write it into the time line; a link's key stands nowhere but in its own column."""
    if before != after or after == MASK:
        timeline.record(session, campaign, [Difference(field, before, after, is_public=False)], actor, now)


def _draft(session: Session, slug: str) -> Campaign:
    campaign = find(session, slug)
    if campaign.status not in BEFORE_THE_LAUNCH:
        raise Conflict(N_("The campaign was launched already, so this is over."))
    return campaign
