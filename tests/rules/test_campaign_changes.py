"""What a revision changed, told field by field: pure."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from fundlaunch.campaigns.changes import CUT, TEXT_LIMIT, Difference, between
from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    ItemOption,
    OptionValue,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure, Shipping
from fundlaunch.money import Money

TIER = TierDraft(
    "one",
    {"en": TierText("One lamp", "Ready to hang.")},
    4_950,
    quantity=20,
    delivery="2027-05",
    shipping=Shipping.SOME,
    rates={"DE": Rate(500, 200)},
    items={"lamp": 1},
)
HOOK = StretchDraft("hook", {"en": "A hook"}, 1_200_000, grants={"one": {"lamp": 1}})
LAMP = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={"en": CampaignText("Lamp", "A lamp.", "Story.", "Risks.", (("Why?", "Because."),))},
    creator_name="Noa",
    items=(ItemDraft("lamp", "LAMP-1", {"en": "Lamp"}),),
    tiers=(TIER,),
    add_ons=(TierDraft("bulb", {"en": TierText("Bulb")}, 900, tiers=("one",)),),
    stretch_goals=(HOOK,),
)

Change = Callable[[CampaignDraft], CampaignDraft]


def tier(**values: object) -> Change:
    return lambda draft: replace(draft, tiers=(replace(TIER, **values),))  # type: ignore[arg-type]  # each its field's own type


def goal(**values: object) -> Change:
    return lambda draft: replace(draft, stretch_goals=(replace(HOOK, **values),))  # type: ignore[arg-type]  # each its field's own type


def head(**values: object) -> Change:
    return lambda draft: replace(draft, **values)  # type: ignore[arg-type]  # each its field's own type


def text(**values: object) -> Change:
    return lambda draft: replace(draft, texts={"en": replace(LAMP.main_text, **values)})  # type: ignore[arg-type]  # each its field's own type


def test_two_equal_drafts_differ_in_nothing() -> None:
    assert between(LAMP, LAMP) == []


@pytest.mark.parametrize(
    ("change", "field", "before", "after"),
    [
        (text(title="Lamps"), "title.en", "Lamp", "Lamps"),
        (text(faq=()), "faq.en", "Why?\nBecause.", ""),
        (head(creator_name="Noa L"), "creator", "Noa", "Noa L"),
        (head(takes_plain_pledges=False), "plain_pledges", "yes", ""),
        (tier(price_minor=5_000), "tiers.one.price", "49.50 USD", "50.00 USD"),
        (tier(quantity=None), "tiers.one.quantity", "20", ""),
        (tier(closed=True), "tiers.one.closed", "", "yes"),
        (tier(ends_at=datetime.fromisoformat("2026-12-01T18:00")), "tiers.one.ends_at", "", "2026-12-01 18:00"),
        (tier(items={"lamp": 2}), "tiers.one.items", "lamp × 1", "lamp × 2"),
        (
            tier(rates={"DE": Rate(500, 200), "*": Rate(900, 0)}),
            "tiers.one.rates",
            "DE 5.00 USD + 2.00 USD",
            "* 9.00 USD + 0.00 USD; DE 5.00 USD + 2.00 USD",
        ),
        (goal(threshold=1_300_000), "stretch_goals.hook.threshold", "12000.00 USD", "13000.00 USD"),
        (goal(grants={}), "stretch_goals.hook.grants", "one: lamp × 1", ""),
        (head(tiers=()), "tiers.one", "One lamp, 49.50 USD", ""),
        (head(add_ons=()), "add_ons.bulb", "Bulb, 9.00 USD", ""),
    ],
)
def test_a_change_that_backers_see_names_its_field_and_both_of_its_texts(
    change: Change, field: str, before: str, after: str
) -> None:
    assert between(LAMP, change(LAMP)) == [Difference(field, before, after, is_public=True)]
    assert between(change(LAMP), LAMP) == [Difference(field, after, before, is_public=True)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (head(goal_minor=1), "goal"),
        (head(launch_at=datetime.fromisoformat("2026-12-01T18:00")), "launch_at"),
        (head(accent="#000000"), "accent"),
        (head(items=(ItemDraft("lamp", "LAMP-2", {"en": "Lamp"}),)), "items.lamp.sku"),
        (
            head(
                items=(
                    replace(
                        LAMP.items[0], variants=(VariantDraft("L-S", {"size": "s"}, 10, 100, "94", 5),),
                    ),
                )
            ),
            "items.lamp.variants",
        ),
        (
            head(
                items=(
                    replace(
                        LAMP.items[0],
                        options=(ItemOption("size", {"en": "Size"}, (OptionValue("s", {"en": "S"}),)),),
                    ),
                )
            ),
            "items.lamp.options",
        ),
        (tier(featured=True), "tiers.one.featured"),
        (goal(unit_cost_minor=100), "stretch_goals.hook.unit_cost"),
    ],
)  # fmt: skip
def test_what_backers_never_see_stays_private(change: Change, field: str) -> None:
    (found,) = between(LAMP, change(LAMP))
    assert (found.field, found.is_public) == (field, False)


def test_nothing_of_a_secret_tier_is_public_and_its_key_is_never_told() -> None:
    secret = replace(TIER, secret_key="a-secret-key-of-the-link")
    hidden = replace(LAMP, tiers=(secret,))
    for before, after in ((LAMP, hidden), (hidden, LAMP)):
        found = between(before, after)
        assert not any(one.is_public for one in found if one.field.startswith("tiers."))
    cheaper = replace(LAMP, tiers=(replace(secret, price_minor=1),))
    assert [one.is_public for one in between(hidden, cheaper)] == [False]
    without = replace(LAMP, tiers=())
    assert {one.is_public for one in between(without, hidden) if one.field == "tiers.one"} == {False}
    assert "a-secret-key-of-the-link" not in str(between(LAMP, hidden))


def test_what_goes_with_a_secret_tier_does_not_give_it_away() -> None:
    hidden = replace(LAMP, tiers=(replace(TIER, secret_key="k"),))
    bulb = replace(LAMP.add_ons[0], tiers=())
    for changed in (
        replace(hidden, stretch_goals=(replace(HOOK, grants={}),)),
        replace(hidden, stretch_goals=(replace(HOOK, opens="one"),)),
        replace(hidden, add_ons=(bulb,)),
    ):
        assert [one.is_public for one in between(hidden, changed)] == [False]


def test_a_threshold_that_is_a_count_is_told_as_one() -> None:
    backers = replace(LAMP, stretch_goals=(replace(HOOK, measure=Measure.BACKERS, threshold=500),))
    more = replace(LAMP, stretch_goals=(replace(HOOK, measure=Measure.BACKERS, threshold=600),))
    assert between(backers, more) == [Difference("stretch_goals.hook.threshold", "500", "600", is_public=True)]


def test_a_new_order_is_told_once() -> None:
    second = replace(TIER, slug="two")
    before, after = replace(LAMP, tiers=(TIER, second)), replace(LAMP, tiers=(second, TIER))
    assert between(before, after) == [Difference("tiers.order", "one, two", "two, one", is_public=False)]


def test_a_language_that_came_brings_only_what_it_says() -> None:
    korean = replace(LAMP, texts={**LAMP.texts, "ko": CampaignText("등", "", "이야기.")})
    assert [one.field for one in between(LAMP, korean)] == ["title.ko", "story.ko"]


def test_of_long_texts_the_place_that_differs_is_told() -> None:
    long = "word " * TEXT_LIMIT
    before, after = text(story=long + "end")(LAMP), text(story=long + "finish, and more of it")(LAMP)
    (found,) = between(before, after)
    assert found.before.endswith("end")
    assert found.after.endswith("finish, and more of it")
    assert found.before.startswith(CUT)
    (cut,) = between(text(story="")(LAMP), after)
    assert cut.before == ""
    assert cut.after.endswith(CUT)
    assert len(cut.after) < TEXT_LIMIT


def test_options_and_variants_are_told_by_their_names() -> None:
    sizes = ItemOption("size", {"en": "Size", "ko": "크기"}, (OptionValue("s", {"en": "S", "ko": "소"}),))
    kinds = (VariantDraft("L-S", {"size": "s"}, 450, 30_00, "9405", 3), VariantDraft("L-P", {"size": "s"}))
    found = between(LAMP, replace(LAMP, items=(replace(LAMP.items[0], options=(sizes,), variants=kinds),)))
    assert {one.field.rpartition(".")[2]: one.after for one in found} == {
        "options": "Size / 크기: S / 소",
        "variants": f"L-S: S (450 g, {Money(30_00, LAMP.currency)}, HS 9405, × 3); L-P: S",
    }
