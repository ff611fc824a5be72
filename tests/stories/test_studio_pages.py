"""The creator's studio as browsers see it: from an empty page to a launch and a cancellation, and who may do what."""

import io
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from fundlaunch.campaigns import actions
from fundlaunch.campaigns.draft_rows import read
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.fulfilment.tables import ExportBatch
from fundlaunch.people.roles import Role
from fundlaunch.pledges.states import PledgeState
from tests import stage
from tests.cast import HARU, MINA, NOA, ODA, RAFA, SAOIRSE, TEO, Person
from tests.studio import Browser, Studio, whole_draft

NEW = {
    "language": "en",
    "title.en": "A lamp of bamboo",
    "blurb.en": "Woven by hand.",
    "funding": "all_or_nothing",
    "currency": "USD",
    "goal": "1000",
    "ends": "days",
    "duration_days": "30",
    "timezone": "Asia/Seoul",
    "accent": "#1f6b43",
    "creator": "Noa",
    "takes_plain_pledges": "yes",
}
HOME = "/studio/campaigns/kerb"


@pytest.fixture
def studio(sqlite_database: Database, tmp_path: Path) -> Studio:
    return Studio(sqlite_database, tmp_path)


@pytest.fixture
def noa(studio: Studio) -> Browser:
    """Noa's browser, with the draft `kerb` that she owns."""
    browser = studio.browser(NOA)
    with studio.database.transaction() as session:
        campaign_id = actions.create(session, whole_draft(), None, studio.clock.now())
    studio.role(NOA, campaign_id, Role.OWNER)
    return browser


def kerb(studio: Studio) -> Campaign:
    with studio.database.reading() as session:
        return session.exec(select(Campaign).where(Campaign.slug == "kerb")).one()


def draft_of(studio: Studio, slug: str = "kerb") -> object:
    with studio.database.reading() as session:
        return read(session, session.exec(select(Campaign).where(Campaign.slug == slug)).one())


def mistakes(answer: httpx.Response) -> dict[str, str]:
    """The sentences at the fields, by field."""
    return dict(re.findall(r'<p class="error" id="([^"]+)-error">([^<]+)</p>', answer.text))


def launched(studio: Studio) -> None:
    with studio.database.transaction() as session:
        actions.launch(session, "kerb", NOA.email, studio.clock.now())


def pledged(studio: Studio, who: Person = MINA, reward: str = "one") -> None:
    """A pledge for a reward, in the totals."""
    with studio.database.transaction() as session:
        campaign = session.exec(select(Campaign).where(Campaign.slug == "kerb")).one()
        tier = session.exec(select(Tier).where(Tier.slug == reward)).one()
        row = stage.pledge(
            session, campaign, PledgeState.PLEDGED, stage.Chosen(tier), who, backer_number=1, name=who.name
        )
        tier.claimed += 1
        campaign.pledged_minor += row.total_minor
        campaign.backers += 1


