"""Amounts, dates and lengths of time as people write them, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fundlaunch import i18n
from fundlaunch.campaigns.launch_check import NotReady, Point
from fundlaunch.errors import BadInput
from fundlaunch.money import Money

END = datetime(2026, 12, 11, 10, 0, tzinfo=UTC)
NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "language", "running", "headline", "exact", "ledger"),
    [
        (Money(312_480_00, "USD"), "en", "$312,480", "$312,480", "$312,480.00", "312,480.00"),
        (Money(624_50, "USD"), "en", "$624.50", "$624", "$624.50", "624.50"),
        (Money(624_50, "USD"), "ko", "$624.50", "$624", "$624.50", "624.50"),
        (Money(-12_499_20, "USD"), "en", "−$12,499.20", "−$12,499", "−$12,499.20", "−12,499.20"),
        (Money(21_840_000, "KRW"), "ko", "21,840,000원", "21,840,000원", "21,840,000원", "21,840,000"),
        (Money(-5_000, "KRW"), "ko", "−5,000원", "−5,000원", "−5,000원", "−5,000"),
        (Money(168_000, "KRW"), "en", "₩168,000", "₩168,000", "₩168,000", "168,000"),
        (Money(1_005, "KWD"), "en", f"KWD{NO_BREAK}1.005", f"KWD{NO_BREAK}1", f"KWD{NO_BREAK}1.005", "1.005"),
        (Money(5, "USD"), "en", "$0.05", "$0", "$0.05", "0.05"),
        (Money(0, "USD"), "en", "$0", "$0", "$0.00", "0.00"),
        (Money(99_99, "EUR"), "ko", "€99.99", "€99", "€99.99", "99.99"),
        (Money(999_999_999_999_999, "USD"), "en", *["$9,999,999,999,999.99", "$9,999,999,999,999"],
         "$9,999,999,999,999.99", "9,999,999,999,999.99"),
    ],
)  # fmt: skip
def test_amounts(amount: Money, language: str, running: str, headline: str, exact: str, ledger: str) -> None:
    assert i18n.money(amount, language) == running
    assert i18n.money_headline(amount, language) == headline
    assert i18n.money_exact(amount, language) == exact
    assert i18n.ledger(amount) == ledger


def test_a_sum_of_nine_characters_steps_down_a_size() -> None:
    assert not i18n.money_parts(Money(312_480_00, "USD"), "en", 0).is_long
    assert i18n.money_parts(Money(21_840_000, "KRW"), "ko", 0).is_long


@pytest.mark.parametrize(("percent", "written"), [(0, "0 %"), (99, "99 %"), (742, "742 %"), (2_000_000, "2,000,000 %")])
def test_a_percentage_is_never_clipped_and_never_broken(percent: int, written: str) -> None:
    assert i18n.percent(percent, "en") == written.replace(" ", NO_BREAK)


def test_korean_sets_the_percent_sign_close_to_its_figure() -> None:
    assert i18n.percent(64, "ko") == "64%"


@pytest.mark.parametrize(
    ("language", "zone", "written"),
    [
        ("en", "Asia/Shanghai", "Friday 11 December 2026, 18:00"),
        ("ko", "Asia/Seoul", "2026년 12월 11일(금) 19:00"),
        ("en", "America/Los_Angeles", "Friday 11 December 2026, 02:00"),
    ],
)
def test_moments(language: str, zone: str, written: str) -> None:
    assert i18n.moment(END, language, zone) == written


def test_a_moment_names_its_place() -> None:
    assert i18n.moment_named(END, "en", "America/New_York") == "Friday 11 December 2026, 05:00 in New York"
    assert i18n.moment_named(END, "en", "UTC") == "Friday 11 December 2026, 10:00 UTC"
    assert "서울" in i18n.moment_named(END, "ko", "Asia/Seoul")


def test_a_day_is_the_day_of_its_place() -> None:
    late = datetime(2026, 12, 11, 23, 30, tzinfo=UTC)
    assert i18n.day(late, "en", "UTC") == "11 December 2026"
    assert i18n.day(late, "ko", "Asia/Seoul") == "2026년 12월 12일"
    assert i18n.day_short(late, "en", "Asia/Seoul") == "12 Dec"


def test_an_hour_that_comes_twice_is_told_apart_for_machines() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert i18n.machine_time(first, "Europe/Berlin") == "2026-10-25T02:30+02:00"
    assert i18n.machine_time(first + timedelta(hours=1), "Europe/Berlin") == "2026-10-25T02:30+01:00"


def test_months_countries_and_lists() -> None:
    assert i18n.month(date(2027, 5, 1), "en") == "May 2027"
    assert i18n.month(date(2027, 5, 1), "ko") == "2027년 5월"
    assert i18n.country("KR", "en") == "South Korea"
    assert i18n.country("KR", "ko") == "대한민국"
    assert i18n.country("QQ", "en") == "QQ"
    assert i18n.listed(["black", "bone", "blue"], "en") == "black, bone and blue"
    assert [code for code, _ in i18n.countries(["ZW", "AX", "AF"], "en")] == ["AF", "AX", "ZW"]


@pytest.mark.parametrize(
    ("left", "figure", "phrase"),
    [
        (timedelta(days=18, hours=5), "18", "18 days left"),
        (timedelta(days=2), "2", "2 days left"),
        (timedelta(hours=47, minutes=59), "47", "47 hours left"),
        (timedelta(hours=1), "1", "1 hour left"),
        (timedelta(minutes=59), "59", "59 minutes left"),
        (timedelta(seconds=59), "0", "0 minutes left"),
        (timedelta(days=-3), "0", "0 minutes left"),
        (timedelta(days=1_200), "1,200", "1,200 days left"),
    ],
)
def test_time_left(left: timedelta, figure: str, phrase: str) -> None:
    found = i18n.time_left(END - left, END, "en")
    assert (found.figure, found.phrase) == (figure, phrase)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr;q=1, ko;q=0.2", "ko"),
        ("ko;q=0", "en"),
        ("ko;q=nonsense", "en"),
        ("ko;q=1e9", "en"),
        ("ko;q=٠", "en"),
        ("", "en"),
        ("*", "en"),
        (",;=,ko;;q", "ko"),
        ("x," * 5000 + "ko", "en"),
    ],
)
def test_the_browsers_languages_are_weighed(header: str, language: str) -> None:
    assert i18n.negotiated(header) == language


def test_a_sentence_is_filled_with_what_was_typed_and_nothing_else() -> None:
    error = BadInput("“{typed}” is not an amount.", typed="{0.__class__}")
    assert i18n.sentence("en", error) == "“{0.__class__}” is not an amount."


def test_missing_texts_come_from_the_main_language() -> None:
    texts = {"en": {"title": "Lamp", "blurb": "Woven"}, "ko": {"title": "등", "blurb": ""}}
    assert i18n.texts_in(texts, "ko", "en") == {"title": "등", "blurb": "Woven"}
    assert i18n.texts_in(texts, "fr", "en") == {"title": "Lamp", "blurb": "Woven"}


def test_sentences_inside_a_sentence_are_translated_with_it() -> None:
    error = NotReady((Point("creator", "Say who you are.", "", is_done=False),))
    assert str(error) == "The campaign is not ready to launch: Say who you are."
    assert i18n.sentence("en", error) == str(error)
    korean = i18n.sentence("ko", error)
    assert korean != str(error)
    assert "Say who you are." not in korean
