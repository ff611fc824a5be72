"""One table of a campaign file, read key by key; what does not fit is noted with its place, and reading goes on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from fundlaunch.campaigns.bounds import nearest
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.toml_places import Path
from fundlaunch.errors import N_, BadInput
from fundlaunch.money import MINIMUM_CHARGE_MINOR, parse_amount
from fundlaunch.web.forms import clean, plain

Word = TypeVar("Word", bound=StrEnum)
Found = TypeVar("Found")

FALL_BACK_CURRENCY = "USD"
"""Amounts beside an unknown currency are still read, so that their own mistakes are found in the same pass."""


@dataclass(frozen=True, slots=True)
class Note:
    """A mistake before its place is known. `at_key` tells the key's place from the value's."""

    path: Path
    error: BadInput
    suggestion: str = ""
    at_key: bool = False


@dataclass(slots=True)
class Notes:
    """The mistakes found so far, and what every table must know: the file's languages and currency."""

    found: list[Note] = field(default_factory=list)
    language: str = "en"
    languages: tuple[str, ...] = ("en",)
    currency: str = FALL_BACK_CURRENCY

    def add(self, path: Path, sentence: str, *, suggestion: str = "", at_key: bool = False, **values: Any) -> None:
        self.found.append(Note(path, BadInput(sentence, **values), suggestion, at_key))

    def covers(self, path: Path) -> bool:
        """True if something is noted already for this place, for one around it or for one inside it."""
        return any(
            note.path == path[: len(note.path)] or path == note.path[: len(path)]
            for note in self.found
            if not note.at_key
        )


