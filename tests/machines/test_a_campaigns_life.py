"""A campaign's life beside its deadline, on both databases: launches by the clock, reviews, ends that come early."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from fundlaunch import outbox
from fundlaunch.campaigns import actions, life
from fundlaunch.campaigns.actions import NotApproved
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, TierDraft, TierText
from fundlaunch.campaigns.launch_check import NotReady
from fundlaunch.campaigns.launches import launch_due
from fundlaunch.campaigns.states import CampaignState, Review
from fundlaunch.campaigns.tables import Campaign, CampaignChange, CampaignMove
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Conflict, FundLaunchError, IllegalMove
from fundlaunch.outbox import Promise
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.people.accounts import find_or_create
from fundlaunch.people.tables import Account
from fundlaunch.pledges.states import PledgeState
from fundlaunch.worker import CHARGES, Works
from fundlaunch.worker import tick as tick_works
from tests.cast import HARU, NOA
from tests.house import KEY, House, fund, live_campaign, open_house
from tests.line import PROVIDER, DirectWire

OPERATOR = "operator@example.net"
WALL = datetime.fromisoformat("2026-12-01T09:00")
"""On the clocks of the draft's zone, Europe/Stockholm."""

KERB = CampaignDraft(
    slug="kerb",
    currency="USD",
    goal_minor=100_000_00,
    texts={"en": CampaignText("Kerb", "A board.", "# Why", "It may be late.")},
    creator_name="Lindqvist Boards",
    duration_days=25,
    timezone="Europe/Stockholm",
    tiers=(TierDraft("one", {"en": TierText("One board", "Ready to ride.")}, 499_00),),
)

Act = Callable[..., object]


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as it:
        yield it


def draft(house: House, **changes: object) -> None:
    """The draft `kerb`, Haru's."""
    with house.database.transaction() as session:
        now = house.clock.now()
        owner = find_or_create(session, HARU.email, language=HARU.language, now=now, name=HARU.name)
        values = replace(KERB, **changes)  # type: ignore[arg-type]  # each its own field's type
        actions.create(session, values, owner, now)


def do(house: House, act: Act, *values: object, **named: object) -> None:
    with house.database.transaction() as session:
        act(session, "kerb", *values, NOA.email, house.clock.now(), **named)


def refused(house: House, kind: type[FundLaunchError], act: Act, *values: object, **named: object) -> str:
    with pytest.raises(kind) as error:
        do(house, act, *values, **named)
    return str(error.value)


def moves(house: House) -> list[tuple[str, str, str]]:
    with house.database.reading() as session:
        rows = session.exec(select(CampaignMove).order_by(col(CampaignMove.seq))).all()
    return [(row.event, row.actor, row.reason) for row in rows]


def changes(house: House) -> list[tuple[str, str, str, str]]:
    with house.database.reading() as session:
        rows = session.exec(select(CampaignChange).order_by(col(CampaignChange.seq))).all()
    return [(row.field, row.before, row.after, row.actor) for row in rows]


def letters(house: House) -> list[str]:
    with house.database.reading() as session:
        mine = select(Promise.topic).where(Promise.kind == outbox.MAIL, Promise.recipient == HARU.email)
        return list(session.exec(mine.order_by(col(Promise.created_at), col(Promise.topic))))


def tick(house: House, review: Review = Review.OFF) -> int:
    """The chore of the launches alone."""
    return launch_due(house.database, review, house.clock.now())


def to_launch(house: House, less: timedelta = timedelta(0)) -> None:
    planned = house.campaign("kerb").launch_at
    assert planned is not None
    house.clock.set(planned - less)


