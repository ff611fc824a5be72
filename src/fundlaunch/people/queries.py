"""Reads about people: who is signed in, which browsers are, what a sign-in link is for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session

from fundlaunch.database import table
from fundlaunch.people import rules
from fundlaunch.people.roles import Role
from fundlaunch.people.rules import SessionKind
from fundlaunch.people.tables import Account, BrowserSession, CampaignRole, SignIn
from fundlaunch.web.sessions import hashed

ACCOUNT = table(Account)
SIGN_IN = table(SignIn)
BROWSER_SESSION = table(BrowserSession)
CAMPAIGN_ROLE = table(CampaignRole)

MOST_SESSIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in with the present browser. `session` names the browser's row; it signs nobody in."""

    account_id: str
    email: str
    name: str
    language: str
    is_operator: bool
    session: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SessionView:
    """One signed-in browser in a person's list. `ends_at` is when it ends if it is not used until then."""

    session: str
    browser: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    is_present: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """What pressing the button of a sign-in link will do."""

    email: str


def current(session: Session, value: str, now: datetime) -> Person | None:
    """Who the cookie's `value` stands for; None if it is unknown, ended, idle too long or too old."""
    if not value:
        return None
    b, a = BROWSER_SESSION.c, ACCOUNT.c
    found = (
        select(b.kind, b.seen_at, b.expires_at, a.id, a.email, a.name, a.language, a.is_operator, b.value_hash)
        .join(ACCOUNT, a.id == b.account_id)
        .where(b.value_hash == hashed(value), b.ended_at.is_(None))
    )
    row = session.connection().execute(found).one_or_none()
    if row is None or rules.is_over(row.kind, row.seen_at, row.expires_at, now):
        return None
    return Person(row.id, row.email, row.name, row.language, row.is_operator, row.value_hash, row.seen_at)


def sessions_of(session: Session, person: Person, now: datetime) -> list[SessionView]:
    """The browsers a person is signed in with, the one used last first."""
    b = BROWSER_SESSION.c
    found = (
        select(b.value_hash, b.browser, b.created_at, b.seen_at, b.expires_at, b.kind)
        .where(b.account_id == person.account_id, b.ended_at.is_(None), b.expires_at > now)
        .order_by(b.seen_at.desc(), b.value_hash)
        .limit(MOST_SESSIONS_SHOWN)
    )
    rows = session.connection().execute(found).all()
    return [_session_view(row, person) for row in rows if not rules.is_over(row.kind, row.seen_at, row.expires_at, now)]


def _session_view(row: Row[str, str, datetime, datetime, datetime, SessionKind], person: Person) -> SessionView:
    ends_at = min(row.expires_at, row.seen_at + rules.LIFETIMES[row.kind].idle)
    is_present = row.value_hash == person.session
    return SessionView(row.value_hash, row.browser, row.created_at, row.seen_at, ends_at, is_present)


def asked_address(session: Session, sign_in_id: str, now: datetime) -> str:
    """The address as it was typed, for the page that waits for the code; '' once that sign-in is used or too old."""
    s = SIGN_IN.c
    found = select(s.email).where(s.id == sign_in_id, s.code_hash != "", s.used_at.is_(None), s.expires_at > now)
    return session.connection().execute(found).scalar_one_or_none() or ""


def link_view(session: Session, token: str, now: datetime) -> LinkView | None:
    """What an unused link is for; looking changes nothing, since mail scanners open links. None: used or too old."""
    s = SIGN_IN.c
    found = select(s.email).where(s.token_hash == hashed(token), s.used_at.is_(None), s.expires_at > now)
    email = session.connection().execute(found).scalar_one_or_none()
    return None if email is None else LinkView(email)


def roles_of(session: Session, account_id: str) -> dict[str, Role]:
    """The campaigns a person belongs to, by id."""
    r = CAMPAIGN_ROLE.c
    rows = session.connection().execute(select(r.campaign_id, r.role).where(r.account_id == account_id)).all()
    return {row.campaign_id: row.role for row in rows}


def role_in(session: Session, account_id: str, campaign_id: str) -> Role | None:
    """What a person is to one campaign."""
    r = CAMPAIGN_ROLE.c
    found = select(r.role).where(r.account_id == account_id, r.campaign_id == campaign_id)
    return session.connection().execute(found).scalar_one_or_none()


def mails_asked(session: Session, *, email_key: str, ip: str, since: datetime) -> tuple[int, int]:
    """How many sign-in mails were asked for since: to this address, and from this network ('' counts nothing)."""
    s = SIGN_IN.c
    to_address = _count().where(s.email_key == email_key, s.created_at > since)
    from_ip = _count().where(s.ip == ip, s.created_at > since)
    connection = session.connection()
    return connection.execute(to_address).scalar_one(), (connection.execute(from_ip).scalar_one() if ip else 0)


def _count() -> Select[int]:
    return select(func.count()).select_from(SIGN_IN)
