"""Rewards, add-ons and stretch goals in the editor: copies, order, audience, what is granted, what sending costs."""

from dataclasses import replace

import pytest

from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft, TierDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.rules import Offer, Rate
from fundlaunch.campaigns.states import Measure, Shipping, TierKind
from fundlaunch.errors import BadInput
from fundlaunch.pledges.rules import Choice, Selection, price
from fundlaunch.studio import shipping_costs
from fundlaunch.studio.editing.goals import goal_read, goal_section
from fundlaunch.studio.editing.offer import Audience, Kind, audience, of_kind, offer_section
from fundlaunch.studio.editing.offer_list import copied, moved, removed, sorted_by_places
from fundlaunch.studio.editing.saving import Stand
from fundlaunch.studio.editing.sending import named
from fundlaunch.studio.goal_check import check, lines
from fundlaunch.studio.shipping_costs import Wanted
from fundlaunch.web.forms import Form
from tests.studio import NOON, whole_draft

PLAIN = {"title.en": "New", "price": "10", "limit_per_backer": "1", "shipping": "none", "audience": "everyone"}


def test_a_secret_reward_gets_a_key_and_keeps_it_while_it_is_closed() -> None:
    secret = read(PLAIN | {"audience": "secret"})
    assert len(secret.secret_key) >= 20
    draft = replace(whole_draft(), tiers=(replace(secret, slug="new"),))
    assert (
        faults(replace(whole_draft(), add_ons=(), stretch_goals=(), tiers=(replace(secret, slug="new"),)), NOON) == []
    )
    for chosen, key in (("closed", secret.secret_key), ("secret", secret.secret_key), ("everyone", "")):
        after = reread(draft, "new", {"audience": chosen})
        assert (after.secret_key, audience(after)) == (key, Audience(chosen)), chosen
    assert read(PLAIN | {"audience": "secret"}).secret_key != secret.secret_key


def test_a_late_price_is_a_price_or_nothing() -> None:
    assert read(PLAIN).late_price_minor is None
    assert read(PLAIN | {"late_price": "12.50"}).late_price_minor == 12_50
    assert read(PLAIN | {"late_price": "0"}).late_price_minor == 0


def test_an_add_on_goes_only_with_the_rewards_that_are_ticked() -> None:
    section = offer_section(whole_draft(), Kind.ADD_ON, "", is_chosen=False)
    form = Form(list((PLAIN | {"tiers.one": "yes", "tiers.early": "yes"}).items()))
    assert section.read(form, whole_draft()).add_ons[-1].tiers == ("one", "early")
    assert not any(
        name.startswith("tiers.") for name in offer_section(whole_draft(), Kind.REWARD, "", is_chosen=False).fields
    )


def test_rates_that_the_way_of_sending_has_no_use_for_are_left_out() -> None:
    fields = PLAIN | {"rates.0.country": "Asia", "rates.0.first": "9", "elsewhere.first": "30"}
    assert read(fields | {"shipping": "pick_up"}).rates == {}
    assert read(fields | {"shipping": "some"}).rates == {"asia": Rate(9_00, 0)}
    assert read(fields | {"shipping": "worldwide"}).rates == {"asia": Rate(9_00, 0), "*": Rate(30_00, 0)}


def test_places_are_shown_by_name_and_read_back() -> None:
    section = offer_section(whole_draft(), Kind.REWARD, "one", is_chosen=False)
    for language, name in (("en", "European Union"), ("ko", "유럽 연합")):
        shown = named(section.form(whole_draft()), language)
        assert name in {shown.typed(f"rates.{n}.country") for n in range(2)}
        assert section.read(shown, whole_draft()) == whole_draft()
    wrong = Form([("rates.0.country", "Atlantis")])
    wrong.refuse("rates.0.country", "No.")
    assert named(wrong, "en").typed("rates.0.country") == "Atlantis"
    assert list(named(wrong, "en").errors) == ["rates.0.country"]


def test_a_reward_is_copied_into_the_add_ons_with_all_but_its_place() -> None:
    draft, slug = copied(whole_draft(), Kind.REWARD, "one", Kind.ADD_ON, EditPhase.DRAFT)
    copy, original = draft.add_ons[-1], draft.tiers[0]
    assert slug == copy.slug == "one-board"
    assert copy.limit_per_backer == 10
    limit, is_featured = original.limit_per_backer, original.featured
    assert replace(copy, slug=original.slug, limit_per_backer=limit, featured=is_featured) == original
    assert draft.tiers == whole_draft().tiers
    assert faults(draft, NOON) == []


def test_a_duplicate_has_a_name_of_its_own_and_a_link_of_its_own() -> None:
    draft, slug = copied(whole_draft(), Kind.REWARD, "friends", Kind.REWARD, EditPhase.DRAFT)
    copy = draft.tiers[-1]
    assert (slug, copy.texts["en"].title, copy.closed) == ("for-friends-copy", "For friends (copy)", False)
    assert copy.secret_key not in {"", "key-of-friends"}
    assert faults(draft, NOON) == []


