"""Checks requests against the published parameters of Stripe's API: names, types, enums, lengths, what is required.

The parameters are in the folder of real data (stripe/spec.json), which is no part of the project.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

Schema = Mapping[str, Any]

PLAIN = {"string": ".+", "integer": "-?[0-9]+", "number": r"-?[0-9]+(\.[0-9]+)?", "boolean": "true|false"}
"""How a value of each type is written in a form; an empty string would take a parameter away."""


class Spec:
    """The operations of one version of the API."""

    def __init__(self, file: Path) -> None:
        read = json.loads(file.read_text(encoding="utf-8"))
        self.version: str = read["api_version"]
        self._operations: dict[str, Schema] = read["operations"]

    def complaints(self, request: httpx.Request) -> list[str]:
        """What is wrong with a request, one line each; [] if it fits."""
        found = self._operation(request.method, request.url.path)
        if found is None:
            return [f"{request.method} {request.url.path} is no operation of {self.version}"]
        name, schema = found
        sent = request.url.query if request.method == "GET" else request.content
        pairs = parse_qsl(sent.decode(), keep_blank_values=True, strict_parsing=bool(sent))
        return [f"{name}: {line}" for line in [*self._header_complaints(request), *check(nested(pairs), schema, "")]]

    def _header_complaints(self, request: httpx.Request) -> list[str]:
        wrong = request.headers.get("Stripe-Version") != self.version
        return [f"Stripe-Version is {request.headers.get('Stripe-Version')}"] if wrong else []

    def _operation(self, method: str, path: str) -> tuple[str, Schema] | None:
        exact = self._operations.get(f"{method} {path}")
        if exact is not None:
            return f"{method} {path}", exact
        for name, schema in self._operations.items():
            pattern = re.sub(r"\{\w+\}", "[^/]+", name)
            if "{" in name and re.fullmatch(pattern, f"{method} {path}"):
                return name, schema
        return None


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """{"a": {"b": "1"}, "c": {"0": "x"}} out of a[b]=1 and c[0]=x."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        steps = re.findall(r"[^\[\]]+", key)
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1]] = value
    return tree


def check(value: Any, schema: Schema, path: str) -> Iterable[str]:
    """Complaints about one value and everything below it."""
    if "anyOf" in schema:
        tries = [[*check(value, choice, path)] for choice in schema["anyOf"]]
        yield from [] if [] in tries else tries[0]
    elif value == "" and schema.get("clearable"):
        return
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{path} is {value!r}, not one of {schema['enum']}"
    elif schema["type"] == "object":
        yield from _check_object(value, schema, path)
    elif schema["type"] == "array":
        yield from _check_array(value, schema, path)
    else:
        yield from _check_plain(value, schema, path)


def _check_object(value: Any, schema: Schema, path: str) -> Iterable[str]:
    if not isinstance(value, dict):
        yield f"{path} is {value!r}, not an object"
        return
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}[{name}] is required"
    for name, below in value.items():
        known = schema["props"].get(name) if "props" in schema else schema["values"]
        if known is None:
            yield f"{path}[{name}] is no parameter"
        else:
            yield from check(below, known, f"{path}[{name}]")


def _check_array(value: Any, schema: Schema, path: str) -> Iterable[str]:
    if not isinstance(value, dict) or [*value] != [str(place) for place in range(len(value))]:
        yield f"{path} is {value!r}, not an array"
        return
    for place, below in value.items():
        yield from check(below, schema["items"], f"{path}[{place}]")


def _check_plain(value: Any, schema: Schema, path: str) -> Iterable[str]:
    if not isinstance(value, str) or not re.fullmatch(PLAIN[schema["type"]], value, re.DOTALL):
        yield f"{path} is {value!r}, not a {schema['type']}"
    elif len(value) > schema.get("maxLength", len(value)):
        yield f"{path} is longer than {schema['maxLength']}"
