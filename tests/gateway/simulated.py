"""A simulator on a clock that stands still, spoken to without HTTP: what its tests share."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fundlaunch.clock import SimulatedClock
from fundlaunch.payments.simulator.api import Answer, Request
from fundlaunch.payments.simulator.faults import FaultPlan
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.server import Served
from tests.cast import MINA

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "sk_test_of_the_suite"
HOOK = "http://127.0.0.1:9/webhooks/stripe"
SECRET = "whsec_of_the_suite"
SHOP = "http://127.0.0.1:9"


@dataclass
class Postbox:
    """Takes deliveries and answers with `status`; nobody at the address is status 0."""

    status: int = 200
    letters: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.letters.append((url, body, headers))
        return self.status

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.letters]

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


def pairs(params: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Bracket form: {"a": {"b": 1}, "c": [2]} becomes a[b]=1, c[0]=2."""
    for name, value in params.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, dict):
            yield from pairs(value, key)
        elif isinstance(value, list):
            yield from pairs({str(place): entry for place, entry in enumerate(value)}, key)
        else:
            yield key, str(value).lower() if isinstance(value, bool) else str(value)


class Bench:
    """A simulator with a stopped clock, repeatable ids and a postbox for its webhooks."""

    def __init__(self, file: Path | None = None, faults: FaultPlan | None = None) -> None:
        self.clock = SimulatedClock(START)
        self.postbox = Postbox()
        self.simulator = Simulator(self.clock, file=file, seed=7, deliver=self.postbox, faults=faults)
        self.simulator.book.page_address = "http://127.0.0.1:4000"

    def answer(self, method: str, path: str, key: str = "", /, **params: Any) -> Answer:
        """Call the API as a client with a test key would."""
        headers = {"authorization": f"Bearer {KEY}"} | ({"idempotency-key": key} if key else {})
        return self.simulator.api.call(Request(method, f"/v1/{path}", list(pairs(params)), headers))

    def post(self, path: str, key: str = "", /, **params: Any) -> dict[str, Any]:
        """The object of a call that must succeed."""
        answer = self.answer("POST", path, key, **params)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    def get(self, path: str, /, **params: Any) -> dict[str, Any]:
        answer = self.answer("GET", path, **params)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    def refused(self, method: str, path: str, status: int, key: str = "", /, **params: Any) -> dict[str, Any]:
        """The error object of a call that must be refused with that status."""
        answer = self.answer(method, path, key, **params)
        assert answer.status == status, answer.body
        return dict(json.loads(answer.body)["error"])

    def seconds(self, **ahead: int) -> int:
        """The clock so far ahead, as Stripe writes times."""
        return int((self.clock.now() + timedelta(**ahead)).timestamp())

    def pass_time(self, **step: int) -> None:
        self.clock.advance(timedelta(**step))

    def customer(self) -> str:
        return str(self.post("customers", email=MINA.email, name=MINA.name, metadata={"pledge": "p1"})["id"])

    def setup_session(self, customer: str = "", **more: Any) -> dict[str, Any]:
        """An open session that saves a card, with the parameters this program sends."""
        sent: dict[str, Any] = {
            "mode": "setup",
            "currency": "usd",
            "customer": customer or self.customer(),
            "allowed_payment_method_types": ["card", "link"],
            "setup_intent_data": {"metadata": {"checkout": "c1", "pledge": "p1"}},
            "metadata": {"checkout": "c1", "pledge": "p1"},
            "client_reference_id": "c1",
            "success_url": SHOP + "/back?session={CHECKOUT_SESSION_ID}",
            "cancel_url": SHOP + "/pledge",
            "expires_at": self.seconds(minutes=31),
            "locale": "en",
        }
        return self.post("checkout/sessions", **(sent | more))

    def payment_session(self, customer: str = "", amount_minor: int = 4_900, **more: Any) -> dict[str, Any]:
        """An open session that takes one payment."""
        price = {"currency": "usd", "unit_amount": amount_minor, "product_data": {"name": "A board"}}
        sent: dict[str, Any] = {
            "mode": "payment",
            "customer": customer or self.customer(),
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": {"metadata": {"payment": "y1", "pledge": "p1"}, "setup_future_usage": "off_session"},
            "adaptive_pricing": {"enabled": False},
            "success_url": SHOP + "/back?session={CHECKOUT_SESSION_ID}",
            "cancel_url": SHOP + "/pledge",
            "expires_at": self.seconds(hours=1),
        }
        return self.post("checkout/sessions", **(sent | more))

    def intent(self, card: str = "ok", amount_minor: int = 4_900, **more: Any) -> dict[str, Any]:
        """An unconfirmed intent for a fresh customer with that card."""
        customer = self.customer()
        method = self.simulator.save_card(customer, card)
        sent = {"amount": amount_minor, "currency": "usd", "customer": customer, "payment_method": method}
        return self.post("payment_intents", **(sent | {"metadata": {"payment": "y1", "pledge": "p1"}} | more))

    def kinds(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [event["type"] for event in self.simulator.shapes("event")]


@contextmanager
def served(bench: Bench) -> Iterator[str]:
    """The bench's simulator over HTTP; gives its address."""
    with Served(bench.simulator) as server:
        yield server.base_url