def test_a_visitor_is_sent_to_the_sign_in_from_every_page(studio: Studio, noa: Browser) -> None:
    visitor = Browser(studio.browser(RAFA).http, "")
    visitor.http.cookies.clear()
    for path in ("/studio", "/studio/new", HOME, f"{HOME}/edit", f"{HOME}/launch", f"{HOME}/backers", f"{HOME}/lists"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path


def test_an_empty_studio_says_what_to_do_next(studio: Studio) -> None:
    page = studio.browser(NOA).get("/studio").text
    assert "No campaign yet" in page
    assert 'href="/studio/new"' in page


def test_from_a_title_to_a_launch(studio: Studio) -> None:
    browser = studio.browser(NOA)
    made = browser.post("/studio/new", NEW)
    assert made.headers["location"] == "/studio/campaigns/a-lamp-of-bamboo/edit/pitch?saved=1"
    here = "/studio/campaigns/a-lamp-of-bamboo"
    assert "A lamp of bamboo" in browser.get("/studio").text
    refused = browser.post(f"{here}/launch")
    assert refused.status_code == 422
    assert "not ready to launch" in refused.text
    assert browser.post(f"{here}/edit/story", {"story.en": "# Why", "then": "next"}).headers["location"] == (
        f"{here}/edit/faq?saved=1"
    )
    checked = browser.get(f"{here}/launch").text
    assert "Launch the campaign now" in checked
    assert "$1,000" in checked
    assert browser.post(f"{here}/launch").headers["location"] == here
    assert "Live" in browser.get(here).text
    again = browser.post(f"{here}/launch")
    assert again.status_code == 409


def test_every_mistake_stands_at_its_field_and_all_that_was_typed_is_kept(studio: Studio) -> None:
    browser = studio.browser(NOA)
    typed = NEW | {
        "title.en": "Lamp <b>“one”</b>",
        "goal": "1,234.56",
        "duration_days": "900",
        "timezone": "Mars/Olympus",
        "accent": "#fefefe",
        "slug": "Not An Address!",
    }
    answer = browser.post("/studio/new", typed)
    assert answer.status_code == 422
    assert set(mistakes(answer)) == {"goal", "duration_days", "timezone", "accent", "slug"}
    assert mistakes(answer)["duration_days"] == "A campaign runs 1 to 60 days."
    assert 'value="Lamp &lt;b&gt;“one”&lt;/b&gt;"' in answer.text
    assert 'value="1,234.56"' in answer.text
    assert "No campaign yet" in browser.get("/studio").text


@pytest.mark.parametrize("goal", ["-1", "1e400", "NaN", "1,234.56", "0.00001", "0", "", "٣", "1" * 30, "=1+1"])
def test_an_amount_that_is_none_is_refused_with_a_sentence(studio: Studio, goal: str) -> None:
    answer = studio.browser(NOA).post("/studio/new", NEW | {"goal": goal})
    assert answer.status_code == 422
    assert mistakes(answer)["goal"]


@pytest.mark.parametrize(
    ("deadline", "timezone", "told"),
    [
        ("2026-01-01T12:00", "UTC", "in the past"),
        ("2027-03-28T02:30", "Europe/Stockholm", "does not exist"),
        ("tomorrow", "UTC", "not a day and time"),
        ("2026-13-45T99:99", "UTC", "not a day and time"),
        ("", "UTC", "Choose the day and time"),
    ],
)
def test_a_deadline_that_cannot_be_is_refused(studio: Studio, deadline: str, timezone: str, told: str) -> None:
    typed = NEW | {"ends": "moment", "deadline": deadline, "timezone": timezone}
    answer = studio.browser(NOA).post("/studio/new", typed)
    assert answer.status_code == 422
    assert told in mistakes(answer)["deadline"]


def test_an_address_that_is_taken_is_refused_at_its_field(studio: Studio, noa: Browser) -> None:
    answer = noa.post("/studio/new", NEW | {"slug": "kerb"})
    assert answer.status_code == 422
    assert "taken" in mistakes(answer)["slug"]


def test_a_form_without_the_token_of_its_session_changes_nothing(studio: Studio, noa: Browser) -> None:
    before = draft_of(studio)
    assert Browser(noa.http, "").post(f"{HOME}/edit/story", {"story.en": "Other"}).status_code == 403
    assert Browser(noa.http, "x" * 64).post(f"{HOME}/launch").status_code == 403
    assert draft_of(studio) == before
    assert kerb(studio).status is CampaignState.DRAFT
    assert noa.post(f"{HOME}/edit/story", {"story.en": "Other"}).status_code == 303


def test_a_field_the_page_does_not_have_is_refused(studio: Studio, noa: Browser) -> None:
    before = draft_of(studio)
    for path, name in (("edit/basics", "status"), ("edit/items", "items.900.sku"), ("edit/rewards/one", "claimed")):
        assert noa.post(f"{HOME}/{path}", {name: "1"}).status_code == 422
    assert draft_of(studio) == before


def test_a_section_changes_nothing_of_the_others(studio: Studio, noa: Browser) -> None:
    before = draft_of(studio)
    for section in (
        "basics", "pitch", "story", "faq", "items", "items/deck", "items/bag", "rewards/one", "rewards/early",
        "rewards/friends", "add-ons/card", "stretch/lights", "stretch/crowd", "stretch/bags",
    ):  # fmt: skip
        page = noa.get(f"{HOME}/edit/{section}").text
        answer = noa.http.post(f"{HOME}/edit/{section}", data=fields_of(page, f"{HOME}/edit/{section}"))
        assert answer.status_code == 303, (section, mistakes(answer))
    assert draft_of(studio) == before


def fields_of(page: str, action: str) -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    form = re.search(rf'<form[^>]*action="{action}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form is not None
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        known = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        is_sent = "name" in known and "disabled" not in tag
        if is_sent and (known.get("type") not in {"checkbox", "radio"} or " checked" in tag):
            sent[known["name"]] = known.get("value", "")
    sent |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form[1], re.DOTALL))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[1], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def test_rows_are_added_without_a_script_and_keep_what_was_typed(studio: Studio, noa: Browser) -> None:
    typed = {"faq.en.0.question": "When?", "faq.en.0.answer": "In May & June"}
    more = noa.post(f"{HOME}/edit/faq", typed | {"row": "add:faq.en"})
    assert more.status_code == 200
    assert "In May &amp; June" in more.text
    assert 'name="faq.en.1.question"' in more.text
    half = noa.post(f"{HOME}/edit/faq", typed | {"faq.en.1.question": "Where?", "faq.en.1.answer": ""})
    assert half.status_code == 422
    assert list(mistakes(half)) == ["faq.en.1.answer"]
    assert 'value="Where?"' in half.text
    assert noa.post(f"{HOME}/edit/faq", typed | {"faq.en.1.question": ""}).status_code == 303


