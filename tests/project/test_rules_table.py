"""docs/rules.md says what the code says, and every rule there names tests that exist."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from fundlaunch.campaigns.edits import EDITABLE, EditPhase
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.money import EXPONENTS, MINIMUM_CHARGE_MINOR, MOST_PLEDGE_MINOR, Money
from tests.project.tree import ROOT
from tests.rulebook import LIVES, PAGE, PROOF, moves, repeats, rules

TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = range(1, 9)
A_TEST = "`tests/rules/test_rules_of_lives.py::test_each_step_of_a_life_leads_where_the_table_says`"


def test_every_rule_names_tests_that_exist() -> None:
    assert list(unproved(TEXT)) == []
    assert sum(1 for _ in rules(TEXT)) > 200


def test_every_step_of_every_life_is_in_the_table_and_no_other() -> None:
    assert {life: moves(TEXT, life) for life in LIVES} == steps_of_the_code()
    assert {life: repeats(TEXT, life) for life in LIVES} == repeats_of_the_code()


def test_every_field_and_the_phases_in_which_it_may_change_are_in_the_table() -> None:
    assert fields_in(TEXT) == {name: set(phases) for name, phases in EDITABLE.items()}


def test_every_number_of_the_policy_is_in_the_table_with_its_default() -> None:
    assert defaults_in(TEXT) == dict(numbers(POLICY))


def test_every_currency_is_in_the_table_with_its_digits_and_bounds() -> None:
    assert currencies_in(TEXT) == {
        currency: (
            str(EXPONENTS[currency]),
            Money(least, currency).plain(),
            Money(MOST_PLEDGE_MINOR[currency], currency).plain(),
        )
        for currency, least in MINIMUM_CHARGE_MINOR.items()
    }


def test_the_sections_have_the_numbers_that_the_code_speaks_of() -> None:
    heads = [line.split(".")[0].removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")]
    assert heads == [str(number) for number in SECTIONS]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("| A rule. | |", "no test"),
        ("| A rule. | tests/rules/test_money.py::test_two_currencies_never_add_up |", "no test"),
        ("| A rule. | `tests/rules/test_money.py::test_nothing` |", "test_nothing is not there"),
        ("| A rule. | `tests/rules/test_nothing.py::test_two_currencies_never_add_up` |", "is not there"),
        ("| A rule. | `tests/cast.py::crowd` |", "crowd is not there"),
        (f"| A rule. | {A_TEST}<br>`tests/rules/test_money.py::test_nothing` |", "test_nothing is not there"),
    ],
    ids=["none", "not in backticks", "no such test", "no such file", "no test at all", "the second of two"],
)
def test_a_rule_without_proof_is_found(row: str, complaint: str) -> None:
    (found,) = unproved(f"## 1. Rules\n\n| rule | {PROOF} |\n|---|---|\n{row}\n")
    assert found.startswith("5: ")
    assert complaint in found


def test_a_table_without_a_column_for_tests_is_found() -> None:
    assert list(unproved("| rule |\n|---|\n| A rule. |\n")) == ["3: no test"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| `live` | `deadline_met` | `successful` |", "| `live` | `deadline_met` | `failed` |"),
        ("| `preauth` | `card_saved` | `pledged` |", "| `preauth` | `card_saved_too_late` | `pledged` |"),
        ("| `canceled` | `record_removed` |", "| `canceled` | `recorded` |"),
        ("`goal_minor`, ", ""),
        ("`hold` | 35 minutes", "`hold` | 36 minutes"),
        ("`tags` | 10", "`tag` | 10"),
        ("| `KRW` | 0 |", "| `KRW` | 2 |"),
    ],
)
def test_a_row_that_says_something_else_than_the_code_is_found(old: str, new: str) -> None:
    changed = TEXT.replace(old, new)
    assert changed != TEXT
    assert what_it_says(changed) != what_it_says(TEXT)


def what_it_says(page: str) -> tuple[object, ...]:
    """Everything of a page that is compared with the code."""
    lives = [(moves(page, life), repeats(page, life)) for life in LIVES]
    return lives, fields_in(page), defaults_in(page), currencies_in(page)


def unproved(page: str) -> Iterator[str]:
    """Line and complaint for each rule without a test, and for each test that is not there."""
    for rule in rules(page):
        if not rule.tests:
            yield f"{rule.line}: no test"
        for file, name in rule.tests:
            if name not in names_of(file):
                yield f"{rule.line}: {file}::{name} is not there"


@cache
def names_of(file: str) -> frozenset[str]:
    """The names of the tests that pytest finds in a file."""
    path = ROOT / file
    if not path.is_file() or not Path(file).name.startswith("test_"):
        return frozenset()
    found = ast.parse(path.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def steps_of_the_code() -> Mapping[str, dict[tuple[str, str], str]]:
    return {
        name: {(str(before), str(event)): str(after) for (before, event), after in life.moves.items()}
        for name, life in LIVES.items()
    }


def repeats_of_the_code() -> Mapping[str, set[tuple[str, str]]]:
    return {name: {(str(state), str(event)) for state, event in life.harmless} for name, life in LIVES.items()}


def fields_in(page: str) -> dict[str, set[EditPhase]]:
    """The fields of the table of edits, with the phases in which the page says yes."""
    return {
        name: {phase for phase in EditPhase if rule.cells[phase.value] == "yes"}
        for rule in rules(page)
        if EditPhase.ENDED.value in rule.cells
        for name in rule.codes("field")
    }


def defaults_in(page: str) -> dict[str, str]:
    return {name: rule.cells["default"] for rule in rules(page) for name in rule.codes("number")}


def currencies_in(page: str) -> dict[str, tuple[str, str, str]]:
    return {
        name: (rule.cells["digits"], rule.cells["least"], rule.cells["most"])
        for rule in rules(page)
        for name in rule.codes("currency")
    }


def numbers(policy: object, before: str = "") -> Iterator[tuple[str, str]]:
    """Every number of a policy by its name, those of its parts behind a point, as the page writes it."""
    assert is_dataclass(policy)
    for field in fields(policy):
        value = getattr(policy, field.name)
        if is_dataclass(value):
            yield from numbers(value, f"{before}{field.name}.")
        else:
            yield before + field.name, written(value)


def written(value: object) -> str:
    if isinstance(value, tuple):
        return " to ".join(map(str, value))
    if not isinstance(value, timedelta):
        return str(value)
    if value.days > WHOLE_DAYS_FROM:
        return f"{value.days} days"
    hours, minutes = divmod(int(value.total_seconds()) // 60, 60)
    return f"{minutes} minutes" if minutes else f"{hours} hours"


WHOLE_DAYS_FROM = 2
"""Up to two days people count the hours."""
