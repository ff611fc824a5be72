"""What was learned from the provider, in our own words.

Webhook, return page, sweeper and worker all turn what they learned into one of these and hand it to
`pledges.actions.apply`. Order, repetition and source do not matter. Ids are the provider's unless they are called ours;
amounts are whole minor units.
"""

from dataclasses import dataclass
from enum import StrEnum


class DeclineClass(StrEnum):
    """What a decline asks for: patience, another card, or the backer at the bank."""

    TRY_LATER = "try_later"
    NEW_CARD = "new_card"
    BACKER = "backer"


@dataclass(frozen=True, slots=True)
class CardSaved:
    """A Checkout session in setup mode was completed. `checkout_id` is ours, from client_reference_id, or ''."""

    session: str
    checkout_id: str
    customer: str
    payment_method: str
    card_brand: str
    card_last4: str


@dataclass(frozen=True, slots=True)
class CheckoutExpired:
    """A Checkout session ended without being completed. `checkout_id` is ours or ''."""

    session: str
    checkout_id: str


@dataclass(frozen=True, slots=True)
class PaidInCheckout:
    """A Checkout session in payment mode was completed and paid. `card_*` are '' where the provider shows no card."""

    session: str
    checkout_id: str
    intent: str
    payment_method: str
    amount_minor: int
    currency: str
    card_brand: str = ""
    card_last4: str = ""


@dataclass(frozen=True, slots=True)
class IntentCreated:
    """The provider holds an unconfirmed PaymentIntent. `payment_id` is ours, from its metadata."""

    intent: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class ChargeSucceeded:
    """The card was charged. `payment_id` is ours, from the intent's metadata, or ''."""

    intent: str
    payment_id: str
    charge: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ChargeDeclined:
    """A definite no. `code` and `decline_code` are the provider's words.

    `charge` is the failed charge (latest_charge): it tells news of this attempt from old news of an earlier one.
    """

    intent: str
    payment_id: str
    charge: str
    code: str
    decline_code: str
    advice: str
    decline_class: DeclineClass


@dataclass(frozen=True, slots=True)
class AuthenticationAsked:
    """The bank wants the backer's own confirmation before it pays. `charge` is the failed charge, or ''."""

    intent: str
    payment_id: str
    charge: str


@dataclass(frozen=True, slots=True)
class IntentCanceled:
    """The provider confirmed that this intent can never succeed any more."""

    intent: str
    payment_id: str


@dataclass(frozen=True, slots=True)
class CardGone:
    """The saved card was detached, or its customer deleted (then `payment_method` is ''), at the provider.

    `customer` is '' where the provider does not say whose card it was.
    """

    customer: str
    payment_method: str


@dataclass(frozen=True, slots=True)
class RefundMade:
    """Money goes back. `refund_id` is ours, from its metadata, or '' for one made by hand at the provider.

    `is_settled` is False while the provider or the bank still works on it.
    """

    refund: str
    refund_id: str
    intent: str
    amount_minor: int
    currency: str
    is_settled: bool


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The money did not go back, or came back from the bank. `reason` is the provider's word, or ''."""

    refund: str
    refund_id: str
    intent: str
    reason: str


Fact = (
    CardSaved
    | CheckoutExpired
    | PaidInCheckout
    | IntentCreated
    | ChargeSucceeded
    | ChargeDeclined
    | AuthenticationAsked
    | IntentCanceled
    | CardGone
    | RefundMade
    | RefundFailed
)