def test_the_clock_launches_what_is_ready_at_its_time_and_not_a_second_before(house: House) -> None:
    draft(house)
    do(house, life.schedule, WALL)
    assert house.campaign("kerb").launch_at == datetime.fromisoformat("2026-12-01T08:00+00:00")
    to_launch(house, timedelta(seconds=1))
    assert house.tick()["launches"] == 0
    to_launch(house)
    assert house.tick()["launches"] == 1
    campaign = house.campaign("kerb")
    assert campaign.status is CampaignState.LIVE
    assert campaign.launched_at == house.clock.now()
    assert campaign.deadline_at == house.clock.now() + timedelta(days=25)
    assert moves(house) == [("launched", "clock", "")]
    assert changes(house) == [("launch_at", "", "2026-12-01 09:00", NOA.email)]
    assert letters(house) == ["creator_launched"]
    assert house.tick()["launches"] == 0


def test_what_is_not_ready_at_its_time_stays_a_draft_and_its_creator_is_told_once(house: House) -> None:
    draft(house, creator_name="")
    do(house, life.schedule, WALL)
    to_launch(house)
    assert tick(house) == 1
    campaign = house.campaign("kerb")
    assert (campaign.status, campaign.launch_at) == (CampaignState.DRAFT, None)
    assert tick(house) == 0
    assert letters(house) == ["creator_not_launched"]
    with house.database.reading() as session:
        payload = session.exec(select(Promise.payload).where(Promise.topic == "creator_not_launched")).one()
    assert len(payload["more"]["missing"]) == 1
    assert changes(house)[-1] == ("launch_at", "2026-12-01 09:00", "", "clock")


def test_a_second_time_that_is_missed_is_told_again(house: House) -> None:
    draft(house, creator_name="")
    for day in (1, 2):
        do(house, life.schedule, WALL.replace(day=day))
        to_launch(house)
        tick(house)
    assert letters(house) == ["creator_not_launched"] * 2


def test_one_that_cannot_be_launched_holds_up_no_other(house: House) -> None:
    draft(house, creator_name="", launch_at=WALL)
    draft(house, slug="other", launch_at=WALL)
    to_launch(house)
    assert tick(house) == 2
    assert house.campaign("kerb").status is CampaignState.DRAFT
    assert house.campaign("other").status is CampaignState.LIVE


def test_the_deadline_is_looked_at_when_the_clock_launches(house: House) -> None:
    draft(house, deadline=WALL + timedelta(days=20), launch_at=WALL)
    to_launch(house)
    house.clock.set(house.clock.now() + timedelta(days=19, hours=1))
    tick(house)
    assert house.campaign("kerb").status is CampaignState.DRAFT
    assert letters(house) == ["creator_not_launched"]


def test_a_time_that_passed_or_does_not_go_with_the_deadline_is_refused(house: House) -> None:
    draft(house, deadline=WALL + timedelta(days=5))
    assert "has passed" in refused(house, BadInput, life.schedule, WALL - timedelta(days=900))
    assert "lies in the past" in refused(house, BadInput, life.schedule, WALL + timedelta(days=5))
    assert "1 to 60 days" in refused(house, BadInput, life.schedule, WALL + timedelta(days=4, hours=1))
    assert house.campaign("kerb").launch_at is None


def test_a_schedule_is_taken_back_and_then_nothing_is_launched(house: House) -> None:
    draft(house)
    do(house, life.schedule, WALL)
    do(house, life.unschedule)
    do(house, life.unschedule)
    house.clock.set(house.clock.now() + timedelta(days=30))
    assert tick(house) == 0
    assert len(changes(house)) == 2


def test_nothing_is_scheduled_once_it_is_live(house: House) -> None:
    draft(house)
    do(house, actions.launch)
    assert "launched already" in refused(house, Conflict, life.schedule, WALL)
    assert "launched already" in refused(house, Conflict, life.unschedule)


def test_a_campaign_launched_by_hand_before_its_time_is_not_launched_again(house: House) -> None:
    draft(house)
    do(house, life.schedule, WALL)
    do(house, actions.launch)
    to_launch(house)
    assert tick(house) == 0
    assert [event for event, _, _ in moves(house)] == ["launched"]


