"""A draft as rows and back: what `actions` writes and what `edits` compares with. Reads and writes, decides nothing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, insert
from sqlmodel import Session, col, select

from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    Picture,
    StretchDraft,
    TierDraft,
    TierText,
)
from fundlaunch.campaigns.rules import Rate, local_instant
from fundlaunch.campaigns.states import TierKind
from fundlaunch.campaigns.tables import Campaign, Item, ShippingRate, StretchGoal, Tier, TierItem

TIER_ITEM = cast("Table", TierItem.__table__)  # type: ignore[attr-defined]  # SQLModel adds it, its types do not say so
RATE = cast("Table", ShippingRate.__table__)  # type: ignore[attr-defined]  # as above


def read(session: Session, campaign: Campaign) -> CampaignDraft:
    """The draft that a campaign's rows are; times as wall-clock times of its zone."""
    items = session.exec(select(Item).where(Item.campaign_id == campaign.id).order_by(col(Item.position))).all()
    goals = session.exec(
        select(StretchGoal).where(StretchGoal.campaign_id == campaign.id).order_by(col(StretchGoal.position))
    ).all()
    tiers = _tiers(session, campaign, {item.id: item.slug for item in items})
    return CampaignDraft(
        slug=campaign.slug,
        currency=campaign.currency,
        goal_minor=campaign.goal_minor,
        texts={language: _text(text) for language, text in campaign.texts.items()},
        language=campaign.language,
        creator_name=campaign.creator_name,
        place=campaign.place,
        accent=campaign.accent,
        video=campaign.video,
        poster=campaign.poster,
        poster_alt=dict(campaign.poster_alt),
        pictures={name: Picture(*found) for name, found in campaign.pictures.items()},
        duration_days=campaign.duration_days,
        deadline=_wall(campaign.deadline_at, campaign.timezone),
        timezone=campaign.timezone,
        takes_plain_pledges=campaign.takes_plain_pledges,
        items=tuple(map(_item, items)),
        tiers=tuple(draft for kind, draft in tiers if kind is TierKind.BASE),
        add_ons=tuple(draft for kind, draft in tiers if kind is TierKind.ADD_ON),
        stretch_goals=tuple(
            StretchDraft(goal.slug, {lang: text["title"] for lang, text in goal.texts.items()}, goal.threshold_minor)
            for goal in goals
        ),
    )


def write(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    """Make the rows say what the draft says. `deadline_at` is left to the caller, since a launch decides on it."""
    write_head(campaign, draft)
    session.add(campaign)
    session.flush()
    items = _write_items(session, campaign, draft)
    _write_tiers(session, campaign, draft, items)
    _write_stretch_goals(session, campaign, draft)
    _remove(session, Item, campaign.id, {item.slug for item in draft.items})


def write_head(campaign: Campaign, draft: CampaignDraft) -> None:
    """The fields of the campaign's own row."""
    campaign.slug = draft.slug
    campaign.language = draft.language
    campaign.texts = {language: _text_row(text) for language, text in draft.texts.items()}
    campaign.creator_name = draft.creator_name
    campaign.place = draft.place
    campaign.accent = draft.accent.lower()
    campaign.video = draft.video
    campaign.poster = draft.poster
    campaign.poster_alt = dict(draft.poster_alt)
    campaign.pictures = {
        name: [picture.media_name, picture.width, picture.height] for name, picture in draft.pictures.items()
    }
    campaign.currency = draft.currency
    campaign.goal_minor = draft.goal_minor
    campaign.duration_days = draft.duration_days
    campaign.timezone = draft.timezone
    campaign.takes_plain_pledges = draft.takes_plain_pledges


def _wall(instant: datetime | None, timezone: str) -> datetime | None:
    return None if instant is None else instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)


def _instant(wall: datetime | None, timezone: str) -> datetime | None:
    return None if wall is None else local_instant(wall, timezone)


def _text(found: Mapping[str, Any]) -> CampaignText:
    faq = tuple((question, answer) for question, answer in found.get("faq", []))
    return CampaignText(
        found.get("title", ""), found.get("blurb", ""), found.get("story", ""), found.get("risks", ""), faq
    )


def _text_row(text: CampaignText) -> dict[str, Any]:
    return {
        "title": text.title,
        "blurb": text.blurb,
        "story": text.story,
        "risks": text.risks,
        "faq": [list(pair) for pair in text.faq],
    }


def _item(row: Item) -> ItemDraft:
    return ItemDraft(
        slug=row.slug,
        sku=row.sku,
        names={language: text["name"] for language, text in row.texts.items()},
        weight_grams=row.weight_grams,
        customs_value_minor=row.customs_value_minor,
        hs_code=row.hs_code,
    )


