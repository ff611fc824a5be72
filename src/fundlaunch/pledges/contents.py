"""What a pledge brings, piece by piece: the items of its rewards, and those that reached stretch goals add."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns import stretch
from fundlaunch.campaigns.tables import Campaign, Item, TierItem
from fundlaunch.pledges import rows
from fundlaunch.pledges.tables import Pledge


@dataclass(frozen=True, slots=True)
class Piece:
    """So many of an item. `is_granted`: added by stretch goals, as they stand now."""

    count: int
    name: str
    is_granted: bool


def contents(session: Session, pledge: Pledge, campaign: Campaign, language: str) -> tuple[Piece, ...]:
    """Everything a pledge brings, in the order of the campaign's items, what is granted behind what was chosen."""
    units = rows.units(session, pledge.id)
    chosen: Counter[str] = Counter()
    granted: Counter[str] = Counter()
    for row in session.exec(select(TierItem).where(col(TierItem.tier_id).in_(units))):
        chosen[row.item_id] += row.quantity * units[row.tier_id]
    for tier_id, added in stretch.granted(session, campaign.id).items():
        for item_id, quantity in added.items():
            granted[item_id] += quantity * units.get(tier_id, 0)
    items = select(Item).where(Item.campaign_id == campaign.id).order_by(col(Item.position), col(Item.slug))
    names = {
        item.id: i18n.texts_in(item.texts, language, campaign.language).get("name") or item.slug
        for item in session.exec(items)
    }
    return tuple(
        Piece(counts[item_id], name, counts is granted)
        for counts in (chosen, granted)
        for item_id, name in names.items()
        if counts[item_id]
    )
