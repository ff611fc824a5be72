"""Signing in against the rows of both databases."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Conflict, NotFound, TooMany
from fundlaunch.outbox import PROMISE
from fundlaunch.people import accounts, actions, queries, rules, sessions
from fundlaunch.people.actions import WrongCode
from fundlaunch.people.queries import ACCOUNT, BROWSER_SESSION, SIGN_IN, Person
from fundlaunch.people.rules import MailLimits, SessionKind
from fundlaunch.people.sessions import Browser, SignedIn
from tests.cast import MINA, NOA, ODA

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIREFOX = Browser("Firefox", "")


@dataclass
class Door:
    """Asks for mails and reads them, as a person would."""

    database: Database
    now: datetime = NOON
    limits: MailLimits = rules.LIMITS
    asked: list[str] = field(default_factory=list)

    def ask(self, email: str = MINA.email, next_path: str = "/", ip: str = "192.0.2.1") -> dict[str, Any]:
        """Ask, and give the letter's token and code."""
        with self.database.transaction() as session:
            sign_in_id = actions.ask_to_sign_in(
                session, email, next_path=next_path, language="ko", ip=ip, limits=self.limits, now=self.now
            )
            self.asked.append(sign_in_id)
            found = select(PROMISE.c.payload).where(PROMISE.c.key == f"sign_in:{sign_in_id}")
            return dict(session.connection().execute(found).scalar_one())

    def press(self, token: str, browser: Browser = FIREFOX) -> SignedIn:
        with self.database.transaction() as session:
            return actions.use_link(session, token, browser, self.now)

    def type(self, code: str, sign_in_id: str = "") -> SignedIn | WrongCode:
        with self.database.transaction() as session:
            return actions.use_code(session, sign_in_id or self.asked[-1], code, FIREFOX, self.now)

    def who(self, signed_in: SignedIn | WrongCode) -> Person | None:
        assert isinstance(signed_in, SignedIn)
        with self.database.reading() as session:
            return queries.current(session, signed_in.value, self.now)


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def rows(session: Session, table: Any) -> int:
    return len(session.connection().execute(select(table)).all())


def test_the_link_of_the_mail_signs_in_and_makes_the_account(door: Door) -> None:
    letter = door.ask(MINA.email, next_path="/studio")
    signed_in = door.press(letter["token"])
    person = door.who(signed_in)
    assert person is not None
    assert (person.email, person.language, person.is_operator) == (MINA.email, "ko", False)
    assert signed_in.next_path == "/studio"


def test_the_code_of_the_mail_signs_in(door: Door) -> None:
    person = door.who(door.type(door.ask()["code"]))
    assert person is not None
    assert person.email == MINA.email


def test_neither_link_nor_code_nor_cookie_stands_in_the_rows_of_people(door: Door) -> None:
    letter = door.ask()
    signed_in = door.press(letter["token"])
    with door.database.reading() as session:
        kept = repr(session.connection().execute(select(SIGN_IN)).all())
        kept += repr(session.connection().execute(select(BROWSER_SESSION)).all())
    assert MINA.email in kept
    for secret in (letter["token"], letter["code"], signed_in.value):
        assert secret not in kept


def test_an_address_in_other_letters_is_the_same_account(door: Door) -> None:
    first = door.who(door.press(door.ask("Mina@Example.ORG")["token"]))
    second = door.who(door.press(door.ask("mina@example.org")["token"]))
    assert first is not None
    assert second is not None
    assert first.account_id == second.account_id
    assert second.email == "Mina@Example.ORG"


def test_a_plus_tag_is_an_account_of_its_own(door: Door) -> None:
    plain = door.who(door.press(door.ask("mina@example.org")["token"]))
    tagged = door.who(door.press(door.ask("mina+lamp@example.org")["token"]))
    assert plain is not None
    assert tagged is not None
    assert plain.account_id != tagged.account_id


def test_asking_leaves_the_same_rows_for_a_known_and_an_unknown_address(door: Door) -> None:
    door.press(door.ask(MINA.email)["token"])
    left = []
    for email in (MINA.email, NOA.email):
        with door.database.reading() as session:
            before = [rows(session, table) for table in (ACCOUNT, SIGN_IN, BROWSER_SESSION, PROMISE)]
        letter = door.ask(email)
        with door.database.reading() as session:
            after = [rows(session, table) for table in (ACCOUNT, SIGN_IN, BROWSER_SESSION, PROMISE)]
        left.append(([b - a for a, b in zip(before, after, strict=True)], sorted(letter)))
    assert left[0] == left[1] == ([0, 1, 0, 1], ["code", "minutes", "token"])


