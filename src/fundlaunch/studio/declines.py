"""Why a charge failed, in words a creator can pass on. Reasons about theft and fraud are the bank's to tell."""

from fundlaunch.errors import N_

WORDS = {
    "insufficient_funds": N_("Not enough money on the card"),
    "expired_card": N_("The card has expired"),
    "authentication_required": N_("The bank wants its customer to confirm"),
    "card_not_supported": N_("The card cannot be used for this"),
    "currency_not_supported": N_("The card cannot pay in this currency"),
    "incorrect_cvc": N_("The card's security code is wrong"),
    "card_velocity_exceeded": N_("The card's limit is reached"),
    "withdrawal_count_limit_exceeded": N_("The card's limit is reached"),
    "processing_error": N_("The bank could not work on it"),
    "issuer_not_available": N_("The bank could not be reached"),
    "call_issuer": N_("The bank wants to be called by its customer"),
    "resource_missing": N_("The card was taken away; a new one is needed"),
    "lost_card": N_("The bank refuses this card; a new one is needed"),
    "stolen_card": N_("The bank refuses this card; a new one is needed"),
    "fraudulent": N_("The bank refuses this card; a new one is needed"),
    "pickup_card": N_("The bank refuses this card; a new one is needed"),
}
WITHOUT_REASON = N_("The bank gave no reason")


def in_words(code: str) -> str:
    """The English message of a decline's code; '' for a pledge that never failed."""
    return WORDS.get(code, WITHOUT_REASON) if code else ""