class Table:
    """A table and the keys that were asked for; `close` notes the keys nobody knows."""

    def __init__(self, found: Mapping[str, Any], path: Path, notes: Notes) -> None:
        self._found = found
        self._known: list[str] = []
        self.path = path
        self.notes = notes

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """A line of text, composed and without control characters."""
        value = self._value(key, required=required)
        if value is None:
            return default
        if isinstance(value, str):
            return clean(value)
        self._note(key, N_("“{key}” must be text in quotation marks."))
        return default

    def count(self, key: str, default: int) -> int:
        """A whole number."""
        found = self.optional_count(key)
        return default if found is None else found

    def whole(self, key: str) -> int:
        """A whole number that must be there; 0 if it is missing or wrong."""
        return self.optional_count(key, required=True) or 0

    def optional_count(self, key: str, *, required: bool = False) -> int | None:
        """A whole number, or None if it is not stated."""
        value = self._value(key, required=required)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._note(key, N_("“{key}” must be a whole number without quotation marks."))
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._value(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._note(key, N_("“{key}” must be true or false."))
        return default

    def amount(self, key: str, *, required: bool = True) -> int:
        """An amount in minor units of the file's currency; 0 if it is missing or wrong."""
        value = self._value(key, required=required)
        return 0 if value is None else self._amount((*self.path, key), value)

    def optional_amount(self, key: str) -> int | None:
        """An amount, or None if it is not stated."""
        value = self._value(key)
        return None if value is None else self._amount((*self.path, key), value)

    def choice(self, key: str, words: type[Word], default: Word) -> Word:
        value = self._value(key)
        if value is None:
            return default
        known = [word.value for word in words]
        if isinstance(value, str) and value in known:
            return words(value)
        self._note(
            key, N_("“{key}” must be one of: {known}."), suggestion=meant(str(value), known), known=", ".join(known)
        )
        return default

    def wall_time(self, key: str) -> datetime | None:
        """A date and time on the clocks of the campaign's zone, so without an offset of its own."""
        value = self._value(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = time()
        if value is None or (isinstance(value, datetime) and value.tzinfo is None):
            return value
        if isinstance(value, datetime):
            self._note(key, N_("Write “{key}” without an offset: it is a time on the clocks of “timezone”."))
        else:
            self._note(key, N_("“{key}” must be a date and a time, such as 2026-12-11T18:00:00."))
        return None

    def words(self, key: str, *, required: bool = False) -> dict[str, str]:
        """A text by language: a table of them, or one text for the main language."""
        return {language: clean(text) for language, text in self.long_words(key, required=required).items()}

    def long_words(self, key: str, *, required: bool = False) -> dict[str, str]:
        """The same for texts of several lines."""
        value = self._value(key, required=required)
        if value is None:
            return {}
        by_language = {self.notes.language: value} if isinstance(value, str) else value
        if not isinstance(by_language, dict):
            self._note(key, N_("“{key}” must be text, or a table with a text for each language."))
            return {}
        return {
            language: clean_lines(text) for language, text in by_language.items() if self._fits(key, language, text)
        }

    def strings(self, key: str) -> list[str]:
        """A list of words."""
        value = self._value(key)
        if value is None or (isinstance(value, list) and all(isinstance(part, str) for part in value)):
            return [clean(part) for part in value or []]
        self._note(key, N_('“{key}” must be a list of texts, such as ["en", "ko"].'))
        return []

    def table(self, key: str) -> "Table | None":
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, dict):
            return Table(value, (*self.path, key), self.notes)
        self._note(key, N_("“{key}” must be a table."))
        return None

    def text_or_table(self, key: str, inner: str) -> "Table | None":
        """A table, or a text that stands for a table with the one key `inner`."""
        if isinstance(self._found.get(key), str):
            value = self._value(key)
            return Table({inner: value}, (*self.path, key), self.notes)
        return self.table(key)

    def tables(self, key: str) -> "list[Table]":
        """A list of tables, as [[key]] makes it."""
        value = self._value(key)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(part, dict) for part in value):
            return [Table(part, (*self.path, key, n), self.notes) for n, part in enumerate(value)]
        self._note(key, N_("Write each of “{key}” under a heading of its own: [[{key}]]."))
        return []

    def counts(self, key: str) -> dict[str, int]:
        """Whole numbers by name."""
        found = self.table(key)
        if found is None:
            return {}
        return {name: found.count(name, 1) for name in found.names()}

    def texts(self, key: str) -> dict[str, str]:
        """Texts by name, where the names are no languages."""
        found = self.table(key)
        if found is None:
            return {}
        return {name: found.text(name) for name in found.names()}

    def rates(self, key: str) -> dict[str, Rate]:
        """Shipping rates by country: an amount for every unit, or [first unit, each further unit]."""
        found = self.table(key)
        if found is None:
            return {}
        return {country: found.rate(country) for country in found.names()}

    def rate(self, key: str) -> Rate:
        path = (*self.path, key)
        value = self._value(key)
        if not isinstance(value, list):
            each = self._amount(path, value)
            return Rate(each, each)
        if len(value) != 2:
            self._note(key, N_('A rate is one amount, or two: ["first unit", "each further unit"].'))
            return Rate(0, 0)
        return Rate(self._amount((*path, 0), value[0]), self._amount((*path, 1), value[1]))

    def look(self, path: Path, look: Callable[[str], Found], name: str) -> Found | None:
        """What `look` finds for a name, such as a file's; its complaint is noted at `path`."""
        try:
            return look(name)
        except BadInput as error:
            self.notes.found.append(Note(path, error))
            return None

    def names(self) -> list[str]:
        return list(self._found)

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._found:
            if key not in self._known:
                self.notes.add(
                    (*self.path, key),
                    N_("“{key}” is not a key FundLaunch knows here."),
                    suggestion=meant(key, self._known),
                    at_key=True,
                    key=key[:60],
                )

    def _value(self, key: str, *, required: bool = False) -> Any:
        self._known.append(key)
        if key not in self._found and required:
            self._note(key, N_("“{key}” is missing here."))
        return self._found.get(key)

    def _note(self, key: str, sentence: str, *, suggestion: str = "", **values: Any) -> None:
        self.notes.add((*self.path, key), sentence, suggestion=suggestion, key=key[:60], **values)

    def _amount(self, path: Path, value: object) -> int:
        if isinstance(value, Decimal):
            self.notes.add(
                path,
                N_('Write an amount in quotation marks, such as "499.00": a number with a point is not exact.'),
            )
            return 0
        currency = self.notes.currency if self.notes.currency in MINIMUM_CHARGE_MINOR else FALL_BACK_CURRENCY
        try:
            return parse_amount(value if isinstance(value, str) else _digits(value), currency).minor
        except BadInput as error:
            self.notes.found.append(Note(path, error))
            return 0

    def _fits(self, key: str, language: str, text: object) -> bool:
        path = (*self.path, key, language)
        if language not in self.notes.languages:
            self.notes.add(
                path,
                N_("“{typed}” is not among the languages of this file: {known}."),
                suggestion=meant(language, self.notes.languages),
                at_key=True,
                typed=language[:20],
                known=", ".join(self.notes.languages),
            )
            return False
        if not isinstance(text, str):
            self.notes.add(path, N_("“{key}” must be text in quotation marks."), key=key)
            return False
        return True


def meant(word: str, known: Iterable[str]) -> str:
    """'Did you mean “...”?' for a word that is nearly a known one, else ''."""
    found = nearest(word, known)
    return f"Did you mean “{found}”?" if found else ""


def clean_lines(text: str) -> str:
    """Text of several lines: plain, as the forms keep it, with plain line ends and nothing blank around it."""
    return "\n".join(map(plain, text.replace("\r\n", "\n").split("\n"))).strip()


def _digits(value: object) -> str:
    """A whole number as it would be typed; everything else in a form that no amount has."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20
    return str(value) if is_number else f"<{type(value).__name__}>"
