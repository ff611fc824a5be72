"""The editor's forms: what is written from a draft is read back as the same draft, and rows move with their words."""

from dataclasses import replace

import pytest

from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.rules import Rate
from fundlaunch.errors import BadInput
from fundlaunch.studio.edit_pages import SECTIONS, WAY
from fundlaunch.studio.editing.basics import BASICS
from fundlaunch.studio.editing.goals import goal_section
from fundlaunch.studio.editing.offer import Kind, of_kind, offer_section
from fundlaunch.studio.editing.recast import recast
from fundlaunch.studio.editing.repeated import BUTTON, rearranged
from fundlaunch.studio.editing.section import Section, note, slug_of
from fundlaunch.studio.editing.telling import FAQ
from fundlaunch.studio.editing.things import ITEMS, PACKED
from fundlaunch.studio.editing.variant_table import arranged
from fundlaunch.studio.editing.variants import taken_skus, variants_section
from fundlaunch.web.forms import Form
from tests.studio import whole_draft


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_section_reads_back_what_it_wrote(name: str) -> None:
    draft, section = whole_draft(), SECTIONS[name]
    form = section.form(draft)
    assert section.read(form, draft) == draft
    assert form.errors == {}
    form.only(section.names)


@pytest.mark.parametrize(
    ("kind", "slug"), [(Kind.REWARD, "one"), (Kind.REWARD, "early"), (Kind.REWARD, "friends"), (Kind.ADD_ON, "card")]
)
def test_a_reward_reads_back_what_it_wrote(kind: Kind, slug: str) -> None:
    draft = whole_draft()
    section = offer_section(draft, kind, slug, is_chosen=False)
    form = section.form(draft)
    assert section.read(form, draft) == draft
    assert form.errors == {}
    form.only(section.names)


@pytest.mark.parametrize("slug", ["lights", "crowd", "bags"])
def test_a_stretch_goal_reads_back_what_it_wrote(slug: str) -> None:
    draft = whole_draft()
    section = goal_section(draft, slug, is_reached=False)
    form = section.form(draft)
    assert section.read(form, draft) == draft
    assert form.errors == {}
    form.only(section.names)


@pytest.mark.parametrize("slug", ["deck", "bag"])
def test_the_variants_of_an_item_read_back_what_they_wrote(slug: str) -> None:
    draft = whole_draft()
    section = variants_section(draft, slug)
    form = section.form(draft)
    assert section.read(form, draft) == draft
    item = next(item for item in draft.items if item.slug == slug)
    assert section.read(arranged(form, item.sku, taken_skus(draft, slug)), draft) == draft
    assert form.errors == {}
    form.only(section.names)


def test_every_part_of_a_draft_is_written_by_some_section() -> None:
    draft = whole_draft()
    written = {name for section in SECTIONS.values() for name, _ in section.written(draft)}
    assert {
        "title.ko",
        "funding",
        "category",
        "tags",
        "goal",
        "video",
        "story.en",
        "faq.en.0.answer",
        "items.1.sku",
    } <= (written)
    assert [name for name, _ in WAY if name not in SECTIONS] == ["rewards", "shipping", "stretch"]


def test_a_form_with_a_change_is_told_from_one_without() -> None:
    draft = whole_draft()
    pairs = [(name, "200000" if name == "goal" else value) for name, value in BASICS.written(draft)]
    assert BASICS.read(Form(pairs), draft).goal_minor == 200_000_00


def test_another_currency_leaves_every_figure_as_it_was_typed() -> None:
    draft = in_whole_dollars()
    pairs = dict(BASICS.written(draft)) | {"currency": "KRW", "goal": "100000"}
    form = Form(list(pairs.items()))
    won = BASICS.read(form, draft)
    assert form.errors == {}
    assert (won.currency, won.goal_minor, won.tiers[0].price_minor) == ("KRW", 100_000, 499)
    assert (won.tiers[0].late_price_minor, won.tiers[0].rates["DE"]) == (549, Rate(25, 5))
    assert (won.items[0].customs_value_minor, won.items[1].variants[0].customs_value_minor) == (90, 12)
    assert [goal.threshold for goal in won.stretch_goals] == [150_000, 500, 200]
    assert recast(won, "USD") == replace(draft, goal_minor=100_000)
    assert recast(draft, "EUR") == replace(draft, currency="EUR")


