"""The funding curve as figures: whole numbers only, inside the drawing, with falls drawn as falls."""

import re
from dataclasses import fields
from datetime import date, timedelta
from itertools import accumulate

import pytest

from fundlaunch.money import Money, percent_floored
from fundlaunch.studio.chart import NARROW, WIDE, Chart, Size, chart
from fundlaunch.studio.progress import Day, Progress

FIRST = date(2026, 11, 12)
NUMBER = re.compile(r"-?\d+(?:\.\d)?")


def progress(*minors: int, days: int = 30) -> Progress:
    totals = accumulate(minors)
    shown = tuple(
        Day(
            FIRST + timedelta(days=n),
            Money(minor, "USD"),
            1,
            Money(total, "USD"),
            percent_floored(total, 100),
            is_today=False,
        )
        for n, (minor, total) in enumerate(zip(minors, totals, strict=True))
    )
    return Progress(shown, FIRST + timedelta(days=days - 1), is_running=True)


def drawn(found: Progress, goal: int = 100_00, stretch: int = 0, size: Size = WIDE) -> Chart:
    return chart(found, Money(goal, "USD"), Money(stretch, "USD") if stretch else None, size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("minors", [(0,), (5_00,), (90_00, -30_00, 70_00), (10**14,) * 3, (1,) * 60])
def test_every_point_lies_inside_the_drawing(size: Size, minors: tuple[int, ...]) -> None:
    found = drawn(progress(*minors), stretch=150_00, size=size)
    points = [tuple(map(float, pair.split())) for pair in re.split("[ML]", found.line) if pair]
    assert len(points) == len(minors) + 1
    for x, y in points:
        assert 0 <= x <= size.width / 10
        assert size.top / 10 <= y <= size.floor / 10
    for column in found.columns:
        top, height = float(column.y), float(column.height)
        assert size.columns_top / 10 <= top <= top + height <= size.columns_floor / 10


def test_only_plain_numbers_reach_the_page() -> None:
    found = drawn(progress(10_00, 20_00))
    plain = [getattr(found, field.name) for field in fields(found) if field.type == "str" or field.type is str]
    numbers = [text for text in plain if text and text not in {"start", "end"} and not text.startswith("M")]
    assert numbers
    assert all(NUMBER.fullmatch(text) for text in numbers)


def test_the_line_falls_where_more_was_taken_back_than_pledged() -> None:
    found = drawn(progress(90_00, -30_00))
    heights = [float(pair.split()[1]) for pair in re.split("[ML]", found.line) if pair]
    assert heights[2] > heights[1]
    first, second = found.columns
    assert float(second.y) == pytest.approx(float(first.y) + float(first.height), abs=0.2)


def test_the_goal_is_drawn_above_a_campaign_that_has_not_reached_it_and_below_one_that_has() -> None:
    below, above = drawn(progress(50_00)), drawn(progress(200_00))
    assert float(below.goal.y) < float(below.dot_y)
    assert float(above.goal.y) > float(above.dot_y)


def test_a_stretch_goal_far_off_is_left_out() -> None:
    assert drawn(progress(50_00), stretch=150_00).stretch is not None
    assert drawn(progress(50_00), stretch=900_00).stretch is None
