"""The time line of a campaign on both databases: what its own people read, and what everybody may see of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from fundlaunch.campaigns import actions, history, life, timeline
from fundlaunch.campaigns.changes import Difference
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.history import Line, TimeLine
from fundlaunch.campaigns.tables import Campaign, CampaignChange
from fundlaunch.database import Database
from fundlaunch.errors import NotFound
from tests.cast import NOA

NOW = datetime(2026, 11, 11, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

LAMP = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={"en": CampaignText("Lamp", "A lamp.", "The old story.", "Risks."), "ko": CampaignText("등", "", "이야기.")},
    creator_name=NOA.name,
    timezone="Europe/Berlin",
    items=(ItemDraft("lamp", "LAMP-1", {"en": "Lamp"}),),
    tiers=(TierDraft("one", {"en": TierText("One lamp", "Ready to hang.")}, 4_950),),
    add_ons=(TierDraft("bulb", {"en": TierText("Bulb")}, 900),),
    stretch_goals=(StretchDraft("hook", {"en": "A hook"}, 1_200_000),),
)
ONE = LAMP.tiers[0]


def revise(database: Database, draft: CampaignDraft, at: datetime = LATER) -> None:
    with database.transaction() as session:
        actions.revise(session, "lamp", draft, at, actor=NOA.email)


def campaign(session: Session) -> Campaign:
    return session.exec(select(Campaign).where(Campaign.slug == "lamp")).one()


def whole(database: Database, page: int = 1, language: str = "en") -> TimeLine:
    with database.reading() as session:
        return history.time_line(session, campaign(session), language, page)


def public(database: Database, page: int = 1, size: int = history.PAGE, language: str = "en") -> TimeLine:
    with database.reading() as session:
        return history.since_launch(session, campaign(session), language, page, size)


def lines(found: TimeLine) -> list[Line]:
    return [line for occasion in found.occasions for line in occasion.lines]


@pytest.fixture
def draft(database: Database) -> Database:
    with database.transaction() as session:
        actions.create(session, LAMP, None, NOW)
    return database


@pytest.fixture
def live(draft: Database) -> Database:
    with draft.transaction() as session:
        actions.launch(session, "lamp", NOA.email, NOW)
    return draft


def test_who_when_from_and_to_stand_in_the_time_line_the_newest_first(draft: Database) -> None:
    revise(draft, replace(LAMP, goal_minor=900_000), NOW)
    with draft.transaction() as session:
        actions.launch(session, "lamp", NOA.email, LATER)
        life.suspend(session, "lamp", "It is somebody else's lamp.", "operator@example.net", LATER + timedelta(hours=1))
    suspended, launched, changed = whole(draft).occasions
    assert (suspended.actor, suspended.at) == ("operator@example.net", LATER + timedelta(hours=1))
    assert suspended.lines == (Line("Suspended by the operator", "", "", "It is somebody else's lamp."),)
    assert (launched.actor, launched.lines) == (NOA.email, (Line("Launched", "", ""),))
    assert (changed.actor, changed.at) == (NOA.email, NOW)
    assert changed.lines == (Line("Goal", "$8,000", "$9,000"),)


def test_what_changed_before_the_launch_is_nobody_elses_business(draft: Database) -> None:
    revise(draft, replace(LAMP, creator_name="Noa L"))
    assert public(draft).occasions == ()
    assert lines(whole(draft)) == [Line("Name of the creator", NOA.name, "Noa L")]


def test_a_revision_that_changes_nothing_leaves_no_line(live: Database) -> None:
    revise(live, LAMP)
    assert public(live).occasions == ()
    with live.reading() as session:
        assert session.exec(select(CampaignChange)).all() == []


def test_everybody_sees_what_changed_since_the_launch_but_not_who_did_it(live: Database) -> None:
    dearer = replace(LAMP, tiers=(replace(ONE, price_minor=5_500),), accent="#1f6b43")
    revise(live, dearer)
    (occasion,) = public(live).occasions
    assert (occasion.actor, occasion.at) == ("", LATER)
    assert occasion.lines == (Line("Reward “One lamp”: price", "$49.50", "$55"),)
    assert len(lines(whole(live))) == 3


def test_the_earlier_story_is_kept_and_linked_and_rendered_without_harm(live: Database) -> None:
    new = replace(LAMP.main_text, story="A new <script>story</script>.", title="Lamps")
    revise(live, replace(LAMP, texts={**LAMP.texts, "en": new}))
    by_name = {line.what: line for line in lines(public(live))}
    story, title = by_name["Story (English)"], by_name["Title (English)"]
    assert story.earlier == 1
    assert (title.before, title.after, title.earlier) == ("Lamp", "Lamps", 0)
    with live.reading() as session:
        found = history.earlier(session, campaign(session), 1, "en")
        assert (found.title, found.until_at) == ("Lamp", LATER)
        assert "The old story." in found.story
        assert history.earlier(session, campaign(session), 1, "ko").title == "등"
        with pytest.raises(NotFound):
            history.earlier(session, campaign(session), 2, "en")


def test_what_a_reward_said_before_is_kept_whole(live: Database) -> None:
    long = "It is made of ash. " * 90
    said = replace(ONE, texts={"en": TierText("One lamp", long)})
    revise(live, replace(LAMP, tiers=(said,)))
    revise(live, LAMP, LATER + timedelta(hours=1))
    (newest, _) = lines(public(live))
    assert newest.what == "Reward “One lamp”: description (English)"
    assert (newest.before, newest.after) == (long, "Ready to hang.")


def test_things_that_came_or_went_are_one_line_each_by_the_name_they_have_or_had(live: Database) -> None:
    two = TierDraft("two", {"en": TierText("Two lamps")}, 9_500)
    revise(live, replace(LAMP, tiers=(ONE, two), add_ons=()))
    assert lines(public(live)) == [Line("Add-on “bulb”", "Bulb, $9", ""),
                                   Line("Reward “Two lamps”", "", "Two lamps, $95")]  # fmt: skip


def test_a_secret_tier_stays_out_of_the_public_list(live: Database) -> None:
    secret = TierDraft("friends", {"en": TierText("For friends")}, 4_000, secret_key="k" * 24)
    revise(live, replace(LAMP, tiers=(ONE, secret)))
    assert public(live).occasions == ()
    assert [line.what for line in lines(whole(live))][:1] == ["Reward “For friends”"]


def test_names_of_files_say_nothing_and_words_of_ours_are_words(live: Database) -> None:
    shown = replace(LAMP, poster="abc.webp", takes_plain_pledges=False, poster_alt={"en": "A lamp"})
    revise(live, shown)
    found = {line.what: line for line in lines(whole(live))}
    assert (found["Picture"].before, found["Picture"].after) == ("", "")
    assert found["The picture in words (English)"].after == "A lamp"
    assert found["Pledges without a reward"].before == "yes"
    closed = replace(shown, tiers=(replace(ONE, closed=True),))
    revise(live, closed, LATER + timedelta(hours=1))
    assert lines(whole(live))[0] == Line("Reward “One lamp”: closed", "no", "yes")


def test_long_time_lines_have_pages(live: Database) -> None:
    many = [Difference("place", "", f"Place {n}", is_public=True) for n in range(history.PAGE + 3)]
    with live.transaction() as session:
        timeline.record(session, campaign(session), many, NOA.email, LATER)
    first, second, third = whole(live), whole(live, 2), whole(live, 3)
    assert (first.first, first.last, first.total) == (1, 50, 54)
    assert (second.first, second.last, len(lines(second))) == (51, 54, 4)
    assert lines(third) == []
    few = public(live, size=history.SHOWN)
    assert (len(lines(few)), few.last, few.total) == (5, 5, 53)
    assert lines(few)[0].after == "Place 52"
    assert (public(live, 2).first, public(live, 2).last) == (51, 53)


def test_what_the_creator_took_back_is_no_reason_of_the_operators(draft: Database) -> None:
    def returned() -> str:
        with draft.reading() as session:
            return history.returned_because(session, campaign(session).id)

    assert returned() == ""
    with draft.transaction() as session:
        life.submit(session, "lamp", NOA.email, NOW)
        life.send_back(session, "lamp", "Say who makes it.", "operator@example.net", NOW)
    assert returned() == "Say who makes it."
    with draft.transaction() as session:
        life.submit(session, "lamp", NOA.email, NOW)
        life.take_back(session, "lamp", NOA.email, NOW)
    assert returned() == ""
    assert [line.reason for line in lines(whole(draft))] == [
        "Its creator took it back.", "", "Say who makes it.", "",
    ]  # fmt: skip
