"""The courier: brings events to webhook endpoints, signed, again with growing pauses until they are taken.

It can be told to misbehave as a real network does: bring everything twice, in any order, or lose some for good.
"""

import hashlib
import hmac
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import httpx

from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.sessions import expire_due

RETRY_AFTER_SECONDS = (60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)
"""Pauses between tries: together about three days, as Stripe keeps trying; then the delivery is given up."""

ROUND_SECONDS = 1
"""How often the courier's thread looks for due deliveries when nothing wakes it."""

BATCH_MOST = 500
ANSWER_SECONDS = 10

Deliver = Callable[[str, bytes, dict[str, str]], int]
"""Posts a body with headers to an address; gives the status, 0 when nobody answered."""


@dataclass(slots=True)
class Manners:
    """How deliveries are carried out. `lose_next` counts down; `lose_per_mille` is drawn for each delivery."""

    is_twice: bool = False
    is_shuffled: bool = False
    lose_next: int = 0
    lose_per_mille: int = 0


class HttpDelivery:
    """Delivers over HTTP with one connection pool; the environment's proxies are left aside."""

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=ANSWER_SECONDS, trust_env=False)

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            return self._client.post(url, content=body, headers=headers).status_code
        except httpx.TransportError:
            return 0

    def close(self) -> None:
        if "_client" in vars(self):
            self._client.close()


def signature(secret: str, body: bytes, at_seconds: int) -> str:
    """The value of Stripe-Signature: t=..., v1=HMAC-SHA256 of "t.body" (docs.stripe.com/webhooks/signature)."""
    digest = hmac.new(secret.encode(), f"{at_seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_seconds},v1={digest}"


class Courier:
    """Carries the deliveries of one book."""

    def __init__(self, book: Book, deliver: Deliver, *, seed: int = 0) -> None:
        self._book = book
        self._deliver = deliver
        self._random = random.Random(seed)  # noqa: S311 - repeatable mishaps, not secrets
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.manners = Manners()

    def deliver_due(self) -> int:
        """Try every delivery that is due by the clock, once; gives how many were taken (2xx)."""
        with self._book.lock:
            due = self._due()
        taken = 0
        for name in due:
            taken += self._try(name)
        return taken

    def toggle_twice(self) -> None:
        """Bring every delivery twice from now on, or once again."""
        self.manners.is_twice = not self.manners.is_twice

    def toggle_shuffled(self) -> None:
        """Bring deliveries in any order from now on, or in order again."""
        self.manners.is_shuffled = not self.manners.is_shuffled

    def lose_one(self) -> None:
        """Lose one more delivery for good."""
        self.manners.lose_next += 1

    def start(self) -> None:
        """Deliver from a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._rounds, name="simulator-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _rounds(self) -> None:
        while not self._stop.wait(0 if self._has_due() else ROUND_SECONDS):
            with self._book.lock:
                expire_due(self._book)
                self._book.flush()
            self.deliver_due()

    def _has_due(self) -> bool:
        with self._book.lock:
            return bool(self._due())

    def _due(self) -> list[str]:
        now = self._book.now_seconds()
        waiting = self._book.deliveries.items()
        due = [name for name, body in waiting if body["due_at"] <= now][:BATCH_MOST]
        if self.manners.is_shuffled:
            self._random.shuffle(due)
        return due

    def _try(self, name: str) -> bool:
        with self._book.lock:
            delivery = self._book.deliveries.get(name)
            if delivery is None:
                return False
            if self._is_lost():  # the event keeps its pending_webhooks, as an event that was never taken does
                self._book.note_delivery(name, None)
                self._book.flush()
                return False
            event = self._book.get("event", delivery["event"])
            endpoint = self._book.get("webhook_endpoint", delivery["endpoint"])
            body = json.dumps(event.shape, ensure_ascii=False).encode()
            headers = self._headers(endpoint, body)
        times = 2 if self.manners.is_twice else 1
        statuses = [self._deliver(endpoint.shape["url"], body, headers) for _ in range(times)]
        is_taken = any(200 <= status < 300 for status in statuses)
        with self._book.lock:
            self._record(name, delivery, event, is_taken=is_taken)
            self._book.flush()
        return is_taken

    def _headers(self, endpoint: Record, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(endpoint.hidden["secret"], body, self._book.now_seconds()),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    def _is_lost(self) -> bool:
        if self.manners.lose_next > 0:
            self.manners.lose_next -= 1
            return True
        return self._random.randrange(1_000) < self.manners.lose_per_mille

    def _record(self, name: str, delivery: Shape, event: Record, *, is_taken: bool) -> None:
        if name not in self._book.deliveries:  # somebody else brought it meanwhile
            return
        tries = delivery["tries"] + 1
        if is_taken:
            event.shape["pending_webhooks"] = max(event.shape["pending_webhooks"] - 1, 0)
            self._book.put(event)
        if is_taken or tries > len(RETRY_AFTER_SECONDS):
            self._book.note_delivery(name, None)
            return
        due_at = self._book.now_seconds() + RETRY_AFTER_SECONDS[tries - 1]
        self._book.note_delivery(name, delivery | {"tries": tries, "due_at": due_at})
