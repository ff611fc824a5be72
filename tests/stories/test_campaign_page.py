"""The campaign's page in every phase, as a visitor meets it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.people.rules import SessionKind
from fundlaunch.people.tables import Account, BrowserSession
from fundlaunch.pledges.states import PledgeState
from fundlaunch.web import sessions
from tests.cast import BACKERS, NOA
from tests.public_site import Site, open_pages
from tests.stage import DEADLINE_AT, NOW, Chosen, board, lamp, pledge

PAGE = "/campaigns/board"


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with open_pages(sqlite_database, tmp_path) as opened:
        yield opened


def put(site: Site, **changes: object) -> None:
    with site.house.database.transaction() as session:
        board(session, **changes)


def test_a_live_campaign_says_how_it_stands_and_what_it_promises(site: Site) -> None:
    put(site)
    page = site.get(PAGE)
    assert "Live, day 12 of 30" in page
    assert "312,480" in page
    assert ">512<" in page
    assert "312<small> %" in page
    assert "days left" in page
    assert "No card is charged unless at least $100,000 stands pledged" in page
    assert "Friday 11 December 2026, 11:00 in Stockholm" in page
    assert "$400,000 next" in page
    assert "$87,520 to the next stretch goal" in page


def test_a_live_campaign_can_be_backed_from_the_bar_of_a_phone(site: Site) -> None:
    put(site)
    page = site.get(PAGE)
    assert 'class="has-bar"' in page
    assert 'class="pledgebar"' in page


def test_rewards_are_a_price_list_with_the_sold_out_one_last(site: Site) -> None:
    put(site)
    page = site.get(PAGE)
    order = ["Pledge without a reward", "Early bird: one board", "One board</h3>", "Five for the crew", "First twenty"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "4 of 50 left" in page
    assert "Ends on" in page
    assert "All 20 taken" in page
    assert "Opens on Tuesday 1 December 2026, 10:00" in page
    assert "3 countries, from $15" in page
    assert "Worldwide, from $58" in page


def test_a_visitor_in_korean_gets_korean_words_and_what_is_not_translated_in_the_main_language(site: Site) -> None:
    put(site)
    page = site.get(f"{PAGE}?lang=ko")
    assert '<html lang="ko"' in page
    assert "커브, 바퀴 속에 모터를 넣은 전동 보드" in page
    assert "One board" in page


def test_a_campaign_in_won_shows_whole_won(site: Site) -> None:
    with site.house.database.transaction() as session:
        lamp(session)
    page = site.get("/campaigns/lamp?lang=ko")
    assert "21,840,000" in page
    assert "98,000" in page


def test_language_and_tag_are_carried_by_links_and_by_the_form(site: Site) -> None:
    put(site)
    page = site.get(f"{PAGE}?lang=en&ref=film")
    assert "/campaigns/board/pledge?lang=en&ref=film&tier=one" in page
    assert '<input type="hidden" name="ref" value="film">' in page


def test_the_page_sets_no_cookie_and_is_asked_for_again_by_its_tag(site: Site) -> None:
    put(site)
    first = site.browser.get(PAGE)
    assert first.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in first.headers
    assert site.browser.get(PAGE, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    with site.house.database.transaction() as session:
        campaign = session.exec(select(Campaign)).one()
        campaign.pledged_minor += 500
        session.add(campaign)
    again = site.browser.get(PAGE, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    korean = site.browser.get(f"{PAGE}?lang=ko", headers={"If-None-Match": again.headers["etag"]})
    assert korean.status_code == 200


def test_nothing_is_asked_of_another_host_before_the_film_is_played(site: Site) -> None:
    put(site)
    page = site.get(PAGE)
    assert "<iframe" not in page
    assert 'data-embed="https://www.youtube-nocookie.com/embed/AAAAAAAAAAA' in page
    for attribute in ('src="http', "srcset", '<link rel="preconnect'):
        assert attribute not in page


def test_an_own_film_is_played_from_here(site: Site) -> None:
    put(site, video="media:film.webm", poster="poster.webp", poster_alt={"en": "The board from above"})
    page = site.get(PAGE)
    assert '<source src="/media/film.webm" type="video/webm">' in page
    assert 'poster="/media/poster.webp"' in page
    assert '<meta property="og:image" content="http://fund.example.org/media/poster.webp">' in page


def test_the_last_day_says_what_is_missing_and_by_when(site: Site) -> None:
    put(site, pledged_minor=94_210_00, deadline_at=NOW + timedelta(hours=7))
    page = site.get(PAGE)
    assert "Live, last day" in page
    assert "If $5,790 more does not come by" in page
    assert "hours left" in page


def test_after_the_deadline_and_before_the_freeze_it_is_the_final_count(site: Site) -> None:
    put(site)
    site.house.clock.set(DEADLINE_AT)
    page = site.get(PAGE)
    assert "Final count" in page
    assert "the last pledges are being counted" in page
    assert "Choose for" not in page
    assert 'class="pledgebar"' not in page


def test_a_funded_campaign_shows_what_was_pledged_and_what_became_of_it(site: Site) -> None:
    with site.house.database.transaction() as session:
        campaign = board(session, status=CampaignState.SUCCESSFUL, frozen_at=DEADLINE_AT, goal_minor=1_000_00)
        _four_fates(session, campaign)
    page = site.get(PAGE)
    assert "Funded on 11 December 2026" in page
    for label, amount in (
        ("Collected", "534.00"),
        ("Still to be charged", "534.00"),
        ("In recovery", "534.00"),
        ("Dropped", "534.00"),
        ("Pledged, USD", "2,136.00"),
    ):
        assert f"<dt>{label}" in page
        assert f"<dd>{amount}</dd>" in page
    assert "cards are being charged" in page


def _four_fates(session: Session, campaign: Campaign) -> None:
    one = session.exec(select(Tier).where(Tier.slug == "one")).one()
    fates = (PledgeState.COLLECTED, PledgeState.PLEDGED, PledgeState.ERRORED, PledgeState.DROPPED, PledgeState.CANCELED)
    for fate, who in zip(fates, BACKERS, strict=True):
        pledge(session, campaign, fate, Chosen(one, 25_00), who)
    campaign.pledged_minor, campaign.backers = 4 * 534_00, 4
    session.add(campaign)


def test_a_failed_campaign_says_that_nobody_was_charged(site: Site) -> None:
    put(site, status=CampaignState.FAILED, pledged_minor=61_340_00, backers=112, frozen_at=DEADLINE_AT)
    page = site.get(PAGE)
    assert "Ended on 11 December 2026" in page
    assert "The goal was not reached, so nobody was charged." in page
    assert "All 112 backers were told by mail." in page
    assert "Not reached" in page


def test_a_canceled_campaign_gives_its_reason(site: Site) -> None:
    put(site, status=CampaignState.CANCELED, closed_reason="The motor maker went out of business. <b>Sorry.</b>")
    page = site.browser.get(PAGE).text
    assert "The creator canceled this campaign" in page
    assert "The motor maker went out of business. &lt;b&gt;Sorry.&lt;/b&gt;" in page


def test_a_suspended_campaign_takes_no_pledges(site: Site) -> None:
    put(site, status=CampaignState.SUSPENDED)
    page = site.get(PAGE)
    assert "suspended the campaign" in page
    assert "Choose for" not in page


def test_a_draft_exists_for_its_owner_only(site: Site) -> None:
    owner = Account(id="owner", email=NOA.email, email_key=NOA.email, name=NOA.name, created_at=NOW)
    with site.house.database.transaction() as session:
        session.add(owner)
        board(
            session, status=CampaignState.DRAFT, owner_id="owner", launched_at=None, deadline_at=None, pledged_minor=0
        )
    site.get(PAGE, 404)
    value = sessions.new_value()
    with site.house.database.transaction() as session:
        session.add(
            BrowserSession(
                value_hash=sessions.hashed(value),
                account_id="owner",
                kind=SessionKind.CREATOR,
                browser="",
                created_at=NOW,
                seen_at=NOW,
                expires_at=NOW + timedelta(days=7),
            )
        )
    shown = site.browser.get(PAGE, headers={"Cookie": f"fl={value}"})
    assert shown.status_code == 200
    assert "Draft: only the people of this campaign can see this page." in shown.text
    assert shown.headers["cache-control"] == "no-store"


def test_an_unknown_campaign_is_not_there(site: Site) -> None:
    assert "There is no such campaign" in site.get("/campaigns/nothing", 404)


def test_a_film_of_our_own_is_sent_in_parts_and_never_as_a_page(site: Site) -> None:
    (site.media / "film.webm").write_bytes(bytes(range(100)))
    answer = site.browser.get("/media/film.webm", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.content == bytes(range(10, 20))
    assert answer.headers["content-range"] == "bytes 10-19/100"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["page.html", "art.svg", "..%2Fsecret.png", "absent.png", ".png"])
def test_only_known_kinds_of_files_are_sent(site: Site, name: str) -> None:
    (site.media / "page.html").write_text("<script>alert(1)</script>")
    (site.media / "art.svg").write_text("<svg/>")
    (site.media.parent / "secret.png").write_bytes(b"secret")
    assert site.browser.get(f"/media/{name}").status_code == 404
