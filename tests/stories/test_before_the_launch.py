"""Before the launch, as a visitor, a friend with the link and the creator meet it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from fundlaunch.campaigns.prelaunch import telling
from fundlaunch.campaigns.prelaunch.tables import Follower, PreviewRemark
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.mail.keeping import written
from fundlaunch.outbox import Owed, Promise
from fundlaunch.people.roles import Role
from fundlaunch.people.rules import LIMITS
from tests.cast import JIWOO, MINA, NOA, TEO
from tests.public_site import FORM, Site, open_pages, readable, templates
from tests.stage import NOW, board
from tests.studio import Studio

PAGE = "/campaigns/board"
STUDIO = "/studio/campaigns/board/before"
KEY = "k" * 32


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Site]:
    with open_pages(sqlite_database, tmp_path) as opened:
        yield opened


def put(site: Site, **changes: object) -> None:
    with site.house.database.transaction() as session:
        board(session, **{"status": CampaignState.DRAFT, "launched_at": None, "deadline_at": None} | changes)


def letter_links(site: Site, topic: str) -> list[str]:
    """The addresses in the newest letter of a topic, as its reader has them."""
    with site.house.database.reading() as session:
        promise = session.exec(
            select(Promise).where(Promise.topic == topic).order_by(Promise.created_at.desc())  # type: ignore[attr-defined]  # a column
        ).first()
    assert promise is not None
    owed = Owed(promise.id, promise.kind, topic, promise.key, promise.recipient, promise.language,
                promise.payload, promise.created_at)  # fmt: skip
    text = written(owed, templates(), site.settings.base_url, "FundLaunch <no-reply@fund.example.org>").text
    return re.findall(rf"{site.settings.base_url}(/\S+)", text)


def followers(site: Site) -> int:
    with site.house.database.reading() as session:
        return session.exec(select(Campaign)).one().followers


def test_an_announced_draft_shows_what_is_coming_and_nothing_of_its_offer(site: Site) -> None:
    put(site, is_announced=True, launch_at=NOW + timedelta(days=3))
    page = site.get(PAGE)
    assert "Upcoming" in page
    assert "Tell me when it starts" in page
    assert "Starts on" in page
    assert "Thursday 26 November 2026, 10:00 in Stockholm" in page
    assert "3 days to go" in page
    for hidden in ("100,000", "Early bird", "Why the wheel", "wait for it"):
        assert hidden not in page


def test_the_upcoming_page_is_public_and_the_same_for_everybody(site: Site) -> None:
    put(site, is_announced=True)
    answer = site.browser.get(PAGE)
    assert answer.headers["cache-control"] == "no-cache"
    assert "noindex" not in answer.text
    assert "Its creator has not said yet" in readable(answer.text)
    site.get(f"{PAGE}?preview=own", 404)


def test_a_draft_that_was_not_announced_exists_for_nobody(site: Site) -> None:
    put(site)
    site.get(PAGE, 404)
    site.get(f"{PAGE}/follow", 404)
    assert site.post(f"{PAGE}/follow", email=MINA.email).status_code == 404


def test_from_the_address_to_the_list_by_letter_and_button(site: Site) -> None:
    put(site, is_announced=True)
    asked = site.post(f"{PAGE}/follow?lang=ko", email=MINA.email)
    assert (asked.status_code, asked.headers["location"]) == (303, f"{PAGE}/follow?lang=ko")
    assert "Look into your mail box" in site.get(f"{PAGE}/follow")
    confirm, leave, _ = [*letter_links(site, "follow_confirm"), "", ""][:3]
    assert leave.startswith(confirm.partition("?")[0] + "/leave")
    assert site.browser.get(confirm).headers["cache-control"] == "no-store"
    assert followers(site) == 0, "looking counts nobody"
    address = confirm.partition("?")[0]
    assert "Press the button" in site.get(address)
    assert site.post(address).headers["location"] == address
    assert "You will hear from us" in site.get(address)
    assert followers(site) == 1
    assert site.post(address).status_code == 303
    assert followers(site) == 1


def test_what_is_no_address_is_said_at_the_field(site: Site) -> None:
    put(site, is_announced=True)
    for typed, words in (("mina@", "is not an e-mail address"), ("", "Please fill this in")):
        answer = site.post(f"{PAGE}/follow", email=typed)
        assert answer.status_code == 422
        assert words in readable(answer.text)
    assert site.post(f"{PAGE}/follow", email=MINA.email, extra="1").status_code == 422


def test_too_many_letters_to_one_address_are_refused(site: Site) -> None:
    put(site, is_announced=True)
    answers = [site.post(f"{PAGE}/follow", email=MINA.email).status_code for _ in range(LIMITS.per_address + 1)]
    assert answers == [303] * LIMITS.per_address + [429]


def test_leaving_takes_a_button_and_the_same_link_says_so_afterwards(site: Site) -> None:
    put(site, is_announced=True)
    site.post(f"{PAGE}/follow", email=MINA.email)
    leave = letter_links(site, "follow_confirm")[1].partition("?")[0]
    assert "Take me off the list" in site.get(leave)
    assert site.post(leave).headers["location"] == leave
    assert "You are off the list" in site.get(leave)
    assert "This link is over" in site.get(leave.removesuffix("/leave"), 410)
    assert site.post(leave.removesuffix("/leave")).status_code == 410


def test_a_mail_program_takes_somebody_off_by_one_post_from_nowhere(site: Site) -> None:
    put(site, is_announced=True)
    site.post(f"{PAGE}/follow", email=MINA.email)
    leave = letter_links(site, "follow_confirm")[1].partition("?")[0]
    strange = {**FORM, "Origin": "https://mail.example.net"}
    answer = site.browser.post(leave, content="List-Unsubscribe=One-Click", headers=strange)
    assert (answer.status_code, answer.text) == (200, "ok")
    with site.house.database.reading() as session:
        assert session.exec(select(Follower)).all() == []


def test_after_the_launch_the_letter_leads_to_the_campaign_and_a_late_confirmation_too(site: Site) -> None:
    put(site, is_announced=True)
    for person in (MINA, TEO):
        site.post(f"{PAGE}/follow", email=person.email)
    with site.house.database.reading() as session:
        tokens = {row.email: row.token for row in session.exec(select(Follower)).all()}
    site.post(f"/followers/{tokens[MINA.email]}")
    with site.house.database.transaction() as session:
        found = session.exec(select(Campaign)).one()
        found.status, found.launched_at, found.deadline_at = CampaignState.LIVE, NOW, NOW + timedelta(days=30)
    assert telling.tell_followers(site.house.database, NOW) == 1
    assert letter_links(site, "campaign_launched")[0].startswith(PAGE)
    assert "It has started" in site.get(f"/followers/{tokens[TEO.email]}")
    assert site.post(f"/followers/{tokens[TEO.email]}").headers["location"] == PAGE
    assert site.post(f"{PAGE}/follow", email=JIWOO.email).headers["location"] == PAGE
    assert "Choose your reward" in site.get(PAGE)


def test_who_has_the_link_sees_the_draft_as_it_will_be(site: Site) -> None:
    put(site, preview_key=KEY, is_announced=True)
    answer = site.browser.get(f"{PAGE}?preview={KEY}")
    page = readable(answer.text)
    assert "Preview, not yet public" in page
    assert "Early bird" in page
    assert "Why the wheel" in page
    assert '<meta name="robots" content="noindex">' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert KEY not in re.sub(r'name="preview" value="[^"]*"|href="[^"]*lang=[^"]*"', "", answer.text)
    for wrong in ("", "x", KEY[:-1], KEY + "k", "열쇠"):
        site.get(f"{PAGE}?preview={wrong}", 404)


def say(site: Site, **fields: str) -> httpx.Response:
    return site.post(f"{PAGE}/preview", **{"preview": KEY, "name": "Teo", "text": "Too dear."} | fields)


def test_what_a_friend_says_is_kept_and_thanked_for(site: Site) -> None:
    put(site, preview_key=KEY)
    answer = say(site, text="First line\r\n<script>alert(1)</script>")
    assert answer.status_code == 303
    assert "your words have arrived" in site.get(answer.headers["location"].partition("#")[0])
    with site.house.database.reading() as session:
        row = session.exec(select(PreviewRemark)).one()
    assert (row.name, row.text) == ("Teo", "First line\n<script>alert(1)</script>")


def test_a_remark_needs_words_the_right_key_and_measure(site: Site) -> None:
    put(site, preview_key=KEY)
    empty = say(site, text=" ")
    assert empty.status_code == 422
    assert "Please fill this in" in empty.text
    assert 'value="Teo"' in empty.text
    assert say(site, text="x" * 2001).status_code == 422
    assert say(site, preview="wrong").status_code == 404
    assert say(site, preview="").status_code == 404
    assert say(site, more="1").status_code == 422
    with site.house.database.reading() as session:
        assert session.exec(select(PreviewRemark)).all() == []


@pytest.fixture
def studio(sqlite_database: Database, tmp_path: Path) -> Studio:
    with sqlite_database.transaction() as session:
        board(session, id="c", status=CampaignState.DRAFT, launched_at=None, deadline_at=None)
    made = Studio(sqlite_database, tmp_path)
    made.role(NOA, "c", Role.OWNER)
    made.role(TEO, "c", Role.VIEWER)
    return made


def test_the_creator_opens_the_page_shares_the_draft_and_reads_what_was_said(studio: Studio) -> None:
    noa = studio.browser(NOA)
    assert "Open the page to everybody" in noa.get(STUDIO).text
    assert noa.post(STUDIO, {"do": "announce"}).headers["location"] == STUDIO
    assert noa.post(STUDIO, {"do": "share"}).status_code == 303
    page = readable(noa.get(STUDIO).text)
    assert "Nobody follows it yet" in page
    address = re.search(r"http://127\.0\.0\.1:8000(/campaigns/board\?preview=[\w-]+)", page)
    assert address is not None
    stranger = httpx.Client(transport=noa.http._transport, base_url="http://127.0.0.1:8000")
    assert "Preview, not yet public" in stranger.get(address[1]).text
    with studio.database.transaction() as session:
        session.add(PreviewRemark(campaign_id="c", text="<b>Too dear</b>", created_at=NOW))
    said = noa.get(STUDIO).text
    assert "&lt;b&gt;Too dear&lt;/b&gt;" in said
    assert "Without a name" in said
    noa.post(STUDIO, {"do": "end"})
    assert stranger.get(address[1]).status_code == 404
    noa.post(STUDIO, {"do": "withdraw"})
    assert stranger.get(PAGE).status_code == 404


def test_the_campaigns_own_people_see_the_draft_of_an_announced_campaign(studio: Studio) -> None:
    noa = studio.browser(NOA)
    noa.post(STUDIO, {"do": "announce"})
    assert "Tell me when it starts" in noa.get(PAGE).text
    own = noa.get(f"{PAGE}?preview=own").text
    assert "only the people of this campaign can see this page" in own
    assert "What do you think?" not in own


def test_who_may_only_look_is_refused_and_shown_no_link(studio: Studio) -> None:
    studio.browser(NOA).post(STUDIO, {"do": "share"})
    teo = studio.browser(TEO)
    page = teo.get(STUDIO).text
    assert "Open the page to everybody" not in page
    assert "preview=" not in page
    for verb in ("announce", "share", "end", "withdraw"):
        assert teo.post(STUDIO, {"do": verb}).status_code == 403
    assert studio.browser(MINA).get(STUDIO).status_code == 404


def test_an_unknown_button_and_one_that_comes_too_late_are_refused(studio: Studio) -> None:
    noa = studio.browser(NOA)
    assert noa.post(STUDIO, {"do": "launch"}).status_code == 422
    with studio.database.transaction() as session:
        session.exec(select(Campaign)).one().status = CampaignState.LIVE
    assert noa.post(STUDIO, {"do": "announce"}).status_code == 409
    assert "this is over" in noa.get(STUDIO).text