def _tiers(session: Session, campaign: Campaign, items: Mapping[str, str]) -> list[tuple[TierKind, TierDraft]]:
    rows = session.exec(select(Tier).where(Tier.campaign_id == campaign.id).order_by(col(Tier.position))).all()
    ids = [row.id for row in rows]
    brings: dict[str, dict[str, int]] = {tier_id: {} for tier_id in ids}
    for found in session.exec(select(TierItem).where(col(TierItem.tier_id).in_(ids))):
        brings[found.tier_id][items[found.item_id]] = found.quantity
    rates: dict[str, dict[str, Rate]] = {tier_id: {} for tier_id in ids}
    for rate in session.exec(select(ShippingRate).where(col(ShippingRate.tier_id).in_(ids))):
        rates[rate.tier_id][rate.country] = Rate(rate.first_minor, rate.further_minor)
    return [(row.kind, _tier(row, campaign.timezone, brings[row.id], rates[row.id])) for row in rows]


def _tier(row: Tier, timezone: str, items: dict[str, int], rates: dict[str, Rate]) -> TierDraft:
    texts = {lang: TierText(text["title"], text["description"]) for lang, text in row.texts.items()}
    return TierDraft(
        slug=row.slug,
        texts=texts,
        price_minor=row.price_minor,
        quantity=row.quantity,
        limit_per_backer=row.limit_per_backer,
        starts_at=_wall(row.starts_at, timezone),
        ends_at=_wall(row.ends_at, timezone),
        closed=row.closed,
        featured=row.featured,
        delivery=row.delivery,
        shipping=row.shipping,
        rates=rates,
        items=items,
        picture=row.picture,
    )


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
        session.add(row)
        ids[item.slug] = row.id
    session.flush()
    return ids


def _write_tiers(session: Session, campaign: Campaign, draft: CampaignDraft, items: Mapping[str, str]) -> None:
    kept = {row.slug: row for row in session.exec(select(Tier).where(Tier.campaign_id == campaign.id))}
    wanted = [(TierKind.BASE, tier) for tier in draft.tiers] + [(TierKind.ADD_ON, tier) for tier in draft.add_ons]
    _remove(session, Tier, campaign.id, {tier.slug for _, tier in wanted})
    for position, (kind, tier) in enumerate(wanted):
        row = kept.get(tier.slug) or Tier(campaign_id=campaign.id, slug=tier.slug, price_minor=tier.price_minor)
        row.kind, row.position = kind, position
        _write_tier(row, tier, draft.timezone)
        session.add(row)
        session.flush()
        _write_parts(session, row.id, tier, items)


def _write_tier(row: Tier, tier: TierDraft, timezone: str) -> None:
    row.texts = {
        language: {"title": text.title, "description": text.description} for language, text in tier.texts.items()
    }
    row.price_minor = tier.price_minor
    row.quantity = tier.quantity
    row.limit_per_backer = tier.limit_per_backer
    row.starts_at = _instant(tier.starts_at, timezone)
    row.ends_at = _instant(tier.ends_at, timezone)
    row.closed, row.featured = tier.closed, tier.featured
    row.delivery, row.shipping, row.picture = tier.delivery, tier.shipping, tier.picture


def _write_parts(session: Session, tier_id: str, tier: TierDraft, items: Mapping[str, str]) -> None:
    connection = session.connection()
    connection.execute(delete(TIER_ITEM).where(TIER_ITEM.c.tier_id == tier_id))
    connection.execute(delete(RATE).where(RATE.c.tier_id == tier_id))
    brings = [{"tier_id": tier_id, "item_id": items[slug], "quantity": units} for slug, units in tier.items.items()]
    rates = [
        {"tier_id": tier_id, "country": code, "first_minor": rate.first_minor, "further_minor": rate.further_minor}
        for code, rate in tier.rates.items()
    ]
    if brings:
        connection.execute(insert(TIER_ITEM), brings)
    if rates:
        connection.execute(insert(RATE), rates)


def _write_stretch_goals(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    rows = session.exec(select(StretchGoal).where(StretchGoal.campaign_id == campaign.id))
    kept = {row.slug: row for row in rows}
    _remove(session, StretchGoal, campaign.id, {goal.slug for goal in draft.stretch_goals})
    for position, goal in enumerate(draft.stretch_goals):
        row = kept.get(goal.slug) or StretchGoal(
            campaign_id=campaign.id, slug=goal.slug, threshold_minor=goal.threshold_minor
        )
        row.position, row.threshold_minor = position, goal.threshold_minor
        row.texts = {language: {"title": title} for language, title in goal.titles.items()}
        session.add(row)
    session.flush()


def _remove(
    session: Session, kind: type[Item] | type[Tier] | type[StretchGoal], campaign_id: str, wanted: Iterable[str]
) -> None:
    """Delete what the draft no longer names, with what hangs on it."""
    rows = session.exec(select(kind).where(kind.campaign_id == campaign_id, col(kind.slug).not_in(list(wanted))))
    for row in rows.all():
        if isinstance(row, Tier):
            session.connection().execute(delete(TIER_ITEM).where(TIER_ITEM.c.tier_id == row.id))
            session.connection().execute(delete(RATE).where(RATE.c.tier_id == row.id))
        session.delete(row)
    session.flush()
