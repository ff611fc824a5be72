"""What a person does on the hosted page: save a card, pay, answer the bank. The page and the tests share these."""

from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.cards import BANK_REFUSED, Card
from fundlaunch.payments.simulator.charges import fail, on_session_decline, succeed
from fundlaunch.payments.simulator.customers import merged, new_method
from fundlaunch.payments.simulator.events import emit
from fundlaunch.payments.simulator.intents import ask_bank, new
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.payments.simulator.sessions import must_be_open


def submit(book: Book, name: str, card: Card) -> Shape:
    """Save the card or pay with it. Gives the session: complete, or still open when the bank asks first.

    Raises Refusal: 402 when the card declines (the session stays open), 400 when the session is over.
    """
    session = book.get("checkout.session", name)
    must_be_open(session, "completed")
    if session.shape["mode"] == "setup":
        _save(book, session, card)
    else:
        _pay(book, session, card)
    return session.shape


def _save(book: Book, session: Record, card: Card) -> None:
    setup = book.get("setup_intent", session.shape["setup_intent"])
    method = new_method(book, card, customer=session.shape["customer"])
    setup.shape |= {"status": "succeeded", "payment_method": method.id}
    emit(book, "setup_intent.succeeded", book.put(setup))
    _complete(book, session)


def _pay(book: Book, session: Record, card: Card) -> None:
    intent = _intent(book, session)
    keeps_card = intent.shape["setup_future_usage"] is not None
    method = new_method(book, card, customer=session.shape["customer"] if keeps_card else None)
    intent.shape["payment_method"] = method.id
    if card.asks_bank:
        ask_bank(book, intent, session.shape["success_url"])
    elif decline := on_session_decline(card):
        raise fail(book, intent, method, decline)
    else:
        _paid(book, session, intent, method)


def _intent(book: Book, session: Record) -> Record:
    """The session's intent: made by the first try to pay, used again by the next."""
    if name := session.hidden.get("intent"):
        return book.get("payment_intent", name)
    data = session.hidden["intent_data"]
    intent = new(
        book,
        amount=session.shape["amount_total"],
        currency=session.shape["currency"],
        customer=session.shape["customer"],
        description=data.get("description"),
        metadata=merged({}, data.get("metadata", {})),
        setup_future_usage=data.get("setup_future_usage"),
    )
    intent.hidden["session"] = session.id
    session.hidden["intent"] = intent.id
    return intent


def answer_bank(book: Book, name: str, *, agreed: bool) -> Shape:
    """What the card's owner says on the bank's page about an intent that waits for it. Gives the intent.

    Raises Refusal: 402 when the owner refused, 400 when nothing is being asked (any more).
    """
    intent = book.get("payment_intent", name)
    if intent.shape["status"] != "requires_action":
        raise Refusal("The bank is not asking about this payment (any more).", code="payment_intent_unexpected_state")
    method = book.get("payment_method", intent.shape["payment_method"])
    session = book.find(intent.hidden.get("session", ""))
    if not agreed:
        raise fail(book, intent, method, BANK_REFUSED)
    if session is None:
        succeed(book, intent, method)
    else:
        _paid(book, session, intent, method)
    return intent.shape


def _paid(book: Book, session: Record, intent: Record, method: Record) -> None:
    succeed(book, intent, method)
    session.shape |= {"payment_intent": intent.id, "payment_status": "paid"}
    _complete(book, session)


def _complete(book: Book, session: Record) -> None:
    customer = book.find(session.shape["customer"] or "")
    person = customer.shape if customer else {}
    session.shape |= {
        "status": "complete",
        "url": None,
        "customer_details": {
            "address": None,
            "email": person.get("email") or session.shape["customer_email"],
            "name": person.get("name"),
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    emit(book, "checkout.session.completed", book.put(session))
