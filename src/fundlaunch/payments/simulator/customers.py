"""Customers and their saved cards."""

from fundlaunch.payments.simulator import cards, objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.cards import Card
from fundlaunch.payments.simulator.events import emit
from fundlaunch.payments.simulator.listing import listed, matching
from fundlaunch.payments.simulator.refusals import Refusal, missing


def create(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/customers"""
    del name
    record = book.put(Record(objects.customer(book.new_id("cus", 14), book.now_seconds(), **_fields(params))))
    emit(book, "customer.created", record)
    return record.shape


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/customers/{id}"""
    del params
    return book.get("customer", name).shape


def update(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/customers/{id}"""
    record = book.get("customer", name)
    fields = _fields(params)
    if "metadata" in params:
        fields["metadata"] = merged(record.shape["metadata"], params["metadata"])
    record.shape.update(fields)
    emit(book, "customer.updated", book.put(record))
    return record.shape


def _fields(params: Shape) -> Shape:
    fields = {name: value for name, value in params.items() if name != "expand"}
    if "metadata" in fields:
        fields["metadata"] = merged({}, fields["metadata"])
    return fields


def merged(present: Shape, sent: Shape | None) -> Shape:
    """Metadata after an update: keys are added or replaced, '' takes one away, None takes all."""
    if sent is None:
        return {}
    return {key: value for key, value in (present | sent).items() if value}


def list_customers(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/customers"""
    del name
    return listed(book, "customer", "/v1/customers", params, matching(params, "email"))


def new_method(book: Book, card: Card, *, customer: str | None = None) -> Record:
    """A payment method for a test card, attached when a customer is given."""
    shape = objects.payment_method(
        book.new_id("pm"), book.now_seconds(), card, fingerprint=f"{card.name:0<16}", customer=customer
    )
    record = book.put(Record(shape, {"card": card.name}))
    if customer is not None:
        emit(book, "payment_method.attached", record)
    return record


def card_of(method: Record) -> Card:
    """The test card behind a payment method."""
    return cards.named(method.hidden["card"])


def create_method(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_methods: type=card with the number of a test card."""
    del name
    if "card" not in params:
        raise missing("card")
    record = new_method(book, cards.numbered(params["card"]["number"]))
    record.shape["metadata"] = merged({}, params.get("metadata", {}))
    return record.shape


def read_method(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/payment_methods/{id}"""
    del params
    return book.get("payment_method", name).shape


def list_methods(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/payment_methods: those that are attached to one customer."""
    del name
    if "customer" not in params:
        raise missing("customer")
    book.get("customer", params["customer"], "customer")
    return listed(book, "payment_method", "/v1/payment_methods", params, matching(params, "customer", "type"))


def attach(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_methods/{id}/attach"""
    record = book.get("payment_method", name)
    book.get("customer", params["customer"], "customer")
    if record.hidden.get("detached"):
        raise used_up()
    if record.shape["customer"] not in {None, params["customer"]}:
        raise Refusal("The payment method you provided has already been attached to a customer.")
    record.shape["customer"] = params["customer"]
    book.shelf("payment_method").adopt(record)
    emit(book, "payment_method.attached", book.put(record))
    return record.shape


def detach(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_methods/{id}/detach: it can never be charged again."""
    del params
    record = book.get("payment_method", name)
    if record.shape["customer"] is None:
        raise Refusal("The payment method you provided is not attached to a customer so detachment is impossible.")
    record.shape["customer"] = None
    record.hidden["detached"] = True
    emit(book, "payment_method.detached", book.put(record))
    return record.shape


def used_up() -> Refusal:
    """What Stripe says of a payment method that was detached."""
    return Refusal(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with "
        "a connected account without Customer attachment, or was detached from a Customer. It may not be used again. "
        "To use a PaymentMethod multiple times, you must attach it to a Customer first."
    )
