"""What Stripe's refusals, declines and silences become, and what the adapter does about them."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from fundlaunch.clock import SimulatedClock
from fundlaunch.errors import AnswerUnclear, FundLaunchError, ProviderBusy, ProviderOutOfReach
from fundlaunch.payments.facts import AuthenticationAsked, ChargeDeclined, ChargeSucceeded, DeclineClass
from fundlaunch.payments.gateway import IntentReading, ProviderRefused
from fundlaunch.payments.stripe.gateway import OPENING_TRIES, StripeGateway
from tests.gateway.stripe_edge import (
    CARD_CHECKOUT,
    CHARGE,
    KEY,
    NOON,
    Answer,
    Edge,
    decline,
    intent,
    listed,
    refusal,
    session,
)

CONFIRM = "/v1/payment_intents/pi_1/confirm"
INTENT = "/v1/payment_intents/pi_1"
METHOD = "/v1/payment_methods/pm_1"
SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def edge() -> Iterator[Edge]:
    with Edge() as opened:
        yield opened


def failed(call: Callable[[], object]) -> FundLaunchError:
    """The error of ours that a call raises."""
    with pytest.raises(FundLaunchError) as caught:
        call()
    return caught.value


BUSY: list[Answer] = [
    refusal(429, "rate_limit"),
    refusal(429, "lock_timeout"),
    refusal(400, "rate_limit"),
    httpx.Response(429, text="slow down"),
]
UNCLEAR: list[Answer] = [
    refusal(500, kind="api_error"),
    refusal(502, kind="api_error"),
    httpx.Response(503, text="<html>overloaded</html>"),
    refusal(409, "idempotency_key_in_use", "idempotency_error"),
    httpx.Response(200, text="half an answ"),
    httpx.Response(302, headers={"Location": "https://elsewhere.example"}, json={}),
    httpx.ReadTimeout("no answer"),
    httpx.WriteTimeout("not all was sent"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("the server hung up"),
]
NEVER_SENT: list[Answer] = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("nobody there"),
    httpx.PoolTimeout("too many of our own"),
    httpx.ProxyError("no way out"),
]
REFUSED: list[tuple[Answer, str]] = [
    (refusal(400, "parameter_unknown", param="colour"), "parameter_unknown"),
    (refusal(400, kind="idempotency_error"), "idempotency_error"),
    (refusal(401), "invalid_request_error"),
    (refusal(403, "account_closed"), "account_closed"),
    (refusal(404, "resource_missing", param="id"), "resource_missing"),
    (httpx.Response(413, text="too large"), "status_413"),
    (refusal(402, "card_declined", "card_error"), "card_declined"),
]


@pytest.mark.parametrize("answer", BUSY)
def test_a_busy_provider_did_nothing_and_says_so(edge: Edge, answer: Answer) -> None:
    edge.on("POST", "/v1/payment_intents", answer)
    error = failed(lambda: edge.gateway.create_intent(CHARGE))
    assert type(error) is ProviderBusy
    assert error.retry_after_seconds == 0


@pytest.mark.parametrize(("sent", "understood"), [("7", 7), ("999999", 3600), ("soon", 0), ("-1", 0), ("²", 0)])
def test_a_busy_provider_may_say_when_to_come_back(edge: Edge, sent: str, understood: int) -> None:
    answer = httpx.Response(429, json={"error": {}}, headers=[(b"Retry-After", sent.encode())])
    edge.on("POST", "/v1/payment_intents", answer)
    error = failed(lambda: edge.gateway.create_intent(CHARGE))
    assert isinstance(error, ProviderBusy)
    assert error.retry_after_seconds == understood


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_change_without_a_clear_answer_is_to_be_looked_up(edge: Edge, answer: Answer) -> None:
    edge.on("POST", CONFIRM, answer)
    assert type(failed(lambda: edge.gateway.confirm_intent("pi_1", CHARGE, 1))) is AnswerUnclear
    assert len(edge.sent) == 1


@pytest.mark.parametrize("answer", UNCLEAR)
def test_a_read_without_a_clear_answer_did_nothing(edge: Edge, answer: Answer) -> None:
    edge.on("GET", INTENT, answer)
    assert type(failed(lambda: edge.gateway.read_intent("pi_1"))) is ProviderOutOfReach


@pytest.mark.parametrize("answer", NEVER_SENT)
def test_a_call_that_never_left_did_nothing(edge: Edge, answer: Answer) -> None:
    edge.on("POST", CONFIRM, answer)
    assert type(failed(lambda: edge.gateway.confirm_intent("pi_1", CHARGE, 1))) is ProviderOutOfReach


def test_a_refused_connection_did_nothing(free_port: Callable[[], int]) -> None:
    gateway = StripeGateway(KEY, f"http://127.0.0.1:{free_port()}", clock=SimulatedClock(NOON))
    assert type(failed(lambda: gateway.create_intent(CHARGE))) is ProviderOutOfReach
    gateway.close()


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "http://127.0.0.1:port", "nonsense"])
def test_an_address_that_is_none_is_out_of_reach(address: str) -> None:
    gateway = StripeGateway(KEY, address, clock=SimulatedClock(NOON))
    assert isinstance(failed(lambda: gateway.create_intent(CHARGE)), ProviderOutOfReach)
    gateway.close()


@pytest.mark.parametrize(("answer", "code"), REFUSED)
def test_a_refusal_names_its_code_and_no_inner_words(edge: Edge, answer: Answer, code: str) -> None:
    edge.on("POST", "/v1/payment_intents", answer)
    error = failed(lambda: edge.gateway.create_intent(CHARGE))
    assert type(error) is ProviderRefused
    assert error.code == code
    assert code in str(error)
    assert "In their own words" not in str(error)


DECLINED = ("requires_payment_method", "payment-1")


def test_a_decline_is_an_answer_with_the_charge_that_failed(edge: Edge) -> None:
    edge.on("POST", CONFIRM, decline("card_declined", "insufficient_funds", "try_again_later"))
    fact = ChargeDeclined(
        "pi_1", "payment-1", "ch_1", "card_declined", "insufficient_funds", "try_again_later", DeclineClass.TRY_LATER
    )
    assert edge.gateway.confirm_intent("pi_1", CHARGE, 1) == IntentReading("pi_1", *DECLINED, (fact,))


def test_a_bank_that_wants_its_customer_is_an_answer(edge: Edge) -> None:
    edge.on("POST", CONFIRM, decline("authentication_required", "authentication_required"))
    fact = AuthenticationAsked("pi_1", "payment-1", "ch_1")
    assert edge.gateway.confirm_intent("pi_1", CHARGE, 1) == IntentReading("pi_1", *DECLINED, (fact,))


def test_a_declined_intent_says_the_same_when_it_is_read_later(edge: Edge) -> None:
    answer = decline("card_declined", "lost_card", "do_not_try_again")
    edge.on("POST", CONFIRM, answer)
    edge.on("GET", INTENT, answer.json()["error"]["payment_intent"])
    assert edge.gateway.confirm_intent("pi_1", CHARGE, 1) == edge.gateway.read_intent("pi_1")


def test_an_intent_that_is_over_answers_with_how_it_ended(edge: Edge) -> None:
    edge.on("POST", CONFIRM, refusal(400, "payment_intent_unexpected_state"))
    edge.on("GET", METHOD, {"id": "pm_1", "object": "payment_method", "customer": "cus_1"})
    edge.on("GET", INTENT, intent("succeeded", latest_charge="ch_1"))
    reading = edge.gateway.confirm_intent("pi_1", CHARGE, 2)
    assert reading.facts == (ChargeSucceeded("pi_1", "payment-1", "ch_1", 12900, "USD"),)


CARD_GONE: list[Answer] = [
    refusal(404, "resource_missing", param="payment_method"),
    httpx.Response(200, json={"id": "pm_1", "object": "payment_method", "customer": None}),
]


@pytest.mark.parametrize("look", CARD_GONE)
def test_a_card_that_is_gone_is_a_decline_that_asks_for_another(edge: Edge, look: Answer) -> None:
    edge.on("POST", CONFIRM, refusal(400))
    edge.on("GET", METHOD, look)
    edge.on("GET", INTENT, intent())
    fact = ChargeDeclined("pi_1", "payment-1", "", "card_removed", "", "", DeclineClass.NEW_CARD)
    assert edge.gateway.confirm_intent("pi_1", CHARGE, 1) == IntentReading("pi_1", *DECLINED, (fact,))


def test_a_card_that_went_after_it_had_paid_is_no_decline(edge: Edge) -> None:
    edge.on("POST", CONFIRM, refusal(400))
    edge.on("GET", METHOD, CARD_GONE[0])
    edge.on("GET", INTENT, intent("succeeded", latest_charge="ch_1"))
    assert isinstance(edge.gateway.confirm_intent("pi_1", CHARGE, 1).facts[0], ChargeSucceeded)


def test_a_mistake_of_ours_is_no_decline(edge: Edge) -> None:
    edge.on("POST", CONFIRM, refusal(400, "parameter_unknown"))
    edge.on("GET", METHOD, {"id": "pm_1", "object": "payment_method", "customer": "cus_1"})
    error = failed(lambda: edge.gateway.confirm_intent("pi_1", CHARGE, 1))
    assert isinstance(error, ProviderRefused)
    assert error.code == "parameter_unknown"


@pytest.mark.parametrize("look", CARD_GONE)
def test_a_card_that_is_gone_already_counts_as_released(edge: Edge, look: Answer) -> None:
    edge.on("POST", f"{METHOD}/detach", refusal(400))
    edge.on("GET", METHOD, look)
    edge.gateway.release_card(customer="cus_1", payment_method="pm_1")


def test_a_card_that_cannot_be_released_yet_is_said_so(edge: Edge) -> None:
    edge.on("POST", f"{METHOD}/detach", refusal(400, "in_use"))
    edge.on("GET", METHOD, {"id": "pm_1", "object": "payment_method", "customer": "cus_1"})
    assert "in_use" in str(failed(lambda: edge.gateway.release_card(customer="cus_1", payment_method="pm_1")))


def test_a_wrong_key_releases_nothing(edge: Edge) -> None:
    edge.on("POST", f"{METHOD}/detach", refusal(401, "api_key_expired"))
    edge.on("GET", METHOD, refusal(401, "api_key_expired"))
    assert "api_key_expired" in str(failed(lambda: edge.gateway.release_card(customer="cus_1", payment_method="pm_1")))


def test_a_wrong_key_lists_no_events(edge: Edge) -> None:
    edge.on("GET", "/v1/events", refusal(401, "api_key_expired"))
    assert isinstance(failed(lambda: list(edge.gateway.events_since("evt_1", limit=1))), ProviderRefused)


def test_a_list_that_breaks_off_between_pages_is_out_of_reach(edge: Edge) -> None:
    event = {"id": "evt_2", "object": "event", "type": "customer.deleted", "created": 1, "data": {"object": {}}}
    edge.on("GET", "/v1/events", listed(event, has_more=True), httpx.ReadTimeout("no answer"))
    found = edge.gateway.events_since("evt_1", limit=5)
    assert next(found).id == "evt_2"
    assert type(failed(lambda: next(found))) is ProviderOutOfReach


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), httpx.RemoteProtocolError("x"), refusal(429)])
def test_opening_a_page_is_tried_again_under_the_same_key(edge: Edge, trouble: Answer) -> None:
    edge.on("POST", SESSIONS, trouble, session())
    assert edge.gateway.open_card_checkout(CARD_CHECKOUT).session == "cs_1"
    assert (edge.key(0), edge.form(0)) == (edge.key(1), edge.form(1))
    assert edge.clock.now() > NOON


def test_opening_a_page_is_given_up_after_a_few_tries(edge: Edge) -> None:
    edge.on("POST", SESSIONS, *[httpx.ReadError("reset")] * OPENING_TRIES)
    assert type(failed(lambda: edge.gateway.open_card_checkout(CARD_CHECKOUT))) is AnswerUnclear
    assert len(edge.sent) == OPENING_TRIES


def test_a_backer_is_not_kept_waiting_through_two_time_outs(edge: Edge) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        edge.clock.wait_until(NOON.replace(second=20), None)  # type: ignore[arg-type]  # a simulated clock asks for none
        raise httpx.ReadTimeout("no answer", request=request)

    edge.router.post(SESSIONS).mock(side_effect=slow)
    assert type(failed(lambda: edge.gateway.open_card_checkout(CARD_CHECKOUT))) is AnswerUnclear
    assert len(edge.sent) == 1


def test_opening_a_page_is_not_tried_again_after_a_refusal(edge: Edge) -> None:
    edge.on("POST", SESSIONS, refusal(400, "parameter_unknown"))
    assert isinstance(failed(lambda: edge.gateway.open_card_checkout(CARD_CHECKOUT)), ProviderRefused)
    assert len(edge.sent) == 1