def test_a_link_works_once(door: Door) -> None:
    token = door.ask()["token"]
    door.press(token)
    with pytest.raises(Conflict):
        door.press(token)


def test_looking_at_a_link_does_not_use_it_up(door: Door) -> None:
    token = door.ask()["token"]
    for _ in range(3):
        with door.database.reading() as session:
            view = queries.link_view(session, token, door.now)
        assert view is not None
        assert view.email == MINA.email
    assert door.who(door.press(token))


def test_a_code_works_once(door: Door) -> None:
    code = door.ask()["code"]
    door.type(code)
    assert door.type(code) == WrongCode(0)


def test_signing_in_by_link_uses_up_the_code_and_every_other_mail(door: Door) -> None:
    first, second = door.ask(), door.ask()
    door.press(second["token"])
    assert door.type(second["code"]) == WrongCode(0)
    with pytest.raises(Conflict):
        door.press(first["token"])


def test_the_mail_of_somebody_else_stays_good(door: Door) -> None:
    other = door.ask(NOA.email)
    door.press(door.ask(MINA.email)["token"])
    assert door.who(door.press(other["token"]))


def test_link_and_code_are_good_for_just_under_fifteen_minutes(door: Door) -> None:
    letter, other = door.ask(MINA.email), door.ask(NOA.email)
    door.now += 15 * MINUTE - timedelta(seconds=1)
    assert door.who(door.type(other["code"]))
    assert door.who(door.press(letter["token"]))


def test_link_and_code_end_after_fifteen_minutes(door: Door) -> None:
    letter, other = door.ask(MINA.email), door.ask(NOA.email)
    door.now += 15 * MINUTE
    assert door.type(other["code"]) == WrongCode(0)
    with pytest.raises(Conflict):
        door.press(letter["token"])
    with door.database.reading() as session:
        assert queries.link_view(session, letter["token"], door.now) is None


def test_the_right_code_is_refused_after_five_wrong_ones(door: Door) -> None:
    code = door.ask()["code"]
    assert [door.type(wrong(code)) for _ in range(5)] == [WrongCode(left) for left in (4, 3, 2, 1, 0)]
    assert door.type(code) == WrongCode(0)


def test_the_right_code_is_taken_at_the_fifth_try(door: Door) -> None:
    code = door.ask()["code"]
    for _ in range(4):
        door.type(wrong(code))
    assert door.who(door.type(code))


def test_a_code_of_another_mail_does_not_fit(door: Door) -> None:
    first, second = door.ask(MINA.email), door.ask(NOA.email)
    if first["code"] != second["code"]:
        assert door.type(first["code"]) == WrongCode(4)
    assert door.type("123456", "no-such-id") == WrongCode(0)


def test_an_empty_code_does_not_open_a_link_that_has_none(door: Door) -> None:
    with door.database.transaction() as session:
        token = actions.make_link(session, NOA.email, NOON)
        sign_in_id = session.connection().execute(select(SIGN_IN.c.id)).scalar_one()
    assert door.type("", sign_in_id) == WrongCode(0)
    assert door.who(door.press(token))


def test_the_sixth_mail_to_an_address_within_an_hour_is_refused_and_one_later_is_not(door: Door) -> None:
    for number in range(5):
        door.ask(MINA.email, ip=f"192.0.2.{number}")
    with pytest.raises(TooMany):
        door.ask("MINA@example.org", ip="192.0.2.99")
    door.ask(NOA.email)
    door.now += timedelta(hours=1)
    assert door.ask(MINA.email)


def test_the_twenty_first_mail_from_a_network_within_an_hour_is_refused(door: Door) -> None:
    for number in range(20):
        door.ask(f"backer-{number}@example.org", ip=f"2001:db8::{number}")
    with pytest.raises(TooMany):
        door.ask(MINA.email, ip="2001:db8::ffff")
    assert door.ask(MINA.email, ip="2001:db8:0:1::1")


def test_without_limits_mails_go_on(door: Door) -> None:
    door.limits = rules.NO_LIMITS
    assert [bool(door.ask()) for _ in range(7)] == [True] * 7


def test_what_is_no_address_gets_no_mail(door: Door) -> None:
    with pytest.raises(BadInput):
        door.ask("mina")
    with door.database.reading() as session:
        assert rows(session, PROMISE) == 0


def test_each_sign_in_gives_a_new_value_and_ends_the_one_before(door: Door) -> None:
    first = door.press(door.ask()["token"])
    second = door.press(door.ask()["token"], Browser("Firefox", first.value))
    assert first.value != second.value
    assert door.who(first) is None
    assert door.who(second)


