"""The house of a rehearsal: a database of its own, a standing clock, the provider's stand-in in the same process.

The adapter speaks to the stand-in without a network, and its events are kept after a look at their signature;
everything between is the code that runs a real campaign.
"""

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import event

from fundlaunch import inbox, migrations, outbox, worker
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.mail.keeping import keeper
from fundlaunch.mail.mailboxes import Letter, sender
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.simulator.api import Api, Request
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.stripe.events import READINGS
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.payments.stripe.wire import Wire
from fundlaunch.pledges import collection
from fundlaunch.pledges.checkout import Desk
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.templates import Templates
from fundlaunch_webhooks import Delivery
from fundlaunch_webhooks.signature import is_genuine

PROVIDER = "http://provider.invalid"
KEY = "sk_test_rehearsal"
DELIVERY_ROUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Hook:
    """Where the provider posts events, and what it signs them with."""

    url: str
    secret: str = field(repr=False)


class DirectWire(Wire):
    """Carries the adapter's requests into the stand-in of the same process."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """One request, one answer."""
        parts = urlsplit(url)
        text = post_data.decode() if isinstance(post_data, bytes) else post_data
        pairs = parse_qsl(text or parts.query, keep_blank_values=True)
        named = {name.lower(): value for name, value in (headers or {}).items()}
        answer = self._api.call(Request(method.upper(), parts.path, pairs, named))
        return answer.body, answer.status, {name.lower(): value for name, value in answer.headers.items()}


class Postman:
    """Keeps the stand-in's events as the receiver does, if their signature is genuine; gives the status it answers."""

    def __init__(self, database: Database, clock: SimulatedClock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret.encode()

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        del url
        now = self._clock.now()
        if not is_genuine(headers["Stripe-Signature"].encode(), body, [self._secret], now):
            return 400
        event = json.loads(body)
        made_at = datetime.fromtimestamp(event["created"], UTC)
        with self._database.transaction() as session:
            inbox.keep(session, Delivery(event["id"], event["type"], made_at, body), now)
        return 200


class NoBox:
    """Takes every letter and sends none: its text stays with the promise."""

    is_read_here = True

    def send(self, letter: Letter) -> None:
        del letter


@dataclass(frozen=True)
class House:
    """Everything a rehearsal works with."""

    database: Database
    clock: SimulatedClock
    simulator: Simulator
    works: worker.Works
    desk: Desk

    def deliver(self) -> None:
        """Bring every waiting event to the receiver and work on it."""
        for _ in range(DELIVERY_ROUNDS):
            if not self.simulator.deliver_due():
                return
            while self.chore("deliveries") == inbox.BATCH:
                pass

    def chore(self, name: str) -> int:
        """One batch of one chore; gives how large it was."""
        return worker.CHORES[name](self.works, threading.Event())

    def settle(self) -> None:
        """Do everything that is due at this moment, with what follows from it at the provider."""
        self.deliver()
        worker.tick(self.works, threading.Event())
        self.deliver()


@contextmanager
def open_house(
    database: Database,
    clock: SimulatedClock,
    settings: Settings,
    *,
    per_second: int,
    books: Path | None = None,
    hook: Hook | None = None,
) -> Iterator[House]:
    """A house around a database, charging so fast.

    `books` keeps the provider's own books in a file, with `hook` as the place where its events will go later on.
    """
    hook = hook or Hook("http://fund.invalid/webhooks/stripe", "whsec_" + secrets.token_hex(24))
    simulator = Simulator(clock, file=books, deliver=Postman(database, clock, hook.secret))
    simulator.book.page_address = PROVIDER
    gateway = StripeGateway(KEY, PROVIDER, clock=clock, wire=DirectWire(simulator.api))
    try:
        simulator.listen(hook.url, hook.secret, tuple(READINGS))
        yield House(
            database,
            clock,
            simulator,
            _works(database, clock, gateway, settings, per_second),
            Desk(database, gateway, settings.base_url, clock),
        )
    finally:
        gateway.close()
        simulator.close()


@contextmanager
def open_database(file: Path) -> Iterator[Database]:
    """A fresh SQLite database that can be made again and so does not wait for the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{file}")
    event.listen(database.engine, "connect", _do_not_wait)
    try:
        migrations.upgrade(database)
        yield database
    finally:
        database.dispose()


def _do_not_wait(connection: Any, record: object) -> None:
    del record
    connection.execute("PRAGMA synchronous=OFF")


def _works(
    database: Database, clock: SimulatedClock, gateway: Gateway, settings: Settings, per_second: int
) -> worker.Works:
    templates = Templates(settings, assets.installed())

    def release(owed: outbox.Owed) -> outbox.Kept:
        gateway.release_card(**owed.payload)
        return outbox.Kept()

    keepers = {
        outbox.MAIL: keeper(NoBox(), templates, settings.base_url, sender("", settings.base_url)),
        outbox.RELEASE_CARD: release,
    }
    # One thread: the clock jumps from one sending time to the next, and each charge keeps its own.
    speed = collection.Speed(per_second, settings.lease_seconds, threads=1)
    return worker.Works(database, gateway, clock, speed, keepers)
