"""The front page: what is open first, then what is over."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
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


def many(site: Site) -> None:
    """More of each kind than the front page shows, and one of each kind that can be looked for."""
    with site.house.database.transaction() as session:
        for n in range(30):
            row(session, f"live-{n}", deadline_at=NOW + timedelta(days=1, hours=n))
            row(session, f"over-{n}", status=CampaignState.FAILED, deadline_at=NOW - timedelta(days=n + 1))
            row(session, f"soon-{n}", status=CampaignState.DRAFT, launched_at=None, deadline_at=None, is_announced=True)
        row(session, "lamp", category="crafts", country="KR", currency="KRW", tags=["bamboo & light"], percent=900)
        session.flush()
        session.add(CampaignWords(campaign_id="lamp", words="a lamp 대나무 #bamboo & light#"))


def row(session: Session, slug: str, **changes: Any) -> None:
    values: dict[str, Any] = {
        "id": slug, "slug": slug, "status": CampaignState.LIVE, "texts": {"en": {"title": f"Title of {slug}"}},
        "currency": "USD", "goal_minor": 1000_00, "created_at": NOW, "launched_at": NOW - timedelta(days=3),
        "deadline_at": NOW + timedelta(days=9),
    }  # fmt: skip
    session.add(Campaign(**values | changes))


def listed(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/campaigns/([\w-]+)', page)


def test_a_small_site_needs_no_search_and_a_large_one_offers_it(site: Site) -> None:
    with site.house.database.transaction() as session:
        board(session)
    assert 'role="search"' not in site.get("/")
    many(site)
    page = site.get("/")
    assert 'role="search"' in page
    assert '<a href="/?category=film">Film & video</a>' in page
    assert len(listed(page)) == 12 + 6 + 6
    for words in ("All that is open", "All that is coming", "All that ended"):
        assert words in page


def test_every_page_of_the_list_is_reached_by_links_alone(site: Site) -> None:
    many(site)
    seen: list[str] = []
    page, address = "", "/?state=running&lang=en&ref=news"
    for _ in range(5):
        page = site.get(address)
        seen += listed(page)
        further = re.search(r'href="([^"]+)" rel="next"', page)
        if further is None:
            break
        address = further[1]
        assert "ref=news" in address
    assert sorted(seen) == sorted(["lamp", *(f"live-{n}" for n in range(30))])
    back = re.search(r'href="([^"]+)" rel="prev"', page)
    assert back is not None
    assert listed(site.get(back[1])) == seen[:24]


def test_words_choices_and_order_stand_in_the_form_again(site: Site) -> None:
    many(site)
    page = site.get("/?q=Lamp&category=crafts&country=KR&currency=KRW&sort=funded&state=running&lang=en")
    assert listed(page) == ["lamp"]
    for words in (
        'value="Lamp"', '<option value="crafts" selected>Crafts</option>', '<option value="KR" selected>South Korea',
        '<option value="KRW" selected>', '<option value="funded" selected>Most funded', 'name="lang" value="en"',
    ):  # fmt: skip
        assert words in page
    assert "noindex" in page


def test_a_campaigns_category_and_tags_lead_to_their_lists(site: Site) -> None:
    many(site)
    page = site.get("/campaigns/lamp")
    assert '<a href="/?category=crafts">Crafts</a>' in page
    tag = re.search(r'href="([^"]+)">bamboo & light<', page)
    assert tag is not None
    found = site.get(tag[1])
    assert listed(found) == ["lamp"]
    assert "Tagged “bamboo & light”" in found
    assert "South Korea" in found


def test_an_empty_list_says_why_and_where_there_is_something(site: Site) -> None:
    many(site)
    page = site.get("/?q=대나무&state=ended")
    assert "Nothing of this kind here" in page
    assert "Look among those open now" in page
    assert "Look among those that are coming" not in page
    assert "Nothing stands here any more" in site.get("/?state=running&sort=newest&after=1.a")


def test_an_empty_state_of_an_empty_site_says_so(site: Site) -> None:
    assert "No campaign here right now" in site.get("/?state=upcoming")


def test_what_is_typed_into_the_address_is_shown_as_text(site: Site) -> None:
    html = site.browser.get("/", params={"q": "<script>alert(1)</script>", "tag": "'\"><b>"}).text
    assert "<script>alert" not in html
    assert "<b>" not in html
    for query in ("sort=drop&state=all&after=;", "after=99999999999999999999.a", "q=%00&country=kr", "before=1.%F0%9F"):
        assert site.browser.get(f"/?{query}").status_code == 200
