"""Which declines may be tried again, which need another card, and which need the backer."""

import pytest

from fundlaunch.payments.facts import DeclineClass
from fundlaunch.payments.stripe.declines import ADVICE, HARD, REASONS, classify

LATER, CARD, BACKER = DeclineClass.TRY_LATER, DeclineClass.NEW_CARD, DeclineClass.BACKER


@pytest.mark.parametrize(
    ("code", "decline_code", "advice", "expected"),
    [
        ("card_declined", "generic_decline", "", LATER),
        ("card_declined", "insufficient_funds", "", LATER),
        ("card_declined", "insufficient_funds", "try_again_later", LATER),
        ("card_declined", "do_not_honor", "do_not_try_again", CARD),
        ("card_declined", "generic_decline", "confirm_card_data", CARD),
        ("card_declined", "lost_card", "", CARD),
        ("card_declined", "stolen_card", "try_again_later", CARD),
        ("card_declined", "fraudulent", "", CARD),
        ("card_declined", "invalid_account", "", CARD),
        ("card_declined", "call_issuer", "", BACKER),
        ("expired_card", "", "", CARD),
        ("expired_card", "expired_card", "", CARD),
        ("incorrect_cvc", "incorrect_cvc", "", CARD),
        ("processing_error", "processing_error", "", LATER),
        ("authentication_required", "authentication_required", "", BACKER),
        ("payment_intent_authentication_failure", "", "", BACKER),
        ("card_declined", "a_word_of_next_year", "", LATER),
        ("card_declined", "a_word_of_next_year", "advice_of_next_year", LATER),
        ("", "", "", LATER),
    ],
)
def test_a_decline_is_classed_by_what_it_asks_for(
    code: str, decline_code: str, advice: str, expected: DeclineClass
) -> None:
    assert classify(code, decline_code, advice) is expected


@pytest.mark.parametrize("reason", sorted(HARD))
def test_no_advice_makes_a_lost_card_good_again(reason: str) -> None:
    assert {classify("card_declined", reason, advice) for advice in ("", *ADVICE)} == {CARD}


def test_no_reason_is_in_two_tables() -> None:
    assert HARD.isdisjoint(REASONS)
