"""The ladder of stretch goals says in words of each measure what is reached, next or locked, and what it brings."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from fundlaunch.campaigns import stretch, tally
from fundlaunch.campaigns.states import CampaignState, Measure
from fundlaunch.campaigns.stretch import Step
from fundlaunch.campaigns.tables import Campaign, Item, StretchGoal, StretchGrant, Tier
from fundlaunch.database import Database
from tests.house import live_campaign
from tests.stage import LAUNCHED_AT, board

DAY = timedelta(days=1)


@pytest.fixture
def campaign_id(sqlite_database: Database) -> str:
    """The board of the stage with goals of every measure beside those of money."""
    with sqlite_database.transaction() as session:
        campaign = board(session)
        tiers = dict(session.exec(select(Tier.slug, Tier.id)).all())
        items = dict(session.exec(select(Item.slug, Item.id)).all())
        session.get_one(Tier, tiers["crew"]).secret_key = "for-the-crew"
        _goal(session, campaign, "crowd", Measure.BACKERS, 500)
        _goal(session, campaign, "choir", Measure.BACKERS, 524, opens_tier_id=tiers["later"])
        _goal(session, campaign, "town", Measure.BACKERS, 1_000, opens_tier_id=tiers["crew"])
        _goal(session, campaign, "line", Measure.ORDERS, 40, item_id=items["deck"])
        session.add(_grant(session, "choir", tiers["one"], items["remote"]))
        session.add(_grant(session, "choir", tiers["early"], items["remote"]))
        session.add(_grant(session, "choir", tiers["crew"], items["remote"]))
        tally.add(session, campaign.id, minor=0, backers=0, units={tiers["crew"]: 1}, now=LAUNCHED_AT + DAY)
        return campaign.id


def _goal(session: Session, campaign: Campaign, slug: str, measure: Measure, threshold: int, **more: Any) -> None:
    texts = {"en": {"title": slug.title()}}
    session.add(
        StretchGoal(
            campaign_id=campaign.id, slug=slug, texts=texts, measure=measure, threshold=threshold, **more
        )
    )  # fmt: skip
    session.flush()


def _grant(session: Session, slug: str, tier_id: str, item_id: str) -> StretchGrant:
    goal_id = session.exec(select(StretchGoal.id).where(StretchGoal.slug == slug)).one()
    return StretchGrant(goal_id=goal_id, tier_id=tier_id, item_id=item_id, quantity=2)


def ladder(database: Database, language: str = "en") -> dict[str, Step]:
    with database.reading() as session:
        campaign = session.exec(select(Campaign)).one()
        return {step.title: step for step in stretch.steps(session, campaign, language)}


def test_each_measure_has_a_next_goal_and_says_what_is_missing(sqlite_database: Database, campaign_id: str) -> None:
    steps = ladder(sqlite_database)
    assert [(step.mark, step.standing, step.standing_words) for step in steps.values()] == [
        ("$100,000", "reached", "Reached"),
        ("$250,000", "reached", "Reached on 19 Nov"),
        ("$400,000", "next", "$87,520 to go"),
        ("$600,000", "locked", "Opens after $400,000"),
        ("500 backers", "reached", "Reached on 13 Nov"),
        ("524 backers", "next", "12 backers to go"),
        ("1,000 backers", "locked", "Opens after 524 backers"),
        ("40 × Board, black deck", "next", "35 × Board, black deck to go"),
    ]
    assert (steps["Choir"].part, steps["Choir"].whole) == (12, 24)
    assert (steps["Line"].part, steps["Line"].whole) == (5, 40)


def test_a_goal_says_what_it_brings_and_names_no_secret_tier(sqlite_database: Database, campaign_id: str) -> None:
    steps = ladder(sqlite_database)
    assert steps["Choir"].brings == (
        "2 × Remote and charger added to Early bird: one board and One board",
        "Opens the reward “A ride with the makers”",
    )
    assert steps["Town"].brings == ()


def test_a_goal_that_fell_back_says_so_until_it_is_reached_again(sqlite_database: Database, campaign_id: str) -> None:
    told = []
    for days, backers in ((2, -13), (3, 1)):
        with sqlite_database.transaction() as session:
            tally.add(session, campaign_id, minor=0, backers=backers, units={}, now=LAUNCHED_AT + days * DAY)
        step = ladder(sqlite_database)["Crowd"]
        told.append((step.standing_words, step.words))
    assert told == [
        ("1 backer to go", "It had been reached, and fell back on 14 Nov."),
        ("Reached on 15 Nov", ""),
    ]


def test_after_the_end_what_was_missed_is_missed(sqlite_database: Database, campaign_id: str) -> None:
    with sqlite_database.transaction() as session:
        session.get_one(Campaign, campaign_id).status = CampaignState.FAILED
        session.get_one(Campaign, campaign_id).pledged_minor = 5
    assert {step.standing_words for step in ladder(sqlite_database).values()} == {
        "Not reached", "Reached on 19 Nov", "Reached on 13 Nov"
    }  # fmt: skip


def test_a_campaign_without_stretch_goals_has_no_ladder(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        live_campaign(session, LAUNCHED_AT)
    assert ladder(sqlite_database) == {}
