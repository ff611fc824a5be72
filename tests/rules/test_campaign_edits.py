"""What a launch needs, when a campaign counts as ended, and faults in the words of a file."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.edits import EditPhase, phase
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.launch_check import check_list, deadline_of, missing
from fundlaunch.campaigns.states import CampaignState, Measure

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

CHOSEN = TierDraft("chosen", {"en": TierText("Chosen", "as it was")}, 5_000, quantity=10, delivery="2027-05")
UNCHOSEN = TierDraft("unchosen", {"en": TierText("Not chosen")}, 6_000, delivery="2027-05")
DRAFT = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={"en": CampaignText("Lamp", "A lamp.", "Story.", "Risks.", (("Why?", "Because."),))},
    creator_name="Noa Lindqvist",
    timezone="Europe/Berlin",
    items=(ItemDraft("lamp", "LAMP-1", {"en": "Lamp"}),),
    tiers=(CHOSEN, UNCHOSEN),
)

Change = Callable[[CampaignDraft], CampaignDraft]


def wall(time: str) -> datetime:
    """A time on the clocks of the campaign's zone."""
    return datetime.fromisoformat(time)


def text(**changes: object) -> Change:
    return lambda draft: replace(draft, texts={"en": replace(draft.main_text, **changes)})  # type: ignore[arg-type]  # by name


def part(**changes: object) -> Change:
    return lambda draft: replace(draft, **changes)  # type: ignore[arg-type]  # by name


def tier(slug: str, **changes: object) -> Change:
    return lambda draft: replace(
        draft,
        tiers=tuple(replace(one, **changes) if one.slug == slug else one for one in draft.tiers),  # type: ignore[arg-type]  # by name
    )


@pytest.mark.parametrize(
    ("status", "minutes_to_deadline", "expected"),
    [
        (CampaignState.DRAFT, 10, EditPhase.DRAFT),
        (CampaignState.SUBMITTED, 10, EditPhase.DRAFT),
        (CampaignState.LIVE, 1, EditPhase.LIVE),
        (CampaignState.LIVE, 0, EditPhase.ENDED),
        (CampaignState.SUCCESSFUL, -10, EditPhase.LATE),
        (CampaignState.FAILED, -10, EditPhase.ENDED),
        (CampaignState.CANCELED, 10, EditPhase.ENDED),
    ],
)
def test_a_live_campaign_at_its_deadline_counts_as_ended(
    status: CampaignState, minutes_to_deadline: int, expected: EditPhase
) -> None:
    assert phase(status, NOW + timedelta(minutes=minutes_to_deadline), NOW) is expected


def test_a_whole_draft_has_no_faults_and_is_ready() -> None:
    assert faults(DRAFT, NOW) == []
    assert missing(DRAFT, NOW) == ()


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("title", text(title="")),
        ("blurb", text(blurb="")),
        ("story", text(story="")),
        ("creator", part(creator_name="")),
        ("deadline", part(deadline=wall("2026-11-23T20:00"))),
        ("deadline", part(deadline=wall("2026-11-20T20:00"))),
        ("deadline", part(deadline=wall("2027-03-28T02:30"))),
        ("deadline", part(deadline=wall("2027-03-01T12:00"))),
        ("tiers", part(tiers=(), takes_plain_pledges=False)),
        ("delivery", tier("unchosen", delivery="", items={"lamp": 1})),
    ],
    ids=[
        "title",
        "blurb",
        "story",
        "creator",
        "hours away",
        "past",
        "in a gap",
        "too far",
        "nothing to choose",
        "no month",
    ],
)
def test_what_is_missing_stands_in_the_way_of_a_launch_with_a_reason(key: str, change: Change) -> None:
    (point,) = missing(change(DRAFT), NOW)
    assert point.key == key
    assert str(point.said()).endswith(".")
    assert point.why.endswith(".")


def test_advice_is_listed_and_stands_in_nobodys_way() -> None:
    points = check_list(DRAFT, NOW)
    open_points = {point.key for point in points if not point.is_done}
    assert open_points == {"video", "poster"}
    assert not any(point.blocks for point in points if point.key in open_points)


def test_a_stretch_goal_in_money_is_advised_to_lie_above_the_goal() -> None:
    def is_advised(goal: StretchDraft) -> bool:
        points = check_list(replace(DRAFT, stretch_goals=(goal,)), NOW)
        return any(point.key == "stretch_goals" and not point.is_done and not point.blocks for point in points)

    low = StretchDraft("low", {"en": "Low"}, 800_000)
    assert is_advised(low)
    assert not is_advised(replace(low, threshold=800_001))
    assert not is_advised(replace(low, threshold=100, measure=Measure.BACKERS))


def test_the_deadline_is_days_after_the_launch_or_the_chosen_time_in_the_zone() -> None:
    assert deadline_of(DRAFT, NOW) == NOW + timedelta(days=30)
    chosen = replace(DRAFT, deadline=wall("2026-12-24T18:00"))
    assert deadline_of(chosen, NOW) == datetime(2026, 12, 24, 17, tzinfo=UTC)
    twice = replace(DRAFT, deadline=wall("2027-10-31T02:30"))
    assert deadline_of(twice, datetime(2027, 10, 20, tzinfo=UTC)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_a_fault_names_its_field_in_the_words_of_a_file() -> None:
    broken = replace(
        DRAFT,
        goal_minor=0,
        accent="red",
        tiers=(replace(CHOSEN, items={"chair": 1}), replace(CHOSEN, price_minor=1)),
        items=(ItemDraft("lamp", "", {}),),
    )
    found = {fault.field for fault in faults(broken, NOW)}
    assert found == {
        "goal", "accent", "items.0.sku", "items.0.name", "tiers.0.items.chair", "tiers.1.price", "tiers.1.slug",
    }  # fmt: skip
    assert all(str(fault).endswith(".") for fault in faults(broken, NOW))
