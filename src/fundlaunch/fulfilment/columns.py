"""What a preset is made of: columns, and the forms their cells are written in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from fundlaunch.fulfilment import cells
from fundlaunch.fulfilment.rows import BackerRow, Catalogue, ListKind
from fundlaunch.money import Money

Line = TypeVar("Line")
Cell = str | int | Decimal | Money | datetime | None
"""A value before it is written; None is an empty cell of any kind."""


class Kind(StrEnum):
    """What a column holds, so that a spreadsheet shows it rightly. Postcodes and tracking numbers are text."""

    TEXT = "text"
    PHONE = "phone"
    COUNT = "count"
    DECIMAL = "decimal"
    MONEY = "money"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column(Generic[Line]):
    """One column: its header and what it takes out of a line. `is_personal` columns can be left out of a list."""

    header: str
    cell: Callable[[Line], Cell]
    kind: Kind = Kind.TEXT
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class Forms:
    """How money and times are written. Formats with `number_` are those of a spreadsheet's typed cells.

    `has_zone`: times are shown on the clocks of the campaign's zone, else in UTC. `mark` opens a CSV file.
    """

    money: Callable[[Money], str]
    money_number: Callable[[str, int], str]
    time: Callable[[datetime, str], str]
    time_number: str
    has_zone: bool
    mark: bytes = b""


PLAIN = Forms(
    money=cells.money_plain,
    money_number=lambda _, decimals: "0" + ("." + "0" * decimals if decimals else ""),
    time=cells.time_iso,
    time_number="yyyy-mm-dd hh:mm:ss",
    has_zone=False,
)


@dataclass(frozen=True)
class Preset(Generic[Line]):
    """One shape of list: its columns for a catalogue, and the lines it makes of the pledges."""

    kind: ListKind
    name: str
    columns: Callable[[Catalogue], Sequence[Column[Line]]]
    lines: Callable[[Iterable[BackerRow], Catalogue], Iterator[Line]]
    forms: Forms = PLAIN


AnyPreset = Preset[Any]
AnyColumn = Column[Any]


def distinct(columns: Iterable[Column[Line]]) -> list[Column[Line]]:
    """The same columns; a header that was there before gets a number, since tools tell columns by their names."""
    taken: set[str] = set()
    found = []
    for column in columns:
        header, count = cells.text(column.header), 1
        while header.casefold() in taken:
            count += 1
            header = f"{cells.text(column.header)} ({count})"
        taken.add(header.casefold())
        found.append(replace(column, header=header))
    return found
