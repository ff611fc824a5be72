"""What creators and operators are told about a campaign, owed in the same transaction as what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from fundlaunch.campaigns.tables import Campaign
from fundlaunch.outbox import promise_mail
from fundlaunch.people.tables import Account


def tell_creator(
    session: Session,
    campaign: Campaign,
    topic: str,
    now: datetime,
    *,
    once: str = "",
    pledge: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Owe the creator a letter; a campaign without an owner (the operator applied its file) has nobody to tell.

    `once` tells repeats of one topic apart; `pledge` are the words of the pledge it is about, if it is about one.
    """
    owner = session.get(Account, campaign.owner_id) if campaign.owner_id else None
    if owner is None:
        return
    payload: dict[str, Any] = {"campaign": campaign_words(campaign, owner.language), "more": dict(more or {})}
    if pledge is not None:
        payload["pledge"] = dict(pledge)
    promise_mail(
        session,
        topic,
        key=f"{campaign.id}:{once}",
        to=owner.email,
        language=owner.language,
        payload=payload,
        now=now,
        campaign_id=campaign.id,
    )


def tell_operators(session: Session, campaign: Campaign, topic: str, now: datetime, *, once: str = "") -> None:
    """Owe a letter to everybody who runs this site; `once` as above."""
    for person in session.exec(select(Account).where(col(Account.is_operator)).order_by(col(Account.id))):
        promise_mail(
            session,
            topic,
            key=f"{campaign.id}:{person.id}:{once}",
            to=person.email,
            language=person.language,
            payload={"campaign": campaign_words(campaign, person.language), "more": {}},
            now=now,
            campaign_id=campaign.id,
        )


def campaign_words(campaign: Campaign, language: str) -> dict[str, Any]:
    """A campaign as letters name it; amounts in minor units, the deadline as ISO text in UTC."""
    texts = campaign.texts.get(language) or campaign.texts.get(campaign.language) or {}
    return {
        "slug": campaign.slug,
        "title": texts.get("title", campaign.slug),
        "creator": campaign.creator_name,
        "currency": campaign.currency,
        "goal_minor": campaign.goal_minor,
        "pledged_minor": campaign.pledged_minor,
        "backers": campaign.backers,
        "deadline_at": campaign.deadline_at.isoformat() if campaign.deadline_at else None,
        "timezone": campaign.timezone,
        "accent": campaign.accent,
    }