def test_a_reward_is_made_moved_and_taken_away(studio: Studio, noa: Browser) -> None:
    typed = {
        "title.en": "Two boards", "price": "899", "limit_per_backer": "1", "shipping": "some", "items.deck": "2",
        "rates.0.country": "Germany", "rates.0.first": "25", "delivery": "2027-05", "audience": "everyone",
    }  # fmt: skip
    assert noa.post(f"{HOME}/edit/new-reward", typed).headers["location"] == f"{HOME}/edit/rewards?saved=1#two-boards"
    assert 'value="899.00"' in noa.get(f"{HOME}/edit/rewards/two-boards").text
    noa.post(f"{HOME}/edit/rewards", {"do": "up:two-boards", "kind": "rewards"})
    assert slugs(studio) == ["one", "early", "two-boards", "friends", "card"]
    noa.post(f"{HOME}/edit/rewards", {"do": "remove:two-boards", "kind": "rewards"})
    assert slugs(studio) == ["one", "early", "friends", "card"]
    assert noa.get(f"{HOME}/edit/rewards/two-boards").status_code == 404
    assert noa.get(f"{HOME}/edit/nothing/one").status_code == 404


def slugs(studio: Studio) -> list[str]:
    with studio.database.reading() as session:
        return list(session.exec(select(Tier.slug).order_by("position")))


def test_a_reward_with_wrong_shipping_says_so_at_the_shipping(noa: Browser) -> None:
    typed = {"title.en": "Two", "price": "0.10", "limit_per_backer": "1", "audience": "everyone"}
    answer = noa.post(f"{HOME}/edit/new-reward", typed | {"shipping": "worldwide"})
    assert answer.status_code == 422
    assert set(mistakes(answer)) == {"price", "elsewhere.first"}
    answer = noa.post(f"{HOME}/edit/new-reward", typed | {"shipping": "some"})
    assert set(mistakes(answer)) == {"price", "shipping"}


def test_a_live_campaign_shows_what_is_fixed_and_refuses_a_forged_change(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio, reward="early")
    page = noa.get(f"{HOME}/edit").text
    assert re.search(r'id="goal"[^>]* disabled', page)
    assert "Fixed at the launch" in page
    assert not re.search(r'id="title.en"[^>]* disabled', page)
    forged = noa.post(f"{HOME}/edit/basics", NEW | {"title.en": "Kerb two"})
    assert forged.status_code == 422
    assert "fixed at the launch" in forged.text
    early = noa.get(f"{HOME}/edit/rewards/early").text
    assert re.search(r'id="price"[^>]* disabled', early)
    assert not re.search(r'id="quantity"[^>]* disabled', early)
    assert noa.post(f"{HOME}/edit/rewards/early", {"quantity": "500", "audience": "everyone"}).status_code == 303
    lower = noa.post(f"{HOME}/edit/rewards/early", {"quantity": "20", "audience": "everyone"})
    assert "may rise, but not fall" in mistakes(lower)["quantity"]
    removed = noa.post(f"{HOME}/edit/rewards", {"do": "remove:early", "kind": "rewards"})
    assert removed.status_code == 422
    assert "cannot be removed" in removed.text


