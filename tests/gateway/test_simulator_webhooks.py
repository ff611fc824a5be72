"""Deliveries: signed, repeated until taken, and misbehaving when told to."""

import hashlib
import hmac

import pytest

from fundlaunch.payments.simulator.courier import RETRY_AFTER_SECONDS
from tests.gateway.simulated import HOOK, SECRET, Bench


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.simulator.listen(HOOK, SECRET)
    return bench


def test_a_delivery_is_the_event_signed_with_the_endpoints_secret(bench: Bench) -> None:
    bench.customer()
    assert bench.simulator.deliver_due() == 1
    ((url, body, headers),) = bench.postbox.letters
    assert url == HOOK
    assert bench.postbox.events[0]["type"] == "customer.created"
    stamp, _, signed = headers["Stripe-Signature"].partition(",v1=")
    seconds = stamp.removeprefix("t=")
    assert int(seconds) == bench.seconds()
    expected = hmac.new(SECRET.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == expected
    assert hmac.new(b"other", seconds.encode() + b"." + body, hashlib.sha256).hexdigest() != expected


def test_what_was_taken_is_not_brought_again(bench: Bench) -> None:
    bench.customer()
    bench.simulator.deliver_due()
    bench.pass_time(days=1)
    assert bench.simulator.deliver_due() == 0
    assert len(bench.postbox.letters) == 1
    assert bench.simulator.shapes("event")[0]["pending_webhooks"] == 0


@pytest.mark.parametrize("status", [0, 302, 400, 500])
def test_what_was_not_taken_is_brought_again_after_growing_pauses(bench: Bench, status: int) -> None:
    bench.postbox.status = status
    bench.customer()
    assert bench.simulator.deliver_due() == 0
    assert bench.simulator.deliver_due() == 0
    assert len(bench.postbox.letters) == 1
    bench.pass_time(seconds=RETRY_AFTER_SECONDS[0])
    bench.postbox.status = 200
    assert bench.simulator.deliver_due() == 1
    assert bench.postbox.events[0]["id"] == bench.postbox.events[1]["id"]


def test_a_delivery_is_given_up_after_about_three_days(bench: Bench) -> None:
    bench.postbox.status = 500
    bench.customer()
    for pause in (0, *RETRY_AFTER_SECONDS, RETRY_AFTER_SECONDS[-1]):
        bench.pass_time(seconds=pause)
        bench.simulator.deliver_due()
    assert len(bench.postbox.letters) == len(RETRY_AFTER_SECONDS) + 1
    assert bench.simulator.book.deliveries == {}
    assert bench.get("events", delivery_success=False)["data"] != []


def test_an_endpoint_gets_only_the_kinds_it_asked_for() -> None:
    bench = Bench()
    bench.simulator.listen(HOOK, SECRET, ("payment_intent.created",))
    bench.intent()
    bench.simulator.deliver_due()
    assert bench.postbox.kinds == ["payment_intent.created"]


def test_an_endpoint_made_by_the_api_shows_its_secret_once(bench: Bench) -> None:
    made = bench.post("webhook_endpoints", url=HOOK + "/2", enabled_events=["*"])
    assert made["secret"].startswith("whsec_")
    assert "secret" not in bench.get(f"webhook_endpoints/{made['id']}")
    assert [endpoint["url"] for endpoint in bench.get("webhook_endpoints")["data"]] == [HOOK + "/2", HOOK]


def test_listening_again_at_the_same_address_changes_the_secret_and_doubles_nothing(bench: Bench) -> None:
    bench.simulator.listen(HOOK, "whsec_other")
    bench.customer()
    assert bench.simulator.deliver_due() == 1
    assert len(bench.postbox.letters) == 1


def test_everything_comes_twice_when_told_so(bench: Bench) -> None:
    bench.simulator.courier.toggle_twice()
    bench.customer()
    assert bench.simulator.deliver_due() == 1
    assert len(bench.postbox.letters) == 2
    bench.simulator.courier.toggle_twice()
    bench.customer()
    bench.simulator.deliver_due()
    assert len(bench.postbox.letters) == 3


def test_the_next_one_is_lost_for_good_when_told_so(bench: Bench) -> None:
    bench.simulator.courier.lose_one()
    bench.customer()
    bench.customer()
    assert bench.simulator.deliver_due() == 1
    bench.pass_time(days=3)
    assert bench.simulator.deliver_due() == 0
    assert len(bench.get("events", delivery_success=False)["data"]) == 1


def test_about_one_in_ten_is_lost_and_the_same_ones_with_the_same_seed() -> None:
    assert lost_of_500() == lost_of_500()
    assert 20 <= len(lost_of_500()) <= 80


def lost_of_500() -> list[int]:
    bench = Bench()
    bench.simulator.listen(HOOK, SECRET)
    bench.simulator.courier.manners.lose_per_mille = 100
    for _ in range(500):
        bench.customer()
    bench.simulator.deliver_due()
    ids = [event["id"] for event in bench.simulator.shapes("event")]
    taken = {event["id"] for event in bench.postbox.events}
    return [place for place, name in enumerate(ids) if name not in taken]


def test_deliveries_come_in_order_unless_shuffled(bench: Bench) -> None:
    for _ in range(20):
        bench.customer()
    bench.simulator.deliver_due()
    ids = [event["id"] for event in bench.simulator.shapes("event")]
    assert [event["id"] for event in bench.postbox.events] == ids
    bench.simulator.courier.toggle_shuffled()
    for name in ids:
        bench.simulator.replay(name)
    bench.postbox.letters.clear()
    bench.simulator.deliver_due()
    brought = [event["id"] for event in bench.postbox.events]
    assert sorted(brought) == sorted(ids)
    assert brought != ids


def test_the_couriers_thread_delivers_by_itself_and_ends_when_told(bench: Bench) -> None:
    bench.customer()
    bench.simulator.courier.start()
    bench.simulator.courier.stop()
    bench.simulator.deliver_due()
    assert len(bench.postbox.letters) == 1