def test_a_copy_on_a_running_campaign_is_closed_until_it_was_looked_at() -> None:
    draft, _ = copied(whole_draft(), Kind.REWARD, "one", Kind.REWARD, EditPhase.LIVE)
    assert draft.tiers[-1].closed


def test_no_more_copies_than_fit_and_none_of_nothing() -> None:
    crowd = replace(whole_draft(), tiers=tuple(replace(whole_draft().tiers[0], slug=f"t{n}") for n in range(100)))
    with pytest.raises(BadInput, match="at most 100"):
        copied(crowd, Kind.REWARD, "t1", Kind.REWARD, EditPhase.DRAFT)
    with pytest.raises(BadInput, match="no such reward"):
        copied(whole_draft(), Kind.REWARD, "nothing", Kind.ADD_ON, EditPhase.DRAFT)


def test_rewards_move_one_place_and_not_over_the_ends() -> None:
    assert slugs(moved(whole_draft(), Kind.REWARD, "early", -1)) == ["early", "one", "friends"]
    assert slugs(moved(whole_draft(), Kind.REWARD, "one", -1)) == ["one", "early", "friends"]
    assert slugs(moved(whole_draft(), Kind.REWARD, "friends", 1)) == ["one", "early", "friends"]
    assert slugs(moved(whole_draft(), Kind.REWARD, "nothing", 1)) == ["one", "early", "friends"]


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"friends": "1"}, ["friends", "one", "early"]),
        ({"one": "2"}, ["early", "one", "friends"]),
        ({"one": "3"}, ["early", "friends", "one"]),
        ({"one": "3", "friends": "1"}, ["friends", "early", "one"]),
        ({"one": ""}, ["one", "early", "friends"]),
        ({"early": "999"}, ["one", "friends", "early"]),
    ],
)
def test_rewards_are_sorted_by_the_places_typed_beside_them(places: dict[str, str], order: list[str]) -> None:
    form = Form([(f"place.{slug}", place) for slug, place in places.items()])
    assert slugs(sorted_by_places(whole_draft(), Kind.REWARD, form)) == order
    assert form.is_valid


def test_what_an_add_on_or_a_stretch_goal_names_cannot_be_taken_away() -> None:
    assert slugs(removed(whole_draft(), Kind.REWARD, "early")) == ["one", "friends"]
    for kind, slug in ((Kind.REWARD, "one"), (Kind.REWARD, "friends"), (Kind.ADD_ON, "card")):
        with pytest.raises(BadInput, match="is named by"):
            removed(whole_draft(), kind, slug)


GOAL = {"title.en": "A hood", "measure": "money", "threshold": "50000", "opens": "", "unit_cost": ""}


def test_a_goal_of_each_measure_is_read() -> None:
    assert goal({}) == StretchDraft("a-hood", {"en": "A hood"}, 50_000_00)
    assert goal({"measure": "backers", "threshold": "500", "item": "bag"}) == StretchDraft(
        "a-hood", {"en": "A hood"}, 500, Measure.BACKERS
    )
    assert goal({"measure": "orders", "threshold": "20", "item": "bag"}).item == "bag"
    granted = goal({"grants.0.item": "bag", "grants.0.units": "2", "grants.0.to.one": "yes", "grants.0.to.card": "yes"})
    assert granted.grants == {"one": {"bag": 2}, "card": {"bag": 2}}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title.en": ""}, "title.en"),
        ({"measure": "likes"}, "measure"),
        ({"threshold": "50,000"}, "threshold"),
        ({"measure": "backers", "threshold": "1e3"}, "threshold"),
        ({"measure": "backers", "threshold": ""}, "threshold"),
        ({"measure": "backers", "threshold": "9" * 30}, "threshold"),
        ({"measure": "orders", "threshold": "5"}, "item"),
        ({"opens": "nothing"}, "opens"),
        ({"unit_cost": "-1"}, "unit_cost"),
        ({"grants.0.item": "bag", "grants.0.units": "1"}, "grants.0.item"),
        ({"grants.0.item": "", "grants.0.units": "1", "grants.0.to.one": "yes"}, "grants.0.item"),
        ({"grants.0.item": "bag", "grants.0.units": "0", "grants.0.to.one": "yes"}, "grants.0.units"),
    ],
)
def test_a_mistake_of_a_goal_stands_at_its_field(fields: dict[str, str], field: str) -> None:
    form = Form(list((GOAL | fields).items()))
    goal_read(form, whole_draft(), "")
    assert list(form.errors) == [field]


def test_a_reward_gets_an_item_in_one_line_only() -> None:
    rows = {
        f"grants.{n}.{name}": value
        for n in range(2)
        for name, value in (("item", "bag"), ("units", "1"), ("to.one", "yes"))
    }
    form = Form(list((GOAL | rows).items()))
    goal_read(form, whole_draft(), "")
    assert list(form.errors) == ["grants.1.item"]


