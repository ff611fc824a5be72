"""A selection with its sums, as pages show it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from fundlaunch.campaigns.rewards import Reward
from fundlaunch.money import Money
from fundlaunch.pledges.rules import Basket


@dataclass(frozen=True, slots=True)
class LineView:
    """So many units of a reward or add-on. `total` is without shipping."""

    title: str
    quantity: int
    unit: Money
    total: Money
    picture: str
    delivery: date | None


@dataclass(frozen=True, slots=True)
class BasketView:
    """A column that adds up: lines + shipping + bonus = total. `country` is '' where nothing is sent."""

    lines: tuple[LineView, ...]
    country: str
    shipping: Money
    bonus: Money
    total: Money


@dataclass(frozen=True, slots=True)
class LineParts:
    """What a line's view is made of, whether it was priced just now or written down with a pledge."""

    tier_id: str
    quantity: int
    unit_minor: int


def basket_view(basket: Basket, rewards: Iterable[Reward], country: str, currency: str) -> BasketView:
    """A basket priced just now."""
    by_id = {reward.id: reward for reward in rewards}
    lines = [LineParts(line.tier_id, line.quantity, line.unit_price_minor) for line in basket.lines]
    is_sent = any(by_id[line.tier_id].is_sent for line in lines)
    return BasketView(
        lines=line_views(lines, by_id, currency),
        country=country if is_sent else "",
        shipping=Money(basket.shipping_minor, currency),
        bonus=Money(basket.bonus_minor, currency),
        total=Money(basket.total_minor, currency),
    )


def line_views(lines: Iterable[LineParts], by_id: Mapping[str, Reward], currency: str) -> tuple[LineView, ...]:
    """Lines with the words and pictures of what they buy."""
    return tuple(
        LineView(
            title=by_id[line.tier_id].title,
            quantity=line.quantity,
            unit=Money(line.unit_minor, currency),
            total=Money(line.unit_minor * line.quantity, currency),
            picture=by_id[line.tier_id].picture,
            delivery=by_id[line.tier_id].delivery,
        )
        for line in lines
    )
