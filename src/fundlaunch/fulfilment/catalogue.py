"""What a campaign offers, as its lists need it."""

from collections import Counter

from sqlalchemy import select
from sqlmodel import Session

from fundlaunch.campaigns import stretch
from fundlaunch.campaigns.states import TierKind
from fundlaunch.campaigns.tables import Campaign, Item, Tier, TierItem
from fundlaunch.database import table
from fundlaunch.errors import N_, NotFound
from fundlaunch.fulfilment.queries import countries
from fundlaunch.fulfilment.rows import Catalogue, Choice, ListedItem, ListedTier
from fundlaunch.i18n import texts_in

_CAMPAIGN = table(Campaign)
_ITEM = table(Item)
_TIER = table(Tier)
_TIER_ITEM = table(TierItem)


def catalogue(session: Session, slug: str, choice: Choice) -> Catalogue:
    """The catalogue of a campaign in its main language; raises NotFound."""
    c = _CAMPAIGN.c
    row = (
        session.connection()
        .execute(select(c.id, c.texts, c.language, c.currency, c.timezone).where(c.slug == slug))
        .one_or_none()
    )
    if row is None:
        raise NotFound(N_("There is no campaign “{slug}”."), slug=slug[:60])
    campaign_id, texts, language, currency, zone = row
    items = _items(session, campaign_id, language)
    tiers = _tiers(session, campaign_id, language, items)
    return Catalogue(
        campaign_id=campaign_id,
        slug=slug,
        title=texts_in(texts, language, language).get("title", slug),
        currency=currency,
        zone=zone,
        tiers=tuple(tier for tier in tiers if not tier.is_add_on),
        add_ons=tuple(tier for tier in tiers if tier.is_add_on),
        items=tuple(items.values()),
        countries=countries(session, campaign_id, choice),
    )


def _items(session: Session, campaign_id: str, language: str) -> dict[str, ListedItem]:
    i = _ITEM.c
    statement = select(i.id, i.sku, i.texts, i.weight_grams, i.slug).where(i.campaign_id == campaign_id)
    found = {}
    for item_id, sku, texts, weight_grams, slug in session.connection().execute(statement.order_by(i.position, i.slug)):
        name = texts_in(texts, language, language).get("name", slug)
        found[item_id] = ListedItem(item_id, sku, name, weight_grams)
    return found


def _tiers(session: Session, campaign_id: str, language: str, items: dict[str, ListedItem]) -> list[ListedTier]:
    """Each tier with what one unit brings: its own items, and those that reached stretch goals add."""
    connection = session.connection()
    inside: dict[str, dict[str, int]] = {}
    held = select(_TIER_ITEM).join(_TIER, _TIER.c.id == _TIER_ITEM.c.tier_id).where(_TIER.c.campaign_id == campaign_id)
    for tier_id, item_id, quantity in connection.execute(held):
        inside.setdefault(tier_id, {})[item_id] = quantity
    for tier_id, granted in stretch.granted(session, campaign_id).items():
        inside[tier_id] = Counter(inside.get(tier_id, {})) + Counter(granted)
    t = _TIER.c
    statement = select(t.id, t.slug, t.kind, t.texts, t.price_minor, t.shipping).where(t.campaign_id == campaign_id)
    found = connection.execute(statement.order_by(t.position, t.slug))
    return [
        ListedTier(
            id=tier_id,
            slug=slug,
            title=texts_in(texts, language, language).get("title", slug),
            is_add_on=kind is TierKind.ADD_ON,
            is_sent=shipping.is_sent,
            price_minor=price_minor,
            items=tuple((items[item_id], quantity) for item_id, quantity in inside.get(tier_id, {}).items()),
        )
        for tier_id, slug, kind, texts, price_minor, shipping in found
    ]
