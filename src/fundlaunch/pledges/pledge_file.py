"""Pledges as a file (CSV) for a rehearsal: what backers do, in order of time. docs/pledges-csv.md tells the columns.

Pure but for `read`: rows in, entries and every mistake with its line out.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from fundlaunch.campaigns.bounds import SLUG, nearest
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import parse_amount
from fundlaunch.people.rules import email_key
from fundlaunch.pledges.rules import Selection

LIMIT_BYTES = 64_000_000
UNITS_LIMIT = 1_000
MISTAKES_SHOWN = 20

ADDRESS = ("line1", "line2", "city", "district", "state", "postcode")
"""Columns of the address; what a country needs of them is checked where the address is kept."""

COLUMNS = (
    *("time", "email", "name", "country"),
    *ADDRESS,
    *("tier", "quantity", "add_ons", "bonus", "event", "card"),
)

_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)

Found = TypeVar("Found")
Word = TypeVar("Word", bound=StrEnum)


class Event(StrEnum):
    PLEDGE = "pledge"
    CHANGE = "change"
    CANCEL = "cancel"


class Card(StrEnum):
    """A test card of the simulator, by what it does when it is charged."""

    OK = "ok"
    DECLINES = "declines"
    CONFIRMS = "confirms"
    INSUFFICIENT = "insufficient"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `at` is aware, in UTC; `email_key` is what two spellings of one address share.

    `address` is by column, all '' if none is given.
    """

    line: int
    at: datetime
    email: str
    email_key: str
    name: str
    event: Event
    card: Card
    selection: Selection
    address: Mapping[str, str]

    @property
    def has_address(self) -> bool:
        return any(self.address.values())


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, in the line of the file where its row begins."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class BadPledgeFile(BadInput):
    """A pledge file with mistakes; `mistakes` are all of them, in the order of the file."""

    def __init__(self, name: str, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(
            N_("{name} has a mistake: {listed}") if len(mistakes) == 1 else N_("{name} has {count} mistakes: {listed}"),
            name=name,
            count=len(mistakes),
            listed="; ".join(map(str, mistakes[:MISTAKES_SHOWN])),
        )


def read(path: Path, currency: str) -> list[Entry]:
    """The entries of a file in order of time; raises BadPledgeFile with every mistake."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise BadPledgeFile(path.name, [Mistake(1, f"The file is larger than {LIMIT_BYTES // 1_000_000} MB.")])
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise BadPledgeFile(path.name, [Mistake(1, f"The file cannot be read ({reason}). Check its name.")]) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadPledgeFile(path.name, [Mistake(line, "This is not text in UTF-8. Save the file as UTF-8.")]) from error
    entries, mistakes = parse(text, currency)
    if mistakes:
        raise BadPledgeFile(path.name, mistakes)
    return entries


def parse(text: str, currency: str) -> tuple[list[Entry], list[Mistake]]:
    """Entries in order of time, and every mistake in order of lines; amounts are of `currency`."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    try:
        header = next(rows, [])
        mistakes += _header(header)
        if mistakes:
            return [], mistakes
        start = rows.line_num + 1
        for cells in rows:
            if any(cells):
                _row(start, header, cells, currency, entries, mistakes)
            start = rows.line_num + 1
    except csv.Error as error:
        mistakes.append(Mistake(rows.line_num, f"The file is not CSV here: {error}."))
    entries.sort(key=lambda entry: entry.at)
    mistakes += _out_of_order(entries)
    return entries, sorted(mistakes, key=lambda mistake: mistake.line)


def _header(header: list[str]) -> Iterator[Mistake]:
    for name in header:
        if name not in COLUMNS:
            near = nearest(name, COLUMNS)
            hint = f" Did you mean “{near}”?" if near else ""
            yield Mistake(1, f"“{name[:60]}” is not a column FundLaunch knows.{hint}")
    missing = [name for name in COLUMNS if name not in header and name not in ADDRESS]
    if missing:
        yield Mistake(1, f"Columns are missing: {', '.join(missing)}.")
    if len(set(header)) < len(header):
        yield Mistake(1, "A column stands there twice.")


def _row(
    line: int, header: list[str], cells: list[str], currency: str, entries: list[Entry], mistakes: list[Mistake]
) -> None:
    if len(cells) != len(header):
        mistakes.append(Mistake(line, f"This row has {len(cells)} cells; the header has {len(header)}."))
        return
    cell = dict(zip(header, (text.strip() for text in cells), strict=True))
    found: list[str] = []
    at = _try(found, lambda: _time(cell["time"]))
    key = _try(found, lambda: email_key(cell["email"]))
    event = _try(found, lambda: _word(cell["event"], Event, "event"))
    card = _try(found, lambda: _word(cell["card"] or Card.OK.value, Card, "card"))
    selection = _try(found, lambda: _selection(cell, currency))
    mistakes += [Mistake(line, sentence) for sentence in found]
    if at is None or key is None or event is None or card is None or selection is None:
        return
    address = {name: cell.get(name, "") for name in ADDRESS}
    entries.append(Entry(line, at, cell["email"], key, cell["name"], event, card, selection, address))


def _try(sentences: list[str], look: Callable[[], Found]) -> Found | None:
    """What `look` finds; its complaint is added to the sentences."""
    try:
        return look()
    except BadInput as error:
        sentences.append(str(error))
        return None


def _time(typed: str) -> datetime:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - naive, so that the next line refuses it with the same sentence
    if found.tzinfo is None:
        raise BadInput(
            N_("“{typed}” is not a time with its offset. Write one such as 2026-11-11T10:00:42Z."), typed=typed[:40]
        )
    return found.astimezone(UTC)


def _word(typed: str, words: type[Word], column: str) -> Word:
    known = [word.value for word in words]
    if typed not in known:
        near = nearest(typed, known)
        raise BadInput(
            N_("“{typed}” is not a known {column}. Use one of: {known}.{near}"),
            typed=typed[:40],
            column=column,
            known=", ".join(known),
            near=f" Did you mean “{near}”?" if near else "",
        )
    return words(typed)


def _selection(cell: Mapping[str, str], currency: str) -> Selection:
    country = cell["country"]
    if country and country not in all_countries():
        raise BadInput(
            N_("“{typed}” is not a country code. Use two capital letters of ISO 3166, such as DE or KR."),
            typed=country[:20],
        )
    tier = cell["tier"] or None
    if tier is not None and not SLUG.fullmatch(tier):
        raise BadInput(N_("“{typed}” is not the short name of a tier."), typed=tier[:60])
    quantity = _count(cell["quantity"] or "1", "quantity")
    bonus = parse_amount(cell["bonus"] or "0", currency)
    return Selection(tier, quantity if tier else 0, _add_ons(cell["add_ons"]), bonus.minor, country)


def _add_ons(typed: str) -> dict[str, int]:
    """'spare-tyres:2;shoulder-bag:1' as units by slug."""
    found: dict[str, int] = {}
    for part in filter(None, typed.split(";")):
        slug, _, units = part.strip().partition(":")
        if not SLUG.fullmatch(slug) or slug in found:
            raise BadInput(
                N_("“{typed}” is not a list of add-ons. Write each once as name:units, such as spare-tyres:2;bag:1."),
                typed=typed[:60],
            )
        found[slug] = _count(units, "add_ons")
    return found


def _count(typed: str, column: str) -> int:
    if not _COUNT.fullmatch(typed) or not 1 <= int(typed) <= UNITS_LIMIT:
        raise BadInput(
            N_("“{typed}” is not a number of units in “{column}”. Write a whole number from 1 to {most}."),
            typed=typed[:40],
            column=column,
            most=UNITS_LIMIT,
        )
    return int(typed)


def _out_of_order(entries: Iterable[Entry]) -> Iterator[Mistake]:
    """A pledge once for each address; changes and cancellations only of a pledge that stands."""
    standing: set[str] = set()
    for entry in entries:
        key = entry.email_key
        if entry.event is Event.PLEDGE:
            if key in standing:
                yield Mistake(entry.line, f"{entry.email} has a pledge already. Write “change” to change it.")
            standing.add(key)
        elif key not in standing:
            yield Mistake(
                entry.line, f"{entry.email} has no pledge at this time, so there is nothing to {entry.event}."
            )
        elif entry.event is Event.CANCEL:
            standing.discard(key)
