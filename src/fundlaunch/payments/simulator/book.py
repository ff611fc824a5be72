"""The books: every object the simulator holds, in memory, with what it knows beyond the shape it shows.

All reading and writing happens under `book.lock`. A change is announced with `book.put`, and `book.flush` writes what
changed to the journal; so one request is one transaction there.
"""

import heapq
import random
import secrets
import string
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fundlaunch.clock import Clock
from fundlaunch.payments.simulator.journal import Journal
from fundlaunch.payments.simulator.refusals import no_such

API_VERSION = "2026-10-28.endive"
ACCOUNT = "acct_simulator00000001"
ALPHABET = string.ascii_letters + string.digits

Shape = dict[str, Any]
"""A JSON object as the API shows it."""

KINDS = (
    *("customer", "payment_method", "setup_intent", "payment_intent", "checkout.session", "charge"),
    *("balance_transaction", "refund", "event", "webhook_endpoint"),
)
DELIVERY = "delivery"
KEPT_ANSWER = "kept_answer"


@dataclass(slots=True)
class Record:
    """One object: `shape` is what the API shows, `hidden` what only the simulator knows (card, session, secret)."""

    shape: Shape
    hidden: Shape = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.shape["id"])


@dataclass(slots=True)
class Shelf:
    """All objects of one kind in the order of their making, and by customer."""

    records: dict[str, Record] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    position: dict[str, int] = field(default_factory=dict)
    of_customer: dict[str, list[str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        name = record.id
        if name in self.records:
            return
        self.records[name] = record
        self.position[name] = len(self.order)
        self.order.append(name)
        if customer := record.shape.get("customer"):
            self.of_customer.setdefault(customer, []).append(name)

    def adopt(self, record: Record) -> None:
        """Note that an object now belongs to a customer."""
        owned = self.of_customer.setdefault(record.shape["customer"], [])
        if record.id not in owned:
            owned.append(record.id)

    def newest_first(self, customer: str | None) -> list[str]:
        return (self.order if customer is None else self.of_customer.get(customer, []))[::-1]


@dataclass(slots=True)
class Request:
    """Which request caused an event (the `request` part of an event)."""

    id: str | None = None
    idempotency_key: str | None = None


class Book:
    """All objects of one account. `file` keeps them between starts; `seed` makes ids repeatable."""

    def __init__(self, clock: Clock, *, file: Path | None = None, seed: int | None = None) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.request = Request()
        self.page_address = ""
        self.shelves = {kind: Shelf() for kind in KINDS}
        self.deliveries: dict[str, Shape] = {}
        self.kept_answers: dict[str, Shape] = {}
        self.expiries: list[tuple[int, str]] = []
        self._random = random.Random(seed) if seed is not None else secrets.SystemRandom()  # noqa: S311 - ids, no keys
        self._changed: dict[tuple[str, str], Any] = {}
        self._journal = Journal(file)
        self._load()

    def now_seconds(self) -> int:
        """The clock as Stripe writes times: whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    def new_id(self, prefix: str, length: int = 24) -> str:
        """A fresh id such as pi_3kD...; never one that is in use."""
        while True:
            name = prefix + "_" + "".join(self._random.choices(ALPHABET, k=length))
            if not any(name in shelf.records for shelf in self.shelves.values()):
                return name

    def shelf(self, kind: str) -> Shelf:
        return self.shelves[kind]

    def put(self, record: Record) -> Record:
        """Keep a new object, or note that a known one changed."""
        kind = str(record.shape["object"])
        self.shelf(kind).add(record)
        self._changed[kind, record.id] = record
        return record

    def get(self, kind: str, name: str, param: str = "id") -> Record:
        """The object of that kind and id; refuses as Stripe does when there is none."""
        record = self.shelf(kind).records.get(name)
        if record is None:
            raise no_such(kind, name, param)
        return record

    def find(self, name: str) -> Record | None:
        """The object with that id, whatever its kind."""
        return next((shelf.records[name] for shelf in self.shelves.values() if name in shelf.records), None)

    def all(self, kind: str) -> Iterator[Record]:
        """Every object of one kind, oldest first."""
        shelf = self.shelf(kind)
        return (shelf.records[name] for name in shelf.order)

    def expire_at(self, seconds: int, session: str) -> None:
        """Remember when a session ends by itself."""
        heapq.heappush(self.expiries, (seconds, session))

    def note_delivery(self, name: str, body: Shape | None) -> None:
        """Keep, change or (None) forget a webhook delivery."""
        self._note(self.deliveries, DELIVERY, name, body)

    def note_answer(self, key: str, body: Shape | None) -> None:
        """Keep or (None) forget the answer given under an idempotency key."""
        self._note(self.kept_answers, KEPT_ANSWER, key, body)

    def flush(self) -> None:
        """Write what changed since the last time."""
        self._journal.save((kind, name, _written(body)) for (kind, name), body in self._changed.items())
        self._changed.clear()

    def close(self) -> None:
        with self.lock:
            self.flush()
            self._journal.close()

    def _note(self, place: dict[str, Shape], kind: str, name: str, body: Shape | None) -> None:
        place.pop(name, None)  # a changed entry goes to the end, so that the oldest always stand first
        if body is not None:
            place[name] = body
        self._changed[kind, name] = body

    def _load(self) -> None:
        for kind, name, body in self._journal.load():
            if kind == DELIVERY:
                self.deliveries[name] = body
            elif kind == KEPT_ANSWER:
                self.kept_answers[name] = body
            else:
                self.shelf(kind).add(Record(body["shape"], body["hidden"]))
        for record in self.all("checkout.session"):
            if record.shape["status"] == "open":
                self.expire_at(record.shape["expires_at"], record.id)


def _written(body: Any) -> Any:
    return {"shape": body.shape, "hidden": body.hidden} if isinstance(body, Record) else body