def test_a_fault_of_what_is_granted_stands_at_its_line() -> None:
    draft = whole_draft()
    section = goal_section(draft, "lights", is_reached=False)
    assert section.place("stretch_goals.0.grants.one.deck", section.form(draft)) == "grants"


def test_the_check_tells_units_and_cost_of_now_and_of_then() -> None:
    found = check(
        whole_draft(), "lights", stand(ordered={"one": 10, "friends": 5, "early": 40}, pledged_minor=75_000_00)
    )
    assert (found.units_now, found.now.minor) == (35, 47_25)
    assert (found.units_then, found.then.minor) == (70, 94_50)
    assert not found.is_guess
    guess = check(whole_draft(), "lights", stand())
    assert (guess.is_guess, guess.units_now, guess.units_then) == (True, 0, 903)
    assert check(whole_draft(), "crowd", stand()).grants_nothing
    assert check(whole_draft(), "crowd", stand()).unit is None


def test_the_list_of_goals_says_what_each_counts_and_does() -> None:
    told = lines(stand(reached=frozenset({"crowd"})), "en")
    assert [(line.mark, line.is_reached) for line in told] == [
        ("$150,000", False),
        ("500 backers", True),
        ("200 × Bag", False),
    ]
    assert told[0].does == (
        "1 × Deck added to One board and For friends",
        "2 × Bag added to One board",
    )
    assert told[1].does == ("Opens the reward “A card”",)


def test_the_costs_of_a_basket_are_those_that_a_backer_pays() -> None:
    draft = replace(
        whole_draft(),
        add_ons=(
            replace(whole_draft().add_ons[0], shipping=Shipping.SOME, rates={"europe": Rate(2_00, 50)}, tiers=()),
        ),
    )
    basket = shipping_costs.chosen(draft, Wanted("one", 2, {"card": 3}))
    zones = shipping_costs.zones(draft, basket, {"one": "One board", "card": "A card"})
    by_country = {country: zone for zone in zones for country in zone.countries}
    assert set(by_country) == all_countries()
    for country in ("DE", "FR", "CH", "US", "KR"):
        cost = by_country[country].cost
        try:
            paid = price(Selection("one", 2, {"card": 3}, 0, country), choices(draft), "USD", NOON).shipping_minor
        except BadInput:
            paid = None
        assert (cost.minor if cost else None) == paid, country
    assert by_country["DE"].cost is not None
    assert by_country["US"].left_out == ("A card",)
    assert [zone.cost is None for zone in zones] == sorted(zone.cost is None for zone in zones)


def test_a_basket_tells_its_price_its_weight_and_what_does_not_go_together() -> None:
    draft = whole_draft()
    basket = shipping_costs.chosen(draft, Wanted("early", 2, {"card": 1, "nothing": 4}))
    assert shipping_costs.price(draft, basket).minor == 842_50
    assert shipping_costs.weight_grams(draft, basket) == 8_400
    assert [offer.slug for offer in shipping_costs.strangers(basket, "early")] == ["card"]
    assert shipping_costs.strangers(basket, "one") == []
    assert not shipping_costs.is_sent(basket)


def stand(
    ordered: dict[str, int] | None = None, pledged_minor: int = 0, reached: frozenset[str] = frozenset()
) -> Stand:
    return Stand(whole_draft(), EditPhase.LIVE, {}, ordered or {}, reached, pledged_minor, 0)


def choices(draft: CampaignDraft) -> dict[str, Choice]:
    kinds = [(TierKind.BASE, tier) for tier in draft.tiers] + [(TierKind.ADD_ON, tier) for tier in draft.add_ons]
    return {
        tier.slug: Choice(
            tier.slug, tier.slug, tier.slug, kind, tier.price_minor, 99, Offer(None, 0, None, None, closed=False),
            tier.shipping, tier.rates,
        )
        for kind, tier in kinds
    }  # fmt: skip


def read(fields: dict[str, str]) -> TierDraft:
    form = Form(list(fields.items()))
    draft = offer_section(whole_draft(), Kind.REWARD, "", is_chosen=False).read(form, whole_draft())
    assert form.errors == {}
    return of_kind(draft, Kind.REWARD)[-1]


def reread(draft: CampaignDraft, slug: str, fields: dict[str, str]) -> TierDraft:
    section = offer_section(draft, Kind.REWARD, slug, is_chosen=False)
    written = dict(section.written(draft)) | fields
    return section.read(Form(list(written.items())), draft).tiers[0]


def goal(fields: dict[str, str]) -> StretchDraft:
    form = Form(list((GOAL | fields).items()))
    found = goal_read(form, whole_draft(), "")
    assert form.errors == {}
    return found


def slugs(draft: CampaignDraft) -> list[str]:
    return [tier.slug for tier in draft.tiers]
