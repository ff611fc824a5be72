"""The table of edits, row by row (RULES section 3): by the rules alone, by campaign file, and by the studio's forms."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fundlaunch.campaigns.campaign_file import load_text
from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    ItemOption,
    OptionValue,
    Picture,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.edits import EDITABLE, EditPhase, Standing, changed, refusals
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.file_writing import Beside, written
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Funding, Measure, Shipping
from fundlaunch.campaigns.touched import touched
from fundlaunch.studio.editing.basics import BASICS
from fundlaunch.studio.editing.goals import goal_section
from fundlaunch.studio.editing.offer import Kind, offer_section
from fundlaunch.studio.editing.section import Section, note_all
from fundlaunch.studio.editing.telling import FAQ, PITCH, STORY
from fundlaunch.studio.editing.things import PACKED
from fundlaunch.studio.editing.variants import variants_section
from fundlaunch.web.forms import Form

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

S, M, L = (OptionValue(slug, {"en": slug.upper()}) for slug in ("s", "m", "l"))
SIZE = ItemOption("size", {"en": "Size"}, (S, M))
LAMP = ItemDraft(
    "lamp",
    "LAMP",
    {"en": "Lamp"},
    options=(SIZE,),
    variants=(VariantDraft("LAMP-S", {"size": "s"}), VariantDraft("LAMP-M", {"size": "m"})),
)
BULB = ItemDraft(
    "bulb",
    "BULB",
    {"en": "Bulb"},
    options=(replace(SIZE, values=(S,)),),
    variants=(VariantDraft("BULB-S", {"size": "s"}),),
)
CABLE = ItemDraft("cable", "CABLE", {"en": "Cable"})

CHOSEN = TierDraft(
    "chosen",
    {"en": TierText("Chosen", "As it was.")},
    5_000,
    quantity=10,
    delivery="2027-05",
    shipping=Shipping.SOME,
    rates={"DE": Rate(500, 100)},
    items={"lamp": 1},
)
UNCHOSEN = replace(CHOSEN, slug="unchosen", texts={"en": TierText("Not chosen", "As it was.")}, items={"bulb": 1})
TAKEN = TierDraft("taken", {"en": TierText("Taken")}, 5_000)
SPARE = TierDraft("spare", {"en": TierText("Spare")}, 5_000)
HOOK = TierDraft("hook", {"en": TierText("Hook")}, 1_000, limit_per_backer=10)
RING = TierDraft("ring", {"en": TierText("Ring")}, 1_000, limit_per_backer=10, tiers=("chosen",))

REACHED = StretchDraft("reached", {"en": "Reached"}, 900_000, grants={"chosen": {"lamp": 1}}, unit_cost_minor=100)
ORDERED = StretchDraft("ordered", {"en": "Ordered"}, 3, Measure.ORDERS, "lamp")
OPEN = StretchDraft("open", {"en": "Open"}, 2_000_000)
COUNTED = StretchDraft("counted", {"en": "Counted"}, 50, Measure.ORDERS, "bulb")

DRAFT = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={
        "en": CampaignText("Lamp", "A lamp.", "Story.", "Risks.", (("Why?", "Because."),)),
        "ko": CampaignText("등", "등입니다.", "이야기."),
    },
    creator_name="Noa Lindqvist",
    place="Uppsala",
    poster="a.webp",
    poster_alt={"en": "A lamp"},
    pictures={"a.webp": Picture("a.webp", 8, 6)},
    timezone="Europe/Berlin",
    items=(LAMP, BULB, CABLE),
    tiers=(CHOSEN, UNCHOSEN, TAKEN, SPARE),
    add_ons=(HOOK, RING),
    stretch_goals=(REACHED, ORDERED, OPEN, COUNTED),
)
LIVE = Standing(
    EditPhase.LIVE,
    {"chosen": 3, "taken": 1, "hook": 2, "unchosen": 0},
    frozenset({"reached", "ordered"}),
    1_000_000,
    backers=40,
    ordered={"chosen": 3, "taken": 1, "hook": 2},
)
STANDINGS = {phase: replace(LIVE, phase=phase) for phase in EditPhase}

Change = Callable[[CampaignDraft], CampaignDraft]


def part(**changes: Any) -> Change:
    return lambda draft: replace(draft, **changes)


def text(**changes: Any) -> Change:
    return lambda draft: replace(draft, texts={**draft.texts, "en": replace(draft.texts["en"], **changes)})


def one_of(kind: str, slug: str, **changes: Any) -> Change:
    def change(draft: CampaignDraft) -> CampaignDraft:
        kept = getattr(draft, kind)
        assert slug in {one.slug for one in kept}
        new: Any = {kind: tuple(replace(one, **changes) if one.slug == slug else one for one in kept)}
        return replace(draft, **new)

    return change


def tier(slug: str, **changes: Any) -> Change:
    return one_of("add_ons" if slug in {"hook", "ring"} else "tiers", slug, **changes)


def item(slug: str, **changes: Any) -> Change:
    return one_of("items", slug, **changes)


def goal(slug: str, **changes: Any) -> Change:
    return one_of("stretch_goals", slug, **changes)


def offer_changes(row: str, slug: str, add_on: str, goes_with: tuple[str, ...]) -> dict[str, Change]:
    """The rows that tiers have in common, chosen or not; `slug` is sent to some countries, `add_on` nowhere."""
    return {
        f"{row}.title": tier(slug, texts={"en": TierText("New", "As it was.")}),
        f"{row}.description": tier(slug, texts={"en": TierText(DESCRIBED[slug], "New.")}),
        f"{row}.price_minor": tier(slug, price_minor=5_500),
        f"{row}.late_price_minor": tier(slug, late_price_minor=7_000),
        f"{row}.limit_per_backer": tier(slug, limit_per_backer=3),
        f"{row}.starts_at": tier(slug, starts_at=wall("2026-12-01T10:00")),
        f"{row}.ends_at": tier(slug, ends_at=wall("2026-12-10T10:00")),
        f"{row}.closed": tier(slug, closed=True),
        f"{row}.secret_key": tier(slug, secret_key="for-friends"),
        f"{row}.featured": tier(slug, featured=True),
        f"{row}.delivery": tier(slug, delivery="2027-06"),
        f"{row}.shipping": tier(add_on, shipping=Shipping.DIGITAL),
        f"{row}.rates": tier(slug, rates={"DE": Rate(600, 100)}),
        f"{row}.items": tier(slug, items={"cable": 1, **ITEMS_OF[slug]}),
        f"{row}.tiers": tier(add_on, tiers=goes_with),
        f"{row}.picture": tier(slug, picture="b.webp"),
    }


DESCRIBED = {"chosen": "Chosen", "unchosen": "Not chosen"}
ITEMS_OF = {"chosen": {"lamp": 1}, "unchosen": {"bulb": 1}}


def wall(time: str) -> datetime:
    return datetime.fromisoformat(time)


def goal_changes(row: str, slug: str, counted: str) -> dict[str, Change]:
    """The rows that stretch goals have in common; `slug` counts money, `counted` the orders of an item."""
    return {
        f"{row}.title": goal(slug, titles={"en": "New"}),
        f"{row}.threshold": goal(slug, threshold=3_000_000),
        f"{row}.measure": goal(slug, measure=Measure.BACKERS),
        f"{row}.item": goal(counted, item="cable"),
        f"{row}.grants": goal(slug, grants={"chosen": {"cable": 2}}),
        f"{row}.opens": goal(slug, opens="spare"),
    }


CHANGES: dict[str, Change] = {
    "slug": part(slug="other"),
    "language": part(language="ko"),
    "currency": part(currency="EUR"),
    "goal_minor": part(goal_minor=700_000),
    "duration_days": part(duration_days=20),
    "deadline": part(deadline=wall("2026-12-24T18:00")),
    "launch_at": part(launch_at=wall("2026-12-01T18:00")),
    "funding": part(funding=Funding.FLEXIBLE),
    "timezone": part(timezone="UTC"),
    "takes_plain_pledges": part(takes_plain_pledges=False),
    "title": text(title="New"),
    "blurb": text(blurb="New"),
    "story": text(story="New"),
    "risks": text(risks="New"),
    "faq": text(faq=(("New?", "Yes."),)),
    "creator_name": part(creator_name="Noa"),
    "place": part(place="Lund"),
    "country": part(country="SE"),
    "category": part(category="design"),
    "tags": part(tags=("light",)),
    "accent": part(accent="#b4561e"),
    "video": part(video="https://youtu.be/aqz-KE-bpKQ"),
    "poster": part(poster="b.webp"),
    "poster_alt": part(poster_alt={"en": "Two lamps"}),
    "pictures": part(pictures={**DRAFT.pictures, "b.webp": Picture("b.webp", 8, 6)}),
    "tier.added": part(tiers=(*DRAFT.tiers, replace(UNCHOSEN, slug="new"))),
    "tier.removed": part(tiers=DRAFT.tiers[:3]),
    "tier.order": part(tiers=(UNCHOSEN, CHOSEN, TAKEN, SPARE)),
    **offer_changes("tier", "unchosen", "ring", ("chosen", "unchosen")),
    "tier.quantity": tier("unchosen", quantity=5),
    "chosen_tier.removed": part(tiers=(CHOSEN, UNCHOSEN, SPARE)),
    **offer_changes("chosen_tier", "chosen", "hook", ("chosen",)),
    "chosen_tier.quantity.raised": tier("chosen", quantity=11),
    "chosen_tier.quantity.lowered": tier("chosen", quantity=9),
    "item.added": part(items=(*DRAFT.items, ItemDraft("new", "NEW", {"en": "New"}))),
    "item.removed": part(items=(LAMP, BULB)),
    "item.order": part(items=(BULB, LAMP, CABLE)),
    "item.name": item("bulb", names={"en": "New"}),
    "item.options": item("bulb", options=(replace(BULB.options[0], names={"en": "New"}),)),
    "item.sku": item("lamp", sku="NEW"),
    "item.weight_grams": item("lamp", weight_grams=5),
    "item.customs_value_minor": item("lamp", customs_value_minor=5),
    "item.hs_code": item("lamp", hs_code="9405"),
    "item.variants": item("lamp", variants=(replace(LAMP.variants[0], sku="NEW"), LAMP.variants[1])),
    "promised_item.removed": part(items=(BULB, CABLE)),
    "promised_item.name": item("lamp", names={"en": "New"}),
    "promised_item.options": item("lamp", options=(replace(SIZE, names={"en": "New"}),)),
    "promised_item.options.more": item(
        "lamp",
        options=(replace(SIZE, values=(S, M, L)),),
        variants=(*LAMP.variants, VariantDraft("LAMP-L", {"size": "l"})),
    ),
    "stretch_goal.added": part(stretch_goals=(*DRAFT.stretch_goals, replace(OPEN, slug="new", threshold=1_000_001))),
    "stretch_goal.removed": part(stretch_goals=(REACHED, ORDERED, COUNTED)),
    "stretch_goal.order": part(stretch_goals=(REACHED, OPEN, ORDERED, COUNTED)),
    **goal_changes("stretch_goal", "open", "counted"),
    "stretch_goal.threshold.not_above": goal("open", threshold=1_000_000),
    "stretch_goal.unit_cost_minor": goal("reached", unit_cost_minor=200),
    "reached_goal.removed": part(stretch_goals=(ORDERED, OPEN, COUNTED)),
    **goal_changes("reached_goal", "reached", "ordered"),
}
"""For every row of the table a change that touches it."""

ROWS = sorted(EDITABLE)


def rows_touched(after: CampaignDraft) -> set[str]:
    found = touched(DRAFT, after, LIVE.chosen, LIVE.reached, lambda one: LIVE.present(one, DRAFT))
    return {one.row for one in found}


def test_every_row_of_the_table_has_a_change_that_touches_it_and_little_else() -> None:
    assert sorted(CHANGES) == ROWS
    for row in ROWS:
        found = rows_touched(CHANGES[row](DRAFT))
        assert row in found
        assert all(EDITABLE[other] >= EDITABLE[row] for other in found), (row, found)


def test_every_field_of_a_draft_has_its_row() -> None:
    own = {"texts", "tiers", "add_ons", "items", "stretch_goals"}
    assert {one.name for one in fields(CampaignDraft)} - own <= set(EDITABLE)
    named = {"texts": "title", "names": "name", "titles": "title"}
    for start, kind in (("tier", TierDraft), ("item", ItemDraft), ("stretch_goal", StretchDraft)):
        for field in fields(kind):
            assert field.name == "slug" or f"{start}.{named.get(field.name, field.name)}" in EDITABLE


@pytest.mark.parametrize("row", ROWS)
def test_a_field_may_change_in_its_phases_alone_and_is_refused_at_its_place(row: str) -> None:
    after = CHANGES[row](DRAFT)
    found = {phase: refusals(DRAFT, after, standing) for phase, standing in STANDINGS.items()}
    assert {phase for phase, refused in found.items() if not refused} == EDITABLE[row]
    for refused in (one for several in found.values() for one in several):
        assert refused.field
        assert str(refused).endswith(".")


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pictures that the changes name."""
    folder = tmp_path_factory.mktemp("beside")
    made = BytesIO()
    Image.new("RGB", (8, 6), "#a05020").save(made, "WEBP")
    for name in ("a.webp", "b.webp"):
        (folder / name).write_bytes(made.getvalue())
    return folder


