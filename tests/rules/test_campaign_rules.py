"""Campaigns decided from plain values: outcome, phases, offers, shipping, deadlines (RULES sections 1, 2 and 4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import (
    Availability,
    Offer,
    Phase,
    Rate,
    deadline,
    local_instant,
    outcome,
    phase,
    shipping_rate,
    takes_pledges,
    zone,
)
from fundlaunch.campaigns.states import CampaignEvent, CampaignState, Funding, Shipping
from fundlaunch.errors import BadInput

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def wall(text: str) -> datetime:
    """What a clock on the wall shows, wherever it hangs."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("pledged", "event"),
    [
        (99_99, CampaignEvent.DEADLINE_MISSED),
        (100_00, CampaignEvent.DEADLINE_MET),
        (100_01, CampaignEvent.DEADLINE_MET),
    ],
)
def test_reaching_the_goal_exactly_is_success(pledged: int, event: CampaignEvent) -> None:
    assert outcome(pledged, 100_00) is event


def test_a_goal_above_32_bits_is_counted_to_the_cent() -> None:
    goal = 2_147_483_647 + 1
    assert outcome(goal - 1, goal) is CampaignEvent.DEADLINE_MISSED
    assert outcome(goal, goal) is CampaignEvent.DEADLINE_MET


def test_who_keeps_what_comes_in_has_succeeded_with_anything_at_all() -> None:
    assert outcome(1, 100_00, Funding.FLEXIBLE) is CampaignEvent.DEADLINE_MET
    assert outcome(0, 100_00, Funding.FLEXIBLE) is CampaignEvent.DEADLINE_MISSED


@pytest.mark.parametrize(("step", "open_"), [(-SECOND, True), (timedelta(), False), (SECOND, False)])
def test_pledges_are_taken_until_the_second_of_the_deadline(step: timedelta, *, open_: bool) -> None:
    assert takes_pledges(CampaignState.LIVE, NOW, NOW + step) is open_


def test_only_a_live_campaign_with_a_deadline_takes_pledges() -> None:
    assert not takes_pledges(CampaignState.DRAFT, NOW + SECOND, NOW)
    assert not takes_pledges(CampaignState.LIVE, None, NOW)


@pytest.mark.parametrize(
    ("status", "ends_in", "outstanding", "told"),
    [
        (CampaignState.DRAFT, None, 0, Phase.DRAFT),
        (CampaignState.SUBMITTED, None, 0, Phase.DRAFT),
        (CampaignState.LIVE, timedelta(days=2), 3, Phase.LIVE),
        (CampaignState.LIVE, POLICY.last_day + SECOND, 3, Phase.LIVE),
        (CampaignState.LIVE, POLICY.last_day, 3, Phase.LAST_DAY),
        (CampaignState.LIVE, SECOND, 3, Phase.LAST_DAY),
        (CampaignState.LIVE, timedelta(), 3, Phase.FINAL_COUNT),
        (CampaignState.LIVE, -timedelta(days=1), 3, Phase.FINAL_COUNT),
        (CampaignState.SUCCESSFUL, -SECOND, 1, Phase.COLLECTING),
        (CampaignState.SUCCESSFUL, -SECOND, 0, Phase.SUCCESSFUL),
        (CampaignState.FAILED, -SECOND, 1, Phase.FAILED),
        (CampaignState.CANCELED, SECOND, 0, Phase.CANCELED),
        (CampaignState.SUSPENDED, SECOND, 0, Phase.SUSPENDED),
    ],
)
def test_a_visitor_is_told_where_the_campaign_stands(
    status: CampaignState, ends_in: timedelta | None, outstanding: int, told: Phase
) -> None:
    deadline_at = None if ends_in is None else NOW + ends_in
    assert phase(status, deadline_at, NOW, outstanding=outstanding) is told


OFFER = Offer(quantity=10, claimed=4, starts_at=NOW, ends_at=NOW + timedelta(days=1), closed=False)


@pytest.mark.parametrize(
    ("offer", "at", "state", "left"),
    [
        (OFFER, NOW, Availability.OPEN, 6),
        (OFFER, NOW - SECOND, Availability.NOT_YET, 6),
        (OFFER, NOW + timedelta(days=1) - SECOND, Availability.OPEN, 6),
        (OFFER, NOW + timedelta(days=1), Availability.ENDED, 6),
        (replace(OFFER, claimed=10), NOW, Availability.SOLD_OUT, 0),
        (replace(OFFER, quantity=None), NOW, Availability.OPEN, None),
        (replace(OFFER, closed=True), NOW, Availability.CLOSED, 6),
        (Offer(None, 0, None, None, closed=False), NOW, Availability.OPEN, None),
    ],
)
def test_a_tier_can_be_chosen_in_its_window_while_units_are_left(
    offer: Offer, at: datetime, state: Availability, left: int | None
) -> None:
    assert offer.availability(at) is state
    assert offer.left() == left


RATES = {"US": Rate(5_00, 1_00), "*": Rate(20_00, 5_00)}


@pytest.mark.parametrize(
    ("shipping", "country", "rate"),
    [
        (Shipping.NONE, "", Rate(0, 0)),
        (Shipping.DIGITAL, "KR", Rate(0, 0)),
        (Shipping.PICK_UP, "", Rate(0, 0)),
        (Shipping.SOME, "US", Rate(5_00, 1_00)),
        (Shipping.SOME, "KR", None),
        (Shipping.SOME, "", None),
        (Shipping.WORLDWIDE, "US", Rate(5_00, 1_00)),
        (Shipping.WORLDWIDE, "KR", Rate(20_00, 5_00)),
        (Shipping.WORLDWIDE, "", None),
    ],
)
def test_sending_costs_what_the_country_costs(shipping: Shipping, country: str, rate: Rate | None) -> None:
    assert shipping_rate(shipping, RATES, country) == rate


def test_each_further_unit_costs_its_own_rate() -> None:
    assert [Rate(5_00, 1_00).cost(quantity) for quantity in range(4)] == [0, 5_00, 6_00, 7_00]


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe", "x" * 5000])
def test_an_unknown_time_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        zone(name)
    assert refused.value.field == "timezone"


def test_a_wall_clock_time_becomes_an_instant_in_utc() -> None:
    assert local_instant(wall("2026-03-02 21:00"), "Asia/Seoul") == NOW


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    with pytest.raises(BadInput, match="does not exist in Europe/Berlin"):
        local_instant(wall("2026-03-29 02:30"), "Europe/Berlin")


def test_of_a_time_that_comes_twice_the_first_is_taken() -> None:
    assert local_instant(wall("2026-10-25 02:30"), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert local_instant(wall("2026-10-25 02:30").replace(fold=1), "Europe/Berlin").hour == 0


def test_a_deadline_is_chosen_or_counted_in_days() -> None:
    assert deadline(NOW, None, 30) == NOW + timedelta(days=30)
    assert deadline(NOW, NOW + timedelta(days=60), 30) == NOW + timedelta(days=60)


@pytest.mark.parametrize(
    ("ends_in", "words"),
    [
        (timedelta(), "in the past"),
        (-SECOND, "in the past"),
        (timedelta(days=1) - SECOND, "1 to 60 days"),
        (timedelta(days=60) + SECOND, "1 to 60 days"),
    ],
)
def test_a_campaign_runs_one_to_sixty_days(ends_in: timedelta, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        deadline(NOW, NOW + ends_in, 30)
    assert refused.value.field == "deadline"
