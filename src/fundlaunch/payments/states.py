"""The life of a payment, and of the checkout in which a card is saved (RULES section 1)."""

from enum import StrEnum

from fundlaunch.lifecycle import Lifecycle


class PaymentState(StrEnum):
    INTENDED = "intended"
    CREATED = "created"
    CONFIRMING = "confirming"
    UNKNOWN = "unknown"
    NEEDS_BACKER = "needs_backer"
    DECLINED = "declined"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class PaymentEvent(StrEnum):
    CREATED = "intent_created"
    CONFIRM_SENT = "confirm_sent"
    PAID_IN_CHECKOUT = "paid_in_checkout"
    CHECKOUT_EXPIRED = "checkout_expired"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    BACKER_NEEDED = "backer_needed"
    ANSWER_UNCLEAR = "answer_unclear"
    CANCEL_CONFIRMED = "cancel_confirmed"


class PaymentKind(StrEnum):
    """One Payment is one PaymentIntent of ours, or one Checkout session in payment mode."""

    INTENT = "intent"
    CHECKOUT = "checkout"


S, E = PaymentState, PaymentEvent

PAYMENT = Lifecycle(
    "payment",
    {
        (S.INTENDED, E.CREATED): S.CREATED,
        (S.CREATED, E.PAID_IN_CHECKOUT): S.SUCCEEDED,
        (S.CREATED, E.CHECKOUT_EXPIRED): S.CANCELED,
        # We give a page up when its time is over; the provider's word that money was taken there still counts.
        (S.CANCELED, E.PAID_IN_CHECKOUT): S.SUCCEEDED,
        (S.CREATED, E.CONFIRM_SENT): S.CONFIRMING,
        (S.DECLINED, E.CONFIRM_SENT): S.CONFIRMING,
        (S.CONFIRMING, E.SUCCEEDED): S.SUCCEEDED,
        (S.CONFIRMING, E.DECLINED): S.DECLINED,
        (S.CONFIRMING, E.BACKER_NEEDED): S.NEEDS_BACKER,
        (S.UNKNOWN, E.SUCCEEDED): S.SUCCEEDED,
        (S.UNKNOWN, E.DECLINED): S.DECLINED,
        (S.UNKNOWN, E.BACKER_NEEDED): S.NEEDS_BACKER,
        (S.CONFIRMING, E.ANSWER_UNCLEAR): S.UNKNOWN,
        (S.NEEDS_BACKER, E.SUCCEEDED): S.SUCCEEDED,
        (S.NEEDS_BACKER, E.DECLINED): S.DECLINED,
        (S.INTENDED, E.CANCEL_CONFIRMED): S.CANCELED,
        (S.CREATED, E.CANCEL_CONFIRMED): S.CANCELED,
        (S.DECLINED, E.CANCEL_CONFIRMED): S.CANCELED,
        (S.NEEDS_BACKER, E.CANCEL_CONFIRMED): S.CANCELED,
        (S.UNKNOWN, E.CANCEL_CONFIRMED): S.CANCELED,
    },
    harmless=[
        (S.SUCCEEDED, E.SUCCEEDED),
        (S.SUCCEEDED, E.PAID_IN_CHECKOUT),
        (S.DECLINED, E.DECLINED),
        (S.NEEDS_BACKER, E.BACKER_NEEDED),
        (S.UNKNOWN, E.ANSWER_UNCLEAR),
        (S.CANCELED, E.CANCEL_CONFIRMED),
        (S.CANCELED, E.CHECKOUT_EXPIRED),
    ],
)


class CheckoutState(StrEnum):
    """A hosted checkout page of the provider: wanted, open, or read to its end."""

    INTENDED = "intended"
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class CheckoutEvent(StrEnum):
    OPENED = "opened"
    COMPLETED = "completed"
    EXPIRED = "expired"


CHECKOUT = Lifecycle(
    "checkout",
    {
        (CheckoutState.INTENDED, CheckoutEvent.OPENED): CheckoutState.OPEN,
        (CheckoutState.INTENDED, CheckoutEvent.COMPLETED): CheckoutState.COMPLETE,
        (CheckoutState.INTENDED, CheckoutEvent.EXPIRED): CheckoutState.EXPIRED,
        (CheckoutState.OPEN, CheckoutEvent.COMPLETED): CheckoutState.COMPLETE,
        (CheckoutState.OPEN, CheckoutEvent.EXPIRED): CheckoutState.EXPIRED,
        # We give a checkout up when its time is over; the provider's word that it was completed still counts.
        (CheckoutState.EXPIRED, CheckoutEvent.COMPLETED): CheckoutState.COMPLETE,
    },
    harmless=[
        (CheckoutState.COMPLETE, CheckoutEvent.COMPLETED),
        (CheckoutState.COMPLETE, CheckoutEvent.EXPIRED),
        (CheckoutState.COMPLETE, CheckoutEvent.OPENED),
        (CheckoutState.EXPIRED, CheckoutEvent.EXPIRED),
        (CheckoutState.EXPIRED, CheckoutEvent.OPENED),
        (CheckoutState.OPEN, CheckoutEvent.OPENED),
    ],
)


class CheckoutPurpose(StrEnum):
    """What the backer does there: save a card for the deadline, pay a failed pledge, or pay a new one at once.

    PAY_NOW is for flexible funding and for late pledges (RULES section 5).
    """

    SAVE_CARD = "save_card"
    FIX_PAYMENT = "fix_payment"
    PAY_NOW = "pay_now"


class RefundState(StrEnum):
    INTENDED = "intended"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundEvent(StrEnum):
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


REFUND = Lifecycle(
    "refund",
    {
        (RefundState.INTENDED, RefundEvent.ACCEPTED): RefundState.PENDING,
        (RefundState.INTENDED, RefundEvent.SUCCEEDED): RefundState.SUCCEEDED,
        (RefundState.INTENDED, RefundEvent.FAILED): RefundState.FAILED,
        (RefundState.PENDING, RefundEvent.SUCCEEDED): RefundState.SUCCEEDED,
        (RefundState.PENDING, RefundEvent.FAILED): RefundState.FAILED,
        # A bank may send a refund back days after it seemed done.
        (RefundState.SUCCEEDED, RefundEvent.FAILED): RefundState.FAILED,
    },
    harmless=[
        (RefundState.PENDING, RefundEvent.ACCEPTED),
        (RefundState.SUCCEEDED, RefundEvent.ACCEPTED),
        (RefundState.SUCCEEDED, RefundEvent.SUCCEEDED),
        (RefundState.FAILED, RefundEvent.FAILED),
        (RefundState.FAILED, RefundEvent.ACCEPTED),
    ],
)
