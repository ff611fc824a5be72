"""What backers and creators are told, owed in the same transaction as what happened (kept by the outbox)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from fundlaunch.campaigns import notices
from fundlaunch.campaigns.notices import campaign_words
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.outbox import promise_mail
from fundlaunch.pledges.choices import title
from fundlaunch.pledges.tables import Pledge, PledgeLine


def tell_backer(
    session: Session,
    pledge: Pledge,
    topic: str,
    now: datetime,
    *,
    once: str = "",
    more: Mapping[str, Any] | None = None,
) -> None:
    """Owe the backer a letter; `once` tells repeats of one topic apart (a version, the number of a reminder)."""
    campaign = session.get_one(Campaign, pledge.campaign_id)
    payload = {
        "campaign": campaign_words(campaign, pledge.language),
        "pledge": _pledge_words(session, pledge, campaign),
        "more": dict(more or {}),
    }
    promise_mail(
        session,
        topic,
        key=f"{pledge.id}:{once}",
        to=pledge.email,
        language=pledge.language,
        payload=payload,
        now=now,
        campaign_id=campaign.id,
    )


def tell_creator(
    session: Session,
    campaign: Campaign,
    topic: str,
    now: datetime,
    *,
    once: str = "",
    pledge: Pledge | None = None,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Owe the creator a letter; a campaign without an owner (the operator applied its file) has nobody to tell."""
    words = None if pledge is None else _pledge_words(session, pledge, campaign)
    notices.tell_creator(session, campaign, topic, now, once=once, pledge=words, more=more)


def _pledge_words(session: Session, pledge: Pledge, campaign: Campaign) -> dict[str, Any]:
    rows = session.exec(select(PledgeLine, Tier).join(Tier).where(PledgeLine.pledge_id == pledge.id)).all()
    rows = sorted(rows, key=lambda row: (row[1].kind.value != "base", row[1].position))
    return {
        "token": pledge.token,
        "name": pledge.name,
        "backer_number": pledge.backer_number,
        "total_minor": pledge.total_minor,
        "currency": pledge.currency,
        "country": pledge.country,
        "shipping_minor": pledge.shipping_minor,
        "bonus_minor": pledge.bonus_minor,
        "card_brand": pledge.card_brand,
        "card_last4": pledge.card_last4,
        "ships": any(tier.shipping.is_sent for _, tier in rows),
        "lines": [
            {
                "title": title(tier, campaign, pledge.language),
                "quantity": line.quantity,
                "amount_minor": line.quantity * line.unit_price_minor,
            }
            for line, tier in rows
        ],
    }
