"""What a reached stretch goal adds is in every list, and every list counts the same. On both databases."""

import re
from collections import Counter
from datetime import datetime

import pytest

from fundlaunch.campaigns.states import CampaignState, Measure
from fundlaunch.campaigns.tables import Campaign, StretchGoal, StretchGrant
from fundlaunch.database import Database
from fundlaunch.fulfilment.addresses import address_page
from fundlaunch.fulfilment.rows import ListKind
from fundlaunch.pledges.states import PledgeOrigin, PledgeState
from fundlaunch.pledges.tables import Pledge
from tests.cast import JIWOO, MINA, SAOIRSE, TEO
from tests.database.test_lists import taken
from tests.funded import LAUNCH, Given, funded

PLEDGES = [
    Given(MINA.name, MINA.email, "US"),
    Given(JIWOO.name, JIWOO.email, "KR", units={"board": 2, "battery": 3}),
    Given(SAOIRSE.name, SAOIRSE.email, "IE", tier="stickers", units={"stickers": 4}),
    Given(TEO.name, TEO.email, "DE", tier=None, units={}, bonus_minor=100),
]
SKU = {"deck": "DECK-01", "cell": "CELL-02", "dot": "DOT"}
INSIDE = {"board": {"deck": 1, "cell": 2}, "stickers": {"dot": 5}, "battery": {"cell": 1}}
GRANTS = {"lights": {"board": {"dot": 3}, "battery": {"dot": 1}}, "cells": {"board": {"cell": 1}}}
MISSED = {"moon": {"board": {"deck": 100}}}


def with_goals(database: Database, reached_at: datetime | None = LAUNCH) -> None:
    """The goals of GRANTS are reached then, the one of MISSED is not."""
    with database.transaction() as session:
        for slug, grants in (GRANTS | MISSED).items():
            goal = StretchGoal(
                id=slug, campaign_id="c1", slug=slug, measure=Measure.BACKERS, threshold=1,
                reached_at=reached_at if slug in GRANTS else None,
            )  # fmt: skip
            session.add(goal)
            session.flush()
            for tier_id, items in grants.items():
                for item_id, quantity in items.items():
                    session.add(StretchGrant(goal_id=slug, tier_id=tier_id, item_id=item_id, quantity=quantity))


def computed(*, granted: bool) -> Counter[str]:
    """Units by SKU, counted by hand from the pledges."""
    found: Counter[str] = Counter()
    for given in PLEDGES:
        for slug, units in given.units.items():
            for item, each in INSIDE.get(slug, {}).items():
                found[SKU[item]] += units * each
            for goal in GRANTS.values() if granted else ():
                for item, each in goal.get(slug, {}).items():
                    found[SKU[item]] += units * each
    return found


def counted(database: Database) -> list[Counter[str]]:
    """Units by SKU as each list counts them."""
    own: Counter[str] = Counter()
    for row in taken(database):
        own.update({sku: int(units) for sku, units in re.findall(r"(\S+) x(\d+)", row["items"])})
    kickstarter: Counter[str] = Counter()
    names = {"Deck": "DECK-01", "Spare battery": "CELL-02", "Sticker": "DOT"}
    for row in taken(database, name="kickstarter-2024"):
        kickstarter.update({sku: int(row[name]) for name, sku in names.items()})
    lines: Counter[str] = Counter()
    for row in taken(database, ListKind.ITEMS):
        lines[row["Item SKU"]] += int(row["Item Quantity"])
    columns: Counter[str] = Counter()
    for row in taken(database, ListKind.ITEMS, "per-pledge"):
        columns.update({sku: int(row[sku]) for sku in SKU.values()})
    *shelf, everything = taken(database, ListKind.PICKLIST)
    picked = Counter({row["SKU"]: int(row["Quantity"]) for row in shelf})
    assert int(everything["Quantity"]) == picked.total()
    return [+one for one in (own, kickstarter, lines, columns, picked)]


def test_granted_items_are_in_every_list_and_their_sums_are_those_counted_by_hand(database: Database) -> None:
    funded(database, PLEDGES)
    with_goals(database)
    assert counted(database) == [computed(granted=True)] * 5
    assert computed(granted=True) == {"DECK-01": 3, "CELL-02": 12, "DOT": 32}


def test_a_tier_that_held_nothing_itself_gets_what_is_granted(database: Database) -> None:
    funded(database, [Given(tier="thanks", units={"thanks": 2})])
    with_goals(database)
    with database.transaction() as session:
        session.add(StretchGrant(goal_id="lights", tier_id="thanks", item_id="dot", quantity=1))
    (row,) = taken(database)
    assert row["items"] == "DOT x2"


ENDED = (CampaignState.FAILED, CampaignState.CANCELED, CampaignState.SUSPENDED)


@pytest.mark.parametrize("status", [CampaignState.LIVE, CampaignState.SUCCESSFUL, *ENDED])
def test_only_a_campaign_that_keeps_its_word_brings_what_its_goals_promise(
    database: Database, status: CampaignState
) -> None:
    funded(database, PLEDGES)
    with_goals(database)
    with database.transaction() as session:
        session.get_one(Campaign, "c1").status = status
    assert counted(database) == [computed(granted=status not in ENDED)] * 5


def test_a_goal_that_is_not_reached_brings_nothing(database: Database) -> None:
    funded(database, PLEDGES)
    with_goals(database, reached_at=None)
    assert counted(database) == [computed(granted=False)] * 5


def test_whose_money_went_back_whole_stays_in_the_list_but_is_owed_nothing(database: Database) -> None:
    ids = funded(database, PLEDGES)
    with database.transaction() as session:
        for pledge_id, back_minor in ((ids[1], 0), (ids[2], 5_00)):
            pledge = session.get_one(Pledge, pledge_id)
            pledge.collected_minor = pledge.total_minor
            pledge.refunded_minor = pledge.total_minor - back_minor
    rows = taken(database)
    assert [(row["items"], row["address_status"]) for row in rows] == [
        ("DECK-01 x1; CELL-02 x2", "missing"),
        ("", "not_needed"),
        ("DOT x20", "missing"),
        ("", "not_needed"),
    ]
    assert counted(database) == [Counter({"DECK-01": 1, "CELL-02": 2, "DOT": 20})] * 5
    with database.reading() as session:
        tokens = [session.get_one(Pledge, pledge_id).token for pledge_id in ids[:3]]
        assert [address_page(session, token, "en").is_sent for token in tokens] == [True, False, True]


def test_late_and_offline_pledges_and_refunds_are_told_in_the_last_columns(database: Database) -> None:
    ids = funded(database, PLEDGES)
    with database.transaction() as session:
        campaign = session.get_one(Campaign, "c1")
        for pledge_id, origin, counts in (
            (ids[1], PledgeOrigin.LATE, "late"),
            (ids[3], PledgeOrigin.OFFLINE, "offline"),
        ):
            pledge = session.get_one(Pledge, pledge_id)
            pledge.origin = origin
            pledge.refunded_minor = 7_50
            campaign.pledged_minor -= pledge.total_minor
            campaign.backers -= 1
            setattr(campaign, f"{counts}_minor", pledge.total_minor)
            setattr(campaign, f"{counts}_backers", 1)
    rows = taken(database)
    assert [*rows[0]][-2:] == ["origin", "refunded_amount"]
    assert [(row["origin"], row["refunded_amount"]) for row in rows] == [
        ("campaign", "0.00"),
        ("late", "7.50"),
        ("campaign", "0.00"),
        ("offline", "7.50"),
    ]
    assert {row["status"] for row in rows} == {PledgeState.COLLECTED.value}
