"""What a campaign's rows offer, as plain values: items, tiers, add-ons and stretch goals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from fundlaunch.campaigns.draft import (
    ItemDraft,
    ItemOption,
    OptionValue,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.rules import Rate
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


@dataclass(frozen=True, slots=True)
class Offered:
    """What a campaign offers, in the creator's order."""

    items: tuple[ItemDraft, ...]
    tiers: tuple[TierDraft, ...]
    add_ons: tuple[TierDraft, ...]
    stretch_goals: tuple[StretchDraft, ...]


def read(session: Session, campaign: Campaign) -> Offered:
    """What a campaign's rows offer; times as wall-clock times of its zone."""
    items = session.exec(select(Item).where(Item.campaign_id == campaign.id).order_by(col(Item.position))).all()
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id).order_by(col(Tier.position))).all()
    item_slugs = {item.id: item.slug for item in items}
    tier_slugs = {tier.id: tier.slug for tier in tiers}
    parts = _Parts(
        item_slugs,
        tier_slugs,
        _brought(session, item_slugs, tier_slugs),
        _rates(session, tier_slugs),
        _goes_with(session, tier_slugs),
    )
    drafts = [(row.kind, _tier(row, campaign.timezone, parts)) for row in tiers]
    return Offered(
        items=tuple(_items(session, items)),
        tiers=tuple(draft for kind, draft in drafts if kind is TierKind.BASE),
        add_ons=tuple(draft for kind, draft in drafts if kind is TierKind.ADD_ON),
        stretch_goals=tuple(_stretch_goals(session, campaign, parts)),
    )


def wall(instant: datetime | None, timezone: str) -> datetime | None:
    """An instant as the wall-clock time of a zone."""
    return None if instant is None else instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Slugs by id, and what hangs on tiers by tier id."""

    items: Mapping[str, str]
    tiers: Mapping[str, str]
    brings: Mapping[str, dict[str, int]]
    rates: Mapping[str, dict[str, Rate]]
    goes_with: Mapping[str, tuple[str, ...]]


def _brought(session: Session, items: Mapping[str, str], tiers: Mapping[str, str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in session.exec(select(TierItem).where(col(TierItem.tier_id).in_(tiers))):
        found.setdefault(row.tier_id, {})[items[row.item_id]] = row.quantity
    return found


def _rates(session: Session, tiers: Mapping[str, str]) -> dict[str, dict[str, Rate]]:
    found: dict[str, dict[str, Rate]] = {}
    for row in session.exec(select(ShippingRate).where(col(ShippingRate.tier_id).in_(tiers))):
        found.setdefault(row.tier_id, {})[row.country] = Rate(row.first_minor, row.further_minor)
    return found


def _goes_with(session: Session, tiers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Slugs in the order of the tiers, so that reading gives what was written."""
    places = {tier_id: n for n, tier_id in enumerate(tiers)}
    rows = session.exec(select(AddOnTier).where(col(AddOnTier.add_on_id).in_(tiers))).all()
    found: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: places[row.tier_id]):
        found[row.add_on_id] = (*found.get(row.add_on_id, ()), tiers[row.tier_id])
    return found


def _items(session: Session, rows: Iterable[Item]) -> Iterable[ItemDraft]:
    rows = list(rows)
    ids = [row.id for row in rows]
    variants: dict[str, list[VariantDraft]] = {}
    found = select(ItemVariant).where(col(ItemVariant.item_id).in_(ids)).order_by(col(ItemVariant.position))
    for row in session.exec(found):
        variants.setdefault(row.item_id, []).append(_variant(row))
    return [_item(row, tuple(variants.get(row.id, ()))) for row in rows]


def _variant(row: ItemVariant) -> VariantDraft:
    return VariantDraft(row.sku, dict(row.choice), row.weight_grams, row.customs_value_minor, row.hs_code, row.quantity)


def _item(row: Item, variants: tuple[VariantDraft, ...]) -> ItemDraft:
    return ItemDraft(
        slug=row.slug,
        sku=row.sku,
        names={language: text["name"] for language, text in row.texts.items()},
        weight_grams=row.weight_grams,
        customs_value_minor=row.customs_value_minor,
        hs_code=row.hs_code,
        options=tuple(
            ItemOption(
                option["slug"],
                option["names"],
                tuple(OptionValue(value["slug"], value["names"]) for value in option["values"]),
            )
            for option in row.options
        ),
        variants=variants,
    )


def _tier(row: Tier, timezone: str, parts: _Parts) -> TierDraft:
    texts = {lang: TierText(text["title"], text["description"]) for lang, text in row.texts.items()}
    return TierDraft(
        slug=row.slug,
        texts=texts,
        price_minor=row.price_minor,
        late_price_minor=row.late_price_minor,
        quantity=row.quantity,
        limit_per_backer=row.limit_per_backer,
        starts_at=wall(row.starts_at, timezone),
        ends_at=wall(row.ends_at, timezone),
        closed=row.closed,
        secret_key=row.secret_key,
        featured=row.featured,
        delivery=row.delivery,
        shipping=row.shipping,
        rates=parts.rates.get(row.id, {}),
        items=parts.brings.get(row.id, {}),
        tiers=parts.goes_with.get(row.id, ()),
        picture=row.picture,
    )


def _stretch_goals(session: Session, campaign: Campaign, parts: _Parts) -> Iterable[StretchDraft]:
    rows = session.exec(
        select(StretchGoal).where(StretchGoal.campaign_id == campaign.id).order_by(col(StretchGoal.position))
    ).all()
    grants: dict[str, dict[str, dict[str, int]]] = {}
    for grant in session.exec(select(StretchGrant).where(col(StretchGrant.goal_id).in_([row.id for row in rows]))):
        named = grants.setdefault(grant.goal_id, {}).setdefault(parts.tiers[grant.tier_id], {})
        named[parts.items[grant.item_id]] = grant.quantity
    return [
        StretchDraft(
            slug=row.slug,
            titles={lang: text["title"] for lang, text in row.texts.items()},
            threshold=row.threshold,
            measure=row.measure,
            item=parts.items[row.item_id] if row.item_id else "",
            grants=grants.get(row.id, {}),
            opens=parts.tiers[row.opens_tier_id] if row.opens_tier_id else "",
            unit_cost_minor=row.unit_cost_minor,
        )
        for row in rows
    ]
