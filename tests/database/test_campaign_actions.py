"""Creating, revising, launching and canceling a campaign, and applying one from its file; on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select

from fundlaunch.campaigns import actions, campaign_file, draft_rows
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.launch_check import NotReady
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import CampaignState, Shipping
from fundlaunch.campaigns.tables import Campaign, CampaignMove, CampaignRevision, ShippingRate, Tier, TierItem
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, CampaignClosed, Conflict, FundLaunchError, IllegalMove, NotFound
from fundlaunch.pledges import actions as pledges
from fundlaunch.pledges.actions import Backer
from fundlaunch.pledges.rules import Selection
from tests.cast import MINA, NOA

Error = TypeVar("Error", bound=FundLaunchError)

NOW = datetime(2026, 11, 11, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

LAMP = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={
        "en": CampaignText("Lamp", "A lamp.", "Story.", "Risks.", (("Why?", "Because."),)),
        "ko": CampaignText("등", "등입니다.", "이야기.", "위험."),
    },
    creator_name=NOA.name,
    timezone="Europe/Berlin",
    items=(ItemDraft("lamp", "LAMP-1", {"en": "Lamp"}, weight_grams=640), ItemDraft("bulb", "BULB-1", {"en": "Bulb"})),
    tiers=(
        TierDraft(
            "one",
            {"en": TierText("One lamp", "Ready to hang."), "ko": TierText("등 하나")},
            4_950,
            quantity=20,
            ends_at=datetime.fromisoformat("2026-11-20T18:00"),
            delivery="2027-05",
            shipping=Shipping.SOME,
            rates={"DE": Rate(500, 200), "US": Rate(1500, 450)},
            items={"lamp": 1, "bulb": 2},
        ),
        TierDraft("thanks", {"en": TierText("Thanks")}, 500),
    ),
    add_ons=(
        TierDraft("bulb", {"en": TierText("Bulb")}, 900, limit_per_backer=10, delivery="2027-05", items={"bulb": 1}),
    ),
    stretch_goals=(StretchDraft("hook", {"en": "A hook"}, 1_200_000),),
)


@pytest.fixture
def live(database: Database) -> Database:
    """A database with the lamp live."""
    with database.transaction() as session:
        actions.create(session, LAMP, "noa", NOW)
        actions.launch(session, "lamp", NOA.email, NOW)
    return database


def kept(database: Database, slug: str = "lamp") -> Campaign:
    with database.reading() as session:
        return session.exec(select(Campaign).where(Campaign.slug == slug)).one()


def refused(database: Database, kind: type[Error], act: Callable[..., object], *values: object) -> Error:
    """The error of an action whose transaction was rolled back."""
    with pytest.raises(kind) as error, database.transaction() as session:
        act(session, *values)
    return error.value


def revise(session: Session, slug: str, draft: CampaignDraft, now: datetime) -> None:
    actions.revise(session, slug, draft, now, actor=NOA.email)


def choose(session: Session, now: datetime = LATER) -> None:
    selection = Selection("one", 1, {}, 0, "DE")
    pledges.start(session, "lamp", selection, Backer(MINA.email, MINA.name, "en"), "a-request-key", now)


def test_a_created_draft_reads_back_as_it_was_written(database: Database) -> None:
    with database.transaction() as session:
        created = actions.create(session, LAMP, "noa", NOW)
    with database.transaction() as session:
        campaign = actions.find(session, "lamp")
        assert campaign.id == created
        assert (campaign.status, campaign.owner_id) == (CampaignState.DRAFT, "noa")
        assert draft_rows.read(session, campaign) == LAMP


def test_times_are_kept_in_utc_and_read_back_on_the_campaigns_clocks(database: Database) -> None:
    draft = replace(LAMP, deadline=datetime.fromisoformat("2026-12-24T18:00"))
    with database.transaction() as session:
        actions.create(session, draft, None, NOW)
    assert kept(database).deadline_at == datetime(2026, 12, 24, 17, tzinfo=UTC)
    with database.reading() as session:
        ends_at = session.exec(select(Tier.ends_at).where(Tier.slug == "one")).one()
        assert ends_at == datetime(2026, 11, 20, 17, tzinfo=UTC)


def test_a_draft_with_a_fault_or_a_taken_address_is_refused_and_nothing_is_kept(database: Database) -> None:
    error = refused(database, BadInput, actions.create, replace(LAMP, goal_minor=0), None, NOW)
    assert error.field == "goal"
    with database.transaction() as session:
        actions.create(session, LAMP, None, NOW)
    error = refused(database, BadInput, actions.create, LAMP, None, NOW)
    assert str(error) == "The address “lamp” is taken by another campaign. Choose another one."


def test_a_draft_can_be_rewritten_whole(database: Database) -> None:
    other = replace(
        LAMP,
        currency="EUR",
        goal_minor=1,
        items=(ItemDraft("shade", "SHADE-1", {"en": "Shade"}),),
        tiers=(TierDraft("shade", {"en": TierText("Shade")}, 900, items={"shade": 3}),),
        add_ons=(TierDraft("one", {"en": TierText("One more")}, 0),),
        stretch_goals=(),
    )
    with database.transaction() as session:
        actions.create(session, LAMP, None, NOW)
        revise(session, "lamp", other, NOW)
    with database.transaction() as session:
        assert draft_rows.read(session, actions.find(session, "lamp")) == other
        revise(session, "lamp", LAMP, NOW)
    with database.transaction() as session:
        assert draft_rows.read(session, actions.find(session, "lamp")) == LAMP
        assert len(session.exec(select(ShippingRate)).all()) == 2
        assert len(session.exec(select(TierItem)).all()) == 3
        assert session.exec(select(CampaignRevision)).all() == []


def test_a_launch_fixes_the_deadline_and_is_written_into_the_time_line(live: Database) -> None:
    campaign = kept(live)
    assert campaign.status is CampaignState.LIVE
    assert campaign.launched_at == NOW
    assert campaign.deadline_at == NOW + timedelta(days=30)
    with live.reading() as session:
        (step,) = session.exec(select(CampaignMove)).all()
    assert (step.seq, step.event, step.before, step.after, step.actor) == (1, "launched", "draft", "live", NOA.email)


def test_a_launch_before_the_check_list_is_done_says_what_is_missing(database: Database) -> None:
    with database.transaction() as session:
        actions.create(session, replace(LAMP, creator_name=""), None, NOW)
    error = refused(database, NotReady, actions.launch, "lamp", NOA.email, NOW)
    assert str(error) == "The campaign is not ready to launch: Say who you are."
    assert kept(database).status is CampaignState.DRAFT


def test_a_chosen_deadline_that_came_too_near_stops_the_launch(database: Database) -> None:
    with database.transaction() as session:
        actions.create(session, replace(LAMP, deadline=datetime.fromisoformat("2026-11-13T18:00")), None, NOW)
    for now in (LATER - timedelta(days=1), LATER):
        refused(database, NotReady, actions.launch, "lamp", NOA.email, now)
    with database.transaction() as session:
        actions.launch(session, "lamp", NOA.email, NOW)


def test_nothing_is_launched_twice_or_found_under_another_name(live: Database) -> None:
    refused(live, IllegalMove, actions.launch, "lamp", NOA.email, LATER)
    refused(live, NotFound, actions.launch, "nothing", NOA.email, LATER)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("goal", replace(LAMP, goal_minor=900_000)),
        ("currency", replace(LAMP, currency="EUR")),
        ("timezone", replace(LAMP, timezone="Asia/Seoul")),
        ("deadline", replace(LAMP, deadline=datetime.fromisoformat("2026-12-30T18:00"))),
        ("duration_days", replace(LAMP, duration_days=31)),
    ],
)
def test_what_people_back_on_is_locked_once_live(live: Database, field: str, changed: CampaignDraft) -> None:
    before = kept(live)
    error = refused(live, BadInput, revise, "lamp", changed, LATER)
    assert error.field == field
    assert kept(live) == before


def test_texts_change_while_live_and_what_they_were_is_kept(live: Database) -> None:
    new = replace(LAMP, texts={**LAMP.texts, "en": replace(LAMP.main_text, title="A better lamp")})
    with live.transaction() as session:
        revise(session, "lamp", new, LATER)
    with live.reading() as session:
        (revision,) = session.exec(select(CampaignRevision)).all()
    assert (revision.seq, revision.until_at, revision.texts["en"]["title"]) == (1, LATER, "Lamp")
    assert kept(live).texts["en"]["title"] == "A better lamp"
    assert kept(live).deadline_at == NOW + timedelta(days=30)


def test_a_tier_that_somebody_chose_keeps_its_price_and_stock(live: Database) -> None:
    with live.transaction() as session:
        choose(session)
    one, thanks = LAMP.tiers
    for changed in (replace(one, price_minor=1_000), replace(one, quantity=19), replace(one, rates={"DE": Rate(1, 1)})):
        draft = replace(LAMP, tiers=(changed, thanks))
        refused(live, BadInput, revise, "lamp", draft, LATER)
    refused(live, BadInput, revise, "lamp", replace(LAMP, tiers=(thanks,)), LATER)
    with live.transaction() as session:
        revise(session, "lamp", replace(LAMP, tiers=(replace(one, quantity=25, closed=True), thanks)), LATER)
    with live.reading() as session:
        tier = session.exec(select(Tier).where(Tier.slug == "one")).one()
    assert (tier.quantity, tier.closed, tier.claimed) == (25, True, 1)


def test_a_tier_that_nobody_holds_but_an_old_pledge_names_cannot_be_removed(live: Database) -> None:
    with live.transaction() as session:
        choose(session)
        tier = session.exec(select(Tier).where(Tier.slug == "one")).one()
        tier.claimed = 0
        session.add(tier)
    draft = replace(LAMP, tiers=LAMP.tiers[1:])
    error = refused(live, Conflict, revise, "lamp", draft, LATER)
    assert "Close a reward" in str(error)
    with live.reading() as session:
        assert len(session.exec(select(Tier).order_by(col(Tier.position))).all()) == 3


def test_after_the_end_only_questions_change(live: Database) -> None:
    end = NOW + timedelta(days=30)
    faq = replace(LAMP, texts={**LAMP.texts, "en": replace(LAMP.main_text, faq=(("When?", "In May."),))})
    with live.transaction() as session:
        revise(session, "lamp", faq, end)
    title = replace(faq, texts={**faq.texts, "en": replace(faq.main_text, title="Too late")})
    error = refused(live, BadInput, revise, "lamp", title, end)
    assert "has ended" in str(error)


def test_a_live_campaign_is_canceled_with_a_reason_for_everybody(live: Database) -> None:
    refused(live, BadInput, actions.cancel, "lamp", "  ", NOA.email, LATER)
    with live.transaction() as session:
        actions.cancel(session, "lamp", "The workshop burned down.", NOA.email, LATER)
    campaign = kept(live)
    assert (campaign.status, campaign.settling) == (CampaignState.CANCELED, True)
    assert campaign.closed_reason == "The workshop burned down."
    refused(live, IllegalMove, actions.cancel, "lamp", "Again.", NOA.email, LATER)


def test_nothing_is_canceled_once_the_deadline_has_passed(live: Database) -> None:
    late = NOW + timedelta(days=30)
    refused(live, CampaignClosed, actions.cancel, "lamp", "Too late.", NOA.email, late)


def test_a_file_creates_a_campaign_and_applying_it_again_changes_nothing(
    database: Database, project_root: Path, tmp_path: Path
) -> None:
    path = project_root / "examples/damyang/campaign.toml"
    media = tmp_path / "media"
    with database.transaction() as session:
        assert campaign_file.apply(session, path, "haru", media, NOW) == "dambit"
        before = draft_rows.read(session, actions.find(session, "dambit"))
    with database.transaction() as session:
        campaign_file.apply(session, path, "haru", media, NOW)
        actions.launch(session, "dambit", "haru", NOW)
    with database.transaction() as session:
        campaign_file.apply(session, path, "haru", media, LATER)
        after = draft_rows.read(session, actions.find(session, "dambit"))
    assert replace(after, deadline=None) == before
    assert before.video.startswith("media:")
    names = {before.poster, before.video.removeprefix("media:"), before.pictures["weave.webp"].media_name}
    names |= {tier.picture for tier in before.tiers if tier.picture}
    assert {file.name for file in media.iterdir()} == names


def test_a_file_that_breaks_a_lock_is_refused_by_the_same_rules(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text('slug = "lamp"\ntitle = "Lamp"\ncurrency = "USD"\ngoal = "1"\n', encoding="utf-8")
    error = refused(live, BadInput, campaign_file.apply, file, None, tmp_path, LATER)
    assert error.field == "goal"
