"""The provider's side of a webhook: signs a body and posts it, in pieces if wanted, straight into the application."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fundlaunch_webhooks import Delivery, Receiver

SECRET = "the-first-secret"
OTHER_SECRET = "the-second-secret"
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
EVENT = {"id": "evt_1", "object": "event", "type": "customer.deleted", "created": 1795003200, "livemode": False}
BODY = json.dumps(EVENT).encode()


@dataclass
class Answer:
    """What the sender gets back."""

    status: int
    headers: dict[bytes, bytes]
    text: str


class Shelf:
    """Keeps deliveries in memory, or refuses to while `broken` is set."""

    def __init__(self) -> None:
        self.kept: list[Delivery] = []
        self.broken: Exception | None = None

    def keep(self, delivery: Delivery) -> None:
        if self.broken is not None:
            raise self.broken
        self.kept.append(delivery)


def receiver(shelf: Shelf, *secrets: str, livemode: bool = False, now: datetime = NOON) -> Receiver:
    """A receiver whose clock stands at `now`."""
    return Receiver(keep=shelf.keep, secrets=secrets or (SECRET,), livemode=livemode, now=lambda: now)


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOON) -> str:
    """The header that the provider sends with this body."""
    time = int(at.timestamp())
    return f"t={time},v1={v1(body, secret=secret, at=at)}"


def v1(body: bytes, *, secret: str = SECRET, at: datetime = NOON) -> str:
    """One signature."""
    message = str(int(at.timestamp())).encode() + b"." + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def post(
    app: Receiver,
    body: bytes = BODY,
    *,
    signature: str | bytes | None = None,
    kind: str = "application/json; charset=utf-8",
    method: str = "POST",
) -> Answer:
    """Post one body with a signature (a fitting one unless given)."""
    signature = signed(body) if signature is None else signature
    value = signature if isinstance(signature, bytes) else signature.encode("latin-1")
    headers = [(b"content-type", kind.encode()), (b"stripe-signature", value)]
    return send(app, headers, [{"type": "http.request", "body": body, "more_body": False}], method)


def send(
    app: Receiver, headers: list[tuple[bytes, bytes]], messages: Iterable[dict[str, Any]], method: str = "POST"
) -> Answer:
    """Send a request message by message."""
    waiting = list(messages)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def answer(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await app({"type": "http", "method": method, "path": "/", "headers": headers}, receive, answer)

    asyncio.run(run())
    start, body = sent
    return Answer(start["status"], dict(start["headers"]), body["body"].decode())
