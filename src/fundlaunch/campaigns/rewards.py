"""What a campaign offers, as its pages show it: tiers and add-ons as frozen views."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from fundlaunch import i18n
from fundlaunch.campaigns import stretch
from fundlaunch.campaigns.regions import REGIONS
from fundlaunch.campaigns.rules import ELSEWHERE, Availability, Offer, Rate
from fundlaunch.campaigns.states import CampaignState, Shipping, TierKind
from fundlaunch.campaigns.tables import AddOnTier, Campaign, Item, ShippingRate, StretchGoal, Tier, TierItem
from fundlaunch.money import Money

MEDIA = "/media/"

OVER = frozenset({Availability.SOLD_OUT, Availability.ENDED, Availability.CLOSED})
"""What cannot be chosen and, as it stands, will not be."""


@dataclass(frozen=True, slots=True)
class Reward:
    """A tier or add-on on a page. `left` and `quantity` are None without a limit; `delivery` is the first of a month.

    `price` is that of the campaign's phase. `opened_by` names the stretch goal a locked one waits for; `goes_with` are
    the ids of the tiers an add-on comes with, none for all. `secret_key` is for asking only, never for a page.

    `countries` are codes with a rate of their own or of their region, `is_worldwide` says that every other one is
    served too; `shipping_from` is the least a parcel costs. `items` are (quantity, name) for one unit.
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
    is_featured: bool = False
    secret_key: str = ""
    opened_by: str = ""
    goes_with: tuple[str, ...] = ()

    def fits(self, tier: "Reward | None") -> bool:
        """True if this add-on goes with a tier; before one is chosen with any."""
        return tier is None or not self.goes_with or tier.id in self.goes_with

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
    locked: Mapping[str, StretchGoal]
    limits: Mapping[str, frozenset[str]]


def rewards(
    session: Session,
    campaign: Campaign,
    language: str,
    backers: Mapping[str | None, int],
    now: datetime,
    key: str | None = "",
) -> tuple[Reward, ...]:
    """The tiers and add-ons: featured first, then in the creator's order, those that are over last.

    `backers` by tier id. Secret ones only where `key` opens them; None is for who may see them all.
    """
    tiers = session.exec(select(Tier).where(Tier.campaign_id == campaign.id)).all()
    around = _Around(
        campaign,
        language,
        now,
        _items(session, campaign, language),
        _rates(session, campaign),
        backers,
        locked(session, campaign),
        limits(session, campaign),
    )
    most = _most_chosen(tiers, backers)
    seen = [tier for tier in tiers if key is None or tier.secret_key in {"", key}]
    views = [_view(tier, around, most) for tier in sorted(seen, key=_place)]
    return tuple(sorted(views, key=lambda view: (view.availability in OVER, not view.is_featured)))


def price_minor(tier: Tier, campaign: Campaign) -> int:
    """What a unit costs in the campaign's phase: late pledges may have a price of their own."""
    is_late = campaign.status is CampaignState.SUCCESSFUL
    return tier.late_price_minor if is_late and tier.late_price_minor is not None else tier.price_minor


def offer(tier: Tier, locked: Collection[str]) -> Offer:
    """What decides whether a tier can be chosen; `locked` are the ids of those that wait for a stretch goal."""
    return Offer(tier.quantity, tier.claimed, tier.starts_at, tier.ends_at, tier.closed, tier.id in locked)


def locked(session: Session, campaign: Campaign) -> dict[str, StretchGoal]:
    """The stretch goal that each locked tier waits for, by tier id: the nearest of those that open it."""
    waiting = stretch.locked_tiers(session, campaign.id)
    if not waiting:
        return {}
    statement = select(StretchGoal).where(col(StretchGoal.opens_tier_id).in_(waiting))
    goals = session.exec(statement.order_by(col(StretchGoal.threshold).desc()))
    return {goal.opens_tier_id: goal for goal in goals if goal.opens_tier_id}


def limits(session: Session, campaign: Campaign) -> dict[str, frozenset[str]]:
    """The ids of the tiers that an add-on comes with, by the add-on's id; one that goes with all is not in it."""
    found: dict[str, set[str]] = {}
    statement = select(AddOnTier).where(AddOnTier.add_on_id == Tier.id, Tier.campaign_id == campaign.id)
    for pair in session.exec(statement):
        found.setdefault(pair.add_on_id, set()).add(pair.tier_id)
    return {add_on: frozenset(tiers) for add_on, tiers in found.items()}


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
    offered = offer(tier, around.locked)
    rates = around.rates.get(tier.id, {}) if tier.shipping.is_sent else {}
    least = min((rate.first_minor for rate in rates.values()), default=None)
    return Reward(
        id=tier.id,
        slug=tier.slug,
        kind=tier.kind,
        title=texts.get("title") or tier.slug,
        description=texts.get("description", ""),
        price=Money(price_minor(tier, around.campaign), around.campaign.currency),
        quantity=tier.quantity,
        left=offered.left(),
        limit=tier.limit_per_backer,
        backers=around.backers.get(tier.id, 0),
        availability=offered.availability(around.now),
        starts_at=tier.starts_at,
        ends_at=tier.ends_at,
        delivery=date.fromisoformat(f"{tier.delivery}-01") if tier.delivery else None,
        shipping=tier.shipping,
        countries=_countries(rates),
        is_worldwide=tier.shipping is Shipping.WORLDWIDE and ELSEWHERE in rates,
        shipping_from=None if least is None else Money(least, around.campaign.currency),
        items=tuple(around.items.get(tier.id, ())),
        picture=media_url(tier.picture),
        is_most_chosen=tier.id == most,
        is_featured=tier.featured,
        secret_key=tier.secret_key,
        opened_by=_opened_by(tier, around),
        goes_with=tuple(sorted(around.limits.get(tier.id, ()))),
    )


def _countries(rates: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({code for place in rates if place != ELSEWHERE for code in REGIONS.get(place, {place})}))


def _opened_by(tier: Tier, around: _Around) -> str:
    goal = around.locked.get(tier.id)
    if goal is None:
        return ""
    return i18n.texts_in(goal.texts, around.language, around.campaign.language).get("title") or goal.slug


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
