"""Promises made in a transaction and kept after it: mail to send, cards to release at the provider.

A promise is a row with a unique key, written by the action that owes it, in the same transaction. The worker claims due
promises by lease, keeps each through the keeper of its kind, and writes down that it was kept. A keeper that fails is
asked again with growing pauses; after `MOST_TRIES` the promise stays, visibly broken, for the operator.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, or_, select, update
from sqlmodel import Field, Session, SQLModel

from fundlaunch.database import Database, UtcDateTime, insert_once, new_id, table

log = logging.getLogger(__name__)

MAIL = "mail"
RELEASE_CARD = "release_card"

MOST_TRIES = 20
BATCH = 50
LEASE_SECONDS = 120
LONGEST_PAUSE_SECONDS = 3600


class Promise(SQLModel, table=True):
    """One thing owed. For mail, `topic` names the letter and what was sent is kept in subject, text and html."""

    __tablename__ = "promise"
    __table_args__ = (Index("promise_due", "kept_at", "due_at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    kind: str = Field(max_length=40)
    topic: str = Field(default="", index=True, max_length=60)
    key: str = Field(unique=True, max_length=200)
    recipient: str = Field(default="", max_length=320)
    language: str = Field(default="en", max_length=5)
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    campaign_id: str | None = Field(default=None, index=True, max_length=26)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    tries: int = 0
    kept_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    problem: str = Field(default="", max_length=500)
    subject: str = Field(default="", sa_column=Column(Text, nullable=False))
    text: str = Field(default="", sa_column=Column(Text, nullable=False))
    html: str = Field(default="", sa_column=Column(Text, nullable=False))


PROMISE = table(Promise)


@dataclass(frozen=True, slots=True)
class Owed:
    """A claimed promise as its keeper sees it."""

    id: str
    kind: str
    topic: str
    key: str
    recipient: str
    language: str
    payload: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What a keeper leaves behind: the letter as it went out; empty for anything else.

    `payload`, if given, takes the place of the promise's own: what opens something is struck out once it was sent.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    payload: Mapping[str, Any] | None = None


Keeper = Callable[[Owed], Kept]
"""Keeps one promise, outside any transaction; raises anything to be asked again later."""


def promise_mail(
    session: Session,
    topic: str,
    *,
    key: str,
    to: str,
    language: str,
    payload: Mapping[str, Any],
    now: datetime,
    campaign_id: str | None = None,
) -> bool:
    """Owe a letter; the same `key` is owed once for ever. Says whether it is new."""
    values = {"recipient": to, "language": language, "payload": dict(payload), "campaign_id": campaign_id}
    return _promise(session, MAIL, topic, f"{topic}:{key}", now, values)


def promise_release(session: Session, *, customer: str, payment_method: str, now: datetime) -> bool:
    """Owe the provider the word that this saved card is not needed any more."""
    payload = {"customer": customer, "payment_method": payment_method}
    return _promise(session, RELEASE_CARD, "", f"{RELEASE_CARD}:{payment_method}", now, {"payload": payload})


def keep_due(database: Database, keepers: Mapping[str, Keeper], now: datetime) -> int:
    """Keep one batch of due promises; gives how many were claimed (0: nothing was due)."""
    claimed = _claim(database, tuple(keepers), now)
    for owed in claimed:
        _keep(database, keepers[owed.kind], owed, now)
    return len(claimed)


def _promise(session: Session, kind: str, topic: str, key: str, now: datetime, more: Mapping[str, Any]) -> bool:
    row = {
        "id": new_id(), "kind": kind, "topic": topic, "key": key, "created_at": now, "due_at": now, "tries": 0,
        "recipient": "", "language": "en", "payload": {}, "problem": "", "subject": "", "text": "", "html": "",
    }  # fmt: skip
    return insert_once(session, PROMISE, row | dict(more))


def _claim(database: Database, kinds: tuple[str, ...], now: datetime) -> list[Owed]:
    p = PROMISE.c
    due = (
        select(p.id)
        .where(p.kept_at.is_(None), p.due_at <= now, p.tries < MOST_TRIES, p.kind.in_(kinds))
        .where(or_(p.lease_until.is_(None), p.lease_until <= now))
        .order_by(p.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    take = (
        update(PROMISE)
        .where(p.id.in_(due))
        .values(lease_until=now + timedelta(seconds=LEASE_SECONDS), tries=p.tries + 1)
        .returning(p.id, p.kind, p.topic, p.key, p.recipient, p.language, p.payload, p.created_at)
    )
    with database.transaction() as session:
        rows = session.connection().execute(take).all()
    return sorted((Owed(*row) for row in rows), key=lambda owed: owed.created_at)


def _keep(database: Database, keeper: Keeper, owed: Owed, now: datetime) -> None:
    try:
        kept = keeper(owed)
    except Exception as error:
        # Whatever it is, it must not keep the promises behind it waiting.
        log.warning("promise %s failed and will be tried again", owed.id, exc_info=error)
        _record(
            database,
            owed.id,
            {"lease_until": None, "problem": str(error)[:500], "due_at": now + _pause(database, owed)},
        )
        return
    _record(database, owed.id, _kept_values(kept, now))


def _kept_values(kept: Kept, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"kept_at": now, "lease_until": None, "problem": ""}
    values |= {"subject": kept.subject, "text": kept.text, "html": kept.html}
    if kept.payload is not None:
        values["payload"] = dict(kept.payload)
    return values


def _pause(database: Database, owed: Owed) -> timedelta:
    with database.reading() as session:
        tries = session.connection().execute(select(PROMISE.c.tries).where(PROMISE.c.id == owed.id)).scalar_one()
    return timedelta(seconds=min(30 * 2 ** int(tries), LONGEST_PAUSE_SECONDS))


def _record(database: Database, promise_id: str, values: Mapping[str, Any]) -> None:
    with database.transaction() as session:
        session.connection().execute(update(PROMISE).where(PROMISE.c.id == promise_id).values(**values))
