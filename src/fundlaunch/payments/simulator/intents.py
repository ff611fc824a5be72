"""PaymentIntents and SetupIntents as their endpoints treat them: made, read, confirmed, canceled."""

from fundlaunch.payments.simulator import amounts, objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.charges import fail, off_session_decline, on_session_decline, succeed
from fundlaunch.payments.simulator.customers import card_of, merged, used_up
from fundlaunch.payments.simulator.events import emit
from fundlaunch.payments.simulator.listing import copied, listed
from fundlaunch.payments.simulator.refusals import Refusal, missing

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action", "processing", "requires_capture")
WITHOUT_REDIRECT = {"card", "link"}

_TAKEN = ("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix")
_ONLY_WITH_CONFIRM = ("off_session", "return_url", "error_on_requires_action")


def create(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_intents: unconfirmed, or with confirm=true confirmed at once."""
    del name
    if not params.get("confirm"):
        for early in _ONLY_WITH_CONFIRM:
            if early in params:
                raise Refusal(f"The parameter `{early}` cannot be passed unless `confirm` is true.", param=early)
    currency = amounts.currency(params["currency"])
    amounts.chargeable(params["amount"], currency)
    if "customer" in params:
        book.get("customer", params["customer"], "customer")
    method = _usable_method(book, params.get("payment_method"), params.get("customer"))
    if params.get("confirm") and method is None:
        raise missing("payment_method")
    intent = new(
        book,
        amount=params["amount"],
        currency=currency,
        customer=params.get("customer"),
        metadata=merged({}, params.get("metadata", {})),
        payment_method=method.id if method else None,
        status="requires_confirmation" if method else "requires_payment_method",
        automatic_payment_methods=_automatic(params),
        excluded_payment_method_types=params.get("excluded_payment_method_types"),
        **{field: params.get(field) for field in _TAKEN},
    )
    if "allowed_payment_method_types" in params:
        intent.shape["payment_method_types"] = params["allowed_payment_method_types"]
        intent.hidden["allowed"] = params["allowed_payment_method_types"]
    if params.get("confirm"):
        return _confirmed(book, intent, params)
    return intent.shape


def new(book: Book, **known: object) -> Record:
    """An intent and the event of its making."""
    shape = objects.payment_intent(book.new_id("pi"), book.now_seconds(), secret=book.new_id("s", 25), **known)
    intent = book.put(Record(shape))
    emit(book, "payment_intent.created", intent)
    return intent


def _automatic(params: Shape) -> Shape:
    return {"allow_redirects": "always", "enabled": True} | dict(params.get("automatic_payment_methods", {}))


def _usable_method(book: Book, name: str | None, customer: str | None) -> Record | None:
    if name is None:
        return None
    method = book.get("payment_method", name, "payment_method")
    if method.hidden.get("detached"):
        raise used_up()
    owner = method.shape["customer"]
    if owner is not None and owner != customer:
        raise Refusal(
            f"The PaymentMethod {name} does not belong to the Customer {customer} you supplied. Please use this "
            "PaymentMethod with the Customer that it belongs to.",
            param="payment_method",
        )
    return method


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/payment_intents/{id}"""
    del params
    return book.get("payment_intent", name).shape


def list_intents(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/payment_intents"""
    del name
    return listed(book, "payment_intent", "/v1/payment_intents", params)


def update(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_intents/{id}: description and metadata, for as long as it is not over."""
    intent = book.get("payment_intent", name)
    if intent.shape["status"] == "canceled":
        raise _unexpected(intent, "updated")
    if "description" in params:
        intent.shape["description"] = params["description"]
    if "metadata" in params:
        intent.shape["metadata"] = merged(intent.shape["metadata"], params["metadata"])
    return book.put(intent).shape


def confirm(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_intents/{id}/confirm"""
    intent = book.get("payment_intent", name)
    if intent.shape["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "confirmed")
    if intent.hidden.get("session"):
        raise Refusal("You cannot confirm this PaymentIntent: it belongs to a Checkout Session, which confirms it.")
    method = _usable_method(book, params.get("payment_method"), intent.shape["customer"])
    if method is not None:
        intent.shape["payment_method"] = method.id
    elif intent.shape["payment_method"] is None:
        raise _without_method(intent)
    return _confirmed(book, intent, params)


def _confirmed(book: Book, intent: Record, params: Shape) -> Shape:
    if "return_url" not in params and _may_redirect(intent):
        raise Refusal(
            "This PaymentIntent is configured to accept payment methods that may redirect your customer off of your "
            "page, so you must provide a `return_url`.",
            param="return_url",
        )
    method = _usable_method(book, intent.shape["payment_method"], intent.shape["customer"])
    if method is None:
        raise _without_method(intent)
    on_session = params.get("off_session", "false") == "false"
    if on_session and card_of(method).asks_bank:
        ask_bank(book, intent, params.get("return_url"))
        return intent.shape
    decline = on_session_decline(card_of(method)) if on_session else off_session_decline(method)
    if decline is not None:
        raise fail(book, intent, method, decline)
    succeed(book, intent, method)
    return intent.shape


def _may_redirect(intent: Record) -> bool:
    allowed = intent.hidden.get("allowed")
    if allowed is not None and WITHOUT_REDIRECT.issuperset(allowed):
        return False
    return bool(intent.shape["automatic_payment_methods"]["allow_redirects"] == "always")


def ask_bank(book: Book, intent: Record, return_url: str | None) -> None:
    """Put the question of the bank before the card's owner, who answers it on the simulator's bank page."""
    page = f"{book.page_address}/bank/{intent.id}"
    intent.hidden["return_url"] = return_url
    intent.shape |= {
        "status": "requires_action",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": page, "return_url": return_url}},
    }
    emit(book, "payment_intent.requires_action", book.put(intent))


def cancel(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/payment_intents/{id}/cancel"""
    intent = book.get("payment_intent", name)
    if intent.shape["status"] not in CANCELABLE:
        raise _unexpected(intent, "canceled")
    if intent.hidden.get("session"):
        raise Refusal("You cannot cancel this PaymentIntent: it belongs to a Checkout Session. Expire that instead.")
    cancel_intent(book, intent, params.get("cancellation_reason"))
    return intent.shape


def cancel_intent(book: Book, intent: Record, reason: str | None) -> None:
    """End an intent for good."""
    intent.shape |= {
        "status": "canceled",
        "canceled_at": book.now_seconds(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    emit(book, "payment_intent.canceled", book.put(intent))


def _unexpected(intent: Record, verb: str) -> Refusal:
    status = intent.shape["status"]
    return Refusal(
        f"This PaymentIntent could not be {verb} because it has a status of {status}.",
        code="payment_intent_unexpected_state",
        detail={"payment_intent": copied(intent.shape)},
    )


def _without_method(intent: Record) -> Refusal:
    return Refusal(
        "You cannot confirm this PaymentIntent because it's missing a payment method. Update it with one, or send one "
        "with the confirmation.",
        code="payment_intent_unexpected_state",
        detail={"payment_intent": copied(intent.shape)},
    )


def read_setup(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/setup_intents/{id}"""
    del params
    return book.get("setup_intent", name).shape


def list_setups(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/setup_intents"""
    del name
    return listed(book, "setup_intent", "/v1/setup_intents", params)


def update_setup(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/setup_intents/{id}: description and metadata."""
    setup = book.get("setup_intent", name)
    if "description" in params:
        setup.shape["description"] = params["description"]
    if "metadata" in params:
        setup.shape["metadata"] = merged(setup.shape["metadata"], params["metadata"])
    return book.put(setup).shape
