"""A campaign's life in browsers: the clock's launch, the operator's review, ends that come early, and the history."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns import actions
from fundlaunch.campaigns.launches import launch_due
from fundlaunch.campaigns.states import CampaignState, Review
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.people.roles import Role
from tests import asgi
from tests.cast import NOA, RAFA, SAOIRSE, TEO
from tests.studio import HERE, Browser, Studio, whole_draft

HOME = "/studio/campaigns/kerb"
REASON = "The factory burned down."


@pytest.fixture
def studio(sqlite_database: Database, tmp_path: Path) -> Studio:
    return Studio(sqlite_database, tmp_path)


@pytest.fixture
def reviewing(studio: Studio) -> None:
    """To be asked for before any browser: the site reads its settings when it starts."""
    studio.review = "on"


@pytest.fixture
def noa(studio: Studio) -> Browser:
    """Noa's browser, with the draft `kerb` that she owns."""
    browser = studio.browser(NOA)
    with studio.database.transaction() as session:
        campaign_id = actions.create(session, whole_draft(), None, studio.clock.now())
    studio.role(NOA, campaign_id, Role.OWNER)
    return browser


@pytest.fixture
def operator(studio: Studio) -> Browser:
    return studio.browser(SAOIRSE, operator=True)


def kerb(studio: Studio) -> Campaign:
    with studio.database.reading() as session:
        return session.exec(select(Campaign).where(Campaign.slug == "kerb")).one()


def launched(studio: Studio) -> None:
    with studio.database.transaction() as session:
        actions.launch(session, "kerb", NOA.email, studio.clock.now())


def ended(studio: Studio) -> None:
    """As if the deadline had come and the goal had been reached."""
    launched(studio)
    with studio.database.transaction() as session:
        campaign = actions.find(session, "kerb")
        campaign.status, campaign.frozen_at = CampaignState.SUCCESSFUL, studio.clock.now()
        session.add(campaign)


def visitor(studio: Studio) -> Browser:
    return Browser(asgi.client(studio.app, HERE), "")


def test_a_launch_is_scheduled_changed_and_taken_back(studio: Studio, noa: Browser) -> None:
    page = noa.get(f"{HOME}/launch").text
    assert 'type="datetime-local"' in page
    assert "On the clocks of Stockholm" in page
    wrong = noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "2026-11-01T09:00"})
    assert wrong.status_code == 422
    assert "has passed" in wrong.text
    assert 'value="2026-11-01T09:00"' in wrong.text
    assert noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": ""}).status_code == 422
    assert noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "soon"}).status_code == 422
    assert noa.post(f"{HOME}/launch", {"do": "nothing known"}).status_code == 422
    done = noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "2026-12-01T09:00"})
    assert done.headers["location"] == f"{HOME}/launch"
    page = noa.get(f"{HOME}/launch").text
    assert "It is launched by itself on Tuesday 1 December 2026, 09:00 in Stockholm." in page
    assert noa.post(f"{HOME}/launch", {"do": "unschedule"}).status_code == 303
    assert "It is launched by itself" not in noa.get(f"{HOME}/launch").text


def test_the_page_says_that_the_clock_could_not_launch_it(studio: Studio, noa: Browser) -> None:
    with studio.database.transaction() as session:
        bare = replace(whole_draft(), creator_name="")
        actions.revise(session, "kerb", bare, studio.clock.now(), actor=NOA.email)
    noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "2026-12-01T09:00"})
    assert "must be done by then" in noa.get(f"{HOME}/launch").text
    studio.clock.set(studio.clock.now() + timedelta(days=9))
    assert launch_due(studio.database, Review.OFF, studio.clock.now()) == 1
    page = studio.browser(NOA).get(f"{HOME}/launch").text
    assert "It was not launched on Tuesday 1 December 2026, 09:00" in page
    assert "1 thing is missing" in page


