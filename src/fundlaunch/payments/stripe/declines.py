"""What a decline asks for, by Stripe's words (docs.stripe.com/declines/codes and docs.stripe.com/error-codes).

A card that is lost, stolen or closed needs another card whatever else is said. Otherwise the bank's advice decides,
then its reason, then the general code. What nobody explains may be tried again: the recovery policy bounds the tries.
"""

from collections.abc import Mapping
from typing import Any

from fundlaunch.payments.facts import DeclineClass
from fundlaunch.payments.gateway import ProviderRefused

AUTHENTICATION_REQUIRED = "authentication_required"


class CardRefused(ProviderRefused):
    """The card was declined (402). `error` is the provider's error object, `intent` its intent as it stands now."""

    def __init__(self, sentence: str, *, code: str, error: Mapping[str, Any]) -> None:
        self.error = error
        self.intent: Mapping[str, Any] = error["payment_intent"]
        super().__init__(sentence, code=code)


_LATER, _CARD, _BACKER = DeclineClass.TRY_LATER, DeclineClass.NEW_CARD, DeclineClass.BACKER

HARD = frozenset({
    "lost_card",
    "stolen_card",
    "pickup_card",
    "restricted_card",
    "fraudulent",
    "merchant_blacklist",
    "security_violation",
    "revocation_of_authorization",
    "revocation_of_all_authorizations",
    "stop_payment_order",
    "invalid_account",
    "new_account_information_available",
    "previously_declined_do_not_retry",
})  # fmt: skip
"""Trying such a card again is forbidden or pointless; the reasons about fraud are not told to the backer."""

ADVICE: Mapping[str, DeclineClass] = {
    "try_again_later": _LATER,
    "confirm_card_data": _CARD,  # the saved data cannot be corrected without the card
    "do_not_try_again": _CARD,
}

REASONS: Mapping[str, DeclineClass] = {
    # The card itself does not fit or is no longer good.
    "expired_card": _CARD,
    "incorrect_number": _CARD,
    "invalid_number": _CARD,
    "incorrect_cvc": _CARD,
    "invalid_cvc": _CARD,
    "incorrect_zip": _CARD,
    "incorrect_address": _CARD,
    "invalid_expiry_month": _CARD,
    "invalid_expiry_year": _CARD,
    "card_not_supported": _CARD,
    "currency_not_supported": _CARD,
    "do_not_try_again": _CARD,
    "testmode_decline": _CARD,
    # The bank wants to hear from its customer.
    "authentication_required": _BACKER,
    "authentication_not_handled": _BACKER,
    "mobile_device_authentication_required": _BACKER,
    "payment_intent_authentication_failure": _BACKER,
    "approve_with_id": _BACKER,
    "call_issuer": _BACKER,
    "incorrect_pin": _BACKER,
    "invalid_pin": _BACKER,
    "offline_pin_required": _BACKER,
    "online_or_offline_pin_required": _BACKER,
    "pin_try_exceeded": _BACKER,
    # Money, limits and machines change by themselves.
    "insufficient_funds": _LATER,
    "card_velocity_exceeded": _LATER,
    "withdrawal_count_limit_exceeded": _LATER,
    "processing_error": _LATER,
    "issuer_not_available": _LATER,
    "reenter_transaction": _LATER,
    "try_again_later": _LATER,
    "duplicate_transaction": _LATER,
    # The bank says no more than no.
    "generic_decline": _LATER,
    "do_not_honor": _LATER,
    "no_action_taken": _LATER,
    "not_permitted": _LATER,
    "service_not_allowed": _LATER,
    "transaction_not_allowed": _LATER,
}


def classify(code: str, decline_code: str, advice: str) -> DeclineClass:
    """The class of a decline; each word may be ''."""
    if HARD & {code, decline_code}:
        return _CARD
    for word, table in ((advice, ADVICE), (decline_code, REASONS), (code, REASONS)):
        if word in table:
            return table[word]
    return _LATER
