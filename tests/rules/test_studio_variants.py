"""The table of an item's variants: made of its options, and nothing that was typed is lost when they change."""

from dataclasses import replace

import pytest

from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.studio.editing.repeated import BUTTON, rearranged
from fundlaunch.studio.editing.variant_table import OPTIONS, VALUES, VARIANTS, arranged, options_of
from fundlaunch.studio.editing.variants import taken_skus, variants_section
from fundlaunch.web.forms import Form
from tests.studio import whole_draft

SIZES = {"options.0.name.en": "Size", "options.0.values.0.name.en": "S, M, L"}
COLOURS = {"options.1.name.en": "Colour", "options.1.values.0.name.en": "Red", "options.1.values.1.name.en": "Blue"}


def test_values_are_typed_with_commas_and_each_combination_gets_a_row() -> None:
    assert skus(table(SIZES)) == ["BAG-S", "BAG-M", "BAG-L"]
    assert skus(table(SIZES | COLOURS)) == [
        *("BAG-S-RED", "BAG-S-BLUE", "BAG-M-RED", "BAG-M-BLUE", "BAG-L-RED", "BAG-L-BLUE"),
    ]
    both = table(SIZES | {"options.0.values.0.name.ko": "소, 중"})
    assert [both.typed(VALUES[0].name(n, "name.ko")) for n in range(3)] == ["소", "중", ""]


def test_a_value_added_or_taken_away_leaves_the_other_rows_as_they_were_typed() -> None:
    form = typed(table(SIZES), {"variants.1.sku": "MINE", "variants.1.weight_grams": "420", "variants.2.quantity": "7"})
    more = arranged(typed(form, {"options.0.values.3.name.en": "XL"}), "BAG", ())
    assert skus(more) == ["BAG-S", "MINE", "BAG-L", "BAG-XL"]
    less = arranged(pressed(more, "remove:options.0.values:0"), "BAG", ())
    assert skus(less) == ["MINE", "BAG-L", "BAG-XL"]
    assert column(less, "weight_grams") == ["420", "", ""]
    assert column(less, "quantity") == ["", "7", ""]


def test_a_value_that_is_renamed_keeps_its_row_and_an_untouched_number_follows_it() -> None:
    form = typed(table(SIZES), {"variants.0.weight_grams": "380", "variants.1.sku": "MINE"})
    renamed = arranged(
        typed(form, {"options.0.values.0.name.en": "XS", "options.0.values.1.name.en": "Middle"}), "BAG", ()
    )
    assert skus(renamed) == ["BAG-XS", "MINE", "BAG-L"]
    assert column(renamed, "weight_grams") == ["380", "", ""]


def test_another_option_takes_over_weight_and_customs_but_no_stock() -> None:
    form = typed(table(SIZES), {"variants.0.weight_grams": "380", "variants.0.quantity": "7"})
    both = arranged(typed(form, COLOURS), "BAG", ())
    assert column(both, "weight_grams")[:3] == ["380", "380", ""]
    assert set(column(both, "quantity")) == {""}
    one = arranged(pressed(both, "remove:options:0"), "BAG", ())
    assert skus(one) == ["BAG-RED", "BAG-BLUE"]
    assert [option.slug for option in options_of(one)] == ["colour"]
    assert column(one, "weight_grams") == ["380", "380"]


def test_options_move_with_their_values() -> None:
    moved = arranged(pressed(table(SIZES | COLOURS), "up:options:1"), "BAG", ())
    assert [option.name for option in options_of(moved)] == ["Colour", "Size"]
    assert skus(moved)[:2] == ["BAG-RED-S", "BAG-RED-M"]


@pytest.mark.parametrize(
    ("taken", "expected"), [({"BAG-S"}, "BAG-S-2"), ({"BAG-S", "BAG-S-2"}, "BAG-S-3"), ((), "BAG-S")]
)
def test_a_proposed_number_is_one_that_nothing_else_has(taken: set[str], expected: str) -> None:
    assert skus(arranged(Form(list(SIZES.items())), "BAG", taken))[0] == expected


def test_names_without_latin_letters_are_numbered() -> None:
    form = arranged(Form([("options.0.name.ko", "크기"), ("options.0.values.0.name.ko", "소, 중")]), "BAG", ())
    assert skus(form) == ["BAG-1", "BAG-2"]
    assert [value.slug for value in options_of(form)[0].values] == ["value", "value-2"]


def test_what_an_option_still_needs_stands_at_its_field() -> None:
    cases = {
        "options.0.values.0.name.en": {"options.0.name.en": "Size"},
        "options.0.name.en": {"options.0.name.en": "", "options.0.values.0.name.en": "S"},
        "options.0.values.1.name.en": {"options.0.name.en": "Size", "options.0.values.0.name.en": "S, s"},
    }
    for field, fields in cases.items():
        form = table(fields)
        variants_section(whole_draft(), "bag").read(form, whole_draft())
        assert list(form.errors) == [field], field


def test_a_mistake_stands_at_the_main_language_of_the_campaign() -> None:
    draft = replace(whole_draft(), language="ko")
    form = table({"options.0.name.en": "Size"})
    variants_section(draft, "bag").read(form, draft)
    assert list(form.errors) == ["options.0.values.0.name.ko"]


def test_more_combinations_than_fit_are_refused_and_the_rows_stay() -> None:
    form = typed(table(SIZES), {"variants.0.weight_grams": "380"})
    many = typed(form, {"options.0.values.0.name.en": ", ".join(f"v{n}" for n in range(120))})
    crowded = arranged(many, "BAG", ())
    assert column(crowded, "weight_grams") == ["380", "", ""]
    variants_section(whole_draft(), "bag").read(crowded, whole_draft())
    assert "at most 100 fit" in str(next(iter(crowded.errors.values())))


def test_without_options_there_are_no_variants() -> None:
    draft, section = whole_draft(), variants_section(whole_draft(), "bag")
    form = section.form(draft)
    for _ in range(2):
        form = arranged(pressed(form, "remove:options:0"), "BAG", taken_skus(draft, "bag"))
    after: CampaignDraft = section.read(form, draft)
    assert (after.items[1].options, after.items[1].variants) == ((), ())
    assert form.errors == {}


def test_a_name_is_no_row_of_its_own_without_a_number() -> None:
    assert OPTIONS.count(Form([("options.0.values.2.name.en", "S")])) == 1
    assert VARIANTS.count(Form([("variants.1.sku", "S")])) == 0


def table(fields: dict[str, str]) -> Form:
    return arranged(Form(list(fields.items())), "BAG", ())


def typed(form: Form, fields: dict[str, str]) -> Form:
    """The form with other values in some fields."""
    return Form(list(({name: form.typed(name) for name in form} | fields).items()))


def pressed(form: Form, button: str) -> Form:
    found = rearranged(typed(form, {BUTTON: button}), (OPTIONS, *VALUES))
    assert found is not None
    return found


def column(form: Form, field: str) -> list[str]:
    return [form.typed(VARIANTS.name(n, field)) for n in range(VARIANTS.count(form))]


def skus(form: Form) -> list[str]:
    return column(form, "sku")
