"""What a campaign offers, as the pricing rules see it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from fundlaunch.campaigns import rewards, stretch
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.tables import Campaign, ShippingRate, Tier
from fundlaunch.database import table
from fundlaunch.errors import N_, NotFound
from fundlaunch.pledges.rules import Basket, Choice, Selection, price

RATE = table(ShippingRate)


@dataclass(frozen=True, slots=True)
class Held:
    """Units by tier id: what this pledge holds already, and what other pledges of the same address hold."""

    mine: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)


NOTHING = Held()


@dataclass(frozen=True, slots=True)
class _Around:
    """Everything beside a tier's own row that pricing needs."""

    campaign: Campaign
    language: str
    rates: Mapping[str, Mapping[str, Rate]]
    locked: Collection[str]
    limits: Mapping[str, frozenset[str]]
    held: Held


def choices(session: Session, campaign: Campaign, language: str, held: Held = NOTHING) -> dict[str, Choice]:
    """Every tier and add-on of a campaign by slug, at the price of its phase."""
    rates: dict[str, dict[str, Rate]] = {}
    r = RATE.c
    asked = select_columns(r.tier_id, r.country, r.first_minor, r.further_minor).join(Tier)
    # Columns, not objects: a campaign may have hundreds of rates, and every pledge reads them.
    found = session.connection().execute(asked.where(col(Tier.campaign_id) == campaign.id))
    for tier_id, country, first, further in found:
        rates.setdefault(tier_id, {})[country] = Rate(first, further)
    locked, limits = stretch.locked_tiers(session, campaign.id), rewards.limits(session, campaign)
    around = _Around(campaign, language, rates, locked, limits, held)
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id))
    return {tier.slug: _choice(tier, around) for tier in tiers}


def with_link(session: Session, campaign_id: str, selection: Selection) -> Selection:
    """The same choice by somebody who has the link of its reward: for pledges that are read from a file."""
    statement = select(Tier.secret_key).where(Tier.campaign_id == campaign_id, Tier.slug == selection.tier)
    return replace(selection, key=session.exec(statement).first() or "")


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


def _choice(tier: Tier, around: _Around) -> Choice:
    return Choice(
        id=tier.id,
        slug=tier.slug,
        title=title(tier, around.campaign, around.language),
        kind=tier.kind,
        price_minor=rewards.price_minor(tier, around.campaign),
        limit_per_backer=tier.limit_per_backer,
        offer=rewards.offer(tier, around.locked),
        shipping=tier.shipping,
        rates=around.rates.get(tier.id, {}),
        mine=around.held.mine.get(tier.id, 0),
        elsewhere=around.held.elsewhere.get(tier.id, 0),
        secret_key=tier.secret_key,
        goes_with=around.limits.get(tier.id, frozenset()),
    )
