"""Events: what happened, kept for 30 days' listing and queued for each endpoint that asked for its kind."""

from fundlaunch.payments.simulator import objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.listing import Test, copied, listed
from fundlaunch.payments.simulator.refusals import Refusal, no_such

LISTED_SECONDS = 30 * 24 * 3600
"""How long GET /v1/events shows an event (docs.stripe.com/api/events)."""


def emit(book: Book, kind: str, subject: Record) -> Record:
    """Record that `subject` changed, with a snapshot of it as it is now."""
    endpoints = [endpoint for endpoint in book.all("webhook_endpoint") if _wants(endpoint, kind)]
    event = book.put(
        Record(
            objects.event(
                book.new_id("evt"),
                book.now_seconds(),
                kind,
                copied(subject.shape),
                pending_webhooks=len(endpoints),
                request={"id": book.request.id, "idempotency_key": book.request.idempotency_key},
            )
        )
    )
    for endpoint in endpoints:
        queue(book, event, endpoint.id)
    return event


def queue(book: Book, event: Record, endpoint: str) -> None:
    """Have the courier bring the event to an endpoint as soon as it comes round."""
    book.note_delivery(
        book.new_id("dlv"),
        {"event": event.id, "endpoint": endpoint, "tries": 0, "due_at": book.now_seconds()},
    )


def _wants(endpoint: Record, kind: str) -> bool:
    wanted = endpoint.shape["enabled_events"]
    return endpoint.shape["status"] == "enabled" and ("*" in wanted or kind in wanted)


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/events/{id}"""
    del params
    record = book.get("event", name)
    if not _is_recent(book)(record):
        raise no_such("event", name)
    return record.shape


def list_events(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/events"""
    del name
    if "type" in params and "types" in params:
        raise Refusal("You may only specify one of these parameters: type, types.")
    tests: list[Test] = [_is_recent(book)]
    if kinds := params.get("types") or [kind for kind in (params.get("type"),) if kind]:
        tests.append(lambda record: record.shape["type"] in kinds)
    if "delivery_success" in params:
        delivered = params["delivery_success"]
        tests.append(lambda record: (record.shape["pending_webhooks"] == 0) == delivered)
    return listed(book, "event", "/v1/events", params, tests)


def _is_recent(book: Book) -> Test:
    oldest = book.now_seconds() - LISTED_SECONDS
    return lambda record: bool(record.shape["created"] >= oldest)
