"""Sessions: one row for each browser that is signed in, ended one by one or all at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, insert, select, update
from sqlmodel import Session

from fundlaunch.errors import N_, NotFound
from fundlaunch.people import rules
from fundlaunch.people.queries import ACCOUNT, BROWSER_SESSION, CAMPAIGN_ROLE, SIGN_IN, Person
from fundlaunch.people.rules import LIFETIMES, SessionKind
from fundlaunch.web.sessions import hashed, new_value


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser somebody signs in with: how it names itself, and the cookie it had until now ('' for none)."""

    name: str
    old_value: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session was opened: the cookie's new `value`, how long the browser keeps it, and the path to go on to."""

    value: str
    lasts_seconds: int
    next_path: str


def start(session: Session, account_id: str, next_path: str, browser: Browser, now: datetime) -> SignedIn:
    """Open a session with a value no one has seen before; the one the browser had until now ends."""
    value, kind = new_value(), _kind_of(session, account_id)
    lasts = LIFETIMES[kind].absolute
    connection = session.connection()
    b = BROWSER_SESSION.c
    connection.execute(
        update(BROWSER_SESSION)
        .where(b.value_hash == hashed(browser.old_value), b.ended_at.is_(None))
        .values(ended_at=now)
    )
    row = {
        "value_hash": hashed(value), "account_id": account_id, "kind": kind, "browser": browser.name[:200],
        "created_at": now, "seen_at": now, "expires_at": now + lasts,
    }  # fmt: skip
    connection.execute(insert(BROWSER_SESSION).values(row))
    return SignedIn(value, lasts // timedelta(seconds=1), next_path)


def _kind_of(session: Session, account_id: str) -> SessionKind:
    connection = session.connection()
    if connection.execute(select(ACCOUNT.c.is_operator).where(ACCOUNT.c.id == account_id)).scalar_one():
        return SessionKind.OPERATOR
    has_role = select(CAMPAIGN_ROLE.c.role).where(CAMPAIGN_ROLE.c.account_id == account_id).limit(1)
    return SessionKind.CREATOR if connection.execute(has_role).first() else SessionKind.BACKER


def touch(session: Session, person: Person, now: datetime) -> None:
    """Note that a session was seen, so that it does not end for idleness."""
    b = BROWSER_SESSION.c
    session.connection().execute(
        update(BROWSER_SESSION).where(b.value_hash == person.session, b.seen_at < now).values(seen_at=now)
    )


def end(session: Session, person: Person, which: str, now: datetime) -> None:
    """End one of the person's own sessions (`which` is its SessionView.session). Raises NotFound for any other."""
    b = BROWSER_SESSION.c
    ended = session.connection().execute(
        update(BROWSER_SESSION)
        .where(b.value_hash == which, b.account_id == person.account_id, b.ended_at.is_(None))
        .values(ended_at=now)
    )
    if not ended.rowcount:
        raise NotFound(N_("This session has ended already."))


def end_all(session: Session, account_id: str, now: datetime) -> None:
    """End every session of an account."""
    b = BROWSER_SESSION.c
    session.connection().execute(
        update(BROWSER_SESSION).where(b.account_id == account_id, b.ended_at.is_(None)).values(ended_at=now)
    )


def shorten(session: Session, account_id: str, now: datetime) -> None:
    """Let a backer who became a creator keep their sessions, for no longer than a creator's."""
    b, latest = BROWSER_SESSION.c, now + LIFETIMES[SessionKind.CREATOR].absolute
    session.connection().execute(
        update(BROWSER_SESSION)
        .where(b.account_id == account_id, b.kind == SessionKind.BACKER, b.ended_at.is_(None))
        .values(kind=SessionKind.CREATOR, expires_at=case((b.expires_at < latest, b.expires_at), else_=latest))
    )


def forget_finished(session: Session, now: datetime) -> int:
    """Delete sign-ins and sessions that ended a day ago or earlier; gives how many rows went."""
    before = now - rules.KEEP_ENDED
    s, b = SIGN_IN.c, BROWSER_SESSION.c
    connection = session.connection()
    sign_ins = connection.execute(delete(SIGN_IN).where(s.expires_at < before))
    browsers = connection.execute(delete(BROWSER_SESSION).where((b.expires_at < before) | (b.ended_at < before)))
    return sign_ins.rowcount + browsers.rowcount