def by_file(draft: CampaignDraft, beside: Path) -> CampaignDraft:
    """The draft as a campaign file says it; pictures keep the names of the files beside."""
    loaded = load_text(written(draft, Beside()), beside, NOW)
    return replace(loaded.draft, pictures={name: Picture(name, 8, 6) for name in loaded.pictures})


NEVER_ALONE = {"promised_item.removed"}
"""An item that rewards bring cannot be left out of a file or a form at all: that is a fault already."""


@pytest.mark.parametrize("row", [row for row in ROWS if row not in NEVER_ALONE])
def test_a_campaign_file_is_held_to_the_table(row: str, beside: Path) -> None:
    after = by_file(CHANGES[row](DRAFT), beside)
    assert row in rows_touched(after)
    allowed = {phase for phase, standing in STANDINGS.items() if not refusals(DRAFT, after, standing)}
    assert allowed == EDITABLE[row]


def test_a_file_that_says_what_is_there_changes_nothing(beside: Path) -> None:
    assert rows_touched(by_file(DRAFT, beside)) == set()
    assert changed(DRAFT, by_file(DRAFT, beside)) == []


OF_A_WHOLE_LIST = {"item.added", "item.removed", "item.order"}
"""Changes of the one form that is a list; what is wrong with its order or length stands above it."""


