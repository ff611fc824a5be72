"""What may be changed when (RULES section 3), and what a launch needs."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.edits import EDITABLE, EditPhase, Standing, phase, refusals
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.launch_check import check_list, deadline_of, missing
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import CampaignState, Shipping

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
    stretch_goals=(StretchDraft("reached", {"en": "Reached"}, 100_000), StretchDraft("open", {"en": "Open"}, 900_000)),
)
LIVE = Standing(EditPhase.LIVE, {"chosen": 3, "unchosen": 0}, frozenset({"reached"}), 150_000)
BEFORE = Standing(EditPhase.DRAFT, {}, frozenset(), 0)
ENDED = replace(LIVE, phase=EditPhase.ENDED)

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


DRAFT_ONLY = frozenset({EditPhase.DRAFT})
UNTIL_THE_END = frozenset({EditPhase.DRAFT, EditPhase.LIVE})
ALWAYS = frozenset(EditPhase)

CASES: list[tuple[str, Change, frozenset[EditPhase]]] = [
    ("currency", part(currency="EUR"), DRAFT_ONLY),
    ("goal", part(goal_minor=1), DRAFT_ONLY),
    ("duration", part(duration_days=20), DRAFT_ONLY),
    ("deadline", part(deadline=wall("2026-12-24T18:00")), DRAFT_ONLY),
    ("time zone", part(timezone="UTC"), DRAFT_ONLY),
    ("slug", part(slug="other"), DRAFT_ONLY),
    ("title", text(title="New"), UNTIL_THE_END),
    ("blurb", text(blurb="New"), UNTIL_THE_END),
    ("story", text(story="New"), UNTIL_THE_END),
    ("risks", text(risks="New"), UNTIL_THE_END),
    ("image", part(poster="0a.webp"), UNTIL_THE_END),
    ("video", part(video="https://youtu.be/aqz-KE-bpKQ"), UNTIL_THE_END),
    ("FAQ", text(faq=(("New?", "Yes."),)), ALWAYS),
    ("new tier", part(tiers=(*DRAFT.tiers, replace(UNCHOSEN, slug="new"))), UNTIL_THE_END),
    ("new add-on", part(add_ons=(replace(UNCHOSEN, slug="add"),)), UNTIL_THE_END),
    ("price of a tier without backers", tier("unchosen", price_minor=1), UNTIL_THE_END),
    ("tier without backers removed", part(tiers=(CHOSEN,)), UNTIL_THE_END),
    ("tier with backers removed", part(tiers=(UNCHOSEN,)), DRAFT_ONLY),
    ("price of a tier with backers", tier("chosen", price_minor=4_000), DRAFT_ONLY),
    ("text of a tier with backers", tier("chosen", texts={"en": TierText("Chosen", "smaller")}), DRAFT_ONLY),
    ("delivery of a tier with backers", tier("chosen", delivery="2028-05"), DRAFT_ONLY),
    (
        "shipping of a tier with backers",
        tier("chosen", shipping=Shipping.WORLDWIDE, rates={"*": Rate(1, 1)}),
        DRAFT_ONLY,
    ),
    ("quantity falls", tier("chosen", quantity=9), DRAFT_ONLY),
    ("quantity rises", tier("chosen", quantity=11), UNTIL_THE_END),
    ("limit lifted", tier("chosen", quantity=None), UNTIL_THE_END),
    ("picture of a tier with backers", tier("chosen", picture="0a.webp"), UNTIL_THE_END),
    ("tier with backers closed", tier("chosen", closed=True), UNTIL_THE_END),
    ("open stretch goal removed", part(stretch_goals=DRAFT.stretch_goals[:1]), UNTIL_THE_END),
    ("reached stretch goal removed", part(stretch_goals=DRAFT.stretch_goals[1:]), DRAFT_ONLY),
    (
        "reached stretch goal lowered",
        part(stretch_goals=(replace(DRAFT.stretch_goals[0], threshold=1), DRAFT.stretch_goals[1])),
        DRAFT_ONLY,
    ),
    (
        "stretch goal above the money",
        part(stretch_goals=(*DRAFT.stretch_goals, StretchDraft("more", {"en": "M"}, 150_001))),
        UNTIL_THE_END,
    ),
    (
        "stretch goal not above the money",
        part(stretch_goals=(*DRAFT.stretch_goals, StretchDraft("low", {"en": "L"}, 150_000))),
        DRAFT_ONLY,
    ),
]


@pytest.mark.parametrize(("change", "phases"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_field_may_change_in_its_phases_alone(change: Change, phases: frozenset[EditPhase]) -> None:
    after = change(DRAFT)
    allowed = {standing.phase for standing in (BEFORE, LIVE, ENDED) if refusals(DRAFT, after, standing) == []}
    assert allowed == phases


def test_every_field_of_a_draft_has_its_phases() -> None:
    assert set(EDITABLE) == {field.name for field in fields(CampaignDraft)} | {"faq"}


def test_an_unchanged_draft_is_allowed_in_every_phase() -> None:
    assert [refusals(DRAFT, DRAFT, standing) for standing in (BEFORE, LIVE, ENDED)] == [[], [], []]


def test_a_draft_without_a_deadline_leaves_the_one_of_the_launch() -> None:
    kept = replace(DRAFT, deadline=wall("2026-12-23T13:00"))
    assert refusals(kept, DRAFT, LIVE) == []


@pytest.mark.parametrize(
    ("status", "minutes_to_deadline", "expected"),
    [
        (CampaignState.DRAFT, 10, EditPhase.DRAFT),
        (CampaignState.SUBMITTED, 10, EditPhase.DRAFT),
        (CampaignState.LIVE, 1, EditPhase.LIVE),
        (CampaignState.LIVE, 0, EditPhase.ENDED),
        (CampaignState.SUCCESSFUL, -10, EditPhase.ENDED),
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
