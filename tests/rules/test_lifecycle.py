"""Lives as tables: what is not in the table is refused."""

import pytest

from fundlaunch.campaigns.states import CAMPAIGN, CampaignEvent, CampaignState
from fundlaunch.errors import IllegalMove
from fundlaunch.payments.states import CHECKOUT, PAYMENT, REFUND, PaymentEvent, PaymentState, RefundEvent, RefundState
from fundlaunch.pledges.states import COUNTS, HOLDS_STOCK, PLEDGE, PledgeEvent, PledgeState


def test_a_campaign_ends_once() -> None:
    assert CAMPAIGN.move(CampaignState.LIVE, CampaignEvent.DEADLINE_MET) is CampaignState.SUCCESSFUL
    with pytest.raises(IllegalMove, match="successful"):
        CAMPAIGN.move(CampaignState.SUCCESSFUL, CampaignEvent.DEADLINE_MISSED)


def test_a_repeat_changes_nothing() -> None:
    assert PLEDGE.move(PledgeState.PLEDGED, PledgeEvent.CARD_SAVED) is PledgeState.PLEDGED
    assert PLEDGE.is_repeat(PledgeState.PLEDGED, PledgeEvent.CARD_SAVED)
    assert not PLEDGE.allows(PledgeState.PLEDGED, PledgeEvent.CARD_SAVED)


def test_nothing_is_collected_from_a_canceled_or_dropped_pledge() -> None:
    for state in (PledgeState.CANCELED, PledgeState.DROPPED, PledgeState.EXPIRED, PledgeState.PREAUTH):
        with pytest.raises(IllegalMove):
            PLEDGE.move(state, PledgeEvent.CHARGE_SUCCEEDED)


def test_a_canceled_charge_never_succeeds() -> None:
    for event in (PaymentEvent.SUCCEEDED, PaymentEvent.DECLINED, PaymentEvent.CONFIRM_SENT):
        with pytest.raises(IllegalMove):
            PAYMENT.move(PaymentState.CANCELED, event)


def test_money_taken_on_a_page_that_we_had_given_up_still_counts() -> None:
    assert PAYMENT.move(PaymentState.CANCELED, PaymentEvent.PAID_IN_CHECKOUT) is PaymentState.SUCCEEDED


def test_a_failed_refund_is_over_and_a_done_one_can_still_fail() -> None:
    assert REFUND.move(RefundState.SUCCEEDED, RefundEvent.FAILED) is RefundState.FAILED
    with pytest.raises(IllegalMove):
        REFUND.move(RefundState.FAILED, RefundEvent.SUCCEEDED)


def test_whoever_is_in_recovery_is_released_when_the_campaign_is_stopped() -> None:
    for state in (PledgeState.PLEDGED, PledgeState.ERRORED, PledgeState.AUTHENTICATION_REQUIRED):
        assert PLEDGE.move(state, PledgeEvent.CAMPAIGN_RELEASED) is PledgeState.CANCELED


def test_no_payment_is_confirmed_before_its_intent_is_known() -> None:
    with pytest.raises(IllegalMove):
        PAYMENT.move(PaymentState.INTENDED, PaymentEvent.CONFIRM_SENT)


def test_what_holds_stock_and_what_counts_differ_by_open_holds_and_drops() -> None:
    assert sorted(HOLDS_STOCK - COUNTS) == [PledgeState.PREAUTH]
    assert sorted(COUNTS - HOLDS_STOCK) == [PledgeState.DROPPED]


@pytest.mark.parametrize("life", [CAMPAIGN, PLEDGE, PAYMENT, CHECKOUT, REFUND], ids=lambda life: life.name)
def test_a_life_prints_every_move_it_allows(life: object) -> None:
    printed = life.markdown()  # type: ignore[attr-defined]  # four lives of different states
    for (before, event), after in life.moves.items():  # type: ignore[attr-defined]  # as above
        assert f"| {before} | {event} | {after} |" in printed
