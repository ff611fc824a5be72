"""The deadline, second by second, in four time zones on the days when clocks are changed (RULES section 2)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from fundlaunch.campaigns import actions
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, TierDraft, TierText
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, CampaignClosed
from fundlaunch.pledges.actions import cancel
from fundlaunch.pledges.closing import close_due
from fundlaunch.pledges.states import PledgeState
from tests.house import House, open_house

SECOND = timedelta(seconds=1)

ENDS = {
    # The hour before was skipped that night.
    "America/New_York": ("2026-03-08 03:00", "2026-03-08 07:00"),
    # Half past two comes twice; the first of them counts.
    "Europe/Berlin": ("2026-10-25 02:30", "2026-10-25 00:30"),
    # No change here, on the night when Europe has one.
    "Asia/Seoul": ("2026-03-29 02:30", "2026-03-28 17:30"),
    # A change of half an hour: a quarter to two comes twice.
    "Australia/Lord_Howe": ("2026-04-05 01:45", "2026-04-04 14:45"),
}
"""The deadline on the clock of the zone, and what it is in UTC."""


def launched(house: House, zone: str, wall: str) -> None:
    text = CampaignText(title="A board", blurb="It rolls.", story="We make it.", risks="It may break.")
    board = TierDraft("board", {"en": TierText("One board", "")}, 50_00, delivery="2027-01", limit_per_backer=5)
    draft = CampaignDraft(
        slug="board", currency="USD", goal_minor=100_00, texts={"en": text}, creator_name="Noa Lindqvist",
        deadline=datetime.fromisoformat(wall), timezone=zone, tiers=(board,),
    )  # fmt: skip
    with house.database.transaction() as session:
        actions.create(session, draft, None, house.clock.now())
        actions.launch(session, "board", "noa", house.clock.now())


@pytest.fixture(params=ENDS.items(), ids=list(ENDS))
def night(request: pytest.FixtureRequest, database: Database) -> Iterator[tuple[House, datetime]]:
    """A campaign that ends in such a night, and its deadline."""
    zone, (wall, utc) = request.param
    ends_at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    with open_house(database, start_at=ends_at - timedelta(days=20)) as house:
        launched(house, zone, wall)
        yield house, ends_at


def test_each_pledge_is_counted_or_told_that_it_is_closed(night: tuple[House, datetime]) -> None:
    house, ends_at = night
    assert house.campaign().deadline_at == ends_at
    house.pledge("board", "ada@example.org", quantity=2)

    house.clock.set(ends_at - SECOND)
    assert close_due(house.database, house.gateway, house.clock) == 0
    house.pledge("board", "bela@example.org")
    in_time, too_slow = (house.start("board", f"{name}@example.org") for name in ("cleo", "dora"))
    for started in (in_time, too_slow):
        house.desk.send_to_checkout(started)

    for step in (timedelta(), SECOND):
        house.clock.set(ends_at + step)
        with pytest.raises(CampaignClosed):
            house.start("board", f"late-{step.seconds}@example.org")
        with pytest.raises(CampaignClosed), house.database.transaction() as session:
            cancel(session, house.pledges()[0].token, "", house.clock.now())
    house.fill_in(in_time.token, "ok")

    assert close_due(house.database, house.gateway, house.clock) == 1
    house.tick()
    counted = {pledge.email for pledge in house.pledges() if pledge.backer_number is not None}
    assert counted == {f"{name}@example.org" for name in ("ada", "bela", "cleo")}
    assert house.pledge_of(too_slow.token).status is PledgeState.EXPIRED
    campaign = house.campaign()
    assert (campaign.status, campaign.pledged_minor, campaign.backers) == (CampaignState.SUCCESSFUL, 200_00, 3)
    assert house.violations() == {}


def test_at_the_deadline_itself_the_final_count_is_made(night: tuple[House, datetime]) -> None:
    house, ends_at = night
    house.clock.set(ends_at - SECOND)
    assert close_due(house.database, house.gateway, house.clock) == 0
    house.clock.set(ends_at)
    assert close_due(house.database, house.gateway, house.clock) == 1
    assert house.campaign().status is CampaignState.FAILED


@pytest.mark.parametrize(
    ("zone", "wall"),
    [
        ("America/New_York", "2026-03-08 02:30"),
        ("Europe/Berlin", "2026-03-29 02:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15"),
    ],
)
def test_a_time_that_the_clocks_skip_is_no_deadline(database: Database, zone: str, wall: str) -> None:
    start = datetime.fromisoformat(wall).replace(tzinfo=UTC) - timedelta(days=20)
    with open_house(database, start_at=start) as house, pytest.raises(BadInput, match="does not exist"):
        launched(house, zone, wall)
