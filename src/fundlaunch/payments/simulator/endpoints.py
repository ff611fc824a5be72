"""Webhook endpoints, and the account they belong to."""

from fundlaunch.payments.simulator import objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.customers import merged
from fundlaunch.payments.simulator.listing import listed


def read_account(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/account"""
    del book, name, params
    return objects.account()


def create(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/webhook_endpoints: the only answer that shows the secret."""
    del name
    endpoint = add(book, params["url"], params["enabled_events"], "whsec_" + book.new_id("s", 32).removeprefix("s_"))
    endpoint.shape["description"] = params.get("description")
    endpoint.shape["metadata"] = merged({}, params.get("metadata", {}))
    return endpoint.shape | {"secret": endpoint.hidden["secret"]}


def add(book: Book, url: str, enabled_events: list[str], secret: str) -> Record:
    """Send these kinds of events ("*" for all) to `url`, signed with `secret`; a known url is changed, not doubled."""
    known = next((record for record in book.all("webhook_endpoint") if record.shape["url"] == url), None)
    shape = objects.webhook_endpoint(book.new_id("we"), book.now_seconds(), url=url, enabled_events=enabled_events)
    endpoint = known or Record(shape)
    endpoint.shape["enabled_events"] = enabled_events
    endpoint.hidden["secret"] = secret
    return book.put(endpoint)


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/webhook_endpoints/{id}"""
    del params
    return book.get("webhook_endpoint", name).shape


def list_endpoints(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/webhook_endpoints"""
    del name
    return listed(book, "webhook_endpoint", "/v1/webhook_endpoints", params)
