"""What a stretch goal costs its creator, now and when it is reached: looked at before one is published. Pure.

Units are what the goal grants; amounts are in minor units of the campaign's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fundlaunch.campaigns.states import Measure
from fundlaunch.money import share_half_up

Grants = Mapping[str, Mapping[str, int]]
"""Units by item by tier: what every unit of that tier brings besides."""


@dataclass(frozen=True, slots=True)
class Cost:
    """So many granted units and what they cost together."""

    units: int
    total_minor: int


def cost(unit_cost_minor: int, units_now: int, units_expected: int) -> tuple[Cost, Cost]:
    """What the units of now cost, and those that are expected when the goal is reached."""
    return Cost(units_now, unit_cost_minor * units_now), Cost(units_expected, unit_cost_minor * units_expected)


def units(grants: Grants, ordered: Mapping[str, int]) -> int:
    """Units that a reached goal grants for what is `ordered`, units by tier."""
    return sum(ordered.get(tier, 0) * per_unit(granted) for tier, granted in grants.items())


def per_unit(granted: Mapping[str, int]) -> int:
    """Units that one unit of a tier brings."""
    return sum(granted.values())


def units_expected(units_now: int, count_now: int, threshold: int) -> int:
    """Units when the count of the goal has risen from `count_now` to `threshold` and orders with it, halves up.

    A goal that is reached already grants what it grants now. `count_now` is more than zero.
    """
    return units_now if count_now >= threshold else share_half_up(units_now, threshold, count_now)


def most_units(measure: Measure, threshold: int, grants: Grants, prices_minor: Mapping[str, int]) -> int:
    """Units when nothing is ordered yet to reckon from: as if everybody took one of the tier that brings most.

    `prices_minor` by tier. A goal of money is reached by so many of them as the threshold pays for, rounded up.
    """
    if measure is not Measure.MONEY:
        return threshold * max(map(per_unit, grants.values()), default=0)
    paid = ((per_unit(granted), prices_minor.get(tier, 0)) for tier, granted in grants.items())
    return max((-(-threshold // price) * brought for brought, price in paid if price), default=0)