def test_cents_have_no_place_in_a_currency_without_them() -> None:
    form = Form(list((dict(BASICS.written(whole_draft())) | {"currency": "JPY", "goal": "100000"}).items()))
    assert BASICS.read(form, whole_draft()).tiers == whole_draft().tiers
    assert "have cents, which JPY does not have" in str(form.errors["currency"])


def in_whole_dollars() -> CampaignDraft:
    draft = whole_draft()
    goals = tuple(replace(goal, unit_cost_minor=None) for goal in draft.stretch_goals)
    return replace(draft, add_ons=(), stretch_goals=goals)


def test_a_reward_can_be_sent_to_a_country_or_region_by_its_name_in_either_language() -> None:
    for typed, code in (
        ("Germany", "DE"),
        ("독일", "DE"),
        ("kr", "KR"),
        ("european union", "eu"),
        ("아시아", "asia"),
        ("EU", "eu"),
    ):
        offer = read_reward({"rates.0.country": typed, "rates.0.first": "5"})
        assert list(offer.rates) == [code]


def test_a_country_that_does_not_exist_is_refused_at_its_row() -> None:
    form = reward_form({"rates.0.country": "Atlantis", "rates.0.first": "5"})
    section = offer_section(whole_draft(), Kind.REWARD, "", is_chosen=False)
    section.read(form, whole_draft())
    assert list(form.errors) == ["rates.0.country"]


def test_rows_are_added_moved_and_taken_away_with_what_was_typed() -> None:
    form = Form([("items.0.sku", "A"), ("items.1.sku", "B"), ("items.1.slug", "b"), ("csrf", "t")])
    assert skus(pressed(form, "add:items")) == ["A", "B", ""]
    assert skus(pressed(form, "up:items:1")) == ["B", "A"]
    assert skus(pressed(form, "remove:items:0")) == ["B"]
    assert pressed(form, "remove:items:0").typed("items.0.slug") == "b"
    assert pressed(form, "remove:items:0").typed("csrf") == "t"
    assert skus(pressed(form, "up:items:0")) == ["A", "B"]
    assert skus(pressed(form, "remove:items:7")) == ["A", "B"]


@pytest.mark.parametrize(
    "asked", ["add", "add:rewards", "drop:items:0", "remove:items:-1", "add:items:" + "9" * 40, "\0"]
)
def test_an_unknown_row_button_is_refused(asked: str) -> None:
    with pytest.raises(BadInput):
        rearranged(Form([(BUTTON, asked)]), [ITEMS])


def test_no_more_rows_are_added_than_fit() -> None:
    form = Form([(ITEMS.name(n, "sku"), f"A{n}") for n in range(ITEMS.most)])
    with pytest.raises(BadInput, match="too many"):
        pressed(form, "add:items")
    assert skus(pressed(Form([]), "add:items")) == [""]


def test_blank_rows_are_left_out_so_that_a_row_has_the_number_of_its_item() -> None:
    form = Form([("items.0.sku", " "), ("items.1.sku", "B"), ("items.1.name.en", "Bag")])
    whole = PACKED.whole(form, whole_draft(), EditPhase.DRAFT)
    assert [item.sku for item in PACKED.read(whole, whole_draft()).items] == ["B"]


def test_fields_that_are_locked_keep_their_values_though_no_browser_sends_them() -> None:
    draft = whole_draft()
    locked = BASICS.lock(EditPhase.LIVE).names
    assert {"goal", "funding", "deadline"} <= locked
    form = Form([(name, value) for name, value in BASICS.written(draft) if name not in locked])
    assert BASICS.read(BASICS.whole(form, draft, EditPhase.LIVE), draft) == draft
    bare = Form([(name, value) for name, value in BASICS.written(draft) if name not in locked])
    assert BASICS.read(BASICS.whole(bare, draft, EditPhase.DRAFT), draft) != draft


