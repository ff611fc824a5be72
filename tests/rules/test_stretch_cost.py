"""The unit-cost check of a stretch goal (RULES section 4): what it costs now and once it is reached."""

import pytest

from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.stretch_cost import Cost, cost, most_units, units, units_expected

GRANTS = {"one": {"light": 2}, "pair": {"light": 4, "sticker": 1}}


def test_units_are_counted_over_every_reward_that_gets_something() -> None:
    assert units(GRANTS, {"one": 10, "pair": 3, "crew": 7}) == 10 * 2 + 3 * 5
    assert units(GRANTS, {}) == 0
    assert units({}, {"one": 10}) == 0


@pytest.mark.parametrize(
    ("now", "count", "threshold", "expected"),
    [
        (35, 90_000_00, 180_000_00, 70),
        (1, 2, 3, 2),
        (1, 3, 4, 1),
        (35, 200, 150, 35),
        (35, 150, 150, 35),
        (0, 5, 100, 0),
    ],
)
def test_orders_rise_with_what_the_goal_counts_halves_up(now: int, count: int, threshold: int, expected: int) -> None:
    assert units_expected(now, count, threshold) == expected


def test_a_goal_costs_its_units_now_and_when_it_is_reached() -> None:
    assert cost(1_35, 35, 70) == (Cost(35, 47_25), Cost(70, 94_50))
    assert cost(0, 35, 70) == (Cost(35, 0), Cost(70, 0))


@pytest.mark.parametrize(
    ("measure", "threshold", "expected"),
    [(Measure.MONEY, 1_000_00, 15), (Measure.BACKERS, 500, 2_500), (Measure.ORDERS, 20, 100)],
)
def test_before_the_first_pledge_the_dearest_case_is_told(measure: Measure, threshold: int, expected: int) -> None:
    assert most_units(measure, threshold, GRANTS, {"one": 499_00, "pair": 400_00}) == expected


def test_rewards_without_a_price_and_goals_without_grants_cost_nothing() -> None:
    assert most_units(Measure.MONEY, 1_000_00, {"gift": {"light": 1}}, {"gift": 0}) == 0
    assert most_units(Measure.BACKERS, 500, {}, {}) == 0
