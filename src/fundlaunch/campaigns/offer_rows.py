"""What a draft offers, written as rows: items, tiers, add-ons and stretch goals. Decides nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from fundlaunch.campaigns.draft import CampaignDraft, ItemDraft, ItemOption, TierDraft
from fundlaunch.campaigns.rules import local_instant
from fundlaunch.campaigns.states import TierKind
from fundlaunch.campaigns.tables import (
    AddOnTier,
    Campaign,
    Item,
    ItemVariant,
    ShippingRate,
    StretchGoal,
    StretchGrant,
    Tier,
    TierItem,
)
from fundlaunch.database import table

TIER_ITEM = table(TierItem)
RATE = table(ShippingRate)
VARIANT = table(ItemVariant)
GOES_WITH = table(AddOnTier)
GRANT = table(StretchGrant)


def write(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    """Make the rows say what the draft says; the campaign's own row is written already."""
    items = _write_items(session, campaign, draft)
    _forget_stretch_parts(session, campaign.id)
    tiers = _write_tiers(session, campaign, draft, items)
    _write_stretch_goals(session, campaign, draft, items, tiers)
    _remove(session, Item, campaign.id, {item.slug for item in draft.items})


def instant(wall: datetime | None, timezone: str) -> datetime | None:
    """The wall-clock time of a zone as an instant; raises BadInput."""
    return None if wall is None else local_instant(wall, timezone)


def _write_items(session: Session, campaign: Campaign, draft: CampaignDraft) -> dict[str, str]:
    """Write the items that are wanted; those that are not go last, when no tier brings them any more."""
    kept = {row.slug: row for row in session.exec(select(Item).where(Item.campaign_id == campaign.id))}
    ids = {}
    for position, item in enumerate(draft.items):
        row = kept.get(item.slug) or Item(campaign_id=campaign.id, slug=item.slug, sku=item.sku)
        row.sku, row.position = item.sku, position
        row.texts = {language: {"name": name} for language, name in item.names.items()}
        row.weight_grams, row.customs_value_minor = item.weight_grams, item.customs_value_minor
        row.hs_code = item.hs_code
        row.options = [_option_row(option) for option in item.options]
        session.add(row)
        session.flush()
        ids[item.slug] = row.id
        _write_variants(session, row.id, item)
    return ids


def _option_row(option: ItemOption) -> dict[str, Any]:
    values = [{"slug": value.slug, "names": dict(value.names)} for value in option.values]
    return {"slug": option.slug, "names": dict(option.names), "values": values}


def _write_variants(session: Session, item_id: str, item: ItemDraft) -> None:
    """A variant stays the same row as long as it is the same choice: a backer may have taken it."""
    rows = session.exec(select(ItemVariant).where(ItemVariant.item_id == item_id)).all()
    kept = {_chosen(row.choice): row for row in rows}
    wanted = {_chosen(variant.choice) for variant in item.variants}
    for choice, row in kept.items():
        if choice not in wanted:
            session.delete(row)
    session.flush()
    for position, variant in enumerate(item.variants):
        row = kept.get(_chosen(variant.choice)) or ItemVariant(item_id=item_id, sku=variant.sku)
        row.position, row.sku, row.choice = position, variant.sku, dict(variant.choice)
        row.weight_grams, row.customs_value_minor = variant.weight_grams, variant.customs_value_minor
        row.hs_code, row.quantity = variant.hs_code, variant.quantity
        session.add(row)
    session.flush()


def _chosen(choice: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(choice.items()))


def _write_tiers(
    session: Session, campaign: Campaign, draft: CampaignDraft, items: Mapping[str, str]
) -> dict[str, str]:
    kept = {row.slug: row for row in session.exec(select(Tier).where(Tier.campaign_id == campaign.id))}
    wanted = [(TierKind.BASE, tier) for tier in draft.tiers] + [(TierKind.ADD_ON, tier) for tier in draft.add_ons]
    session.connection().execute(delete(GOES_WITH).where(GOES_WITH.c.add_on_id.in_([row.id for row in kept.values()])))
    _remove(session, Tier, campaign.id, {tier.slug for _, tier in wanted})
    ids: dict[str, str] = {}
    for position, (kind, tier) in enumerate(wanted):
        row = kept.get(tier.slug) or Tier(campaign_id=campaign.id, slug=tier.slug, price_minor=tier.price_minor)
        row.kind, row.position = kind, position
        _write_tier(row, tier, draft.timezone)
        session.add(row)
        session.flush()
        ids[tier.slug] = row.id
        _write_parts(session, tier, ids, items)
    return ids


