"""Lists and expansion, the same for every kind of object: newest first, cursors by id, `expand[]` by path."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.objects import page
from fundlaunch.payments.simulator.parameters import Either, Group, Kind, Many, Text, Whole
from fundlaunch.payments.simulator.refusals import Refusal, no_such

LIMIT_DEFAULT = 10
LIMIT_MOST = 100
EXPAND_DEPTH = 4
EXPAND_MOST = 20

EXPAND: dict[str, Kind] = {"expand": Many(Text(200), EXPAND_MOST)}
CREATED = Either(Whole(), Group({name: Whole() for name in ("gt", "gte", "lt", "lte")}))
UNDATED_PAGE: dict[str, Kind] = {
    "limit": Whole(1, LIMIT_MOST),
    "starting_after": Text(),
    "ending_before": Text(),
    **EXPAND,
}
PAGE: dict[str, Kind] = {"created": CREATED, **UNDATED_PAGE}

Test = Callable[[Record], bool]

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda ours, bound: ours > bound,
    "gte": lambda ours, bound: ours >= bound,
    "lt": lambda ours, bound: ours < bound,
    "lte": lambda ours, bound: ours <= bound,
}


def copied(shape: Shape) -> Shape:
    """A deep copy of JSON; an event's snapshot must not change with its object."""
    copy: Shape = json.loads(json.dumps(shape))
    return copy


def listed(book: Book, kind: str, address: str, params: Shape, tests: Iterable[Test] = ()) -> Shape:
    """One page of the objects of `kind` that pass all tests, as the list endpoints give it."""
    shelf = book.shelf(kind)
    wanted = (*tests, _created(params.get("created")))
    names = _from_cursor(book, kind, shelf.newest_first(params.get("customer")), params)
    limit = params.get("limit", LIMIT_DEFAULT)
    found: list[Record] = []
    for name in names:
        record = shelf.records[name]
        if all(test(record) for test in wanted):
            found.append(record)
        if len(found) > limit:
            break
    has_more, found = len(found) > limit, found[:limit]
    if "ending_before" in params:
        found.reverse()
    paths = [path.removeprefix("data.") for path in params.get("expand", ())]
    return page(address, [expanded(book, record.shape, paths) for record in found], has_more=has_more)


def matching(params: Shape, *names: str) -> list[Test]:
    """A test for each of the parameters that was sent: the object's field of that name equals it."""
    return [_equals(name, params[name]) for name in names if name in params]


def _equals(name: str, wanted: object) -> Test:
    return lambda record: bool(record.shape[name] == wanted)


def _created(wanted: Any) -> Test:
    if wanted is None:
        return lambda _record: True
    if isinstance(wanted, int):
        return lambda record: bool(record.shape["created"] == wanted)
    return lambda record: all(_COMPARISONS[name](record.shape["created"], bound) for name, bound in wanted.items())


def _from_cursor(book: Book, kind: str, names: list[str], params: Shape) -> list[str]:
    """The names behind the cursor, nearest first: towards older ones, or with ending_before towards newer ones."""
    if "starting_after" in params and "ending_before" in params:
        raise Refusal("You may only specify one of these parameters: starting_after, ending_before.")
    way = "ending_before" if "ending_before" in params else "starting_after"
    if way not in params:
        return names
    position = book.shelf(kind).position
    if (cursor := position.get(params[way])) is None:
        raise no_such(kind, params[way], way)
    if way == "starting_after":
        return [name for name in names if position[name] < cursor]
    return [name for name in reversed(names) if position[name] > cursor]


def expanded(book: Book, shape: Shape, paths: Iterable[str]) -> Shape:
    """The object with the ids at `paths` ("payment_intent.latest_charge") replaced by what they name."""
    shown = shape
    for path in paths:
        steps = path.split(".")
        if len(steps) > EXPAND_DEPTH:
            raise Refusal(f"You cannot expand more than {EXPAND_DEPTH} levels of a property.", param="expand")
        shown = _with_step(book, shown, steps, path)
    return shown


def _with_step(book: Book, shape: Shape, steps: list[str], path: str) -> Shape:
    name, *below = steps
    if name not in shape:
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    value = shape[name]
    if isinstance(value, str):
        record = book.find(value)
        if record is None:
            raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
        value = record.shape
    elif value is not None and not isinstance(value, dict):
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    if below and isinstance(value, dict):
        value = _with_step(book, value, below, path)
    return shape | {name: value}
