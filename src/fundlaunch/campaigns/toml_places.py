"""Where each key and value of a TOML text stands, so that a mistake can be shown by line and column.

The text must be one that `tomllib` has read: this only follows it and knows nothing of values
(https://toml.io/en/v1.0.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BLANK = " \t\n"
_BARE_ENDS = ",]}\n#"


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets of keys and values by path, such as ("tiers", 2, "price")."""

    text: str
    keys: Mapping[Path, int]
    values: Mapping[Path, int]

    def of_value(self, path: Path) -> Place:
        """Where a value stands; for one that is missing, where the table stands that should have it."""
        while path and path not in self.values:
            path = path[:-1]
        return self._place(self.values.get(path, 0))

    def of_key(self, path: Path) -> Place:
        return self._place(self.keys[path]) if path in self.keys else self.of_value(path)

    def _place(self, offset: int) -> Place:
        before = self.text[:offset]
        return Place(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def places(text: str) -> Places:
    """Follow a TOML text whose line ends are plain line feeds."""
    follower = _Follower(text)
    follower.document()
    return Places(text, follower.keys, follower.values)


class _Follower:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}

    def document(self) -> None:
        prefix: Path = ()
        while self._skip_blank():
            if self.text[self.at] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _skip_blank(self) -> bool:
        """Go past blanks, line ends and comments; False at the end of the text."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in _BLANK:
                self.at += 1
            else:
                return True
        return False

    def _header(self) -> Path:
        start = self.at
        is_list = self.text.startswith("[[", start)
        self.at += 2 if is_list else 1
        words = self._dotted()
        self.at += 2 if is_list else 1
        *parents, last = words
        path = (*self._resolved(tuple(parents)), last)
        self.keys.setdefault(path, start)
        if is_list:
            self.tables[path] = self.tables.get(path, -1) + 1
            path += (self.tables[path],)
        self.values.setdefault(path[:1], start)
        self.values[path] = start
        return path

    def _resolved(self, words: tuple[str, ...]) -> Path:
        """A header's path with the number of the newest table where a list of tables stands."""
        path: Path = ()
        for word in words:
            path += (word,)
            if path in self.tables:
                path += (self.tables[path],)
        return path

    def _pair(self, prefix: Path) -> None:
        start = self.at
        path = prefix
        for word in self._dotted():
            path += (word,)
            self.keys.setdefault(path, start)
        self._skip_blank()
        self.at += 1
        self._skip_blank()
        for n in range(len(prefix) + 1, len(path)):
            self.values.setdefault(path[:n], start)
        self._value(path)

    def _dotted(self) -> list[str]:
        words = [self._word()]
        while self._skip_blank() and self.text[self.at] == ".":
            self.at += 1
            words.append(self._word())
        return words

    def _word(self) -> str:
        self._skip_blank()
        start = self.at
        if self.text[start] in "\"'":
            self._quoted()
            return self.text[start + 1 : self.at - 1]
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "-_"):
            self.at += 1
        return self.text[start : self.at]

    def _value(self, path: Path) -> None:
        self.values[path] = self.at
        first = self.text[self.at]
        if first in "\"'":
            self._quoted()
        elif first == "[":
            self._list(path)
        elif first == "{":
            self._inline(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in _BARE_ENDS:
                self.at += 1

    def _quoted(self) -> None:
        mark = self.text[self.at]
        fence = mark * 3 if self.text.startswith(mark * 3, self.at) else mark
        self.at += len(fence)
        while not self.text.startswith(fence, self.at):
            self.at += 2 if mark == '"' and self.text[self.at] == "\\" else 1
        self.at += len(fence)
        # Up to two quotation marks may stand right before the closing three.
        while len(fence) == 3 and self.text.startswith(mark, self.at):
            self.at += 1

    def _list(self, path: Path) -> None:
        self.at += 1
        n = 0
        while self._skip_blank() and self.text[self.at] != "]":
            self._value((*path, n))
            n += 1
            self._skip_comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._skip_blank() and self.text[self.at] != "}":
            self._pair(path)
            self._skip_comma()
        self.at += 1

    def _skip_comma(self) -> None:
        self._skip_blank()
        if self.text[self.at] == ",":
            self.at += 1
