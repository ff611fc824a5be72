"""Money: whole minor units, typed amounts, named rounding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundlaunch.errors import BadAmount
from fundlaunch.money import (
    EXPONENTS,
    GOAL_LIMIT_MINOR,
    MAXIMUM_CHARGE_MINOR,
    MINIMUM_CHARGE_MINOR,
    MOST_PLEDGE_MINOR,
    Money,
    check_pledge,
    parse_amount,
    percent_floored,
    share_half_up,
)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12", "USD", 1200),
        ("12.5", "USD", 1250),
        ("12.50", "USD", 1250),
        (" 0.01 ", "USD", 1),
        ("0", "USD", 0),
        ("12.500", "USD", 1250),
        ("21840000", "KRW", 21840000),
        ("21840000.00", "KRW", 21840000),
        ("1.234", "KWD", 1234),
        ("9999999999999.99", "USD", GOAL_LIMIT_MINOR - 1),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, currency: str, minor: int) -> None:
    assert parse_amount(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "typed",
    [
        "-1",
        "+1",
        "1e400",
        "NaN",
        "Infinity",
        "1,234.56",
        "1 234",
        "٣",
        "",
        ".",
        "1.",
        ".5",
        "0x10",
        "12.34.56",
        "$5",
        "１２",
    ],
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(BadAmount, match="is not an amount") as refused:
        parse_amount(typed, "USD", field="bonus")
    assert refused.value.field == "bonus"


def test_a_thousandth_of_a_cent_is_refused() -> None:
    with pytest.raises(BadAmount, match="finer than USD allows"):
        parse_amount("1.001", "USD")
    with pytest.raises(BadAmount, match="finer than KRW allows"):
        parse_amount("1.5", "KRW")
    with pytest.raises(BadAmount, match="is not an amount"):
        parse_amount("0.00001", "USD")


def test_an_amount_beyond_every_limit_is_refused() -> None:
    with pytest.raises(BadAmount, match="larger than any"):
        parse_amount("10000000000000", "USD")
    with pytest.raises(BadAmount, match="larger than any"):
        parse_amount("9" * 40, "USD")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(BadAmount, match="is not a currency a campaign can use"):
        parse_amount("1", "XXX")
    with pytest.raises(BadAmount, match="is not a currency a campaign can use"):
        Money(1, "XXX")


def test_money_is_never_a_fraction_or_a_truth_value() -> None:
    for wrong in (1.5, 1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(wrong, "USD")  # type: ignore[arg-type]  # that is what the test is about


def test_money_of_one_currency_adds_up_and_compares() -> None:
    one, two = Money(150, "EUR"), Money(250, "EUR")
    assert one + two == Money(400, "EUR")
    assert one - two == Money(-100, "EUR")
    assert one * 3 == Money(450, "EUR")
    assert -one == Money(-150, "EUR")
    assert one < two <= Money(250, "EUR")
    assert not two < one
    assert not two <= one
    assert bool(one)
    assert not Money(0, "EUR")


def test_two_currencies_never_add_up() -> None:
    with pytest.raises(TypeError, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")


@pytest.mark.parametrize(
    ("money", "plain"),
    [
        (Money(74273900, "USD"), "742739.00"),
        (Money(-50, "USD"), "-0.50"),
        (Money(5, "USD"), "0.05"),
        (Money(21840000, "KRW"), "21840000"),
        (Money(-1, "KRW"), "-1"),
        (Money(1234, "KWD"), "1.234"),
    ],
)
def test_money_is_written_with_every_decimal_of_its_currency(money: Money, plain: str) -> None:
    assert money.plain() == plain
    assert str(money) == f"{plain} {money.currency}"


@given(st.integers(0, GOAL_LIMIT_MINOR - 1), st.sampled_from(sorted(EXPONENTS)))
def test_what_money_writes_it_reads_again(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert parse_amount(money.plain(), currency) == money


def test_percent_funded_is_floored_and_never_clipped() -> None:
    assert percent_floored(799965, 800000) == 99
    assert percent_floored(800000, 800000) == 100
    assert percent_floored(74273900, 10000000) == 742
    assert percent_floored(2_000_000_00, 1_00) == 200_000_000


def test_a_share_is_rounded_half_away_from_zero() -> None:
    assert share_half_up(100_00, 29, 1000) == 290
    assert share_half_up(1, 1, 2) == 1
    assert share_half_up(-1, 1, 2) == -1
    assert share_half_up(1, 1, 3) == 0


def test_every_currency_of_a_campaign_has_an_exponent() -> None:
    assert set(MINIMUM_CHARGE_MINOR) <= set(EXPONENTS)


CURRENCIES = [
    # currency, digits behind the point, smallest charge, largest pledge, both as people read them
    ("USD", 2, 50, 2_500_000, "0.50 USD", "25000.00 USD"),
    ("EUR", 2, 50, 2_500_000, "0.50 EUR", "25000.00 EUR"),
    ("GBP", 2, 30, 2_000_000, "0.30 GBP", "20000.00 GBP"),
    ("KRW", 0, 1_000, 35_000_000, "1000 KRW", "35000000 KRW"),
    ("JPY", 0, 50, 4_000_000, "50 JPY", "4000000 JPY"),
    ("CAD", 2, 50, 3_500_000, "0.50 CAD", "35000.00 CAD"),
    ("AUD", 2, 50, 4_000_000, "0.50 AUD", "40000.00 AUD"),
    ("NZD", 2, 50, 4_000_000, "0.50 NZD", "40000.00 NZD"),
    ("CHF", 2, 50, 2_000_000, "0.50 CHF", "20000.00 CHF"),
    ("SEK", 2, 300, 25_000_000, "3.00 SEK", "250000.00 SEK"),
    ("NOK", 2, 300, 25_000_000, "3.00 NOK", "250000.00 NOK"),
    ("DKK", 2, 250, 17_500_000, "2.50 DKK", "175000.00 DKK"),
    ("SGD", 2, 50, 3_500_000, "0.50 SGD", "35000.00 SGD"),
    ("HKD", 2, 400, 20_000_000, "4.00 HKD", "200000.00 HKD"),
    ("MXN", 2, 1_000, 45_000_000, "10.00 MXN", "450000.00 MXN"),
    ("PLN", 2, 200, 10_000_000, "2.00 PLN", "100000.00 PLN"),
]


def test_a_campaign_can_use_sixteen_currencies() -> None:
    assert sorted(MINIMUM_CHARGE_MINOR) == sorted(MOST_PLEDGE_MINOR) == sorted(row[0] for row in CURRENCIES)


@pytest.mark.parametrize(("currency", "digits", "least", "most", "least_read", "most_read"), CURRENCIES)
def test_a_currency_has_its_digits_its_smallest_charge_and_its_largest_pledge(
    currency: str, digits: int, least: int, most: int, least_read: str, most_read: str
) -> None:
    assert (EXPONENTS[currency], MINIMUM_CHARGE_MINOR[currency], MOST_PLEDGE_MINOR[currency]) == (digits, least, most)
    assert (str(Money(least, currency)), str(Money(most, currency))) == (least_read, most_read)
    assert most <= MAXIMUM_CHARGE_MINOR
    finest = "1" if digits == 0 else "0." + "1".rjust(digits, "0")
    assert parse_amount(finest, currency) == Money(1, currency)
    with pytest.raises(BadAmount, match=f"finer than {currency} allows"):
        parse_amount("0." + "1".rjust(digits + 1, "0"), currency)


@pytest.mark.parametrize(("currency", "digits", "least", "most", "least_read", "most_read"), CURRENCIES)
def test_a_pledge_of_exactly_the_least_and_the_most_is_taken_and_one_beyond_is_refused(
    currency: str, digits: int, least: int, most: int, least_read: str, most_read: str
) -> None:
    check_pledge(least, currency)
    check_pledge(most, currency)
    for beyond in (least - 1, most + 1):
        with pytest.raises(BadAmount) as refused:
            check_pledge(beyond, currency, field="bonus")
        assert str(refused.value) == f"A pledge is at least {least_read} and at most {most_read}."
        assert refused.value.field == "bonus"


@pytest.mark.parametrize("currency", ["KWD", "BRL", "usd", "", "XXX"])
def test_any_other_currency_is_refused_with_the_list_of_those_a_campaign_can_use(currency: str) -> None:
    with pytest.raises(BadAmount) as refused:
        check_pledge(10_000, currency)
    assert str(refused.value) == (
        f"“{currency}” is not a currency a campaign can use. Use one of: AUD, CAD, CHF, DKK, EUR, GBP, HKD, JPY, KRW, "
        "MXN, NOK, NZD, PLN, SEK, SGD, USD."
    )
