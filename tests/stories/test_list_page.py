"""The front page: what is open first, then what is over."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from tests.public_site import Site, open_pages
from tests.stage import NOW, board, lamp


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with open_pages(sqlite_database, tmp_path) as opened:
        yield opened


def test_an_empty_site_says_what_to_do(site: Site) -> None:
    page = site.get("/")
    assert "No campaign is open right now" in page
    assert "Start one in the studio" in page


def test_open_campaigns_come_first_and_drafts_not_at_all(site: Site) -> None:
    with site.house.database.transaction() as session:
        board(session, slug="old", status=CampaignState.FAILED, deadline_at=NOW - timedelta(days=3))
        lamp(session)
        board(session, slug="draft", status=CampaignState.DRAFT, launched_at=None, deadline_at=None)
    page = site.get("/")
    assert page.index("/campaigns/lamp") < page.index("/campaigns/old")
    assert "/campaigns/draft" not in page
    assert "72 % of" in page
    assert "188 backers, 9 days left" in page


def test_the_list_is_public_and_carries_language_and_tag(site: Site) -> None:
    with site.house.database.transaction() as session:
        lamp(session)
    answer = site.browser.get("/?lang=ko&ref=news")
    assert answer.headers["cache-control"] == "no-cache"
    assert "etag" in answer.headers
    assert "/campaigns/lamp?lang=ko&amp;ref=news" in answer.text
