"""What can be chosen, for whom and with what: secret and locked tiers, add-ons, limits, countries (RULES section 4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fundlaunch.campaigns.rules import Offer, Rate
from fundlaunch.campaigns.states import Shipping, TierKind
from fundlaunch.errors import BadInput, SoldOut
from fundlaunch.pledges.rules import Basket, Choice, Selection, price
from tests.rules.test_pledge_rules import BAG, BOARD, CHOICES, FREE, NOW

WHISPER = Choice("t-w", "whisper", "For friends", TierKind.BASE, 40_00, 1, FREE, Shipping.NONE, {}, secret_key="k-1")
LAMP = Choice("t-lamp", "lamp", "A lamp", TierKind.BASE, 30_00, 1, FREE, Shipping.NONE, {})
ALL = CHOICES | {"whisper": WHISPER, "lamp": LAMP}


def priced(tier: str, *, key: str = "", country: str = "US", quantity: int = 1, **changes: object) -> Basket:
    add_ons = {slug: 1 for slug in ("bag",) if changes.pop("with_bag", False)}
    choices = {slug: changes.get(slug, choice) for slug, choice in ALL.items()}
    return price(Selection(tier, quantity, add_ons, 0, country, key), choices, "USD", NOW)  # type: ignore[arg-type]  # changes are choices


def test_a_secret_tier_is_chosen_with_its_key() -> None:
    assert priced("whisper", key="k-1").total_minor == 40_00


@pytest.mark.parametrize("key", ["", "k-2"])
def test_without_its_key_a_secret_tier_is_as_if_it_did_not_exist(key: str) -> None:
    with pytest.raises(BadInput) as secret:
        priced("whisper", key=key)
    with pytest.raises(BadInput) as unknown:
        priced("nothing", key=key)
    assert str(secret.value).replace("whisper", "nothing") == str(unknown.value)


def test_who_holds_a_secret_tier_needs_no_key_for_it() -> None:
    assert priced("whisper", whisper=replace(WHISPER, mine=1)).total_minor == 40_00


def test_the_key_is_no_part_of_the_choice() -> None:
    assert Selection("lamp", 1, {}, 0, "US", "k-1") == Selection("lamp", 1, {}, 0, "US")


def test_a_locked_tier_waits_for_its_stretch_goal() -> None:
    locked = replace(LAMP, offer=Offer(None, 0, None, None, closed=False, locked=True))
    with pytest.raises(SoldOut, match="opens only when its stretch goal is reached"):
        priced("lamp", lamp=locked)
    assert priced("lamp", lamp=replace(locked, mine=1)).total_minor == 30_00


def test_a_closed_tier_is_closed_whether_or_not_a_goal_would_open_it() -> None:
    with pytest.raises(SoldOut, match="is not open now"):
        priced("lamp", lamp=replace(LAMP, offer=Offer(None, 0, None, None, closed=True, locked=True)))


def test_a_tier_whose_window_has_not_begun_is_not_open() -> None:
    later = Offer(None, 0, NOW + timedelta(seconds=1), None, closed=False)
    with pytest.raises(SoldOut, match="is not open now"):
        priced("lamp", lamp=replace(LAMP, offer=later))


def test_an_add_on_goes_only_with_its_tiers() -> None:
    for_boards = replace(BAG, goes_with=frozenset({"t-board"}))
    assert priced("board", bag=for_boards, with_bag=True).total_minor == 65_00
    with pytest.raises(BadInput, match="“A bag” does not go with “A lamp”") as refused:
        priced("lamp", bag=for_boards, with_bag=True)
    assert refused.value.field == "bag"


def test_an_add_on_without_tiers_goes_with_all() -> None:
    assert priced("lamp", with_bag=True).total_minor == 40_00


def test_a_secret_add_on_needs_its_key_too() -> None:
    secret = replace(BAG, secret_key="k-1")
    assert priced("lamp", bag=secret, with_bag=True, key="k-1").total_minor == 40_00
    with pytest.raises(BadInput, match="There is no reward"):
        priced("lamp", bag=secret, with_bag=True)


def test_before_a_country_is_chosen_it_is_asked_for_and_not_refused() -> None:
    with pytest.raises(BadInput, match="Choose a country: what sending “One board” costs") as asked:
        priced("board", country="")
    assert asked.value.field == "country"


def test_the_rate_of_a_region_counts_where_a_country_has_none() -> None:
    sent = replace(BOARD, rates={"eu": Rate(9_00, 2_00), "DE": Rate(4_00, 0)})
    assert priced("board", board=sent, country="DE").shipping_minor == 4_00
    assert priced("board", board=sent, country="FR", quantity=2).shipping_minor == 11_00
    with pytest.raises(BadInput, match="not sent to that country"):
        priced("board", board=sent, country="CH")


@pytest.mark.parametrize(("elsewhere", "quantity", "fits"), [(0, 3, True), (2, 1, True), (2, 2, False), (3, 1, False)])
def test_the_limit_of_one_backer_counts_the_other_pledges_of_the_address(
    elsewhere: int, quantity: int, *, fits: bool
) -> None:
    known = replace(BOARD, elsewhere=elsewhere)
    if fits:
        assert priced("board", board=known, quantity=quantity).tier_quantity == quantity
        return
    with pytest.raises(BadInput, match=f"3 times at most, .* would be {elsewhere + quantity}") as refused:
        priced("board", board=known, quantity=quantity)
    assert refused.value.field == "board"


def test_what_a_pledge_holds_already_may_stay_whatever_else_the_address_holds() -> None:
    assert priced("board", board=replace(BOARD, mine=2, elsewhere=3), quantity=2).tier_quantity == 2
