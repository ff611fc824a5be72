"""The HTTP edge of the Stripe adapter: answers laid out beforehand, requests recorded and checked when it closes."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx
import respx

from fundlaunch.clock import SimulatedClock
from fundlaunch.payments.gateway import CardCheckout, Charge, Giving, PaymentCheckout
from fundlaunch.payments.stripe.gateway import StripeGateway
from tests.gateway.spec_check import Spec

API = "https://api.stripe.example"
KEY = "sk_test_example"
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
EXPIRES_AT = NOON + timedelta(minutes=35)
RETURN = "https://fund.example.org/pledges/return?session={CHECKOUT_SESSION_ID}"
BACK = "https://fund.example.org/campaigns/lamp/pledge"

CARD_CHECKOUT = CardCheckout("checkout-1", "pledge-1", "cus_1", "USD", "ko", RETURN, BACK, EXPIRES_AT)
PAYMENT_CHECKOUT = PaymentCheckout(
    "checkout-2", "pledge-1", "payment-2", "cus_1", 49900, "KRW", "A lamp", "en", RETURN, BACK, EXPIRES_AT
)
CHARGE = Charge("payment-1", "pledge-1", "cus_1", "pm_1", 12900, "USD", "lamp, backer 7")
GIVING = Giving("refund-1", "pledge-1", "pi_1", 12900, "USD", attempt=1)

Answer = httpx.Response | Exception


class Edge:
    """A gateway whose requests go nowhere but into `sent`."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(NOON)
        self.gateway = StripeGateway(KEY, API, clock=self.clock)
        self.router = respx.MockRouter(base_url=API, assert_all_called=True)

    def __enter__(self) -> Self:
        self.router.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.router.stop(quiet=kind is not None)
        self.gateway.close()
        if kind is None and (spec := known_spec()):
            assert [line for request in self.sent for line in spec.complaints(request)] == []

    @property
    def sent(self) -> list[httpx.Request]:
        """Every request, in order."""
        return [call.request for call in self.router.calls]

    def on(self, method: str, path: str, *answers: Answer | Mapping[str, Any]) -> None:
        """Lay out the answers of one operation; a mapping is a 200 with that object."""
        route = self.router.request(method, path)
        route.side_effect = [
            answer if isinstance(answer, httpx.Response | Exception) else httpx.Response(200, json=dict(answer))
            for answer in answers
        ]

    def form(self, place: int = -1) -> dict[str, str]:
        """The body of one request, in Stripe's bracket form."""
        return dict(parse_qsl(self.sent[place].content.decode(), keep_blank_values=True))

    def key(self, place: int = -1) -> str:
        """The idempotency key of one request."""
        return self.sent[place].headers["Idempotency-Key"]


def known_spec() -> Spec | None:
    """The published parameters, where the folder of real data is there."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("FUNDLAUNCH_SHARED_DATA") or root.parent / "shared" / "data")
    file = folder / "stripe" / "spec.json"
    return Spec(file) if file.is_file() else None


def session(**more: Any) -> dict[str, Any]:
    """A session in setup mode, open."""
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "client_reference_id": "checkout-1",
        "customer": "cus_1",
        "expires_at": int(EXPIRES_AT.timestamp()),
        "mode": "setup",
        "status": "open",
        "url": "https://checkout.example/cs_1",
        **more,
    }


def intent(status: str = "requires_payment_method", **more: Any) -> dict[str, Any]:
    """An intent of ours."""
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 12900,
        "amount_received": 12900 if status == "succeeded" else 0,
        "currency": "usd",
        "customer": "cus_1",
        "latest_charge": None,
        "last_payment_error": None,
        "metadata": {"payment": "payment-1", "pledge": "pledge-1"},
        "status": status,
        **more,
    }


def refund(status: str = "succeeded", **more: Any) -> dict[str, Any]:
    """A refund of ours."""
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 12900,
        "charge": "ch_1",
        "currency": "usd",
        "metadata": {"refund": "refund-1", "pledge": "pledge-1"},
        "payment_intent": "pi_1",
        "status": status,
        **more,
    }


def listed(*shapes: dict[str, Any], has_more: bool = False, path: str = "/v1/events") -> dict[str, Any]:
    """One page of a list."""
    return {"object": "list", "url": path, "has_more": has_more, "data": list(shapes)}


def refusal(
    status: int, code: str = "", kind: str = "invalid_request_error", headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    """An error of the API."""
    error = {"type": kind, "message": "In their own words.", **({"code": code} if code else {}), **more}
    return httpx.Response(status, json={"error": error}, headers={"Request-Id": "req_1", **(headers or {})})


def decline(code: str, decline_code: str = "", advice: str | None = None) -> httpx.Response:
    """A 402 of a confirmation, with the intent as it stands after it."""
    words = {"decline_code": decline_code, "advice_code": advice, "charge": "ch_1"}
    declined = intent(latest_charge="ch_1", last_payment_error={**words, "code": code, "type": "card_error"})
    return refusal(402, code, "card_error", None, payment_intent=declined, **words)