def sections(row: str = "") -> Iterator[Section]:
    """Every form of the studio that belongs to this draft, or those that can touch a row."""
    yield from (BASICS, PITCH, STORY, FAQ, PACKED)
    if row in OF_A_WHOLE_LIST:
        return
    for one in DRAFT.items:
        yield variants_section(DRAFT, one.slug, is_promised=one.slug == "lamp")
    for kind, offers in ((Kind.REWARD, DRAFT.tiers), (Kind.ADD_ON, DRAFT.add_ons)):
        for offer in offers:
            yield offer_section(DRAFT, kind, offer.slug, is_chosen=bool(LIVE.chosen.get(offer.slug)))
    for stretch in DRAFT.stretch_goals:
        yield goal_section(DRAFT, stretch.slug, is_reached=stretch.slug in LIVE.reached)


BY_BUTTON = {
    *("launch_at", "poster", "pictures", "tier.picture", "chosen_tier.picture"),
    *("tier.added", "tier.removed", "tier.order", "chosen_tier.removed"),
    *("stretch_goal.added", "stretch_goal.removed", "stretch_goal.order", "reached_goal.removed"),
    *("tier.secret_key", "chosen_tier.secret_key"),
}
"""What has a form or a button of its own, which brings the whole draft to the same door."""


def test_a_form_that_was_not_touched_changes_nothing() -> None:
    for section in sections():
        form = Form(section.written(DRAFT))
        assert (section.read(form, DRAFT), form.errors) == (DRAFT, {}), section.name


@pytest.mark.parametrize("row", [row for row in ROWS if row not in BY_BUTTON | NEVER_ALONE])
def test_a_form_is_held_to_the_table_and_says_so_at_the_field(row: str) -> None:
    wanted = CHANGES[row](DRAFT)
    shown = [section for section in sections(row) if section.written(wanted) != section.written(DRAFT)]
    assert shown, "no form shows this field"
    allowed = set()
    for phase, standing in STANDINGS.items():
        found = [errors_of(section, wanted, standing) for section in shown]
        allowed |= {phase} if not any(found) else set()
        assert row in OF_A_WHOLE_LIST or "" not in {name for errors in found for name in errors}
    assert allowed == EDITABLE[row]


def errors_of(section: Section, wanted: CampaignDraft, standing: Standing) -> dict[str, Any]:
    """The fields of a form with a mistake, after it was posted as somebody with an old page or no browser may."""
    form = Form(section.written(wanted))
    after = section.read(form, DRAFT)
    found = refusals(DRAFT, after, standing) + [fault for fault in faults(after, NOW) if fault.field != "deadline"]
    note_all(form, section, found, after.language)
    return dict(form.errors)
