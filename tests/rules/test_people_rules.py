"""Addresses, paths, codes and lifetimes of signing in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundlaunch.errors import BadInput
from fundlaunch.people.roles import GRANTS, Permission, Role
from fundlaunch.people.rules import (
    HOME,
    LIFETIMES,
    SessionKind,
    asked_from,
    code_typed,
    email_key,
    is_over,
    path_after_sign_in,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Noa@Example.ORG", "noa@example.org"),
        (" noa@example.org ", "noa@example.org"),
        ("noa@bücher.example.org", "noa@xn--bcher-kva.example.org"),
        ("e\u0301va@example.org", "\u00e9va@example.org"),
    ],
)
def test_two_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("noa@example.org", "noa+shop@example.org"),
        ("noa+a@example.org", "noa+b@example.org"),
        ("noa@example.org", "n\u043ea@example.org"),  # a Cyrillic o
        ("noa@example.org", "noa@example.com"),
    ],
)
def test_different_mailboxes_stay_apart(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize(
    "typed",
    ["", "noa", "noa@", "@example.org", "a b@example.org", "a@b@example.org", "noa@example.org\nBcc: x@example.org"],
)
def test_what_is_no_address_is_refused_with_its_field(typed: str) -> None:
    with pytest.raises(BadInput) as refusal:
        email_key(typed)
    assert refusal.value.field == "email"


@pytest.mark.parametrize(
    "path",
    ["/", "/studio", "/studio/campaigns/stary/edit", "/account/sessions", "/campaigns/stary", "/pledges/AbC-_9/fix"],
)
def test_a_path_of_ours_is_kept_for_after_signing_in(path: str) -> None:
    assert path_after_sign_in(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "https://example.net/", "//example.net", "/\\example.net", "\\\\example.net", "/studio//example.net",
        "/studio/%0d%0aSet-Cookie:x", "/studio\r\nX: y", "/studio?next=//example.net", "/studio#x", "/sign-out",
        "javascript:alert(1)", "/studio/../sign-out", "/campaigns/" + "a" * 400, "/studio\n", "studio",
        "/@example.net", "/studio/ü",
    ],
)  # fmt: skip
def test_any_other_path_leads_to_the_front_page(path: str) -> None:
    assert path_after_sign_in(path) == HOME


@given(st.text(max_size=60))
def test_no_text_leads_to_another_site(text: str) -> None:
    path = path_after_sign_in(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isprintable()


@pytest.mark.parametrize(("typed", "code"), [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456")])
def test_a_code_may_be_typed_with_gaps(typed: str, code: str) -> None:
    assert code_typed(typed) == code


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "²³⁴⁵⁶⁷"])
def test_anything_but_six_digits_is_no_code(typed: str) -> None:
    assert code_typed(typed) == ""


def test_a_limit_counts_for_one_address_of_the_old_kind_and_one_household_of_the_new() -> None:
    assert asked_from("192.0.2.7") != asked_from("192.0.2.8")
    assert asked_from("2001:db8:1:2::7") == asked_from("2001:db8:1:2:ffff::8")
    assert asked_from("2001:db8:1:2::7") != asked_from("2001:db8:1:3::7")
    assert asked_from("nonsense") == ""


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_ends_when_idle_and_at_its_absolute_end(kind: SessionKind) -> None:
    life, tick = LIFETIMES[kind], timedelta(seconds=1)
    expires_at = NOON + life.absolute
    assert not is_over(kind, NOON, expires_at, NOON + life.idle - tick)
    assert is_over(kind, NOON, expires_at, NOON + life.idle)
    assert not is_over(kind, expires_at - tick, expires_at, expires_at - tick)
    assert is_over(kind, expires_at - tick, expires_at, expires_at)


def test_the_more_a_person_may_do_the_sooner_the_session_ends() -> None:
    backer, creator, operator = (LIFETIMES[kind] for kind in SessionKind)
    assert backer.idle > creator.idle > operator.idle
    assert backer.absolute > creator.absolute > operator.absolute


def test_only_the_owner_may_do_what_cannot_be_taken_back() -> None:
    assert [role for role in Role if Permission.RUN in GRANTS[role]] == [Role.OWNER]


def test_personal_data_is_for_owner_and_fulfilment() -> None:
    assert {role for role in Role if Permission.BACKERS in GRANTS[role]} == {Role.OWNER, Role.FULFILMENT}
