"""Objects have the fields that Stripe's own have in this version, and no others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fundlaunch.payments.simulator import schemas
from fundlaunch.payments.simulator.api import OPERATIONS
from fundlaunch.payments.simulator.parameters import Choice, Group, Many, Metadata
from tests.gateway.simulated import SHOP, Bench

NESTED = {
    "payment_method": ("card", "billing_details"),
    "charge": ("outcome", "payment_method_details", "billing_details"),
    "checkout.session": ("automatic_tax", "custom_text", "customer_details", "total_details"),
    "customer": ("invoice_settings",),
    "event": ("data", "request"),
}


@pytest.fixture
def real_shapes(shared_data: Path) -> dict[str, Any]:
    return dict(json.loads((shared_data / "stripe" / "objects_current.json").read_text(encoding="utf-8")))


@pytest.fixture
def real_spec(shared_data: Path) -> dict[str, Any]:
    return dict(json.loads((shared_data / "stripe" / "spec.json").read_text(encoding="utf-8")))


def everything() -> Iterator[dict[str, Any]]:
    """One object of each kind in each of its states."""
    bench = Bench()
    bench.simulator.listen(SHOP, "whsec_x")
    bench.simulator.complete_checkout(bench.setup_session()["id"])
    bench.simulator.complete_checkout(bench.payment_session()["id"])
    bench.simulator.complete_checkout(bench.payment_session()["id"], "confirms")
    bench.simulator.expire_checkout(bench.setup_session()["id"])
    for card, status in (("ok", 200), ("lost", 402)):
        intent = bench.intent(card)
        sent = {"off_session": True, "return_url": SHOP}
        assert bench.answer("POST", f"payment_intents/{intent['id']}/confirm", **sent).status == status
        if status == 200:
            bench.post("refunds", payment_intent=intent["id"])
    for kind in list(bench.simulator.book.shelves):
        yield from bench.simulator.shapes(kind)
    yield bench.get("account")


def test_every_field_is_one_of_the_real_objects(real_shapes: dict[str, Any]) -> None:
    seen = set()
    for shape in everything():
        real = real_shapes[shape["object"]]
        seen.add(shape["object"])
        assert set(shape) <= set(real), shape["object"]
        for name in NESTED.get(shape["object"], ()):
            if shape.get(name):
                assert set(shape[name]) <= set(real[name]), (shape["object"], name)
    assert {"customer", "payment_intent", "checkout.session", "charge", "refund", "event", "account"} <= seen


def test_every_event_has_a_type_of_the_real_list(real_spec: dict[str, Any]) -> None:
    kinds = {shape["type"] for shape in everything() if shape["object"] == "event"}
    assert kinds <= set(real_spec["event_types"])
    assert len(kinds) >= 12


def test_every_endpoint_and_parameter_is_one_of_the_real_api(real_spec: dict[str, Any]) -> None:
    real = {
        (
            method,
            "/".join("*" if step.startswith("{") else step for step in path.removeprefix("/v1/").split("/")),
        ): takes
        for (method, _, path), takes in (
            (name.partition(" "), takes) for name, takes in real_spec["operations"].items()
        )
    }
    assert set(OPERATIONS) <= set(real)
    found = [wrong_in(operation.takes, real[where], " ".join(where)) for where, operation in OPERATIONS.items()]
    assert [wrong for wrongs in found for wrong in wrongs] == []


def test_a_parameter_of_our_own_would_be_found() -> None:
    real = {"type": "object", "props": {"mode": {"enum": ["setup"]}}}
    assert wrong_in(Group({"mode": Choice(("setup",))}), real, "x") == []
    assert wrong_in(Group({"mood": Choice(("setup",))}), real, "x") == ["x.mood"]
    assert wrong_in(Group({"mode": Choice(("gift",))}), real, "x") == ["x.mode"]
    assert wrong_in(Group({"mode": Metadata()}), real, "x") == ["x.mode"]


def wrong_in(kind: object, real: dict[str, Any], path: str) -> list[str]:
    """Where our table takes what the real API does not."""
    if "anyOf" in real:
        return min((wrong_in(kind, option, path) for option in real["anyOf"]), key=len)
    if isinstance(kind, Group):
        known = real.get("props", {})
        return [
            wrong
            for name, below in kind.parts.items()
            for wrong in (wrong_in(below, known[name], f"{path}.{name}") if name in known else [f"{path}.{name}"])
        ]
    if isinstance(kind, Many):
        return wrong_in(kind.item, real["items"], path) if real.get("type") == "array" else [path]
    if isinstance(kind, Metadata):
        return [] if real.get("type") == "object" and "values" in real else [path]
    if isinstance(kind, Choice) and "enum" in real:
        return [] if set(kind.words) <= set(real["enum"]) else [path]
    return []


def test_a_session_takes_what_the_real_one_requires() -> None:
    assert schemas.SESSION.required == ("mode",)
    assert schemas.INTENT.required == ("amount", "currency")
