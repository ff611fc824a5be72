"""A rehearsal of a campaign whose stretch goals add items and open a tier: its lists hold what was reached."""

import csv
import json
from pathlib import Path

import pytest

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.rehearsal.run import Rehearsed, rehearse

BOARD = """
slug = "board"
creator = "Noa Lindqvist"
currency = "USD"
goal = "100"
duration_days = 3
title = "A board"
blurb = "It rolls."
story = "It rolls well."

[[items]]
slug = "board"
sku = "BOARD"
name = "Board"

[[items]]
slug = "light"
sku = "LIGHT"
name = "Light"

[[tiers]]
slug = "board"
title = "One board"
price = "50"
limit_per_backer = 3
delivery = "2027-05"
items = { board = 1 }

[[tiers]]
slug = "green"
title = "A green board"
price = "60"
delivery = "2027-05"
items = { board = 1 }

[[stretch_goals]]
slug = "crowd"
title = "A crowd"
measure = "backers"
threshold = 3
opens = "green"
grants = { board = { light = 2 } }

[[stretch_goals]]
slug = "boards"
title = "Many boards"
measure = "orders"
item = "board"
threshold = 6
grants = { green = { light = 1 }, board = { board = 1 } }

[[stretch_goals]]
slug = "moon"
title = "To the moon"
threshold = "1000000"
grants = { board = { light = 100 } }
"""

HEADER = "time,email,name,country,line1,city,state,postcode,tier,quantity,add_ons,bonus,event,card"


def row(number: int, hour: int, tier: str = "board", quantity: int = 1, event: str = "pledge") -> str:
    at = f"2026-11-01T{hour:02}:30:00Z"
    return f"{at},backer-{number}@example.org,Backer {number},,,,,,{tier},{quantity},,0,{event},ok"


ROWS = (
    row(1, 0),
    row(2, 1, "green"),  # not open yet
    row(3, 2),
    row(4, 3, quantity=3),  # the third backer: the crowd, and five boards
    row(5, 4, "green"),  # six boards
    row(4, 5, quantity=2, event="change"),  # five: the goal falls back
    row(6, 6),  # six again
)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsed, Path]:
    folder = tmp_path_factory.mktemp("granted")
    campaign, pledges = folder / "campaign.toml", folder / "pledges.csv"
    campaign.write_text(BOARD, encoding="utf-8")
    pledges.write_text("\n".join((HEADER, *ROWS)), encoding="utf-8")
    return rehearse(campaign, pledges, folder / "out", lambda *_: None), folder / "out"


def listed(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_goal_says_when_it_was_reached_for_good_or_never(rehearsed: tuple[Rehearsed, Path]) -> None:
    result = rehearsed[0].result
    assert result.outcome is CampaignState.SUCCESSFUL
    assert json.loads(json.dumps(result.shape()))["stretch_goals"] == {
        "crowd": "2026-11-01T03:30:00+00:00",
        "boards": "2026-11-01T06:30:00+00:00",
        "moon": None,
    }
    assert rehearsed[0].violations == {}


def test_a_tier_that_waits_for_a_goal_is_refused_before_it(rehearsed: tuple[Rehearsed, Path]) -> None:
    assert len(rehearsed[0].refused) == 1
    assert rehearsed[0].result.tiers == {"board": 4, "green": 1}


def test_every_list_holds_what_was_reached(rehearsed: tuple[Rehearsed, Path]) -> None:
    # board: 1 board + 1 granted, 2 lights; green: 1 board, 1 light; 5 units of board, 1 of green.
    shelf = {line["SKU"]: line["Quantity"] for line in listed(rehearsed[1], "picklist.csv")}
    assert (shelf["BOARD"], shelf["LIGHT"]) == ("11", "11")
    (green,) = [line for line in listed(rehearsed[1], "backers.csv") if line["tier"] == "green"]
    assert green["items"] == "BOARD x1; LIGHT x1"
