"""Pledges decided from plain values: prices, limits, the last day, recovery (RULES sections 2, 4 and 6)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundlaunch.campaigns.policy import KICKSTARTER
from fundlaunch.campaigns.rules import Offer, Rate
from fundlaunch.campaigns.states import Shipping, TierKind
from fundlaunch.errors import BadInput, SoldOut
from fundlaunch.money import MOST_PLEDGE_MINOR
from fundlaunch.payments.facts import DeclineClass
from fundlaunch.pledges.rules import (
    Basket,
    Choice,
    Line,
    Selection,
    after_failure,
    is_final_notice,
    may_lower,
    next_reminder,
    price,
    tier_units,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FREE = Offer(quantity=None, claimed=0, starts_at=None, ends_at=None, closed=False)
BOARD = Choice(
    id="t-board",
    slug="board",
    title="One board",
    kind=TierKind.BASE,
    price_minor=50_00,
    limit_per_backer=3,
    offer=FREE,
    shipping=Shipping.SOME,
    rates={"US": Rate(5_00, 1_00)},
)
BAG = Choice("t-bag", "bag", "A bag", TierKind.ADD_ON, 10_00, 10, FREE, Shipping.NONE, {})
CHOICES = {"board": BOARD, "bag": BAG}


def priced(selection: Selection, **changes: Choice) -> Basket:
    return price(selection, CHOICES | changes, "USD", NOW)


def wanted(tier: str | None = "board", quantity: int = 1, bonus_minor: int = 0, **add_ons: int) -> Selection:
    return Selection(tier, quantity, add_ons, bonus_minor, "US")


def test_a_pledge_is_its_lines_and_shipping_and_bonus() -> None:
    basket = priced(wanted(quantity=2, bonus_minor=3_33, bag=3))
    lines = (Line("t-board", 2, 50_00, 6_00), Line("t-bag", 3, 10_00, 0))
    assert basket == Basket("t-board", 2, lines, 130_00, 6_00, 3_33, 139_33)


def test_a_pledge_without_a_reward_is_its_bonus_alone() -> None:
    assert priced(wanted(None, bonus_minor=7_00)) == Basket(None, 0, (), 0, 0, 7_00, 7_00)


def test_add_ons_come_only_with_a_reward() -> None:
    with pytest.raises(BadInput, match="only together with a reward"):
        priced(wanted(None, bonus_minor=7_00, bag=1))


@pytest.mark.parametrize("selection", [wanted("lamp"), wanted("bag"), wanted(board=1), wanted(lamp=1)])
def test_what_the_campaign_does_not_offer_in_that_place_is_refused(selection: Selection) -> None:
    with pytest.raises(BadInput, match="There is no reward"):
        priced(selection)


@pytest.mark.parametrize("quantity", [-1, 0, 4])
def test_the_limit_of_one_backer_is_kept(quantity: int) -> None:
    with pytest.raises(BadInput, match="1 to 3 times") as refused:
        priced(wanted(quantity=quantity))
    assert refused.value.field == "board"


def test_a_reward_is_not_sent_where_it_has_no_rate() -> None:
    with pytest.raises(BadInput, match="not sent to that country") as refused:
        priced(replace(wanted(), country="KR"))
    assert refused.value.field == "country"


@pytest.mark.parametrize(("bonus", "fits"), [(49, False), (50, True), (MOST_PLEDGE_MINOR["USD"] + 1, False)])
def test_a_pledge_lies_between_the_smallest_charge_and_the_largest_pledge(bonus: int, *, fits: bool) -> None:
    if fits:
        assert priced(wanted(None, bonus_minor=bonus)).total_minor == bonus
        return
    with pytest.raises(BadInput, match=r"at least 0\.50 USD and at most 25000\.00 USD"):
        priced(wanted(None, bonus_minor=bonus))


def few(left: int, *, mine: int = 0, closed: bool = False) -> Choice:
    return replace(BOARD, offer=replace(FREE, quantity=10, claimed=10 - left, closed=closed), mine=mine)


@pytest.mark.parametrize(("left", "quantity"), [(0, 1), (1, 2), (2, 3)])
def test_more_units_than_are_left_are_sold_out(left: int, quantity: int) -> None:
    with pytest.raises(SoldOut, match=f"has {left} left"):
        priced(wanted(quantity=quantity), board=few(left))


def test_a_closed_tier_is_not_open() -> None:
    with pytest.raises(SoldOut, match="is not open now"):
        priced(wanted(), board=few(5, closed=True))


def test_units_one_holds_already_need_not_be_left() -> None:
    assert priced(wanted(quantity=2), board=few(0, mine=2, closed=True)).tier_quantity == 2
    assert priced(wanted(quantity=3), board=few(1, mine=2)).tier_quantity == 3
    with pytest.raises(SoldOut):
        priced(wanted(quantity=3), board=few(0, mine=2))


@given(quantity=st.integers(1, 3), bags=st.integers(0, 10), bonus=st.integers(0, 10**6))
def test_every_basket_adds_up(quantity: int, bags: int, bonus: int) -> None:
    basket = priced(Selection("board", quantity, {"bag": bags} if bags else {}, bonus, "US"))
    assert basket.total_minor == basket.lines_minor + basket.shipping_minor + bonus
    assert basket.lines_minor == sum(line.quantity * line.unit_price_minor for line in basket.lines)
    assert tier_units(basket.lines) == {"t-board": quantity} | ({"t-bag": bags} if bags else {})


LAST_DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("to_go", "pledged", "less", "may"),
    [
        (LAST_DAY + SECOND, 100_00, 50_00, True),
        (LAST_DAY, 100_00, 1, False),
        (SECOND, 100_00, 1, False),
        (SECOND, 150_00, 50_00, True),
        (SECOND, 150_00, 50_01, False),
        (SECOND, 99_99, 50_00, True),
    ],
)
def test_in_the_last_day_nothing_takes_the_campaign_below_its_goal(
    to_go: timedelta, pledged: int, less: int, *, may: bool
) -> None:
    said = may_lower(pledged_minor=pledged, goal_minor=100_00, less_minor=less, deadline_at=NOW, now=NOW - to_go)
    assert said is may


END = NOW + KICKSTARTER.window


@pytest.mark.parametrize(
    ("decline", "tries", "now", "again"),
    [
        (DeclineClass.TRY_LATER, 1, NOW, END),
        (DeclineClass.TRY_LATER, 3, NOW, END),
        (DeclineClass.TRY_LATER, 4, NOW, None),
        (DeclineClass.TRY_LATER, 2, END, None),
        (DeclineClass.NEW_CARD, 1, NOW, None),
        (DeclineClass.BACKER, 1, NOW, None),
    ],
)
def test_a_card_is_tried_again_once_at_the_end_if_that_may_help(
    decline: DeclineClass, tries: int, now: datetime, again: datetime | None
) -> None:
    assert after_failure(KICKSTARTER, decline, window_ends_at=END, tries=tries, now=now).due_at == again


def test_letters_go_out_every_48_hours_and_the_last_is_the_final_notice() -> None:
    letters, at = [], next_reminder(KICKSTARTER, window_ends_at=END, now=NOW)
    while at is not None:
        letters.append((at - NOW, is_final_notice(KICKSTARTER, window_ends_at=END, now=at)))
        at = next_reminder(KICKSTARTER, window_ends_at=END, now=at)
    assert letters == [
        (timedelta(days=2), False),
        (timedelta(days=4), False),
        (timedelta(days=6), True),
    ]


def test_the_final_notice_comes_a_day_before_the_end_whatever_the_step() -> None:
    long = replace(KICKSTARTER, remind_every=timedelta(hours=50))
    assert next_reminder(long, window_ends_at=END, now=NOW + timedelta(hours=100)) == END - timedelta(days=1)
