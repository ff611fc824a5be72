"""What a campaign offers, as its pages show it: tiers and add-ons as frozen views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns.rules import ELSEWHERE, Availability, Offer, Rate
from fundlaunch.campaigns.states import Shipping, TierKind
from fundlaunch.campaigns.tables import Campaign, Item, ShippingRate, Tier, TierItem
from fundlaunch.money import Money

MEDIA = "/media/"


@dataclass(frozen=True, slots=True)
class Reward:
    """A tier or add-on on a page. `left` and `quantity` are None without a limit; `delivery` is the first of a month.

    `countries` are codes with a rate of their own, `is_worldwide` says that every other one is served too;
    `shipping_from` is the least a parcel costs. `items` are (quantity, name) for one unit.
    """

    id: str
    slug: str
    kind: TierKind
    title: str
    description: str
    price: Money
    quantity: int | None
    left: int | None
    limit: int
    backers: int
    availability: Availability
    starts_at: datetime | None
    ends_at: datetime | None
    delivery: date | None
    shipping: Shipping
    countries: tuple[str, ...]
    is_worldwide: bool
    shipping_from: Money | None
    items: tuple[tuple[int, str], ...]
    picture: str
    is_most_chosen: bool

    @property
    def is_open(self) -> bool:
        return self.availability is Availability.OPEN

    @property
    def taken(self) -> int:
        """Units held or pledged of a limited one."""
        return (self.quantity or 0) - (self.left or 0)

    @property
    def is_sent(self) -> bool:
        return self.shipping.is_sent


@dataclass(frozen=True, slots=True)
class _Around:
    """Everything beside a tier's own row that its view needs."""

    campaign: Campaign
    language: str
    now: datetime
    items: Mapping[str, Sequence[tuple[int, str]]]
    rates: Mapping[str, Mapping[str, Rate]]
    backers: Mapping[str | None, int]


def rewards(
    session: Session, campaign: Campaign, language: str, backers: Mapping[str | None, int], now: datetime
) -> tuple[Reward, ...]:
    """Every tier and add-on in the creator's order, those that cannot be chosen last. `backers` by tier id."""
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id)).all()
    around = _Around(campaign, language, now, _items(session, campaign, language), _rates(session, campaign), backers)
    views = [_view(tier, around, most=_most_chosen(tiers, backers)) for tier in sorted(tiers, key=_place)]
    return tuple(sorted(views, key=lambda view: view.availability not in {Availability.OPEN, Availability.NOT_YET}))


def media_url(name: str) -> str:
    """Where a file of the media folder is served; '' for none."""
    return MEDIA + name if name else ""


def _place(tier: Tier) -> tuple[int, int, str]:
    return (tier.position, tier.price_minor, tier.slug)


def _most_chosen(tiers: Iterable[Tier], backers: Mapping[str | None, int]) -> str:
    """The base tier with more backers than any other; '' while there is none."""
    counts = sorted(((backers.get(tier.id, 0), tier.id) for tier in tiers if tier.kind is TierKind.BASE), reverse=True)
    if len(counts) < 2 or counts[0][0] == counts[1][0]:
        return ""
    return counts[0][1]


def _view(tier: Tier, around: _Around, most: str) -> Reward:
    texts = i18n.texts_in(tier.texts, around.language, around.campaign.language)
    offer = Offer(tier.quantity, tier.claimed, tier.starts_at, tier.ends_at, tier.closed)
    rates = around.rates.get(tier.id, {}) if tier.shipping.is_sent else {}
    least = min((rate.first_minor for rate in rates.values()), default=None)
    return Reward(
        id=tier.id,
        slug=tier.slug,
        kind=tier.kind,
        title=texts.get("title") or tier.slug,
        description=texts.get("description", ""),
        price=Money(tier.price_minor, around.campaign.currency),
        quantity=tier.quantity,
        left=offer.left(),
        limit=tier.limit_per_backer,
        backers=around.backers.get(tier.id, 0),
        availability=offer.availability(around.now),
        starts_at=tier.starts_at,
        ends_at=tier.ends_at,
        delivery=date.fromisoformat(f"{tier.delivery}-01") if tier.delivery else None,
        shipping=tier.shipping,
        countries=tuple(sorted(code for code in rates if code != ELSEWHERE)),
        is_worldwide=tier.shipping is Shipping.WORLDWIDE and ELSEWHERE in rates,
        shipping_from=None if least is None else Money(least, around.campaign.currency),
        items=tuple(around.items.get(tier.id, ())),
        picture=media_url(tier.picture),
        is_most_chosen=tier.id == most,
    )


def _items(session: Session, campaign: Campaign, language: str) -> dict[str, list[tuple[int, str]]]:
    statement = (
        select(TierItem, Item)
        .where(TierItem.item_id == Item.id, Item.campaign_id == campaign.id)
        .order_by(col(Item.position), col(Item.slug))
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for packed, item in session.exec(statement):
        name = i18n.texts_in(item.texts, language, campaign.language).get("name") or item.slug
        found.setdefault(packed.tier_id, []).append((packed.quantity, name))
    return found


def _rates(session: Session, campaign: Campaign) -> dict[str, dict[str, Rate]]:
    statement = select(ShippingRate).where(ShippingRate.tier_id == Tier.id, Tier.campaign_id == campaign.id)
    found: dict[str, dict[str, Rate]] = {}
    for rate in session.exec(statement):
        found.setdefault(rate.tier_id, {})[rate.country] = Rate(rate.first_minor, rate.further_minor)
    return found
