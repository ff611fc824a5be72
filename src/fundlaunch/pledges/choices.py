"""What a campaign offers, as the pricing rules see it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from fundlaunch.campaigns.rules import Offer, Rate
from fundlaunch.campaigns.tables import Campaign, ShippingRate, Tier
from fundlaunch.database import table
from fundlaunch.errors import N_, NotFound
from fundlaunch.pledges.rules import Basket, Choice, Selection, price

RATE = table(ShippingRate)


def choices(
    session: Session, campaign: Campaign, language: str, mine: Mapping[str, int] | None = None
) -> dict[str, Choice]:
    """Every tier and add-on of a campaign by slug; `mine` are the units by tier id that this pledge holds already."""
    rates: dict[str, dict[str, Rate]] = {}
    r = RATE.c
    asked = select_columns(r.tier_id, r.country, r.first_minor, r.further_minor).join(Tier)
    # Columns, not objects: a campaign may have hundreds of rates, and every pledge reads them.
    found = session.connection().execute(asked.where(col(Tier.campaign_id) == campaign.id))
    for tier_id, country, first, further in found:
        rates.setdefault(tier_id, {})[country] = Rate(first, further)
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id))
    return {tier.slug: _choice(tier, campaign, language, rates.get(tier.id, {}), mine or {}) for tier in tiers}


def quote(session: Session, slug: str, selection: Selection, language: str, now: datetime) -> Basket:
    """What a selection costs now; nothing is held. Raises NotFound, BadInput, SoldOut."""
    campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise NotFound(N_("There is no such campaign. Check the address."))
    return price(selection, choices(session, campaign, language), campaign.currency, now)


def title(tier: Tier, campaign: Campaign, language: str) -> str:
    """A tier's title in a language, else in the campaign's own."""
    texts = tier.texts.get(language) or tier.texts.get(campaign.language) or {}
    return str(texts.get("title") or tier.slug)


def _choice(
    tier: Tier, campaign: Campaign, language: str, rates: Mapping[str, Rate], mine: Mapping[str, int]
) -> Choice:
    return Choice(
        id=tier.id,
        slug=tier.slug,
        title=title(tier, campaign, language),
        kind=tier.kind,
        price_minor=tier.price_minor,
        limit_per_backer=tier.limit_per_backer,
        offer=Offer(tier.quantity, tier.claimed, tier.starts_at, tier.ends_at, tier.closed),
        shipping=tier.shipping,
        rates=rates,
        mine=mine.get(tier.id, 0),
    )
