"""The test cards: what each does when it is saved, charged without its owner, or charged with the owner present.

Numbers, decline codes and advice are Stripe's own (docs.stripe.com/testing, docs.stripe.com/declines/codes).
"""

from dataclasses import dataclass

from fundlaunch.errors import N_
from fundlaunch.payments.simulator.refusals import Refusal

AUTHENTICATION_REQUIRED = "authentication_required"


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a charge fails: Stripe's code, the bank's reason, what to do about it ('' if nothing is advised)."""

    code: str
    decline_code: str
    advice_code: str
    message: str


@dataclass(frozen=True, slots=True)
class Card:
    """A test card. `decline` is what happens off session; `asks_bank` turns it into a question when on session."""

    name: str
    number: str
    brand: str
    title: str
    explanation: str
    decline: Decline | None = None
    asks_bank: bool = False
    refund_status: str = "succeeded"
    """How a refund to it begins."""

    @property
    def last4(self) -> str:
        return self.number[-4:]


OK = Card("ok", "4242424242424242", "visa", N_("A card that works"), N_("It is saved, and every charge succeeds."))
DECLINES = Card(
    "declines",
    "4000000000000341",
    "visa",
    N_("A card that declines later"),
    N_("It is saved without trouble; the bank declines every charge."),
    Decline("card_declined", "generic_decline", "try_again_later", "Your card was declined."),
)
INSUFFICIENT = Card(
    "insufficient",
    "4000000000009995",
    "visa",
    N_("A card without enough money"),
    N_("It is saved; charges fail for insufficient funds."),
    Decline("card_declined", "insufficient_funds", "try_again_later", "Your card has insufficient funds."),
)
CONFIRMS = Card(
    "confirms",
    "4000002760003184",
    "visa",
    N_("A card that asks its bank"),
    N_("It is saved; each charge needs the owner’s confirmation on the bank’s page."),
    Decline(
        AUTHENTICATION_REQUIRED,
        AUTHENTICATION_REQUIRED,
        "",
        "Your card was declined. This transaction requires authentication.",
    ),
    asks_bank=True,
)
LOST = Card(
    "lost",
    "4000000000009987",
    "visa",
    N_("A card reported lost"),
    N_("It is saved; charges are declined for good, and another card is needed."),
    Decline("card_declined", "lost_card", "do_not_try_again", "Your card was declined."),
)
SLOW_REFUND = Card(
    "slow_refund",
    "4000000000007726",
    "visa",
    N_("A card with slow refunds"),
    N_("Every charge succeeds; a refund is under way until it is finished on the panel."),
    refund_status="pending",
)
BANK_REFUSED = Decline(
    "payment_intent_authentication_failure",
    "",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)

CARDS = {card.name: card for card in (OK, DECLINES, INSUFFICIENT, CONFIRMS, LOST, SLOW_REFUND)}
_BY_NUMBER = {card.number: card for card in CARDS.values()}


def named(name: str) -> Card:
    """The card of that name; KeyError if there is none."""
    return CARDS[name]


def numbered(number: str) -> Card:
    """The test card with that number; other numbers are refused as Stripe refuses real ones in test mode."""
    card = _BY_NUMBER.get(number.replace(" ", ""))
    if card is None:
        raise Refusal(
            "Your card number is incorrect.",
            status=402,
            kind="card_error",
            code="incorrect_number",
            param="number",
        )
    return card
