"""Events: kept as they were, listed newest first, paged both ways, for 30 days."""

import pytest

from tests.gateway.simulated import SHOP, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_event_keeps_the_object_as_it_was_and_says_which_request_caused_it(bench: Bench) -> None:
    intent = bench.post("payment_intents", "create:y1", amount=500, currency="usd")
    bench.post(f"payment_intents/{intent['id']}/cancel")
    created, canceled = bench.simulator.shapes("event")
    assert created["data"]["object"]["status"] == "requires_payment_method"
    assert canceled["data"]["object"]["status"] == "canceled"
    assert created["request"]["idempotency_key"] == "create:y1"
    assert created["request"]["id"].startswith("req_")
    assert (created["livemode"], created["api_version"]) == (False, "2026-10-28.endive")
    assert bench.get(f"events/{created['id']}") == created


def test_what_a_person_or_the_clock_does_has_no_request(bench: Bench) -> None:
    first, second = bench.setup_session(), bench.setup_session()
    bench.simulator.complete_checkout(first["id"])
    bench.pass_time(minutes=31)
    bench.get(f"checkout/sessions/{second['id']}")
    causes = {event["type"]: event["request"]["id"] for event in bench.simulator.shapes("event")}
    assert causes["checkout.session.completed"] is None
    assert causes["checkout.session.expired"] is None


def test_events_are_listed_newest_first_and_paged_towards_the_older(bench: Bench) -> None:
    for _ in range(5):
        bench.customer()
    all_ids = [event["id"] for event in reversed(bench.simulator.shapes("event"))]
    first = bench.get("events", limit=2)
    assert [event["id"] for event in first["data"]] == all_ids[:2]
    assert first["has_more"]
    second = bench.get("events", limit=3, starting_after=all_ids[1])
    assert [event["id"] for event in second["data"]] == all_ids[2:]
    assert not second["has_more"]


def test_backfilling_from_a_known_event_gives_the_next_ones_after_it(bench: Bench) -> None:
    for _ in range(5):
        bench.customer()
    ids = [event["id"] for event in bench.simulator.shapes("event")]
    page = bench.get("events", limit=2, ending_before=ids[1])
    assert [event["id"] for event in page["data"]] == [ids[3], ids[2]]
    assert page["has_more"]
    rest = bench.get("events", limit=2, ending_before=ids[3])
    assert [event["id"] for event in rest["data"]] == [ids[4]]
    assert not rest["has_more"]
    assert bench.get("events", ending_before=ids[4])["data"] == []


def test_events_are_chosen_by_type_time_and_delivery(bench: Bench) -> None:
    bench.customer()
    bench.pass_time(hours=1)
    bench.simulator.listen(SHOP, "whsec_x", ("payment_intent.created",))
    bench.post("payment_intents", amount=500, currency="usd")
    kinds = ["customer.created", "payment_intent.created"]
    assert [event["type"] for event in bench.get("events", types=kinds)["data"]] == kinds[::-1]
    assert [event["type"] for event in bench.get("events", type=kinds[0])["data"]] == kinds[:1]
    assert [event["type"] for event in bench.get("events", created={"gte": bench.seconds()})["data"]] == kinds[1:]
    assert [event["type"] for event in bench.get("events", delivery_success=False)["data"]] == kinds[1:]
    assert bench.simulator.deliver_due() == 1
    assert bench.get("events", delivery_success=False)["data"] == []
    assert len(bench.get("events", delivery_success=True)["data"]) == 2


def test_at_most_twenty_types_are_asked_for_at_once(bench: Bench) -> None:
    bench.get("events", types=["customer.created"] * 20)
    bench.refused("GET", "events", 400, types=["customer.created"] * 21)
    bench.refused("GET", "events", 400, types=["customer.created"], type="customer.created")


def test_events_are_listed_for_thirty_days(bench: Bench) -> None:
    bench.customer()
    (event,) = bench.simulator.shapes("event")
    bench.pass_time(days=30)
    assert len(bench.get("events")["data"]) == 1
    bench.pass_time(seconds=1)
    assert bench.get("events")["data"] == []
    bench.refused("GET", f"events/{event['id']}", 404)


def test_a_cursor_that_is_not_there_or_two_of_them_are_refused(bench: Bench) -> None:
    bench.customer()
    (event,) = bench.simulator.shapes("event")
    assert bench.refused("GET", "events", 400, starting_after="evt_none")["param"] == "starting_after"
    bench.refused("GET", "events", 400, starting_after=event["id"], ending_before=event["id"])
