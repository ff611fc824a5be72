"""The books: kept between two starts, repeatable with a seed, and right when many threads write at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fundlaunch.errors import Misconfigured
from fundlaunch.payments.simulator.machine import BookedCharge
from tests.gateway.simulated import HOOK, SECRET, SHOP, Bench

OFF_SESSION = {"off_session": True, "return_url": SHOP}


def test_everything_is_there_after_a_restart_without_a_goodbye(tmp_path: Path) -> None:
    file = tmp_path / "simulator.sqlite3"
    before = Bench(file)
    before.simulator.listen(HOOK, SECRET)
    intent = before.intent("insufficient")
    before.refused("POST", f"payment_intents/{intent['id']}/confirm", 402, "confirm:1", **OFF_SESSION)
    session = before.setup_session()
    after = Bench(as_left_by_a_killed_process(file))
    after.clock.set(before.clock.now())
    for kind in ("customer", "payment_method", "payment_intent", "checkout.session", "charge", "event"):
        assert after.simulator.shapes(kind) == before.simulator.shapes(kind)
    again = after.answer("POST", f"payment_intents/{intent['id']}/confirm", "confirm:1", **OFF_SESSION)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (402, "true")
    assert after.simulator.deliver_due() == len(after.simulator.shapes("event"))
    after.pass_time(minutes=31)
    assert after.get(f"checkout/sessions/{session['id']}")["status"] == "expired"
    assert after.get("payment_methods", customer=intent["customer"])["data"][0]["id"] == intent["payment_method"]
    before.simulator.close()
    after.simulator.close()


def as_left_by_a_killed_process(file: Path) -> Path:
    """A copy of the file and its journal while the simulator still has them open."""
    copy = file.with_name("copy.sqlite3")
    for ending in ("", "-wal"):
        copy.with_name(copy.name + ending).write_bytes(file.with_name(file.name + ending).read_bytes())
    return copy


def test_two_simulators_cannot_share_their_books(tmp_path: Path) -> None:
    first = Bench(tmp_path / "books.sqlite3")
    with pytest.raises(Misconfigured, match="cannot be opened"):
        Bench(tmp_path / "books.sqlite3")
    first.simulator.close()
    Bench(tmp_path / "books.sqlite3").simulator.close()


def test_books_that_are_none_are_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "books.sqlite3").write_text("not a database, although it is long enough to be taken for one" * 20)
    with pytest.raises(Misconfigured, match="cannot be opened"):
        Bench(tmp_path / "books.sqlite3")


def test_an_attached_card_is_still_its_customers_after_a_restart(tmp_path: Path) -> None:
    before = Bench(tmp_path / "books.sqlite3")
    customer = before.customer()
    method = before.post("payment_methods", type="card", card={"number": "4242424242424242"})
    before.post(f"payment_methods/{method['id']}/attach", customer=customer)
    before.simulator.close()
    after = Bench(tmp_path / "books.sqlite3")
    assert [found["id"] for found in after.get("payment_methods", customer=customer)["data"]] == [method["id"]]
    after.simulator.close()


def test_with_a_seed_the_same_calls_give_the_same_ids() -> None:
    first, again = Bench(), Bench()
    assert [bench.intent()["id"] for bench in (first, first)] == [bench.intent()["id"] for bench in (again, again)]


def test_the_books_name_every_try_with_its_pledge() -> None:
    bench = Bench()
    intent = bench.intent("declines", amount_minor=1_234)
    bench.refused("POST", f"payment_intents/{intent['id']}/confirm", 402, **OFF_SESSION)
    (charge,) = bench.simulator.charges_of("p1")
    assert charge == BookedCharge(
        id=charge.id,
        intent=intent["id"],
        customer=intent["customer"],
        payment_method=intent["payment_method"],
        status="failed",
        amount_minor=1_234,
        refunded_minor=0,
        fee_minor=0,
        currency="USD",
        metadata={"payment": "y1", "pledge": "p1"},
    )
    assert bench.simulator.charges_of("p2") == []


def test_fifty_confirmations_of_one_intent_at_once_charge_once() -> None:
    bench = Bench()
    path = f"payment_intents/{bench.intent()['id']}/confirm"
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: bench.answer("POST", path, f"confirm:{n}", **OFF_SESSION).status, range(50)))
    assert sorted(answers) == [200] + [400] * 49
    assert len(bench.simulator.charges()) == 1
