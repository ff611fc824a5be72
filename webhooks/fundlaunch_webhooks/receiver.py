"""The receiver as an ASGI application.

It answers at every path that it is mounted at: 200 once the delivery is kept, 4xx when it is refused and nothing was
stored, 500 when keeping it failed, so that the provider sends it again. Nothing of the work that a delivery causes is
done here: the provider repeats what is answered slowly.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from fundlaunch_webhooks.signature import is_genuine

log = logging.getLogger(__name__)

BODY_BYTES = 1_000_000
"""The longest body that is read; the provider's events are a few thousand bytes long."""

LATEST_SECONDS = 253_402_300_799
"""The last second of the year 9999: a later time of making is nonsense."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A genuine event as it was sent: the provider's id, its type, when it was made (UTC), its raw JSON."""

    id: str
    type: str
    created_at: datetime
    body: bytes


class Envelope(msgspec.Struct, frozen=True):
    """What is read of an event before it is kept; the rest is nobody's business here."""

    id: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_]{1,255}$")]
    type: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_.]{1,100}$")]
    created: Annotated[int, msgspec.Meta(ge=0, le=LATEST_SECONDS)]
    livemode: bool


class Refusal(Exception):
    """An answer other than 200, with one sentence."""

    def __init__(self, status: int, sentence: str, headers: Mapping[bytes, bytes] | None = None) -> None:
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}
        super().__init__(sentence)


class Receiver:
    """`keep` stores a delivery, blocking, in a thread; once it returns, the delivery must not get lost.

    `secrets` are those of the endpoint, two while one is exchanged for the other. `livemode` says which events belong
    here. `now` tells the time, aware.
    """

    def __init__(
        self,
        *,
        keep: Callable[[Delivery], object],
        secrets: Sequence[str],
        now: Callable[[], datetime],
        livemode: bool = False,
    ) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a receiver without a secret, or with an empty one, would believe anybody")
        self._keep = keep
        self._secrets = [secret.encode() for secret in secrets]
        self._now = now
        self._livemode = livemode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            body = await _body(scope, receive)
            delivery = self._genuine(scope, body)
            await asyncio.to_thread(self._keep, delivery)
        except Refusal as refusal:
            await _answer(send, refusal.status, refusal.sentence, refusal.headers)
        except Exception:  # whatever went wrong, the provider shall try again and learn nothing of the inside
            log.exception("a delivery could not be kept")
            await _answer(send, 500, "The delivery could not be kept. Send it again.")
        else:
            await _answer(send, 200, "Kept.")

    def _genuine(self, scope: Scope, body: bytes) -> Delivery:
        signatures = _headers(scope, b"stripe-signature")
        if len(signatures) != 1 or not is_genuine(signatures[0], body, self._secrets, self._now()):
            raise Refusal(400, "The signature does not fit this body, or is too old.")
        try:
            envelope = msgspec.json.decode(body, type=Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Refusal(400, "This is not an event with an id, a type, a time and a mode.") from None
        if envelope.livemode is not self._livemode:
            raise Refusal(400, "Live and test events have endpoints of their own; this one is for the other kind.")
        return Delivery(envelope.id, envelope.type, datetime.fromtimestamp(envelope.created, UTC), body)


async def _body(scope: Scope, receive: Receive) -> bytes:
    if scope["method"] != "POST":
        raise Refusal(405, "Deliveries are posted.", {b"allow": b"POST"})
    kinds = _headers(scope, b"content-type")
    if len(kinds) != 1 or kinds[0].partition(b";")[0].strip().lower() != b"application/json":
        raise Refusal(415, "A delivery is application/json.")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "The delivery broke off.")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_BYTES:
            raise Refusal(413, f"A delivery has at most {BODY_BYTES} bytes.", {b"connection": b"close"})
        if not message.get("more_body", False):
            return b"".join(chunks)


def _headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for known, value in scope["headers"] if known == name]


async def _answer(send: Send, status: int, sentence: str, headers: Mapping[bytes, bytes] | None = None) -> None:
    body = sentence.encode()
    named = {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": str(len(body)).encode(),
        b"cache-control": b"no-store",
        **(headers or {}),
    }
    await send({"type": "http.response.start", "status": status, "headers": list(named.items())})
    await send({"type": "http.response.body", "body": body})