def _write_tier(row: Tier, tier: TierDraft, timezone: str) -> None:
    row.texts = {
        language: {"title": text.title, "description": text.description} for language, text in tier.texts.items()
    }
    row.price_minor, row.late_price_minor = tier.price_minor, tier.late_price_minor
    row.quantity = tier.quantity
    row.limit_per_backer = tier.limit_per_backer
    row.starts_at = instant(tier.starts_at, timezone)
    row.ends_at = instant(tier.ends_at, timezone)
    row.closed, row.secret_key, row.featured = tier.closed, tier.secret_key, tier.featured
    row.delivery, row.shipping, row.picture = tier.delivery, tier.shipping, tier.picture


def _write_parts(session: Session, tier: TierDraft, tiers: Mapping[str, str], items: Mapping[str, str]) -> None:
    connection, tier_id = session.connection(), tiers[tier.slug]
    connection.execute(delete(TIER_ITEM).where(TIER_ITEM.c.tier_id == tier_id))
    connection.execute(delete(RATE).where(RATE.c.tier_id == tier_id))
    brings = [{"tier_id": tier_id, "item_id": items[slug], "quantity": units} for slug, units in tier.items.items()]
    rates = [
        {"tier_id": tier_id, "country": code, "first_minor": rate.first_minor, "further_minor": rate.further_minor}
        for code, rate in tier.rates.items()
    ]
    goes_with = [{"add_on_id": tier_id, "tier_id": tiers[slug]} for slug in tier.tiers]
    for kind, parts in ((TIER_ITEM, brings), (RATE, rates), (GOES_WITH, goes_with)):
        if parts:
            connection.execute(insert(kind), parts)


def _forget_stretch_parts(session: Session, campaign_id: str) -> None:
    """Stretch goals point at tiers and items; what they point at is written anew after those."""
    goals = session.exec(select(StretchGoal).where(StretchGoal.campaign_id == campaign_id)).all()
    session.connection().execute(delete(GRANT).where(GRANT.c.goal_id.in_([goal.id for goal in goals])))
    for goal in goals:
        goal.item_id = goal.opens_tier_id = None
        session.add(goal)
    session.flush()


def _write_stretch_goals(
    session: Session, campaign: Campaign, draft: CampaignDraft, items: Mapping[str, str], tiers: Mapping[str, str]
) -> None:
    rows = session.exec(select(StretchGoal).where(StretchGoal.campaign_id == campaign.id))
    kept = {row.slug: row for row in rows}
    _remove(session, StretchGoal, campaign.id, {goal.slug for goal in draft.stretch_goals})
    for position, goal in enumerate(draft.stretch_goals):
        row = kept.get(goal.slug) or StretchGoal(campaign_id=campaign.id, slug=goal.slug, threshold=goal.threshold)
        row.position, row.threshold, row.measure = position, goal.threshold, goal.measure
        row.texts = {language: {"title": title} for language, title in goal.titles.items()}
        row.item_id = items[goal.item] if goal.item else None
        row.opens_tier_id = tiers[goal.opens] if goal.opens else None
        row.unit_cost_minor = goal.unit_cost_minor
        session.add(row)
        session.flush()
        grants = [
            {"goal_id": row.id, "tier_id": tiers[tier], "item_id": items[item], "quantity": units}
            for tier, granted in goal.grants.items()
            for item, units in granted.items()
        ]
        if grants:
            session.connection().execute(insert(GRANT), grants)


def _remove(
    session: Session, kind: type[Item] | type[Tier] | type[StretchGoal], campaign_id: str, wanted: Iterable[str]
) -> None:
    """Delete what the draft no longer names, with what hangs on it."""
    rows = session.exec(select(kind).where(kind.campaign_id == campaign_id, col(kind.slug).not_in(list(wanted))))
    for row in rows.all():
        connection = session.connection()
        if isinstance(row, Tier):
            connection.execute(delete(TIER_ITEM).where(TIER_ITEM.c.tier_id == row.id))
            connection.execute(delete(RATE).where(RATE.c.tier_id == row.id))
        if isinstance(row, Item):
            connection.execute(delete(VARIANT).where(VARIANT.c.item_id == row.id))
        session.delete(row)
    session.flush()
