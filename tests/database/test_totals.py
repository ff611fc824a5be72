"""The totals of a campaign move together and in one order; stretch goals follow them, and nothing moves when frozen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from fundlaunch.campaigns import stretch, tally
from fundlaunch.campaigns.states import Measure
from fundlaunch.campaigns.tables import Campaign, CampaignChange, Item, StretchGoal, StretchGrant, Tier, TierItem
from fundlaunch.database import Database
from fundlaunch.errors import Conflict
from fundlaunch.outbox import Promise
from fundlaunch.people.tables import Account
from tests.cast import NOA
from tests.house import NOON, live_campaign


@pytest.fixture
def campaign_id(database: Database) -> str:
    """A board with one deck and two cells, a bag with one cell; goals of every measure; the last one opens the bag."""
    with database.transaction() as session:
        owner = Account(email=NOA.email, email_key=NOA.email, name=NOA.name, created_at=NOON)
        session.add(owner)
        session.flush()
        campaign_id = live_campaign(session, NOON, stretch_goals={"money": 150_00})
        session.get_one(Campaign, campaign_id).owner_id = owner.id
        for item in ("deck", "cell"):
            session.add(Item(id=item, campaign_id=campaign_id, slug=item, sku=item.upper(), texts={}))
        session.flush()
        ids = tiers(session)
        for tier, item, quantity in (("board", "deck", 1), ("board", "cell", 2), ("bag", "cell", 1)):
            session.add(TierItem(tier_id=ids[tier], item_id=item, quantity=quantity))
        goal(session, campaign_id, "heads", Measure.BACKERS, 2)
        goal(session, campaign_id, "cells", Measure.ORDERS, 5, item_id="cell", opens_tier_id=ids["bag"])
        for named in ("money", "heads"):
            goal_id = session.exec(select(StretchGoal.id).where(StretchGoal.slug == named)).one()
            session.add(StretchGrant(goal_id=goal_id, tier_id=ids["board"], item_id="cell", quantity=1))
    return campaign_id


def goal(session: Session, campaign_id: str, slug: str, measure: Measure, threshold: int, **more: Any) -> None:
    session.add(
        StretchGoal(campaign_id=campaign_id, slug=slug, position=9, measure=measure, threshold=threshold, **more)
    )
    session.flush()


def tiers(session: Session) -> dict[str, str]:
    return dict(session.exec(select(Tier.slug, Tier.id)).all())


def reached(session: Session) -> set[str]:
    return set(session.exec(select(StretchGoal.slug).where(col(StretchGoal.reached_at).is_not(None))))


def add(
    database: Database, campaign_id: str, minor: int, backers: int, units: Mapping[str, int], hours: int = 0
) -> set[str]:
    """Add what a pledge brings, units by slug; gives the goals that are reached then."""
    with database.transaction() as session:
        ids = tiers(session)
        changes = {ids[slug]: change for slug, change in units.items()}
        now = NOON + timedelta(hours=hours)
        tally.add(session, campaign_id, minor=minor, backers=backers, units=changes, now=now)
    with database.reading() as session:
        return reached(session)


def test_money_backers_and_ordered_items_reach_goals_and_let_them_fall(database: Database, campaign_id: str) -> None:
    assert add(database, campaign_id, 149_99, 1, {"board": 2}) == set()
    assert add(database, campaign_id, 1, 0, {"bag": 1}, hours=1) == {"money", "cells"}
    assert add(database, campaign_id, 10_00, 1, {}, hours=2) == {"money", "cells", "heads"}
    assert add(database, campaign_id, -10_01, 0, {}, hours=3) == {"cells", "heads"}
    assert add(database, campaign_id, 0, -1, {"bag": -1}, hours=4) == set()
    with database.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
        assert (campaign.pledged_minor, campaign.backers, campaign.percent) == (149_99, 1, 149)
        assert dict(session.exec(select(Tier.slug, Tier.ordered)).all()) == {"board": 2, "bag": 0}


def test_each_goal_keeps_the_time_it_was_reached_and_every_rise_and_fall_is_written_down(
    database: Database, campaign_id: str
) -> None:
    for hours, minor in enumerate((150_00, -1, 1)):
        add(database, campaign_id, minor, 0, {}, hours=hours)
    with database.reading() as session:
        kept = session.exec(select(StretchGoal).where(StretchGoal.slug == "money")).one()
        lines = session.exec(select(CampaignChange).order_by(col(CampaignChange.seq))).all()
    assert kept.reached_at == NOON + timedelta(hours=2)
    assert [(line.seq, line.at, line.after) for line in lines] == [
        (1, NOON, "reached"),
        (2, NOON + timedelta(hours=1), "not reached"),
        (3, NOON + timedelta(hours=2), "reached"),
    ]
    assert {line.field for line in lines} == {"stretch_goals.money.reached"}


def test_the_creator_is_told_of_a_goal_once_even_if_it_falls_and_rises_again(
    database: Database, campaign_id: str
) -> None:
    for hours, minor in enumerate((150_00, -1, 1)):
        add(database, campaign_id, minor, 1, {}, hours=hours)
    with database.reading() as session:
        letters = session.exec(select(Promise).where(Promise.topic == "stretch_goal_reached")).all()
    assert sorted((letter.payload["more"]["goal"], letter.recipient) for letter in letters) == [
        ("heads", NOA.email),
        ("money", NOA.email),
    ]


def test_after_the_freeze_nothing_moves(database: Database, campaign_id: str) -> None:
    add(database, campaign_id, 100_00, 1, {"board": 1})
    with database.transaction() as session:
        session.get_one(Campaign, campaign_id).frozen_at = NOON
    with pytest.raises(Conflict, match="final"):
        add(database, campaign_id, 50_00, 5, {"board": 9})
    with database.transaction() as session:
        row = session.exec(select(StretchGoal).where(StretchGoal.slug == "money")).one()
        row.threshold = 1
        session.flush()
        tally.follow(session, campaign_id, NOON)
    with database.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
        assert (campaign.pledged_minor, campaign.backers) == (100_00, 1)
        assert reached(session) == set()
        assert dict(session.exec(select(Tier.slug, Tier.ordered)).all()) == {"board": 1, "bag": 0}


def test_late_and_offline_pledges_are_counted_apart(database: Database, campaign_id: str) -> None:
    with database.transaction() as session:
        tally.add_late(session, campaign_id, minor=70_00, backers=2)
        tally.add_offline(session, campaign_id, minor=200_00, backers=3)
        tally.add_offline(session, campaign_id, minor=-50_00, backers=-1)
    with database.reading() as session:
        campaign = session.get_one(Campaign, campaign_id)
        assert (campaign.late_minor, campaign.late_backers) == (70_00, 2)
        assert (campaign.offline_minor, campaign.offline_backers) == (150_00, 2)
        assert (campaign.pledged_minor, campaign.backers, campaign.percent) == (0, 0, 0)
        assert reached(session) == set()


def test_a_goal_opens_its_tier_only_while_it_is_reached(database: Database, campaign_id: str) -> None:
    with database.reading() as session:
        bag = tiers(session)["bag"]
    for units, closed in ((0, {bag}), (3, set()), (-1, {bag})):
        add(database, campaign_id, 0, 0, {"board": units})
        with database.reading() as session:
            assert stretch.locked_tiers(session, campaign_id) == closed


def test_a_tier_that_two_goals_open_is_open_with_one_of_them(database: Database, campaign_id: str) -> None:
    with database.transaction() as session:
        goal(session, campaign_id, "also", Measure.BACKERS, 1, opens_tier_id=tiers(session)["bag"])
    add(database, campaign_id, 0, 1, {})
    with database.reading() as session:
        assert stretch.locked_tiers(session, campaign_id) == frozenset()


def test_grants_of_reached_goals_add_up_and_fall_with_them(database: Database, campaign_id: str) -> None:
    seen = []
    with database.reading() as session:
        board = tiers(session)["board"]
    for minor, backers in ((150_00, 0), (0, 2), (-1, 0), (0, -2)):
        add(database, campaign_id, minor, backers, {})
        with database.reading() as session:
            granted = stretch.granted(session, campaign_id)
            seen.append({tier: dict(items) for tier, items in granted.items()})
    assert seen == [{board: {"cell": 1}}, {board: {"cell": 2}}, {board: {"cell": 1}}, {}]
