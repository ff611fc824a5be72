"""The payment provider as the rest of the program sees it.

Every call raises `ProviderOutOfReach` when it surely did nothing (refused connection; `ProviderBusy` for 429) and
`AnswerUnclear` when it may have been carried out (time-out, 5xx, broken connection): then the object is looked up,
never sent again blindly. A decline is an answer, not an error. Amounts are whole minor units of `currency` (ISO 4217,
upper case). Times are aware UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fundlaunch.errors import FundLaunchError
from fundlaunch.payments.facts import Fact


class ProviderRefused(FundLaunchError):
    """The provider understood the call and will never do it as asked (400, 401, 403, 404). `code` is its word."""

    def __init__(self, sentence: str, *, code: str = "", **values: object) -> None:
        self.code = code
        super().__init__(sentence, code=code, **values)


@dataclass(frozen=True, slots=True)
class CardCheckout:
    """Save a card (Checkout in setup mode). `checkout_id` is our row's; its key derives from it."""

    checkout_id: str
    pledge_id: str
    customer: str
    currency: str
    language: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentCheckout:
    """Pay one amount now (Checkout in payment mode). `payment_id` is our Payment row's.

    `keeps_card` has the provider keep the card for a later charge; without it the card is used once.
    """

    checkout_id: str
    pledge_id: str
    payment_id: str
    customer: str
    amount_minor: int
    currency: str
    title: str
    language: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    keeps_card: bool = True


@dataclass(frozen=True, slots=True)
class OpenedCheckout:
    """Where the backer goes. `session` is the provider's id."""

    session: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutReading:
    """A session as the provider holds it: `status` open, complete or expired; `facts` say what follows from it."""

    session: str
    status: str
    url: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Charge:
    """One off-session charge to make: created unconfirmed, confirmed by a second call."""

    payment_id: str
    pledge_id: str
    customer: str
    payment_method: str
    amount_minor: int
    currency: str
    description: str


@dataclass(frozen=True, slots=True)
class Giving:
    """Money to give back of what an intent took. `refund_id` is our row's; `attempt` is part of its key."""

    refund_id: str
    pledge_id: str
    intent: str
    amount_minor: int
    currency: str
    attempt: int


@dataclass(frozen=True, slots=True)
class IntentReading:
    """An intent as the provider holds it; `status` is the provider's word, `facts` what it means for us.

    `facts` is empty while the intent waits to be confirmed (requires_confirmation, or requires_payment_method without
    an error) or is still processing.
    """

    intent: str
    status: str
    payment_id: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One event of the provider as it was sent: its id, its type, the raw JSON, when it was made."""

    id: str
    type: str
    created_at: datetime
    body: bytes


class Gateway(Protocol):
    """What the program asks of a payment provider. Calls block; one object serves many threads."""

    def make_customer(self, *, key: str, email: str, name: str, pledge_id: str) -> str:
        """Make a customer under an idempotency key; gives the provider's id."""
        ...

    def open_card_checkout(self, wanted: CardCheckout) -> OpenedCheckout:
        """Open a page that saves a card; the same row gives the same page."""
        ...

    def open_payment_checkout(self, wanted: PaymentCheckout) -> OpenedCheckout:
        """Open a page that takes one payment; the same row gives the same page."""
        ...

    def read_checkout(self, session: str) -> CheckoutReading:
        """The session as it stands."""
        ...

    def expire_checkout(self, session: str) -> CheckoutReading:
        """Expire the session if it is open, and read its final state: complete or expired."""
        ...

    def find_checkout(self, *, customer: str, checkout_id: str) -> str | None:
        """The session that was opened for our checkout row, if the provider holds one (after an unclear answer)."""
        ...

    def create_intent(self, charge: Charge) -> str:
        """Create an unconfirmed intent under the key create:<payment>; gives the provider's id."""
        ...

    def confirm_intent(self, intent: str, charge: Charge, attempt: int) -> IntentReading:
        """Confirm off session under the key confirm:<payment>:<attempt>. A decline comes back as a fact."""
        ...

    def read_intent(self, intent: str) -> IntentReading:
        """The intent as it stands."""
        ...

    def cancel_intent(self, intent: str) -> IntentReading:
        """Cancel the intent if it can be, and read its final state (it may have succeeded meanwhile)."""
        ...

    def find_intent(self, *, customer: str, payment_id: str) -> str | None:
        """The intent that was created for our payment row, if any (after an unclear or forgotten create)."""
        ...

    def release_card(self, *, customer: str, payment_method: str) -> None:
        """Detach the saved card so that it can never be charged; already gone is fine."""
        ...

    def refund(self, wanted: Giving) -> tuple[Fact, ...]:
        """Give money back under the key refund:<refund>:<attempt>; the facts say whether it went or is under way.

        Raises ProviderRefused, among others with `charge_already_refunded` when nothing of it is left.
        """
        ...

    def refunds_of(self, intent: str) -> tuple[Fact, ...]:
        """Every refund of what an intent took, oldest first, whoever asked for it (after an unclear answer)."""
        ...

    def events_since(self, event_id: str | None, *, limit: int) -> Iterator[ProviderEvent]:
        """Events after the given one (all that the provider keeps, when None), oldest first, at most `limit`."""
        ...
