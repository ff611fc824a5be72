"""Taking money: a charge, its fee, its decline, its refund; and the lists of them."""

from fundlaunch.money import share_half_up
from fundlaunch.payments.simulator import objects
from fundlaunch.payments.simulator.book import Book, Record, Shape
from fundlaunch.payments.simulator.cards import Card, Decline
from fundlaunch.payments.simulator.customers import card_of, merged
from fundlaunch.payments.simulator.events import emit
from fundlaunch.payments.simulator.listing import Test, copied, listed, matching
from fundlaunch.payments.simulator.refusals import Refusal, missing

FEE_PER_MILLE = 29
FEE_FIXED_MINOR = 30


def fee_minor(amount_minor: int) -> int:
    """2.9 % rounded half up, plus 30 minor units, in the charge's currency."""
    return share_half_up(amount_minor, FEE_PER_MILLE, 1_000) + FEE_FIXED_MINOR


def succeed(book: Book, intent: Record, method: Record) -> None:
    """Take the money of an intent: the one place where an intent becomes paid."""
    charge = _charge(book, intent, method, None)
    amount = intent.shape["amount"]
    intent.shape |= {
        "status": "succeeded",
        "amount_received": amount,
        "latest_charge": charge.id,
        "payment_method": method.id,
        "last_payment_error": None,
        "next_action": None,
    }
    emit(book, "payment_intent.succeeded", book.put(intent))
    emit(book, "charge.succeeded", charge)
    # With the default asynchronous capture the fee is not known yet when the charge succeeds.
    charge.shape["balance_transaction"] = _settle(book, charge, "charge", amount, fee_minor(amount)).id
    emit(book, "charge.updated", book.put(charge))


def fail(book: Book, intent: Record, method: Record, decline: Decline) -> Refusal:
    """Decline an intent: it falls back to requires_payment_method without one. Gives the 402 to answer with."""
    charge = _charge(book, intent, method, decline)
    error: Shape = {"charge": charge.id, "code": decline.code, "message": decline.message, "type": "card_error"}
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    if decline.advice_code:
        error["advice_code"] = decline.advice_code
    error["payment_method"] = copied(method.shape)
    intent.shape |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge.id,
        "last_payment_error": error,
        "next_action": None,
    }
    emit(book, "payment_intent.payment_failed", book.put(intent))
    detail = {name: value for name, value in error.items() if name not in {"code", "message", "type"}}
    return Refusal(
        decline.message,
        status=402,
        kind="card_error",
        code=decline.code,
        detail=detail | {"payment_intent": copied(intent.shape)},
    )


def off_session_decline(method: Record) -> Decline | None:
    """What the bank says when the card's owner is not there."""
    return card_of(method).decline


def on_session_decline(card: Card) -> Decline | None:
    """What the bank says when its owner pays on the page; a card that asks its bank is asked there, not declined."""
    return None if card.asks_bank else card.decline


def _charge(book: Book, intent: Record, method: Record, decline: Decline | None) -> Record:
    shape = objects.charge(book.new_id("ch"), intent.shape, method.shape, book.now_seconds(), decline)
    return book.put(Record(shape))


def _settle(book: Book, source: Record, kind: str, amount: int, fee: int) -> Record:
    currency = source.shape["currency"]
    detail = {"amount": fee, "currency": currency, "type": "stripe_fee", "description": "Stripe processing fees"}
    transaction = objects.balance_transaction(
        book.new_id("txn"),
        book.now_seconds(),
        amount=amount,
        currency=currency,
        fee=fee,
        fee_details=[detail | {"application": None}] if fee else [],
        net=amount - fee,
        reporting_category=kind,
        source=source.id,
        type=kind,
    )
    return book.put(Record(transaction))


def read(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/charges/{id}"""
    del params
    return book.get("charge", name).shape


def list_charges(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/charges"""
    del name
    return listed(book, "charge", "/v1/charges", params, matching(params, "payment_intent"))


def list_transactions(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/balance_transactions"""
    del name
    tests = matching(params, "currency", "source", "type")
    return listed(book, "balance_transaction", "/v1/balance_transactions", params, tests)


def read_transaction(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/balance_transactions/{id}"""
    del params
    return book.get("balance_transaction", name).shape


def create_refund(book: Book, name: str, params: Shape) -> Shape:
    """POST /v1/refunds: the whole rest of a charge, or a part of it. The fee is not given back."""
    del name
    charge = _refundable(book, params)
    amount = _refund_amount(charge, params.get("amount"))
    shape = objects.refund(
        book.new_id("re"),
        book.now_seconds(),
        amount=amount,
        charge=charge.id,
        currency=charge.shape["currency"],
        metadata=merged({}, params.get("metadata", {})),
        payment_intent=charge.shape["payment_intent"],
        reason=params.get("reason"),
        balance_transaction=None,
        status=card_of(book.get("payment_method", charge.shape["payment_method"])).refund_status,
    )
    refund = book.put(Record(shape))
    refund.shape["balance_transaction"] = _settle(book, refund, "refund", -amount, 0).id
    charge.shape["amount_refunded"] += amount
    charge.shape["refunded"] = charge.shape["amount_refunded"] == charge.shape["amount"]
    emit(book, "refund.created", refund)
    emit(book, "charge.refunded", book.put(charge))
    return refund.shape


def end_refund(book: Book, name: str, *, arrived: bool) -> Shape:
    """The receiving bank's word about a refund, which may come days after the refund seemed done.

    One that did not arrive puts the money back (docs.stripe.com/refunds, failed refunds). Raises Refusal.
    """
    refund = book.get("refund", name)
    if refund.shape["status"] == "failed" or (arrived and refund.shape["status"] == "succeeded"):
        raise Refusal(f"The refund {name} is over already.")
    if arrived:
        refund.shape["status"] = "succeeded"
        emit(book, "refund.updated", book.put(refund))
        return refund.shape
    charge = book.get("charge", refund.shape["charge"])
    amount = refund.shape["amount"]
    refund.shape |= {"status": "failed", "failure_reason": "declined"}
    refund.shape["failure_balance_transaction"] = _settle(book, refund, "refund_failure", amount, 0).id
    charge.shape["amount_refunded"] -= amount
    charge.shape["refunded"] = False
    book.put(charge)
    emit(book, "refund.failed", book.put(refund))
    return refund.shape


def _refundable(book: Book, params: Shape) -> Record:
    if ("charge" in params) == ("payment_intent" in params):
        raise missing("payment_intent")
    if "charge" in params:
        return book.get("charge", params["charge"], "charge")
    intent = book.get("payment_intent", params["payment_intent"], "payment_intent")
    if intent.shape["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.", param="payment_intent"
        )
    return book.get("charge", intent.shape["latest_charge"])


def _refund_amount(charge: Record, wanted: int | None) -> int:
    left: int = charge.shape["amount_captured"] - charge.shape["amount_refunded"]
    if left <= 0:
        raise Refusal(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    if wanted is not None and wanted > left:
        raise Refusal(f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})", param="amount")
    return left if wanted is None else wanted


def read_refund(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/refunds/{id}"""
    del params
    return book.get("refund", name).shape


def list_refunds(book: Book, name: str, params: Shape) -> Shape:
    """GET /v1/refunds"""
    del name
    tests: list[Test] = matching(params, "charge", "payment_intent")
    return listed(book, "refund", "/v1/refunds", params, tests)
