"""What is wrong with a draft: each fault is one sentence at its field, in the words of a campaign file."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

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
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.item_faults import choices
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure, Shipping
from fundlaunch.money import MOST_PLEDGE_MINOR

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

SIZE = ItemOption("size", {"en": "Size"}, (OptionValue("s", {"en": "S"}), OptionValue("m", {"en": "M"})))
COLOUR = ItemOption(
    "colour", {"en": "Colour"}, (OptionValue("red", {"en": "Red"}), OptionValue("blue", {"en": "Blue"}))
)
SHIRT = ItemDraft(
    "shirt",
    "SHIRT",
    {"en": "Shirt"},
    options=(SIZE, COLOUR),
    variants=tuple(VariantDraft("-".join(["SHIRT", *one.values()]), one) for one in choices((SIZE, COLOUR))),
)
LAMP = ItemDraft("lamp", "LAMP", {"en": "Lamp"})
ONE = TierDraft("one", {"en": TierText("One lamp")}, 5_000, items={"lamp": 1})
LATER = TierDraft("later", {"en": TierText("Later")}, 5_000, items={"shirt": 1})
BULB = TierDraft("bulb", {"en": TierText("Bulb")}, 0, tiers=("one",))
MORE = StretchDraft(
    "more", {"en": "More"}, 900_000, grants={"one": {"shirt": 1}, "bulb": {"lamp": 2}}, opens="later", unit_cost_minor=0
)
DRAFT = CampaignDraft(
    slug="lamp",
    currency="USD",
    goal_minor=800_000,
    texts={"en": CampaignText("Lamp")},
    country="SE",
    category="design",
    tags=("light", "bamboo"),
    timezone="Europe/Berlin",
    launch_at=datetime.fromisoformat("2026-12-01T10:00"),
    items=(LAMP, SHIRT),
    tiers=(ONE, LATER),
    add_ons=(BULB,),
    stretch_goals=(MORE,),
)


def said(draft: CampaignDraft) -> list[tuple[str, str]]:
    return [(fault.field, str(fault)) for fault in faults(draft, NOW)]


def part(**changes: object) -> CampaignDraft:
    return replace(DRAFT, **changes)  # type: ignore[arg-type]  # by name


def shirt(**changes: object) -> CampaignDraft:
    return replace(DRAFT, items=(LAMP, replace(SHIRT, **changes)))  # type: ignore[arg-type]  # by name


def variant(**changes: object) -> CampaignDraft:
    first, *others = SHIRT.variants
    return shirt(variants=(replace(first, **changes), *others))  # type: ignore[arg-type]  # by name


def one(**changes: object) -> CampaignDraft:
    return replace(DRAFT, tiers=(replace(ONE, **changes), LATER))  # type: ignore[arg-type]  # by name


def bulb(**changes: object) -> CampaignDraft:
    return replace(DRAFT, add_ons=(replace(BULB, **changes),))  # type: ignore[arg-type]  # by name


def goal(**changes: object) -> CampaignDraft:
    return replace(DRAFT, stretch_goals=(replace(MORE, **changes),))  # type: ignore[arg-type]  # by name


def goals(*found: StretchDraft) -> CampaignDraft:
    return replace(DRAFT, stretch_goals=found)


def orders(slug: str, item: str, **brings: object) -> StretchDraft:
    """A goal that counts the orders of an item, and brings nothing unless it is said."""
    plain = StretchDraft(slug, {"en": slug}, 100, Measure.ORDERS, item)
    return replace(plain, **brings)  # type: ignore[arg-type]  # by name


def wall(time: str) -> datetime:
    return datetime.fromisoformat(time)


def named(option: ItemOption, count: int) -> ItemOption:
    return replace(option, values=tuple(OptionValue(f"v{n}", {"en": str(n)}) for n in range(count)))


def test_a_draft_with_everything_in_it_has_no_fault() -> None:
    assert said(DRAFT) == []


CASES: list[tuple[CampaignDraft, str, str]] = [
    (part(currency="XXX"), "currency", "“XXX” is not a currency a campaign can use. Use one of: AUD"),
    (part(country="XX"), "country", "“XX” is not a country code."),
    (part(category="desing"), "category", "“desing” is not a category. Use one of: art, comics"),
    (part(tags=tuple(map(str, range(POLICY.tags + 1)))), "tags", "too many of these: at most 10"),
    (part(tags=("a" * 31,)), "tags.0", "too long: 31 characters, at most 30"),
    (part(tags=("a", "b, c")), "tags.1", "without a comma"),
    (part(tags=("",)), "tags.0", "A tag is a word"),
    (part(tags=("Light", "light")), "tags.1", "stands here twice"),
    (part(launch_at=wall("2026-11-23T12:59")), "launch_at", "launch lies in the past"),
    (part(launch_at=wall("2027-03-28T02:30")), "launch_at", "does not exist in Europe/Berlin"),
    (part(deadline=wall("2026-12-01T10:00")), "launch_at", "would end before it begins"),
    # items
    (shirt(options=(SIZE,)), "items.1.variants.0.choice.colour", "no “colour”. Known here are: size."),
    (variant(choice={"size": "xl", "colour": "red"}), "items.1.variants.0.choice.size", "Known here are: m, s."),
    (variant(choice={"size": "s"}), "items.1.variants.0.choice", "does not say which “colour” it has"),
    (variant(choice={"size": "m", "colour": "red"}), "items.1.variants.2", "a variant of this choice already"),
    (variant(choice={"size": "m", "colour": "red"}), "items.1.variants", "no variant for s + red; 1 of them"),
    (shirt(variants=()), "items.1.variants", "no variant for s + red; 4 of them"),
    (shirt(options=()), "items.1.variants.0.choice.size", "Known here are: -."),
    (shirt(options=(SIZE, SIZE)), "items.1.options.1.slug", "used twice"),
    (shirt(options=(named(SIZE, 11), named(COLOUR, 10))), "items.1.options", "make 110 variants; at most 100"),
    (shirt(options=tuple(replace(SIZE, slug=f"o{n}") for n in range(4))), "items.1.options", "at most 3 fit"),
    (shirt(options=(replace(SIZE, values=()), COLOUR)), "items.1.options.0.values", "needs the values"),
    (shirt(options=(replace(SIZE, slug="Size"), COLOUR)), "items.1.options.0.slug", "small letters"),
    (shirt(options=(replace(SIZE, names={}), COLOUR)), "items.1.options.0.name", "A name is missing"),
    (
        shirt(options=(replace(SIZE, values=(SIZE.values[0],) * 2), COLOUR)),
        "items.1.options.0.values.1.slug",
        "used twice",
    ),
    (variant(sku="LAMP"), "items.1.variants.0.sku", "The stock number “LAMP” is used twice."),
    (variant(sku="SHIRT"), "items.1.variants.0.sku", "The stock number “SHIRT” is used twice."),
    (shirt(sku="LAMP"), "items.1.sku", "The stock number “LAMP” is used twice."),
    (variant(sku=" "), "items.1.variants.0.sku", "stock number (SKU) of 1 to 50"),
    (variant(quantity=0), "items.1.variants.0.quantity", "from 1 to"),
    (variant(weight_grams=-1), "items.1.variants.0.weight_grams", "whole grams"),
    (shirt(customs_value_minor=-1), "items.1.customs_value", "an amount, 0 or more"),
    (shirt(hs_code="9" * 31), "items.1.hs_code", "at most 30"),
    # tiers and add-ons
    (one(late_price_minor=10), "tiers.0.late_price", "A price is at least 0.50 USD and at most 25000.00 USD."),
    (one(price_minor=MOST_PLEDGE_MINOR["USD"] + 1), "tiers.0.price", "at most 25000.00 USD"),
    (bulb(price_minor=-1), "add_ons.0.price", "at least 0.00 USD"),
    (one(secret_key="two words"), "tiers.0.secret_key", "letters a to z, digits and hyphens"),
    (one(secret_key="é"), "tiers.0.secret_key", "letters a to z, digits and hyphens"),
    (one(secret_key="a" * 65), "tiers.0.secret_key", "at most 64"),
    (one(tiers=("later",)), "tiers.0.tiers", "Only an add-on goes with other rewards."),
    (bulb(tiers=("onne",)), "add_ons.0.tiers.0", "no reward “onne” in this campaign. Its rewards are: later, one."),
    (bulb(tiers=("one", "one")), "add_ons.0.tiers.1", "stands here twice"),
    (bulb(tiers=("bulb",)), "add_ons.0.tiers.0", "no reward “bulb”"),
    (
        one(shipping=Shipping.SOME, rates={"europ": Rate(1, 1)}),
        "tiers.0.rates.europ",
        "“europ” is not a country code or a region.",
    ),
    (one(shipping=Shipping.SOME, rates={"eu": Rate(1, 1), "*": Rate(1, 1)}), "tiers.0.rates", "and none for “*”"),
    (one(shipping=Shipping.WORLDWIDE, rates={"eu": Rate(1, 1)}), "tiers.0.rates", "needs the rate “*”"),
    (one(rates={"eu": Rate(1, 1)}), "tiers.0.rates", "not sent has no shipping rates"),
    (one(shipping=Shipping.SOME, rates={"eu": Rate(10**9, 1)}), "tiers.0.rates.eu", "cannot be as large"),
    # stretch goals
    (goal(threshold=0), "stretch_goals.0.threshold", "more than zero"),
    (goal(threshold=10**15), "stretch_goals.0.threshold", "as far away"),
    (goal(measure=Measure.BACKERS, threshold=10**9), "stretch_goals.0.threshold", "as far away"),
    (goal(measure=Measure.ORDERS), "stretch_goals.0.item", "Say which item’s orders"),
    (goal(measure=Measure.ORDERS, item="lmap"), "stretch_goals.0.item", "no item “lmap”"),
    (goal(measure=Measure.BACKERS, item="lamp"), "stretch_goals.0.item", "Only a stretch goal by orders"),
    (goal(unit_cost_minor=-1), "stretch_goals.0.unit_cost", "an amount, 0 or more"),
    (goal(grants={"onne": {"lamp": 1}}), "stretch_goals.0.grants.onne", "no reward “onne”"),
    (goal(grants={"one": {"lmap": 1}}), "stretch_goals.0.grants.one.lmap", "no item “lmap”"),
    (goal(grants={"one": {"lamp": 0}}), "stretch_goals.0.grants.one.lamp", "from 1 to"),
    (goal(grants={"one": {}}), "stretch_goals.0.grants.one", "Say what this reward gets"),
    (goal(opens="latr"), "stretch_goals.0.opens", "no reward “latr”"),
    (goals(MORE, replace(MORE, slug="two")), "stretch_goals.1.opens", "opened by the stretch goal “more” already"),
    (goals(MORE, replace(MORE, opens="")), "stretch_goals.1.slug", "used twice"),
    (
        goals(*(replace(MORE, slug=f"goal-{n}", opens="") for n in range(POLICY.stretch_goals + 1))),
        "stretch_goals",
        "at most 50 fit",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("draft", "field", "sentence"), CASES, ids=[f"{case[1]}-{n}" for n, case in enumerate(CASES)])
def test_a_fault_is_one_sentence_at_its_field(draft: CampaignDraft, field: str, sentence: str) -> None:
    found = [told for where, told in said(draft) if where == field]
    assert any(sentence in told for told in found), said(draft)
    assert all(told.endswith(".") for told in found)


def test_every_combination_of_options_has_one_variant() -> None:
    assert [one.choice for one in SHIRT.variants] == [
        {"size": "s", "colour": "red"},
        {"size": "s", "colour": "blue"},
        {"size": "m", "colour": "red"},
        {"size": "m", "colour": "blue"},
    ]


DOOR = orders("door", "shirt", opens="later")


def test_a_stretch_goal_cannot_wait_for_an_item_that_only_comes_when_it_is_reached() -> None:
    told = "This stretch goal counts an item that can be ordered only once it is reached. Count another item."
    assert said(goals(DOOR)) == [("stretch_goals.0.item", told)]


def test_stretch_goals_cannot_wait_for_each_other() -> None:
    other = TierDraft("other", {"en": TierText("Other")}, 5_000, items={"lamp": 1})
    both = goals(replace(DOOR, item="lamp"), orders("window", "shirt", opens="other"))
    found = said(replace(both, tiers=(LATER, other), add_ons=()))
    assert [field for field, _ in found] == ["stretch_goals.0.item", "stretch_goals.1.item"]


@pytest.mark.parametrize(
    "fine",
    [
        goals(orders("self", "shirt", grants={"one": {"shirt": 1}})),
        goals(orders("first", "lamp", opens="later"), orders("second", "shirt")),
        replace(goals(DOOR), tiers=(replace(ONE, items={"shirt": 1}), LATER)),
        goals(orders("nothing-brings-it-yet", "shirt"), replace(MORE, grants={})),
    ],
    ids=["grants what it counts", "one after the other", "another reward brings it too", "opened by money"],
)
def test_stretch_goals_that_can_be_reached_are_fine(fine: CampaignDraft) -> None:
    assert said(fine) == []
