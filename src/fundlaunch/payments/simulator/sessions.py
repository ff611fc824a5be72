"""Checkout Sessions as their endpoints treat them: made, read, expired."""

import heapq
from typing import Any

from fundlaunch.payments.simulator import amounts, objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.customers import merged
from fundlaunch.payments.simulator.events import emit
from fundlaunch.payments.simulator.intents import cancel_intent
from fundlaunch.payments.simulator.listing import listed, matching
from fundlaunch.payments.simulator.refusals import Refusal, missing

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 3600
ONLY_IN_PAYMENT = ("line_items", "payment_intent_data", "submit_type", "adaptive_pricing")
ONLY_IN_SETUP = ("setup_intent_data",)

_SHOWN = ("cancel_url", "client_reference_id", "customer", "customer_email", "locale", "submit_type", "success_url")


def create(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/checkout/sessions in setup or payment mode, on the hosted page."""
    del name
    mode = params["mode"]
    _refuse_other_modes(params, mode)
    if "success_url" not in params:
        raise missing("success_url")
    if "customer" in params:
        book.get("customer", params["customer"], "customer")
    now = book.now_seconds()
    name = book.new_id("cs_test", 58)
    shape = objects.session(
        name,
        now,
        mode=mode,
        metadata=merged({}, params.get("metadata", {})),
        expires_at=_expiry(params.get("expires_at"), now),
        url=f"{book.page_address}/c/pay/{name}",
        **{field: params.get(field) for field in _SHOWN},
    )
    if allowed := params.get("allowed_payment_method_types"):
        shape["payment_method_types"] = allowed
    record = Record(shape)
    (_prepare_setup if mode == "setup" else _prepare_payment)(book, record, params)
    book.expire_at(shape["expires_at"], book.put(record).id)
    return shape


def _refuse_other_modes(params: Shape, mode: str) -> None:
    for name in ONLY_IN_PAYMENT if mode == "setup" else ONLY_IN_SETUP:
        if name in params:
            raise Refusal(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if "customer" in params and "customer_email" in params:
        raise Refusal("You may only specify one of these parameters: customer, customer_email.")


def _expiry(wanted: int | None, now: int) -> int:
    if wanted is None:
        return now + LONGEST_SECONDS
    if not now + SHORTEST_SECONDS <= wanted <= now + LONGEST_SECONDS:
        raise Refusal(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return wanted


def _prepare_setup(book: Book, session: Record, params: Shape) -> None:
    if "currency" not in params and "allowed_payment_method_types" not in params:
        raise missing("currency")
    currency = amounts.currency(params["currency"]) if "currency" in params else None
    data = params.get("setup_intent_data", {})
    shape = objects.setup_intent(
        book.new_id("seti"),
        book.now_seconds(),
        secret=book.new_id("s", 25),
        customer=params.get("customer"),
        description=data.get("description"),
        metadata=merged({}, data.get("metadata", {})),
        payment_method_types=session.shape["payment_method_types"],
    )
    setup = book.put(Record(shape, {"session": session.id}))
    session.shape |= {"currency": currency, "setup_intent": setup.id, "payment_status": "no_payment_required"}


def _prepare_payment(book: Book, session: Record, params: Shape) -> None:
    del book
    items = [_line(place, item) for place, item in enumerate(params.get("line_items", ()))]
    if not items:
        raise missing("line_items")
    if len({item["currency"] for item in items}) > 1:
        raise Refusal("All line items must have the same currency.", param="line_items")
    total = amounts.chargeable(sum(item["amount"] for item in items), items[0]["currency"], "line_items")
    session.shape |= {
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": True}),
        "amount_subtotal": total,
        "amount_total": total,
        "currency": items[0]["currency"],
        "payment_method_collection": "always",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }
    session.hidden |= {"lines": items, "intent_data": params.get("payment_intent_data", {})}


def _line(place: int, item: Shape) -> Shape:
    param = f"line_items[{place}]"
    price: dict[str, Any] = item["price_data"]
    quantity = item.get("quantity", 1)
    return {
        "title": price["product_data"]["name"],
        "quantity": quantity,
        "amount": price["unit_amount"] * quantity,
        "currency": amounts.currency(price["currency"], f"{param}[price_data][currency]"),
    }


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/checkout/sessions/{id}"""
    del params
    return book.get("checkout.session", name).shape


def list_sessions(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/checkout/sessions"""
    del name
    tests = matching(params, "status", "payment_intent")
    return listed(book, "checkout.session", "/v1/checkout/sessions", params, tests)


def expire(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/checkout/sessions/{id}/expire: only an open one can be."""
    del params
    session = book.get("checkout.session", name)
    must_be_open(session, "expired")
    _expire(book, session)
    return session.shape


def must_be_open(session: Record, verb: str) -> None:
    """Refuse unless the session is open: what was completed stays completed, what expired stays expired."""
    status = session.shape["status"]
    if status != "open":
        raise Refusal(
            f'Only Checkout Sessions with a status in ["open"] can be {verb}. This Checkout Session has a status of '
            f"`{status}`.",
        )


def expire_due(book: Book) -> int:
    """Expire every open session whose time has come by the clock; gives their number."""
    expired = 0
    now = book.now_seconds()
    while book.expiries and book.expiries[0][0] <= now:
        session = book.get("checkout.session", heapq.heappop(book.expiries)[1])
        if session.shape["status"] == "open":
            _expire(book, session)
            expired += 1
    return expired


def _expire(book: Book, session: Record) -> None:
    session.shape |= {"status": "expired", "url": None}
    emit(book, "checkout.session.expired", book.put(session))
    if intent := session.hidden.get("intent"):
        cancel_intent(book, book.get("payment_intent", intent), "abandoned")
    if name := session.shape["setup_intent"]:
        setup = book.get("setup_intent", name)
        setup.shape |= {"status": "canceled", "cancellation_reason": "abandoned"}
        emit(book, "setup_intent.canceled", book.put(setup))