def test_questions_and_the_numbers_of_items_stay_open_after_the_end_and_nothing_else_does() -> None:
    open_then = {name: open_in(section, EditPhase.ENDED) for name, section in SECTIONS.items()}
    assert {name for name, fields in open_then.items() if fields} == {FAQ.name, PACKED.name}
    assert "items.0.sku" in open_then[PACKED.name]
    assert "items.0.name.en" not in open_then[PACKED.name]
    assert SECTIONS["basics"].lock(EditPhase.ENDED).is_all
    assert not BASICS.lock(EditPhase.LIVE).is_all


def test_a_chosen_reward_leaves_open_its_quantity_and_that_it_is_closed() -> None:
    section = offer_section(whole_draft(), Kind.REWARD, "one", is_chosen=True)
    assert open_in(section, EditPhase.LIVE) == {"quantity", "audience"}
    assert open_in(section, EditPhase.LATE) == {"late_price", "audience"}
    new = offer_section(whole_draft(), Kind.REWARD, "", is_chosen=False)
    assert open_in(new, EditPhase.LATE) == open_in(new, EditPhase.DRAFT)
    assert open_in(new, EditPhase.ENDED) == set()


def test_a_reached_stretch_goal_leaves_open_what_a_unit_costs() -> None:
    section = goal_section(whole_draft(), "lights", is_reached=True)
    assert open_in(section, EditPhase.LIVE) == {"unit_cost"}
    assert "threshold" in open_in(goal_section(whole_draft(), "lights", is_reached=False), EditPhase.LIVE)


def test_an_item_that_is_promised_may_come_in_more_ways_and_the_others_cannot_after_the_end() -> None:
    promised = variants_section(whole_draft(), "bag", is_promised=True)
    assert "options.0.name.en" in open_in(promised, EditPhase.ENDED)
    assert "options.0.name.en" not in open_in(variants_section(whole_draft(), "bag"), EditPhase.ENDED)
    assert "variants.0.sku" in open_in(variants_section(whole_draft(), "bag"), EditPhase.ENDED)


def open_in(section: Section, phase: EditPhase) -> set[str]:
    """The fields that can change in a phase."""
    return {name for name in section.names - section.lock(phase).names if section.row(name)}


def test_a_fault_stands_at_its_field_or_above_the_form() -> None:
    draft = whole_draft()
    section = offer_section(draft, Kind.REWARD, "early", is_chosen=False)
    form = section.form(draft)
    places = {
        "tiers.1.price": "price",
        "tiers.1.title.en": "title.en",
        "tiers.1.rates": "shipping",
        "tiers.1.secret_key": "audience",
        "tiers.1.late_price": "late_price",
        "tiers.1.rates.DE": "shipping",
        "tiers.0.price": "",
        "deadline": "",
    }
    for path, name in places.items():
        form.errors.clear()
        note(form, section, BadInput("Wrong.", field=path), "en")
        assert list(form.errors) == [name], path


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Kerb, the board", "kerb-the-board"),
        ("Ünïcode — 2", "unicode-2"),
        ("담빛", "campaign"),
        ("../../etc", "etc"),
        ("-" * 80, "campaign"),
        ("a" * 200, "a" * 50),
    ],
)
def test_an_address_is_made_of_a_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_an_address_that_is_taken_gets_a_number() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(slug_of("Lamp", taken))
    assert taken == ["lamp", "lamp-2", "lamp-3"]


def pressed(form: Form, button: str) -> Form:
    pairs = [(name, value) for name in form for value in form.chosen(name)]
    found = rearranged(Form([*pairs, (BUTTON, button)]), [ITEMS])
    assert found is not None
    return found


def skus(form: Form) -> list[str]:
    return [form.typed(ITEMS.name(n, "sku")) for n in range(ITEMS.count(form))]


def reward_form(more: dict[str, str]) -> Form:
    plain = {"title.en": "New", "price": "10", "limit_per_backer": "1", "shipping": "some", "audience": "everyone"}
    return Form(list((plain | more).items()))


def read_reward(more: dict[str, str]) -> TierDraft:
    form = reward_form(more)
    draft: CampaignDraft = offer_section(whole_draft(), Kind.REWARD, "", is_chosen=False).read(form, whole_draft())
    assert form.errors == {}
    return of_kind(draft, Kind.REWARD)[-1]