def test_only_its_owner_sets_the_time(studio: Studio, noa: Browser) -> None:
    studio.role(TEO, kerb(studio).id, Role.EDITOR)
    teo = studio.browser(TEO)
    assert "Its owner can choose the time." in teo.get(f"{HOME}/launch").text
    assert teo.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "2026-12-01T09:00"}).status_code == 403
    assert teo.post(f"{HOME}/launch", {"do": "submit"}).status_code == 403


def test_from_a_submission_to_a_launch(reviewing: None, studio: Studio, noa: Browser, operator: Browser) -> None:
    page = noa.get(f"{HOME}/launch").text
    assert "Submit the campaign" in page
    assert "Launch the campaign now" not in page
    assert "approve a campaign before its launch" in noa.post(f"{HOME}/launch").text
    assert "Nothing waits for you" in operator.get("/studio/review").text
    assert noa.post(f"{HOME}/launch", {"do": "submit"}).status_code == 303
    assert "Wait for the answer of the operator" in noa.get(HOME).text
    assert "is looking at it" in noa.get(f"{HOME}/launch").text
    assert "1 campaign to look at" in operator.get("/studio").text
    assert "Waits for your word" in operator.get("/studio/review").text
    without = operator.post(f"{HOME}/review", {"do": "return", "reason": ""})
    assert without.status_code == 422
    back = operator.post(f"{HOME}/review", {"do": "return", "reason": "Say who makes the trucks."})
    assert back.headers["location"] == "/studio/review"
    assert "Say who makes the trucks." in noa.get(f"{HOME}/launch").text
    noa.post(f"{HOME}/launch", {"do": "submit"})
    assert operator.post(f"{HOME}/review", {"do": "approve"}).status_code == 303
    assert "Approved" in operator.get("/studio/review").text
    assert "You approved it" in operator.get(f"{HOME}/review").text
    assert operator.post(f"{HOME}/review", {"do": "approve"}).status_code == 409
    assert "has approved it" in noa.get(f"{HOME}/launch").text
    assert noa.post(f"{HOME}/launch").headers["location"] == HOME
    assert kerb(studio).status is CampaignState.LIVE


def test_what_was_submitted_cannot_be_edited_until_it_is_taken_back(reviewing: None, noa: Browser) -> None:
    noa.post(f"{HOME}/launch", {"do": "submit"})
    assert "nothing can be changed now" in noa.get(f"{HOME}/edit/story").text
    refused = noa.post(f"{HOME}/edit/story", {"story.en": "# Other"})
    assert refused.status_code == 409
    assert "Take it back" in refused.text
    assert noa.post(f"{HOME}/launch", {"do": "take_back"}).status_code == 303
    assert noa.post(f"{HOME}/edit/story", {"story.en": "# Other"}).status_code == 303


def test_reviewing_and_suspending_are_the_operators_alone(studio: Studio, noa: Browser) -> None:
    launched(studio)
    for path in ("/studio/review", f"{HOME}/review", f"{HOME}/suspend"):
        assert noa.get(path).status_code == 403, path
    assert noa.post(f"{HOME}/review", {"do": "approve"}).status_code == 403
    assert noa.post(f"{HOME}/suspend", {"reason": REASON}).status_code == 403
    assert "Suspend" not in noa.get(HOME).text
    assert studio.browser(RAFA).get(f"{HOME}/history").status_code == 404


def test_a_suspension_stands_on_the_public_page_with_its_reason(
    studio: Studio, noa: Browser, operator: Browser
) -> None:
    assert "nothing to suspend" in operator.get(f"{HOME}/suspend").text
    launched(studio)
    assert "Suspend the campaign" in operator.get(HOME).text
    assert operator.post(f"{HOME}/suspend", {"reason": " "}).status_code == 422
    assert operator.post(f"{HOME}/suspend", {"reason": REASON}).headers["location"] == HOME
    page = visitor(studio).get("/campaigns/kerb").text
    assert "The operator of this site suspended the campaign." in page
    assert REASON in page
    assert "Back this" not in page