def test_pictures_are_made_anew_and_other_files_are_refused(studio: Studio, noa: Browser) -> None:
    made = io.BytesIO()
    Image.new("RGB", (800, 450), "navy").save(made, "PNG")
    put = noa.post(f"{HOME}/edit/pitch/poster", files={"poster": ("a.png", made.getvalue(), "image/png")})
    assert put.status_code == 303
    assert re.search(r'<img class="poster" src="/media/[0-9a-f]{32}\.webp"', noa.get(f"{HOME}/edit/pitch").text)
    for content in (b"<svg onload=alert(1)>", b"", b"\x89PNG\r\n\x1a\n" + b"0" * 100):
        answer = noa.post(f"{HOME}/edit/pitch/poster", files={"poster": ("a.png", content, "image/png")})
        assert answer.status_code == 422
        assert "picture" in mistakes(answer)["poster"]
    assert noa.post(f"{HOME}/edit/pitch/poster").status_code == 422
    story = {"name": "side-view"}
    put = noa.post(f"{HOME}/edit/story/picture", story, files={"picture": ("a.png", made.getvalue(), "image/png")})
    assert put.status_code == 303
    assert "(side-view)" in noa.get(f"{HOME}/edit/story").text
    put = noa.post(f"{HOME}/edit/rewards/one/picture", files={"picture": ("a.png", made.getvalue(), "image/png")})
    assert put.headers["location"] == f"{HOME}/edit/rewards/one?saved=1"
    for path in ("pitch/poster/remove", "rewards/one/picture/remove"):
        assert noa.post(f"{HOME}/edit/{path}").status_code == 303
    assert noa.post(f"{HOME}/edit/story/picture/remove", story).status_code == 303
    assert draft_of(studio) == whole_draft()


def test_an_own_film_is_known_by_its_first_bytes(studio: Studio, noa: Browser) -> None:
    film = b"\x1a\x45\xdf\xa3" + b"0" * 64
    assert noa.post(f"{HOME}/edit/pitch/film", files={"film": ("a", film, "video/webm")}).status_code == 303
    assert kerb(studio).video.startswith("media:")
    refused = noa.post(f"{HOME}/edit/pitch/film", files={"film": ("a.webm", b"<html>", "video/webm")})
    assert "WebM or MP4" in mistakes(refused)["film"]
    assert noa.post(f"{HOME}/edit/pitch/film/remove").status_code == 303
    assert kerb(studio).video == ""


@pytest.mark.parametrize("link", ["https://youtube.com.evil.example/watch?v=AAAAAAAAAAA", "javascript:alert(1)", "x"])
def test_a_link_of_no_film_is_refused(noa: Browser, link: str) -> None:
    answer = noa.post(f"{HOME}/edit/pitch", {"video": link})
    assert answer.status_code == 422
    assert "not the link of one film" in mistakes(answer)["video"]


def test_a_cancellation_says_how_many_it_touches_and_asks_for_a_reason(studio: Studio, noa: Browser) -> None:
    assert "does not run now" in noa.get(f"{HOME}/cancel").text
    launched(studio)
    pledged(studio)
    assert "The pledge of 1 backer" in noa.get(f"{HOME}/cancel").text
    without = noa.post(f"{HOME}/cancel", {"reason": "  "})
    assert without.status_code == 422
    assert "will read it" in mistakes(without)["reason"]
    assert noa.post(f"{HOME}/cancel", {"reason": "The supplier closed."}).headers["location"] == HOME
    assert "The supplier closed." in noa.get(HOME).text
    assert noa.post(f"{HOME}/cancel", {"reason": "Again."}).status_code == 409


def test_the_overview_shows_figures_and_the_same_as_a_table(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio)
    page = noa.get(HOME).text
    assert page.count('<svg class="chart') == 2
    assert "$509" in page
    assert "509.00" in page
    assert " style=" not in page


def test_a_name_that_is_markup_stays_text(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio, Person("<script>alert(1)</script>", "mina@example.org", "US", "en"))
    for path in ("backers", "backers?q=%3Cscript%3E", "backers?q=%22%3E%3Cimg%20src%3Dx%3E"):
        page = noa.get(f"{HOME}/{path}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=" + "9" * 30,
        "state=nonsense",
        "country=%00%00",
        "tier=%27",
        "q=%25%00",
        "before=0",
    ],
)
def test_a_search_that_makes_no_sense_still_gets_a_page(noa: Browser, query: str) -> None:
    assert noa.get(f"{HOME}/backers?{query}").status_code == 200


def test_a_list_is_taken_out_and_stands_in_the_record(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio)
    chosen = noa.get(
        f"{HOME}/lists?list=backers.fundlaunch&format=csv&status=pledged&tier=one&country=&personal=left_out"
    )
    assert chosen.status_code == 303
    taken = noa.get(chosen.headers["location"])
    assert taken.status_code == 200
    assert MINA.name not in taken.text
    with studio.database.reading() as session:
        assert session.exec(select(ExportBatch)).one().actor == NOA.email
    record = noa.get(f"{HOME}/lists").text
    assert NOA.email in record
    assert "509.00" in record


