"""What it costs to send a basket to every country, by the rule that prices pledges (campaigns.rules.shipping_rate)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.rules import shipping_rate
from fundlaunch.money import Money


@dataclass(frozen=True, slots=True)
class Zone:
    """Countries (codes) to which a basket costs the same. `cost` is None where a part of it is not sent at all.

    `left_out` are the titles of those parts.
    """

    cost: Money | None
    countries: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A basket to look at: units of one reward ('' for none) and of add-ons by slug."""

    tier: str
    quantity: int
    add_ons: Mapping[str, int]


def chosen(draft: CampaignDraft, wanted: Wanted) -> list[tuple[TierDraft, int]]:
    """The offers of a basket with their units; what the campaign does not have is left out."""
    counts = {wanted.tier: wanted.quantity}
    tiers = [(tier, counts[tier.slug]) for tier in draft.tiers if counts.get(tier.slug)]
    return tiers + [
        (add_on, wanted.add_ons[add_on.slug]) for add_on in draft.add_ons if wanted.add_ons.get(add_on.slug)
    ]


def is_sent(basket: Sequence[tuple[TierDraft, int]]) -> bool:
    """True if a parcel goes out for a basket."""
    return any(offer.shipping.is_sent for offer, _ in basket)


def zones(draft: CampaignDraft, basket: Sequence[tuple[TierDraft, int]], titles: Mapping[str, str]) -> tuple[Zone, ...]:
    """Every country in groups of equal cost, the cheapest first and those it is not sent to last."""
    groups: dict[tuple[int | None, tuple[str, ...]], list[str]] = {}
    for country in sorted(all_countries()):
        rates = [(offer, shipping_rate(offer.shipping, offer.rates, country), units) for offer, units in basket]
        left_out = tuple(titles[offer.slug] for offer, rate, _ in rates if rate is None)
        cost = None if left_out else sum(rate.cost(units) for _, rate, units in rates if rate is not None)
        groups.setdefault((cost, left_out), []).append(country)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0] is None, group[0][0] or 0, group[0][1]))
    return tuple(
        Zone(None if cost is None else Money(cost, draft.currency), tuple(countries), left_out)
        for (cost, left_out), countries in ordered
    )


def weight_grams(draft: CampaignDraft, basket: Sequence[tuple[TierDraft, int]]) -> int:
    """What the items of a basket weigh, as far as their weights were said; of one with variants its own weight."""
    weights = {item.slug: item.weight_grams for item in draft.items}
    return sum(weights.get(slug, 0) * units * count for offer, count in basket for slug, units in offer.items.items())


def price(draft: CampaignDraft, basket: Sequence[tuple[TierDraft, int]]) -> Money:
    """What a basket costs without shipping."""
    return Money(sum(offer.price_minor * units for offer, units in basket), draft.currency)


def strangers(basket: Sequence[tuple[TierDraft, int]], tier: str) -> list[TierDraft]:
    """Add-ons of a basket that do not go with its reward."""
    return [offer for offer, _ in basket if offer.tiers and tier not in offer.tiers]
