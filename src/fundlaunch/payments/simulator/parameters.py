"""Parameters as Stripe takes them: bracket form in, checked nested values out.

A table of kinds says what each endpoint takes (schemas.py). What the table does not name is refused, as the real API
refuses it: a simulator that swallows a wrong parameter hides the fault until the first real charge.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fundlaunch.payments.simulator.refusals import Refusal, missing, unknown

PARAMETER_LIMIT = 1_000
"""Pairs in one request; the largest request of this program has about forty."""

METADATA_KEYS_LIMIT = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500

_KEY = re.compile(r"([a-z_0-9]+)((?:\[[^\[\]]*\])*)")
_WHOLE = re.compile(r"-?[0-9]{1,15}")


class Kind(Protocol):
    """What a parameter may be."""

    def read(self, value: object, path: str) -> Any:
        """The checked value; raises Refusal."""
        ...


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """{"a": {"b": "1"}, "c": ["x"]} out of a[b]=1 and c[]=x (or c[0]=x)."""
    tree: dict[str, Any] = {}
    for count, (key, value) in enumerate(pairs, start=1):
        if count > PARAMETER_LIMIT:
            raise Refusal("Too many parameters were sent.", param=key)
        _plant(tree, _steps(key), value, key)
    return {name: _with_lists(value) for name, value in tree.items()}


def _steps(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise unknown(key)
    return [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]


def _plant(tree: dict[str, Any], steps: list[str], value: str, key: str) -> None:
    node = tree
    for step in steps[:-1]:
        below = node.setdefault(step, {})
        if not isinstance(below, dict):
            raise Refusal(f"Invalid parameter: {key} is sent both as a value and as an object.", param=key)
        node = below
    last = steps[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise Refusal(f"Invalid parameter: {key} is sent both as a value and as an object.", param=key)
    node[last] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() and len(name) <= 4 for name in value):
        return [_with_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _with_lists(below) for name, below in value.items()}


@dataclass(frozen=True, slots=True)
class Text:
    """A string of 1 to `longest` characters; `clearable` lets '' stand for "take it away" and gives None."""

    longest: int = 5_000
    clearable: bool = False

    def read(self, value: object, path: str) -> str | None:
        if not isinstance(value, str):
            raise Refusal(f"Invalid string: {path} must be a string.", param=path)
        if not value:
            if self.clearable:
                return None
            raise Refusal(
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty "
                "value.",
                code="parameter_invalid_empty",
                param=path,
            )
        if len(value) > self.longest:
            raise Refusal(f"Invalid string: {value[:20]}...; must be at most {self.longest} characters", param=path)
        return value


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address."""

    def read(self, value: object, path: str) -> str:
        text = Text().read(value, path)
        if text is None or not re.match(r"https?://[^\s/]+", text):
            raise Refusal("Not a valid URL", code="url_invalid", param=path)
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, sent as digits."""

    least: int | None = None
    most: int | None = None

    def read(self, value: object, path: str) -> int:
        if not isinstance(value, str) or not _WHOLE.fullmatch(value):
            raise Refusal(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        number = int(value)
        if self.least is not None and number < self.least:
            raise Refusal(
                f"This value must be greater than or equal to {self.least}.",
                code="parameter_invalid_integer",
                param=path,
            )
        if self.most is not None and number > self.most:
            raise Refusal(
                f"This value must be less than or equal to {self.most}.", code="parameter_invalid_integer", param=path
            )
        return number


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, value: object, path: str) -> bool:
        if value not in {"true", "false"}:
            raise Refusal(f"Invalid boolean: {value}", param=path)
        return value == "true"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, value: object, path: str) -> str:
        if not isinstance(value, str) or value not in self.words:
            offered = ", ".join(self.words[:-1]) + f", or {self.words[-1]}" if len(self.words) > 1 else self.words[0]
            raise Refusal(f"Invalid {path}: must be one of {offered}", param=path)
        return value


@dataclass(frozen=True, slots=True)
class Many:
    """A list with at most `most` entries of one kind."""

    item: Kind
    most: int = 100

    def read(self, value: object, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise Refusal("Invalid array", param=path)
        if len(value) > self.most:
            raise Refusal(f"Array must have at most {self.most} elements.", param=path)
        return [self.item.read(entry, f"{path}[{place}]") for place, entry in enumerate(value)]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Keys and values of the caller: 50 at most, 40 and 500 characters long; '' takes a key (or all) away."""

    def read(self, value: object, path: str) -> dict[str, str] | None:
        if value == "":
            return None
        if isinstance(value, list):  # keys that look like places in a list
            value = {str(place): entry for place, entry in enumerate(value)}
        if not isinstance(value, dict) or len(value) > METADATA_KEYS_LIMIT:
            raise Refusal(f"Metadata can have at most {METADATA_KEYS_LIMIT} keys.", param=path)
        return {key: self._entry(key, entry, path) for key, entry in value.items()}

    def _entry(self, key: str, entry: object, path: str) -> str:
        if len(key) > METADATA_KEY_LENGTH:
            raise Refusal(f"Metadata keys can be at most {METADATA_KEY_LENGTH} characters long.", param=path)
        if not isinstance(entry, str) or len(entry) > METADATA_VALUE_LENGTH:
            raise Refusal(f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters.", param=f"{path}[{key}]")
        return entry


@dataclass(frozen=True, slots=True)
class Either:
    """A plain value of one kind, or an object of the other (created=1, created[gte]=1)."""

    plain: Kind
    group: "Group"

    def read(self, value: object, path: str) -> Any:
        return (self.group if isinstance(value, dict) else self.plain).read(value, path)


@dataclass(frozen=True, slots=True)
class Group:
    """An object with named parts, some of them required; `retired` are names that this API version took away."""

    parts: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    retired: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: object, path: str = "") -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Refusal("Invalid object", param=path)
        for name in value:
            self._must_know(name, _joined(path, name))
        for name in self.required:
            if name not in value:
                raise missing(_joined(path, name))
        return {name: self.parts[name].read(below, _joined(path, name)) for name, below in value.items()}

    def _must_know(self, name: str, path: str) -> None:
        if code := self.retired.get(name):
            raise Refusal(
                f"The parameter `{path}` is no longer supported. Use dynamic payment methods, with "
                "`allowed_payment_method_types` or `excluded_payment_method_types` to choose among them.",
                code=code,
                param=path,
            )
        if name not in self.parts:
            raise unknown(path)


def _joined(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
