"""docs/rules.md read as tables: every row is a rule, and its last cell names the tests that prove it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fundlaunch.campaigns.states import CAMPAIGN
from fundlaunch.lifecycle import Lifecycle
from fundlaunch.payments.states import CHECKOUT, PAYMENT, REFUND
from fundlaunch.pledges.states import PLEDGE
from tests.project.tree import ROOT

PAGE = ROOT / "docs" / "rules.md"
LIVES = {life.name: life for life in (CAMPAIGN, PLEDGE, PAYMENT, CHECKOUT, REFUND)}
PROOF = "test"
"""The heading of the last column of every table."""

_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_CODE = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"#{2,3} (?:\d+\. )?(.+)")
_RULER = re.compile(r"[-| :]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the heading it stands under, its line in the page, and its cells by the heading of their column."""

    heading: str
    line: int
    cells: dict[str, str] = field(hash=False)

    @property
    def tests(self) -> list[tuple[str, str]]:
        """File and name of each test that proves it."""
        return [(found[1], found[2]) for found in _TEST.finditer(self.cells.get(PROOF, ""))]

    def codes(self, column: str) -> list[str]:
        """What stands in backticks in a cell."""
        return _CODE.findall(self.cells.get(column, ""))


def rules(page: str) -> Iterator[Rule]:
    """Every row of every table of a page, in order."""
    heading, columns = "", list[str]()
    for number, line in enumerate(page.splitlines(), start=1):
        if found := _HEADING.fullmatch(line):
            heading = found[1]
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not columns:
            columns = cells
        elif not _RULER.fullmatch(line):
            yield Rule(heading, number, dict(zip(columns, cells, strict=True)))


def moves(page: str, life: str) -> dict[tuple[str, str], str]:
    """State and event, and the state they lead to, as the table of a life says it."""
    found: dict[tuple[str, str], str] = {}
    for rule in rules(page):
        if rule.heading.casefold() == life and "to" in rule.cells:
            (after,) = rule.codes("to")
            found |= {(before, event): after for before in rule.codes("from") for event in rule.codes("event")}
    return found


def repeats(page: str, life: str) -> set[tuple[str, str]]:
    """State and event that change nothing, as the table of a life's repeats says it."""
    return {
        (before, event)
        for rule in rules(page)
        if rule.heading.casefold() == life and "said again" in rule.cells
        for before in rule.codes("state")
        for event in rule.codes("said again")
    }


def pairs(life: Lifecycle) -> list[tuple[str, str]]:  # type: ignore[type-arg]  # any life, of any states
    """Every state of a life with every event of it."""
    (state, event), _ = next(iter(life.moves.items()))
    return [(before.value, what.value) for before in type(state) for what in type(event)]


def move(life: Lifecycle, before: str, event: str) -> str:  # type: ignore[type-arg]  # as above
    """Where the code leads from a state; raises IllegalMove."""
    (state, kind), _ = next(iter(life.moves.items()))
    return str(life.move(type(state)(before), type(kind)(event)).value)