@pytest.mark.parametrize(
    "query", ["list=nothing", "list=items.nothing", "list=items.lines&format=zip", "list=..%2F..%2Fetc", "list="]
)
def test_a_list_there_is_not_is_refused_on_the_page(noa: Browser, query: str) -> None:
    answer = noa.get(f"{HOME}/lists?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


ROLES = {
    Role.OWNER: {"see", "edit", "backers", "run"},
    Role.EDITOR: {"see", "edit"},
    Role.FULFILMENT: {"see", "backers"},
    Role.VIEWER: {"see"},
}
PATHS = {
    "": "see",
    "/launch": "see",
    "/edit": "edit",
    "/edit/story": "edit",
    "/edit/rewards": "edit",
    "/edit/rewards/one": "edit",
    "/edit/new-add-on": "edit",
    "/backers": "backers",
    "/lists": "backers",
    "/lists/backers": "backers",
    "/cancel": "run",
}
POSTS = {
    "/edit/story": "edit",
    "/edit/rewards": "edit",
    "/edit/rewards/one": "edit",
    "/edit/pitch/poster/remove": "edit",
    "/launch": "run",
    "/cancel": "run",
}


@pytest.mark.parametrize(("role", "person"), list(zip(Role, (HARU, TEO, SAOIRSE, RAFA), strict=True)))
def test_a_role_opens_its_pages_and_no_others(studio: Studio, noa: Browser, role: Role, person: Person) -> None:
    browser = studio.browser(person)
    studio.role(person, kerb(studio).id, role)
    for path, needed in PATHS.items():
        assert (browser.get(f"{HOME}{path}").status_code == 200) is (needed in ROLES[role]), (role, path)
        assert browser.get(f"{HOME}{path}").status_code in {200, 403}
    for path, needed in POSTS.items():
        assert (browser.post(f"{HOME}{path}").status_code == 403) is (needed not in ROLES[role]), (role, path)


def test_a_viewer_sees_no_single_backer_and_no_way_to_edit(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio)
    viewer = studio.browser(RAFA)
    studio.role(RAFA, kerb(studio).id, Role.VIEWER)
    page = viewer.get(HOME).text
    assert MINA.name not in page
    assert f'href="{HOME}/backers"' not in page
    assert f'href="{HOME}/edit' not in page
    assert f'href="{HOME}/cancel"' not in page
    assert f'href="{HOME}/backers"' in noa.get(HOME).text


def test_a_campaign_of_others_is_as_if_it_did_not_exist(studio: Studio, noa: Browser) -> None:
    stranger = studio.browser(MINA)
    for path in PATHS:
        theirs, nobodys = stranger.get(f"{HOME}{path}"), stranger.get(f"/studio/campaigns/nobodys{path}")
        assert theirs.status_code == nobodys.status_code == 404, path
        assert theirs.text.replace("kerb", "nobodys") == nobodys.text, path
    for path in POSTS:
        assert stranger.post(f"{HOME}{path}").status_code == 404, path
    for browser in (stranger, studio.browser(ODA, operator=True)):
        for slug in ("%00", "..%2Fkerb", "KERB", "x" * 300):
            assert browser.get(f"/studio/campaigns/{slug}/edit").status_code == 404, slug
    assert "Kerb" not in stranger.get("/studio").text
    assert kerb(studio).status is CampaignState.DRAFT


def test_the_operator_may_look_at_every_campaign(studio: Studio, noa: Browser) -> None:
    operator = studio.browser(ODA, operator=True)
    assert "Kerb" in operator.get("/studio").text
    for path in PATHS:
        assert operator.get(f"{HOME}{path}").status_code == 200, path


def test_the_pages_speak_korean(studio: Studio, noa: Browser) -> None:
    for path in PATHS:
        answer = noa.get(f"{HOME}{path}?lang=ko")
        if path != "/lists/backers":
            assert '<html lang="ko"' in answer.text, path
            assert answer.headers["cache-control"] == "no-store"


def test_a_browser_lets_a_search_with_empty_fields_through(studio: Studio, noa: Browser) -> None:
    launched(studio)
    pledged(studio)
    for path in ("backers", "lists"):
        page = noa.get(f"{HOME}/{path}").text
        [form] = re.findall(rf'<form [^>]*action="{HOME}/{path}"[^>]*>', page)
        assert " novalidate" in form
