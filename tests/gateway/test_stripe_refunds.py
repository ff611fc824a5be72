"""Money given back: what the adapter asks of Stripe, what its answers mean, and the stand-in's refunds."""

import httpx
import pytest

from fundlaunch.errors import AnswerUnclear, ProviderOutOfReach
from fundlaunch.payments.facts import RefundFailed, RefundMade
from fundlaunch.payments.gateway import ProviderRefused
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.payments.stripe.events import Look, Sight, learn
from tests.gateway.simulated import Bench
from tests.gateway.stripe_edge import GIVING, Edge, listed, refund, refusal

REFUNDS = "/v1/refunds"
MADE = RefundMade("re_1", "refund-1", "pi_1", 12900, "USD", is_settled=True)


def test_a_refund_names_its_intent_its_amount_and_our_row_under_a_key_of_it() -> None:
    with Edge() as edge:
        edge.on("POST", REFUNDS, refund())
        assert edge.gateway.refund(GIVING) == (MADE,)
        assert edge.form() == {
            "payment_intent": "pi_1",
            "amount": "12900",
            "reason": "requested_by_customer",
            "metadata[refund]": "refund-1",
            "metadata[pledge]": "pledge-1",
        }
        assert edge.key() == "refund:refund-1:1"


@pytest.mark.parametrize(
    ("shape", "fact"),
    [
        (refund("pending"), RefundMade("re_1", "refund-1", "pi_1", 12900, "USD", is_settled=False)),
        (refund("requires_action"), RefundMade("re_1", "refund-1", "pi_1", 12900, "USD", is_settled=False)),
        (refund("failed", failure_reason="unknown"), RefundFailed("re_1", "refund-1", "pi_1", "unknown")),
        (refund("canceled"), RefundFailed("re_1", "refund-1", "pi_1", "canceled")),
        (refund(metadata={}), RefundMade("re_1", "", "pi_1", 12900, "USD", is_settled=True)),
    ],
)
def test_a_refund_means_that_money_went_is_under_way_or_did_not_arrive(
    shape: dict[str, object], fact: RefundMade | RefundFailed
) -> None:
    with Edge() as edge:
        edge.on("GET", REFUNDS, listed(shape, path=REFUNDS))
        assert edge.gateway.refunds_of("pi_1") == (fact,)
        assert dict(edge.sent[0].url.params) == {"payment_intent": "pi_1", "limit": "100"}


def test_refunds_are_read_oldest_first_and_one_without_an_intent_is_not_ours() -> None:
    with Edge() as edge:
        edge.on("GET", REFUNDS, listed(refund(id="re_2"), refund(payment_intent=None), refund(), path=REFUNDS))
        facts = edge.gateway.refunds_of("pi_1")
        assert [fact.refund for fact in facts if isinstance(fact, RefundMade)] == ["re_1", "re_2"]


def test_a_refused_refund_says_why_and_a_broken_one_is_unclear() -> None:
    with Edge() as edge:
        edge.on("POST", REFUNDS, refusal(400, "charge_already_refunded"), httpx.ReadTimeout(""))
        with pytest.raises(ProviderRefused) as refused:
            edge.gateway.refund(GIVING)
        assert refused.value.code == "charge_already_refunded"
        with pytest.raises(AnswerUnclear):
            edge.gateway.refund(GIVING)
        edge.on("GET", REFUNDS, httpx.ReadTimeout(""))
        with pytest.raises(ProviderOutOfReach):
            edge.gateway.refunds_of("pi_1")


def test_a_refunded_charge_of_another_product_means_nothing() -> None:
    def told(**charge: object) -> object:
        return learn({"type": "charge.refunded", "data": {"object": charge}})

    assert told(payment_intent="pi_1", metadata={"pledge": "p"}) == Look(Sight.REFUNDS, "pi_1")
    assert told(payment_intent="pi_1", metadata={}) == ()
    assert told(payment_intent=None, metadata={"pledge": "p"}) == ()


def paid(bench: Bench, card: str) -> str:
    """The id of an intent that was paid on the page with that card."""
    session = bench.payment_session()
    return str(bench.simulator.complete_checkout(session["id"], card)["payment_intent"])


def test_the_stand_in_ends_a_slow_refund_when_the_bank_says_so() -> None:
    bench = Bench()
    slow = bench.post("refunds", payment_intent=paid(bench, "slow_refund"))
    assert slow["status"] == "pending"
    assert bench.simulator.end_refund(slow["id"], arrived=True)["status"] == "succeeded"
    with pytest.raises(Refusal):
        bench.simulator.end_refund(slow["id"], arrived=True)
    assert bench.kinds()[-1] == "refund.updated"


def test_the_stand_in_puts_the_money_back_when_a_refund_does_not_arrive() -> None:
    bench = Bench()
    done = bench.post("refunds", payment_intent=paid(bench, "ok"))
    assert bench.simulator.charges()[-1].refunded_minor == 4_900
    failed = bench.simulator.end_refund(done["id"], arrived=False)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "declined")
    assert bench.simulator.charges()[-1].refunded_minor == 0
    assert bench.kinds()[-1] == "refund.failed"
    with pytest.raises(Refusal):
        bench.simulator.end_refund(done["id"], arrived=False)