def test_with_review_on_a_launch_waits_for_the_operators_word(house: House) -> None:
    draft(house)
    refused(house, NotApproved, actions.launch, review=Review.ON)
    do(house, life.submit)
    refused(house, NotApproved, actions.launch, review=Review.ON)
    do(house, life.approve)
    do(house, actions.launch, review=Review.ON)
    assert house.campaign("kerb").status is CampaignState.LIVE
    assert [event for event, _, _ in moves(house)] == ["submitted", "launched"]
    assert changes(house) == [("review", "", "approved", NOA.email)]
    assert letters(house) == ["creator_approved", "creator_submitted"]


def test_every_operator_is_told_of_each_submission(house: House) -> None:
    draft(house)
    with house.database.transaction() as session:
        for name in (OPERATOR, "second@example.net"):
            session.get_one(
                Account, find_or_create(session, name, language="en", now=house.clock.now())
            ).is_operator = True
    for _ in range(2):
        do(house, life.submit)
        do(house, life.take_back)
    with house.database.reading() as session:
        told = session.exec(select(Promise.recipient).where(Promise.topic == "operator_submitted")).all()
    assert sorted(told) == [OPERATOR, OPERATOR, "second@example.net", "second@example.net"]


def test_without_review_a_submitted_campaign_can_be_launched(house: House) -> None:
    draft(house)
    do(house, life.submit)
    do(house, actions.launch)
    assert house.campaign("kerb").status is CampaignState.LIVE


def test_the_clock_launches_an_approved_campaign_and_takes_an_unseen_one_off_the_schedule(house: House) -> None:
    draft(house)
    do(house, life.schedule, WALL)
    do(house, life.submit)
    to_launch(house)
    tick(house, Review.ON)
    campaign = house.campaign("kerb")
    assert (campaign.status, campaign.launch_at) == (CampaignState.SUBMITTED, None)
    do(house, life.approve)
    do(house, life.schedule, WALL + timedelta(days=1))
    to_launch(house)
    tick(house, Review.ON)
    assert house.campaign("kerb").status is CampaignState.LIVE


def test_the_operator_returns_a_campaign_with_a_reason_and_it_can_be_submitted_again(house: House) -> None:
    draft(house)
    do(house, life.submit)
    refused(house, BadInput, life.send_back, " ")
    do(house, life.send_back, "Say who makes the trucks.")
    assert house.campaign("kerb").status is CampaignState.DRAFT
    assert moves(house)[-1] == ("returned", NOA.email, "Say who makes the trucks.")
    refused(house, IllegalMove, life.send_back, "Again.")
    house.clock.set(house.clock.now() + timedelta(minutes=1))
    do(house, life.submit)
    assert letters(house) == ["creator_returned", "creator_submitted", "creator_submitted"]


def test_what_was_submitted_stays_as_it_is_until_it_is_taken_back(house: House) -> None:
    draft(house)
    do(house, life.submit)
    do(house, life.approve)
    assert "Take it back" in refused(house, Conflict, revise_title)
    do(house, life.take_back)
    assert house.campaign("kerb").approved_at is None
    do(house, revise_title)
    assert changes(house)[-1] == ("creator", "Lindqvist Boards", "Noa", NOA.email)
    assert "returned" not in " ".join(letters(house))


def revise_title(session: object, slug: str, actor: str, now: datetime) -> None:
    values: CampaignDraft = replace(KERB, creator_name="Noa")
    actions.revise(session, slug, values, now, actor=actor)  # type: ignore[arg-type]  # the session of `do`


def test_nothing_is_submitted_where_the_operator_looks_at_nothing(house: House) -> None:
    with pytest.raises(Conflict, match="review is off"), house.database.transaction() as session:
        life.submit(session, "board", NOA.email, house.clock.now(), review=Review.OFF)


def test_only_what_is_ready_is_submitted_and_only_once_approved(house: House) -> None:
    draft(house, creator_name="")
    refused(house, NotReady, life.submit)
    refused(house, Conflict, life.approve)
    draft(house, slug="other")
    with house.database.transaction() as session:
        life.submit(session, "other", NOA.email, house.clock.now())
        life.approve(session, "other", OPERATOR, house.clock.now())
        with pytest.raises(Conflict):
            life.approve(session, "other", OPERATOR, house.clock.now())


