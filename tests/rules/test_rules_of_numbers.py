"""The numbers of the policy, and what follows from amounts being whole (docs/rules.md, sections 1, 2 and 8)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fundlaunch.campaigns import campaign_file
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, TierDraft, TierText
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import Phase, phase
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.money import GOAL_LIMIT_MINOR, parse_amount

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAST_PAGE = timedelta(minutes=30)
"""The provider keeps no page of its open for less."""

DRAFT = CampaignDraft(slug="lamp", currency="USD", goal_minor=800_000, texts={"en": CampaignText("Lamp")})


def tier(number: int) -> TierDraft:
    """All of one price."""
    return TierDraft(f"tier-{number}", {"en": TierText(f"Tier {number}")}, 50_00)


def told(draft: CampaignDraft) -> list[tuple[str, str]]:
    return [(fault.field, str(fault)) for fault in faults(draft, NOW)]


def test_a_hold_outlasts_the_page_and_the_page_the_providers_least() -> None:
    assert POLICY.hold > POLICY.checkout > LEAST_PAGE


def test_recovery_is_kickstarters_seven_days_48_hours_and_a_final_notice_a_day_before() -> None:
    recovery = POLICY.recovery
    assert recovery.name == "kickstarter"
    assert (recovery.window, recovery.remind_every) == (timedelta(days=7), timedelta(hours=48))
    assert (recovery.final_notice_before_end, recovery.most_tries) == (timedelta(hours=24), 4)


def test_where_a_draft_says_nothing_it_runs_thirty_days_and_a_backer_may_have_one_reward_and_ten_add_ons(
    tmp_path: Path,
) -> None:
    offer = 'slug = "{0}"\ntitle = "{0}"\nprice = "50.00"\n'
    file = tmp_path / "campaign.toml"
    head = 'slug = "lamp"\ntitle = "Lamp"\ncurrency = "USD"\ngoal = "8000"\n'
    file.write_text(f"{head}[[tiers]]\n{offer.format('one')}[[add_ons]]\n{offer.format('bulb')}", encoding="utf-8")
    draft = campaign_file.load(file, NOW).draft
    assert draft.duration_days == 30
    assert (draft.tiers[0].limit_per_backer, draft.add_ons[0].limit_per_backer) == (1, 10)


@pytest.mark.parametrize("kind", ["tiers", "add_ons"])
def test_a_campaign_has_a_hundred_rewards_and_a_hundred_add_ons_and_no_more(kind: str) -> None:
    hundred = tuple(map(tier, range(100)))
    assert told(replace(DRAFT, **{kind: hundred})) == []  # type: ignore[arg-type]  # by name
    (found,) = told(replace(DRAFT, **{kind: (*hundred, tier(100))}))  # type: ignore[arg-type]  # as above
    assert found == (kind, "There are too many of these: at most 100 fit.")


def test_a_goal_is_more_than_nothing_and_below_a_thousand_billions() -> None:
    for goal_minor in (1, GOAL_LIMIT_MINOR - 1):
        assert told(replace(DRAFT, goal_minor=goal_minor)) == []
    for goal_minor in (-1, 0, GOAL_LIMIT_MINOR):
        assert [field for field, _ in told(replace(DRAFT, goal_minor=goal_minor))] == ["goal"]
    assert GOAL_LIMIT_MINOR == 10**15


def test_before_its_launch_a_campaign_is_upcoming_and_after_its_success_it_may_take_late_pledges() -> None:
    def shown(status: CampaignState, *, announced: bool = False, late: bool = False) -> Phase:
        return phase(status, NOW, NOW, outstanding=1, is_announced=announced, takes_late=late)

    for before in (CampaignState.DRAFT, CampaignState.SUBMITTED):
        assert shown(before, announced=True) is Phase.UPCOMING
        assert shown(before) is Phase.DRAFT
    assert shown(CampaignState.SUCCESSFUL, late=True) is Phase.LATE_PLEDGES
    assert shown(CampaignState.SUCCESSFUL) is Phase.COLLECTING
    for over in (CampaignState.FAILED, CampaignState.CANCELED, CampaignState.SUSPENDED):
        assert shown(over, announced=True, late=True).value == over.value


@pytest.mark.parametrize(("typed", "minor"), [("8.29", 829), ("1.15", 115), ("9.95", 995), ("4.35", 435)])
def test_floating_point_is_a_cent_off_where_whole_minor_units_are_not(typed: str, minor: int) -> None:
    assert parse_amount(typed, "USD").minor == minor
    assert int(float(typed) * 100) == minor - 1