def test_a_value_the_browser_brought_along_is_never_taken_over(door: Door) -> None:
    planted = "A" * 43
    signed_in = door.press(door.ask()["token"], Browser("Firefox", planted))
    assert signed_in.value != planted
    assert door.who(SignedIn(planted, 0, "/")) is None


def test_a_link_made_by_the_program_lasts_as_long_as_it_was_made_for(door: Door) -> None:
    with door.database.transaction() as session:
        token = actions.make_link(session, NOA.email, NOON, next_path="/studio", lasts=timedelta(days=1))
    door.now += timedelta(hours=23)
    signed_in = door.press(token)
    assert signed_in.next_path == "/studio"
    with pytest.raises(Conflict):
        door.press(token)


def operators_session(door: Door) -> SignedIn:
    with door.database.transaction() as session:
        accounts.create_operator(session, ODA.email, NOON)
    return door.press(door.ask(ODA.email)["token"])


def test_an_operators_session_ends_after_an_hour_without_a_page(door: Door) -> None:
    signed_in = operators_session(door)
    door.now += 59 * MINUTE
    assert door.who(signed_in)
    door.now += MINUTE
    assert door.who(signed_in) is None


def test_an_operators_session_ends_after_twelve_hours_however_busy(door: Door) -> None:
    signed_in = operators_session(door)
    assert signed_in.lasts_seconds == 12 * 3600
    for _ in range(23):
        door.now += 30 * MINUTE
        person = door.who(signed_in)
        assert person is not None
        assert person.is_operator
        with door.database.transaction() as session:
            sessions.touch(session, person, door.now)
    door.now += 30 * MINUTE
    assert door.who(signed_in) is None


def test_becoming_the_operator_ends_older_sessions(door: Door) -> None:
    signed_in = door.press(door.ask(ODA.email)["token"])
    with door.database.transaction() as session:
        accounts.create_operator(session, ODA.email, NOON)
    assert door.who(signed_in) is None


def test_sessions_are_listed_and_ended_one_by_one(door: Door) -> None:
    laptop = door.press(door.ask()["token"], Browser("Laptop", ""))
    door.now += MINUTE
    phone = door.press(door.ask()["token"], Browser("Phone", ""))
    person = door.who(phone)
    assert person is not None
    with door.database.reading() as session:
        listed = queries.sessions_of(session, person, door.now)
    assert [(view.browser, view.is_present) for view in listed] == [("Phone", True), ("Laptop", False)]
    with door.database.transaction() as session:
        sessions.end(session, person, listed[1].session, door.now)
    assert door.who(laptop) is None
    assert door.who(phone)
    with door.database.reading() as session:
        assert [view.browser for view in queries.sessions_of(session, person, door.now)] == ["Phone"]


def test_nobody_ends_the_session_of_somebody_else(door: Door) -> None:
    mina = door.press(door.ask(MINA.email)["token"])
    noa = door.press(door.ask(NOA.email)["token"])
    victim, attacker = door.who(mina), door.who(noa)
    assert victim is not None
    assert attacker is not None
    with pytest.raises(NotFound), door.database.transaction() as session:
        sessions.end(session, attacker, victim.session, door.now)
    assert door.who(mina)


def test_an_unknown_or_empty_cookie_is_nobody(door: Door) -> None:
    door.press(door.ask()["token"])
    with door.database.reading() as session:
        assert queries.current(session, "", NOON) is None
        assert queries.current(session, "B" * 43, NOON) is None


def test_finished_sign_ins_and_sessions_are_forgotten_after_a_day_and_open_ones_are_not(door: Door) -> None:
    ended = door.press(door.ask(MINA.email)["token"])
    kept = door.press(door.ask(NOA.email)["token"])
    person = door.who(ended)
    assert person is not None
    with door.database.transaction() as session:
        sessions.end(session, person, person.session, door.now)
    door.now += timedelta(days=1, minutes=16)
    with door.database.transaction() as session:
        assert sessions.forget_finished(session, door.now) == 3
    assert door.who(kept)


def test_a_session_of_a_backer_lasts_longer_than_one_of_a_creator(door: Door) -> None:
    from fundlaunch.people.roles import Role

    backer = door.press(door.ask(MINA.email)["token"])
    assert backer.lasts_seconds == 90 * 24 * 3600
    person = door.who(backer)
    assert person is not None
    with door.database.transaction() as session:
        accounts.give_role(session, person.account_id, "c1", Role.OWNER, NOON)
    with door.database.reading() as session:
        row = session.connection().execute(select(BROWSER_SESSION)).one()
    assert (row.kind, row.expires_at) == (SessionKind.CREATOR, NOON + timedelta(days=7))
    assert door.press(door.ask(MINA.email)["token"]).lasts_seconds == 7 * 24 * 3600
