"""Every sample event becomes the facts beside it, and every event that can become a fact has a sample."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from fundlaunch.payments.facts import Fact
from fundlaunch.payments.stripe.events import READINGS, Look, Sight, checkout_facts, intent_facts, learn, refund_facts
from fundlaunch.payments.stripe.version import API_VERSION
from tests.webhooks.sender import Shelf, post, receiver

FOLDER = Path(__file__).resolve().parents[2] / "webhooks"
SAMPLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("samples/stripe/*.json"))
}


def written(facts: tuple[Fact, ...]) -> list[dict[str, Any]]:
    """Facts as the samples write them."""
    return [{"fact": type(fact).__name__, **asdict(fact)} for fact in facts]


def read(sight: Sight, answer: Any) -> tuple[Fact, ...]:
    """What the provider's answer to a look means."""
    if sight is Sight.REFUNDS:
        return tuple(fact for refund in answer for fact in refund_facts(refund))
    return (checkout_facts if sight is Sight.CHECKOUT else intent_facts)(answer)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_becomes_the_facts_beside_it(name: str) -> None:
    sample = SAMPLES[name]
    learned = learn(sample["event"])
    if isinstance(learned, Look):
        assert sample["look"] == {"sight": learned.sight, "id": learned.id}
        learned = read(learned.sight, sample["read"])
    assert written(learned) == sample["facts"]
    assert learned


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_passes_the_receiver(name: str) -> None:
    shelf = Shelf()
    body = json.dumps(SAMPLES[name]["event"]).encode()
    assert post(receiver(shelf), body).status == 200
    assert [kept.type for kept in shelf.kept] == [SAMPLES[name]["event"]["type"]]


def test_every_event_that_can_become_a_fact_has_a_sample() -> None:
    assert {sample["event"]["type"] for sample in SAMPLES.values()} == set(READINGS)


def test_every_event_that_can_become_a_fact_is_in_the_table_for_people() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {kind for kind in READINGS if f"| `{kind}`" not in readme} == set()


def test_the_samples_are_of_the_pinned_version_and_have_ids_of_their_own() -> None:
    events = [sample["event"] for sample in SAMPLES.values()]
    assert {event["api_version"] for event in events} == {API_VERSION}
    assert len({event["id"] for event in events}) == len(events)


def test_the_samples_have_the_shape_of_the_providers_own_objects(shared_data: Path) -> None:
    current = json.loads((shared_data / "stripe" / "objects_current.json").read_text(encoding="utf-8"))
    for name, sample in SAMPLES.items():
        answered = sample.get("read") or []
        for shape in (sample["event"]["data"]["object"], *(answered if isinstance(answered, list) else [answered])):
            assert set(shape) - set(current[shape["object"]]) == set(), name


def test_every_subscribed_event_exists_in_the_pinned_version(shared_data: Path) -> None:
    spec = json.loads((shared_data / "stripe" / "spec.json").read_text(encoding="utf-8"))
    assert spec["api_version"] == API_VERSION
    assert set(READINGS) <= set(spec["event_types"])
