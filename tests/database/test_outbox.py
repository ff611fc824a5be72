"""Promises: owed once, kept once, tried again when their keeper fails, and never in each other's way."""

from datetime import timedelta

from fundlaunch import outbox
from fundlaunch.database import Database
from tests.house import NOON


def owe(database: Database, *keys: str) -> list[bool]:
    with database.transaction() as session:
        return [
            outbox.promise_mail(session, "hello", key=key, to=f"{key}@example.org", language="en", payload={}, now=NOON)
            for key in keys
        ]


def test_a_promise_is_owed_once_and_kept_once(database: Database) -> None:
    assert owe(database, "ada", "bela", "ada") == [True, True, False]
    sent: list[str] = []

    def keep(owed: outbox.Owed) -> outbox.Kept:
        sent.append(owed.recipient)
        return outbox.Kept(subject="Hello", payload={"struck": "out"})

    assert outbox.keep_due(database, {"release_card": keep}, NOON) == 0
    assert outbox.keep_due(database, {outbox.MAIL: keep}, NOON) == 2
    assert outbox.keep_due(database, {outbox.MAIL: keep}, NOON) == 0
    assert sorted(sent) == ["ada@example.org", "bela@example.org"]


def test_a_keeper_that_fails_is_asked_again_with_growing_pauses_and_then_left_for_a_person(database: Database) -> None:
    owe(database, "ada", "bela")
    kept: list[str] = []

    def keep(owed: outbox.Owed) -> outbox.Kept:
        if owed.recipient.startswith("ada"):
            raise KeyError("a letter without its template")
        kept.append(owed.recipient)
        return outbox.Kept()

    asked, now = [], NOON
    for pause in [timedelta(minutes=1)] * 9 + [timedelta(hours=1)] * 24:
        if outbox.keep_due(database, {outbox.MAIL: keep}, now):
            asked.append(now - NOON)
        now += pause
    assert kept == ["bela@example.org"]
    assert [pause.total_seconds() for pause in asked[:4]] == [0, 60, 180, 420]
    assert len(asked) == outbox.MOST_TRIES


def test_a_dead_keepers_promise_is_taken_up_when_its_lease_is_over(database: Database) -> None:
    owe(database, "ada")
    assert len(outbox._claim(database, (outbox.MAIL,), NOON)) == 1
    lease = timedelta(seconds=outbox.LEASE_SECONDS)
    keepers = {outbox.MAIL: lambda owed: outbox.Kept(subject=owed.topic)}
    assert outbox.keep_due(database, keepers, NOON + lease - timedelta(seconds=1)) == 0
    assert outbox.keep_due(database, keepers, NOON + lease) == 1
