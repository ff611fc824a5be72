"""A backer reads on the pledge's own page what it brings, and what stretch goals have added to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Item, StretchGoal, StretchGrant, Tier
from fundlaunch.database import Database
from fundlaunch.pledges.states import PledgeState
from tests.cast import MINA
from tests.public_site import Site, open_pages
from tests.stage import DEADLINE_AT, Chosen, board, pledge

ADDED = "Added by a stretch goal"
CAN_FALL = "A stretch goal can fall back while the campaign runs."


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with open_pages(sqlite_database, tmp_path) as opened:
        yield opened


def put(
    site: Site, goal: str, status: PledgeState = PledgeState.PLEDGED, ended: CampaignState = CampaignState.LIVE
) -> str:
    """A pledge of one board, to which this goal adds two remotes; the text of its page."""
    with site.house.database.transaction() as session:
        frozen_at = None if ended is CampaignState.LIVE else DEADLINE_AT
        campaign = board(session, status=ended, frozen_at=frozen_at)
        session.flush()
        one = session.exec(select(Tier).where(Tier.slug == "one")).one()
        one.claimed = 1
        goal_id = session.exec(select(StretchGoal.id).where(StretchGoal.slug == goal)).one()
        remote = session.exec(select(Item.id).where(Item.slug == "remote")).one()
        session.add(StretchGrant(goal_id=goal_id, tier_id=one.id, item_id=remote, quantity=2))
        row = pledge(session, campaign, status, Chosen(one, 25_00), MINA, backer_number=88)
    return site.get(f"/pledges/{row.token}")


def test_what_a_reached_goal_adds_is_marked_and_may_fall_back(site: Site) -> None:
    page = put(site, "brakes")
    assert "<span>1 ×</span><span>Board, black deck</span>" in page
    assert "<span>1 ×</span><span>Remote and charger</span>" in page
    assert "<span>2 ×</span><span>Remote and charger <span" in page
    assert page.count(ADDED) == 1
    assert CAN_FALL in page


def test_a_goal_that_is_not_reached_adds_nothing(site: Site) -> None:
    page = put(site, "lights")
    assert "Board, black deck" in page
    assert ADDED not in page
    assert CAN_FALL not in page


def test_after_the_end_what_was_reached_stands(site: Site) -> None:
    page = put(site, "brakes", PledgeState.COLLECTED, CampaignState.SUCCESSFUL)
    assert ADDED in page
    assert CAN_FALL not in page


def test_a_canceled_pledge_brings_nothing(site: Site) -> None:
    assert "What you get" not in put(site, "brakes", PledgeState.CANCELED)


def test_the_campaign_page_tells_what_a_goal_brings(site: Site) -> None:
    put(site, "lights")
    page = site.get("/campaigns/board")
    assert "2 × Remote and charger added to One board" in page
    assert "$87,520 to go" in page
