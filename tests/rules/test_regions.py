"""Regions for shipping rates: every country lies in one continent, and the nearest rate counts."""

import pytest

from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.regions import EUROPEAN_UNION, REGIONS, regions_of
from fundlaunch.campaigns.rules import ELSEWHERE, Rate, shipping_rate
from fundlaunch.campaigns.states import Shipping

COUNTRY, UNION, EUROPE, ASIA, ANYWHERE = (Rate(minor, minor) for minor in (100, 200, 300, 400, 500))
RATES = {"DE": COUNTRY, EUROPEAN_UNION: UNION, "europe": EUROPE, "asia": ASIA, ELSEWHERE: ANYWHERE}


def test_every_country_lies_in_exactly_one_continent() -> None:
    continents = {slug: countries for slug, countries in REGIONS.items() if slug != EUROPEAN_UNION}
    assert sum(map(len, continents.values())) == len(all_countries())
    assert frozenset().union(*continents.values()) == all_countries()


def test_the_european_union_is_its_27_members_all_of_them_in_europe() -> None:
    assert len(REGIONS[EUROPEAN_UNION]) == 27
    assert REGIONS[EUROPEAN_UNION] < REGIONS["europe"]
    assert not {"GB", "NO", "CH", "RE", "GP"} & REGIONS[EUROPEAN_UNION]


def test_the_regions_of_a_country_come_with_the_nearest_first() -> None:
    assert regions_of("DE") == (EUROPEAN_UNION, "europe")
    assert regions_of("NO") == ("europe",)
    assert regions_of("KR") == ("asia",)
    assert regions_of("XX") == ()


@pytest.mark.parametrize(
    ("country", "rate"),
    [("DE", COUNTRY), ("FR", UNION), ("NO", EUROPE), ("KR", ASIA), ("US", ANYWHERE), ("XX", ANYWHERE), ("", None)],
)
def test_the_nearest_rate_counts_country_then_union_then_continent_then_everywhere(
    country: str, rate: Rate | None
) -> None:
    assert shipping_rate(Shipping.WORLDWIDE, RATES, country) == rate


@pytest.mark.parametrize(
    ("country", "rate"), [("DE", COUNTRY), ("FR", UNION), ("NO", EUROPE), ("US", None), ("", None)]
)
def test_what_is_sent_to_some_places_goes_only_to_countries_and_regions_with_a_rate(
    country: str, rate: Rate | None
) -> None:
    assert shipping_rate(Shipping.SOME, RATES, country) == rate


def test_a_region_named_alone_is_enough() -> None:
    assert shipping_rate(Shipping.SOME, {"south-america": ASIA}, "BR") == ASIA
    assert shipping_rate(Shipping.SOME, {"south-america": ASIA}, "MX") is None


@pytest.mark.parametrize("shipping", [Shipping.NONE, Shipping.DIGITAL, Shipping.PICK_UP])
def test_what_is_not_sent_costs_nothing_anywhere(shipping: Shipping) -> None:
    assert shipping_rate(shipping, {}, "") == Rate(0, 0)
