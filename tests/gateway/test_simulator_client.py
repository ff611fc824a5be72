"""The official client over HTTP against the simulator's own server: the way the program itself will speak to it."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import stripe

from fundlaunch.errors import Misconfigured
from fundlaunch.payments.simulator.courier import HttpDelivery
from fundlaunch.payments.simulator.faults import Fault
from fundlaunch.payments.simulator.server import Served
from fundlaunch.payments.simulator.wire import BODY_LIMIT
from tests.gateway.simulated import HOOK, KEY, SECRET, SHOP, Bench, served

CONFIRM: Any = {"off_session": True, "return_url": SHOP}


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.simulator.listen(HOOK, SECRET)
    return bench


@pytest.fixture
def address(bench: Bench) -> Iterator[str]:
    with served(bench) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[stripe.StripeClient]:
    http = stripe.HTTPXClient(timeout=20, allow_sync_methods=True)
    with warnings.catch_warnings():
        # The client hands httpx its form as text, which httpx would rather have as content.
        warnings.filterwarnings("ignore", "Use 'content=<...>'", DeprecationWarning)
        yield stripe.StripeClient(KEY, http_client=http, max_network_retries=0, base_addresses={"api": address})
    http.close()  # type: ignore[no-untyped-call]  # the client leaves it without types


def saved_card(bench: Bench, client: stripe.StripeClient, card: str) -> tuple[str, str]:
    """A customer's card saved through Checkout, as (customer, payment method)."""
    customer = client.v1.customers.create({"email": "mina@example.org", "metadata": {"pledge": "p1"}})
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "currency": "usd",
            "customer": customer.id,
            "allowed_payment_method_types": ["card", "link"],
            "setup_intent_data": {"metadata": {"pledge": "p1"}},
            "success_url": SHOP + "/{CHECKOUT_SESSION_ID}",
            "expires_at": bench.seconds(minutes=35),
        },
        {"idempotency_key": "checkout:c1"},
    )
    bench.simulator.complete_checkout(session.id, card)
    read = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert isinstance(read.setup_intent, stripe.SetupIntent)
    return customer.id, str(read.setup_intent.payment_method)


def created(client: stripe.StripeClient, customer: str, method: str) -> str:
    sent: Any = {"amount": 4_900, "currency": "usd", "customer": customer, "payment_method": method}
    return client.v1.payment_intents.create(sent | {"metadata": {"pledge": "p1"}}, {"idempotency_key": "create:y1"}).id


def test_a_card_is_saved_and_charged_in_two_calls(bench: Bench, client: stripe.StripeClient) -> None:
    customer, method = saved_card(bench, client, "ok")
    intent = created(client, customer, method)
    assert created(client, customer, method) == intent
    assert client.v1.payment_intents.confirm(intent, CONFIRM).status == "succeeded"
    (charge,) = bench.simulator.charges()
    assert (charge.amount_minor, charge.metadata) == (4_900, {"pledge": "p1"})


def test_a_decline_arrives_as_a_card_error_with_the_intent_in_it(bench: Bench, client: stripe.StripeClient) -> None:
    customer, method = saved_card(bench, client, "insufficient")
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.confirm(created(client, customer, method), CONFIRM)
    error = caught.value.error
    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert error is not None
    assert error.payment_intent is not None
    assert (error.decline_code, error.advice_code) == ("insufficient_funds", "try_again_later")
    assert error.payment_intent.status == "requires_payment_method"


def test_a_refused_parameter_and_a_reused_key_have_their_own_errors(client: stripe.StripeClient) -> None:
    retired: Any = {"amount": 500, "currency": "usd", "payment_method_types": ["card"]}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create(retired)
    assert caught.value.code == "payment_method_types_no_longer_supported"
    client.v1.customers.create({"email": "mina@example.org"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({"email": "teo@example.org"}, {"idempotency_key": "k"})


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
def test_a_broken_line_is_a_connection_error(bench: Bench, client: stripe.StripeClient, fault: Fault) -> None:
    customer, method = saved_card(bench, client, "ok")
    intent = created(client, customer, method)
    bench.simulator.faults.strike("/confirm", fault)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.confirm(intent, CONFIRM)
    expected = "succeeded" if fault is Fault.DROP_AFTER else "requires_confirmation"
    assert client.v1.payment_intents.retrieve(intent).status == expected


def test_events_are_backfilled_oldest_first_by_the_clients_own_paging(
    bench: Bench, client: stripe.StripeClient
) -> None:
    for _ in range(25):
        bench.customer()
    ids = [event["id"] for event in bench.simulator.shapes("event")]
    listed = client.v1.events.list({"ending_before": ids[2], "limit": 10, "types": ["customer.created"]})
    assert [event.id for event in listed.auto_paging_iter()] == ids[3:]


def test_a_delivery_is_accepted_by_the_clients_own_check(bench: Bench) -> None:
    bench.customer()
    bench.simulator.deliver_due()
    ((_, body, headers),) = bench.postbox.letters
    check = stripe.WebhookSignature.verify_header
    assert check(body.decode(), headers["Stripe-Signature"], SECRET, tolerance=None)
    with pytest.raises(stripe.SignatureVerificationError):
        check(body.decode() + " ", headers["Stripe-Signature"], SECRET, tolerance=None)


def test_every_answer_has_the_simulators_own_date(bench: Bench, address: str) -> None:
    answer = httpx.get(f"{address}/v1/account", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 12:00:00 GMT"
    assert answer.headers.get_list("Server") == []


def test_a_webhook_is_posted_over_http_and_nobody_there_is_no_error(address: str, free_port: Callable[[], int]) -> None:
    deliver = HttpDelivery()
    assert deliver(f"{address}/v1/account", b"{}", {"Content-Type": "application/json"}) == 401
    assert deliver(f"http://127.0.0.1:{free_port()}/", b"{}", {}) == 0
    deliver.close()
    HttpDelivery().close()


def test_a_body_beyond_the_limit_is_refused(address: str) -> None:
    large = {"description": "x" * (BODY_LIMIT + 1)}
    answer = httpx.post(
        f"{address}/v1/customers", data=large, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_taken_port_is_named_in_one_sentence(bench: Bench, address: str) -> None:
    port = int(address.rpartition(":")[2])
    with pytest.raises(Misconfigured, match=f"port {port}"):
        Served(bench.simulator, port=port)