@pytest.fixture
def running(house: House) -> House:
    """`board` is live with two pledges of 55.00; its goal is 100.00."""
    with house.database.transaction() as session:
        live_campaign(session, house.clock.now())
    for name in ("ada", "bela"):
        house.pledge("board", f"{name}@example.org")
    return house


def end(house: House, act: Act, reason: str = "The factory burned down.") -> None:
    with house.database.transaction() as session:
        act(session, "board", reason, OPERATOR, house.clock.now())


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=30)], ids=["while live", "during the final count"])
def test_a_suspended_campaign_releases_every_pledge_and_says_why(running: House, later: timedelta) -> None:
    running.clock.set(running.clock.now() + later)
    with pytest.raises(BadInput):
        end(running, life.suspend, "")
    end(running, life.suspend)
    running.tick()
    campaign = running.campaign()
    assert (campaign.status, campaign.settling) == (CampaignState.SUSPENDED, False)
    assert campaign.closed_reason == "The factory burned down."
    assert {pledge.status for pledge in running.pledges()} == {PledgeState.CANCELED}
    assert running.simulator.charges() == []
    assert ("campaign_suspended", "ada@example.org") in running.letters
    assert running.violations() == {}


def test_only_a_live_campaign_is_suspended_and_only_a_successful_one_stopped(running: House) -> None:
    with pytest.raises(IllegalMove):
        end(running, life.stop)
    running.to_deadline()
    running.tick()
    with pytest.raises(IllegalMove):
        end(running, life.suspend)


class Stopping:
    """A wire on which the campaign is stopped as soon as the first call of a kind passes."""

    def __init__(self, house: House, before: str) -> None:
        self.house, self.before, self.done = house, before, False

    def __call__(self, path: str) -> None:
        if not self.done and path.endswith(self.before):
            self.done = True
            end(self.house, life.stop)


def stopped_while_charging(house: House, when: str) -> Works:
    stopping = Stopping(house, when)
    wire = DirectWire(house.simulator, lambda request: stopping(request.url.path))
    return replace(house.works, gateway=StripeGateway(KEY, PROVIDER, clock=house.clock, wire=wire))


def test_a_stop_before_any_charge_charges_nobody(running: House) -> None:
    fund(running)
    end(running, life.stop)
    campaign = running.campaign()
    assert (campaign.status, campaign.settling) == (CampaignState.CANCELED, True)
    running.clock.set(running.clock.now() + timedelta(hours=1))
    assert running.tick()["charges"] == 0
    assert running.simulator.charges() == []


def test_a_stop_between_two_steps_of_a_charge_lets_no_confirmation_out(running: House) -> None:

    fund(running)
    works = stopped_while_charging(running, "/payment_intents")
    tick_works(works, threading.Event(), CHARGES)
    assert running.campaign().status is CampaignState.CANCELED
    assert running.simulator.charges() == []


def test_late_pledges_are_opened_and_closed_only_after_a_success(running: House) -> None:
    def switch(act: Act) -> None:
        with running.database.transaction() as session:
            act(session, "board", OPERATOR, running.clock.now())

    with pytest.raises(Conflict):
        switch(life.open_late_pledges)
    running.to_deadline()
    running.tick()
    for act, is_open in (
        (life.open_late_pledges, True),
        (life.open_late_pledges, True),
        (life.close_late_pledges, False),
        (life.close_late_pledges, False),
        (life.open_late_pledges, True),
    ):
        switch(act)
        assert running.campaign().takes_late_pledges is is_open
    end(running, life.stop)
    assert running.campaign().takes_late_pledges is False
    with running.database.reading() as session:
        rows = session.exec(select(CampaignChange).join(Campaign).where(Campaign.slug == "board")).all()
    assert [row.after for row in sorted(rows, key=lambda row: row.seq)] == ["yes", "", "yes", ""]
    assert all(row.is_live for row in rows)