def test_a_successful_campaign_is_stopped_with_a_reason_for_everybody(studio: Studio, noa: Browser) -> None:
    assert "Only a campaign that reached its goal" in noa.get(f"{HOME}/stop").text
    ended(studio)
    assert "Stop the campaign" in noa.get(HOME).text
    assert noa.post(f"{HOME}/stop", {"reason": ""}).status_code == 422
    assert noa.post(f"{HOME}/stop", {"reason": REASON}).headers["location"] == HOME
    assert (kerb(studio).status, kerb(studio).settling) == (CampaignState.CANCELED, True)
    assert "is being paid back" in noa.get(HOME).text
    page = visitor(studio).get("/campaigns/kerb").text
    assert "was stopped afterwards" in page
    assert REASON in page
    assert noa.post(f"{HOME}/stop", {"reason": REASON}).status_code == 409


def test_late_pledges_wait_for_the_end(studio: Studio, noa: Browser) -> None:
    launched(studio)
    assert noa.post(f"{HOME}/late-pledges", {"do": "open"}).status_code == 409
    assert "Late pledges" not in noa.get(HOME).text


def test_late_pledges_are_opened_and_closed(studio: Studio, noa: Browser) -> None:
    ended(studio)
    assert "Open late pledges" in noa.get(HOME).text
    assert noa.post(f"{HOME}/late-pledges", {"do": "both"}).status_code == 422
    assert noa.post(f"{HOME}/late-pledges", {"do": "open"}).headers["location"] == HOME
    assert kerb(studio).takes_late_pledges
    assert "Close late pledges" in noa.get(HOME).text
    assert noa.post(f"{HOME}/late-pledges", {"do": "close"}).status_code == 303
    assert not kerb(studio).takes_late_pledges


def test_everything_that_was_done_stands_in_the_history(studio: Studio, noa: Browser, operator: Browser) -> None:
    assert "Nothing has happened yet" in noa.get(f"{HOME}/history").text
    noa.post(f"{HOME}/launch", {"do": "schedule", "launch_at": "2026-12-01T09:00"})
    noa.post(f"{HOME}/launch")
    operator.post(f"{HOME}/suspend", {"reason": "<b>bold</b>"})
    page = noa.get(f"{HOME}/history").text
    assert page.index("Suspended by the operator") < page.index("Launched") < page.index("Launch by the clock")
    for words in (NOA.email, SAOIRSE.email, "Tuesday 1 December 2026, 09:00", "&lt;b&gt;bold"):
        assert words in page
    assert noa.get(f"{HOME}/history?page=2").status_code == 200
    assert noa.get(f"{HOME}/history?page=x").status_code == 200
    assert "Suspended by the operator" in operator.get(f"{HOME}/history").text


def test_everybody_reads_what_changed_since_the_launch_and_the_story_as_it_was(studio: Studio, noa: Browser) -> None:
    launched(studio)
    anybody = visitor(studio)
    assert "What changed since the launch" not in anybody.get("/campaigns/kerb").text
    assert "Nothing has changed" in anybody.get("/campaigns/kerb/changes").text
    noa.post(f"{HOME}/edit/story", {"story.en": "# Other", "risks.en": "None."})
    page = anybody.get("/campaigns/kerb").text
    assert "What changed since the launch" in page
    assert NOA.email not in page
    assert 'href="/campaigns/kerb/earlier/1"' in page
    before = anybody.get("/campaigns/kerb/earlier/1").text
    assert "Because." in before
    assert "It may be late." in before
    assert anybody.get("/campaigns/kerb/earlier/2").status_code == 404
    assert "Story (English)" in anybody.get("/campaigns/kerb/changes").text


def test_a_draft_has_no_public_changes(studio: Studio, noa: Browser) -> None:
    for path in ("/campaigns/kerb/changes", "/campaigns/kerb/earlier/1", "/campaigns/nothing/changes"):
        assert visitor(studio).get(path).status_code == 404, path
