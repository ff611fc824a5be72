"""The simulator as one object: books, API, courier and the hands of the people who use its pages."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fundlaunch.clock import Clock
from fundlaunch.payments.simulator import cards, charges, checkout, endpoints, sessions
from fundlaunch.payments.simulator.api import Api
from fundlaunch.payments.simulator.book import Book, Record, Request, Shape
from fundlaunch.payments.simulator.courier import Courier, Deliver, HttpDelivery
from fundlaunch.payments.simulator.customers import new_method
from fundlaunch.payments.simulator.events import queue
from fundlaunch.payments.simulator.faults import FaultPlan, no_faults
from fundlaunch.payments.simulator.listing import copied
from fundlaunch.payments.simulator.refusals import Refusal


@dataclass(frozen=True, slots=True)
class BookedCharge:
    """One try to take money, as the provider's books hold it. Amounts in minor units of `currency` (upper case)."""

    id: str
    intent: str
    customer: str
    payment_method: str
    status: str
    amount_minor: int
    refunded_minor: int
    fee_minor: int
    currency: str
    metadata: dict[str, str]


class Simulator:
    """A whole local Stripe. `file` keeps its books between starts, `seed` makes ids and mishaps repeatable.

    `deliver` posts webhooks; over HTTP unless given. Every method may be called from any thread.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        file: Path | None = None,
        seed: int | None = None,
        deliver: Deliver | None = None,
        faults: FaultPlan | None = None,
    ) -> None:
        self.book = Book(clock, file=file, seed=seed)
        self.faults = faults or no_faults()
        self.api = Api(self.book, self.faults)
        self._over_http = HttpDelivery()
        self.courier = Courier(self.book, deliver or self._over_http, seed=seed or 0)

    def listen(self, url: str, secret: str, kinds: tuple[str, ...] = ("*",)) -> None:
        """Send events of these kinds to `url` from now on, signed with `secret`."""
        with self.book.lock:
            endpoints.add(self.book, url, list(kinds), secret)
            self.book.flush()

    def tick(self) -> int:
        """Expire the sessions whose time has come and forget old keys; gives the number of expired sessions."""
        with self.book.lock:
            expired = sessions.expire_due(self.book)
            self.api.keys.prune()
            self.book.flush()
        return expired

    def deliver_due(self) -> int:
        """Expire what is due and try every due webhook once; gives how many were taken."""
        self.tick()
        return self.courier.deliver_due()

    def complete_checkout(self, session: str, card: str = "ok") -> Shape:
        """Fill in the hosted page with a test card and press its button; gives the session.

        It is complete, or still open when the bank asks first. Raises Refusal (402) when the card declines on the
        page, (400) when the session is over.
        """
        return self._act(lambda: checkout.submit(self.book, session, cards.named(card)))

    def confirm_bank(self, intent: str) -> Shape:
        """Agree on the bank's page; gives the intent."""
        return self._act(lambda: checkout.answer_bank(self.book, intent, agreed=True))

    def refuse_bank(self, intent: str) -> Refusal:
        """Refuse on the bank's page; gives what the page says."""
        try:
            self._act(lambda: checkout.answer_bank(self.book, intent, agreed=False))
        except Refusal as refusal:
            if refusal.status != 402:
                raise
            return refusal
        raise AssertionError("a refused bank confirmation went through")

    def end_refund(self, refund: str, *, arrived: bool) -> Shape:
        """What the receiving bank says of a refund, at last; gives the refund. Raises Refusal when it is over."""
        return self._act(lambda: charges.end_refund(self.book, refund, arrived=arrived))

    def expire_checkout(self, session: str) -> Shape:
        """Let the session run out now."""
        return self._act(lambda: sessions.expire(self.book, session, {}))

    def save_card(self, customer: str, card: str = "ok") -> str:
        """A payment method of that test card, attached to a known customer; gives its id."""
        method = self._act(lambda: new_method(self.book, cards.named(card), customer=customer).shape)
        return str(method["id"])

    def replace_card(self, payment_method: str, card: str) -> None:
        """Have a saved card behave as another from now on: a limit was raised, a card was stolen."""
        with self.book.lock:
            method = self.book.get("payment_method", payment_method)
            method.hidden["card"] = cards.named(card).name
            self.book.put(method)
            self.book.flush()

    def replay(self, event: str) -> None:
        """Queue an event once more for every endpoint."""
        with self.book.lock:
            record = self.book.get("event", event)
            for endpoint in self.book.all("webhook_endpoint"):
                queue(self.book, record, endpoint.id)
            self.book.flush()

    def shapes(self, kind: str) -> list[Shape]:
        """Copies of all objects of one kind ("checkout.session", "payment_intent", "event", ...), oldest first."""
        with self.book.lock:
            return [copied(record.shape) for record in self.book.all(kind)]

    def charges(self) -> list[BookedCharge]:
        """The provider's own books: every try to take money, failed ones included, oldest first."""
        with self.book.lock:
            return [self._booked(charge) for charge in self.book.all("charge")]

    def charges_of(self, pledge: str) -> list[BookedCharge]:
        """The tries to take money for one pledge (metadata "pledge")."""
        with self.book.lock:
            return [self._booked(charge) for charge in self.book.all("charge") if _is_of(charge, pledge)]

    def intents_of(self, pledge: str) -> list[Shape]:
        """Every PaymentIntent made for one pledge (metadata "pledge"), oldest first."""
        with self.book.lock:
            return [copied(intent.shape) for intent in self.book.all("payment_intent") if _is_of(intent, pledge)]

    def close(self) -> None:
        """Stop delivering and close the file."""
        self.courier.stop()
        self._over_http.close()
        self.book.close()

    def _booked(self, charge: Record) -> BookedCharge:
        shape = charge.shape
        transaction = self.book.find(shape["balance_transaction"] or "")
        return BookedCharge(
            id=charge.id,
            intent=shape["payment_intent"],
            customer=shape["customer"] or "",
            payment_method=shape["payment_method"],
            status=shape["status"],
            amount_minor=shape["amount"],
            refunded_minor=shape["amount_refunded"],
            fee_minor=transaction.shape["fee"] if transaction else 0,
            currency=shape["currency"].upper(),
            metadata=dict(shape["metadata"]),
        )

    def _act(self, act: Callable[[], Shape]) -> Shape:
        """Do something as a person on a page would, no API request being the cause; gives a copy of the result."""
        with self.book.lock:
            sessions.expire_due(self.book)
            self.book.request = Request()
            try:
                return copied(act())
            finally:
                self.book.flush()


def _is_of(record: Record, pledge: str) -> bool:
    return bool(record.shape["metadata"].get("pledge") == pledge)
