"""Verbs of signing in: ask for the mail, use its link or its code.

Asking answers the same whether an address is known or not, and does the same work: an account is made only when
somebody proves to read the mail. Plain references stand nowhere but in the letter that is owed (see mail/keeping.py).
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, update
from sqlmodel import Session

from fundlaunch import outbox
from fundlaunch.database import new_id
from fundlaunch.errors import N_, Conflict, TooMany
from fundlaunch.people import accounts, queries, rules, sessions
from fundlaunch.people.queries import SIGN_IN
from fundlaunch.people.rules import MailLimits
from fundlaunch.people.sessions import Browser, SignedIn
from fundlaunch.web.sessions import hashed

SIGN_IN_TOPIC = "sign_in"


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The code was not the one of the mail; with no tries left, or too late, a new mail is needed."""

    tries_left: int


def ask_to_sign_in(
    session: Session, email: str, *, next_path: str, language: str, ip: str, limits: MailLimits, now: datetime
) -> str:
    """Owe the sign-in mail; gives the id that its code is typed against. Raises BadInput, TooMany.

    `ip` is '' where it is not known. Nothing in here asks whether an account exists.
    """
    key, network = rules.email_key(email), rules.asked_from(ip)
    _refuse_too_many(session, key, network, limits, now)
    token, code = secrets.token_urlsafe(32), _new_code()
    sign_in_id = new_id()
    _insert_sign_in(
        session, sign_in_id, email.strip(), token, now, rules.SIGN_IN_LASTS,
        code_hash=_code_hash(sign_in_id, code), language=language, ip=network,
        next_path=rules.path_after_sign_in(next_path),
    )  # fmt: skip
    payload = {"token": token, "code": code, "minutes": rules.SIGN_IN_LASTS // timedelta(minutes=1)}
    outbox.promise_mail(
        session, SIGN_IN_TOPIC, key=sign_in_id, to=email.strip(), language=language, payload=payload, now=now
    )
    return sign_in_id


def make_link(
    session: Session, email: str, now: datetime, *, next_path: str = rules.HOME, lasts: timedelta = rules.SIGN_IN_LASTS
) -> str:
    """The token of a one-time link that signs `email` in, for /sign-in/link/{token}; no mail. Raises BadInput."""
    token = secrets.token_urlsafe(32)
    _insert_sign_in(session, new_id(), email.strip(), token, now, lasts, next_path=rules.path_after_sign_in(next_path))
    return token


def use_link(session: Session, token: str, browser: Browser, now: datetime) -> SignedIn:
    """Sign in with a link, which is used up by it. Raises Conflict if it was used already or is too old."""
    s = SIGN_IN.c
    take = (
        update(SIGN_IN)
        .where(s.token_hash == hashed(token), s.used_at.is_(None), s.expires_at > now)
        .values(used_at=now)
        .returning(s.email, s.email_key, s.language, s.next_path)
    )
    row = session.connection().execute(take).one_or_none()
    if row is None:
        raise Conflict(N_("This sign-in link was used already or is too old. Ask for a new one."))
    return _enter(session, row, browser, now)


def use_code(session: Session, sign_in_id: str, code: str, browser: Browser, now: datetime) -> SignedIn | WrongCode:
    """Sign in with the code of a mail; each call is a try, counted before the code is looked at.

    A wrong code is an answer, not an error: an error would roll the counted try back.
    """
    s = SIGN_IN.c
    tried = (
        update(SIGN_IN)
        .where(s.id == sign_in_id, s.used_at.is_(None), s.expires_at > now, s.tries < rules.MOST_TRIES)
        .where(s.code_hash != "")
        .values(tries=s.tries + 1)
        .returning(s.code_hash, s.tries, s.email, s.email_key, s.language, s.next_path)
    )
    row = session.connection().execute(tried).one_or_none()
    if row is None:
        return WrongCode(tries_left=0)
    if not hmac.compare_digest(row.code_hash, _code_hash(sign_in_id, rules.code_typed(code))):
        return WrongCode(tries_left=rules.MOST_TRIES - row.tries)
    return _enter(session, row, browser, now)


def _enter(session: Session, row: Row[Any], browser: Browser, now: datetime) -> SignedIn:
    s = SIGN_IN.c
    # Whoever is in needs none of the other mails that were asked for; a link without a mail keeps its own end.
    session.connection().execute(
        update(SIGN_IN).where(s.email_key == row.email_key, s.code_hash != "", s.used_at.is_(None)).values(used_at=now)
    )
    account_id = accounts.find_or_create(session, row.email, language=row.language, now=now)
    return sessions.start(session, account_id, row.next_path, browser, now)


def _refuse_too_many(session: Session, key: str, network: str, limits: MailLimits, now: datetime) -> None:
    since = now - rules.LIMIT_WINDOW
    to_address, from_network = queries.mails_asked(session, email_key=key, ip=network, since=since)
    if to_address >= limits.per_address or from_network >= limits.per_ip:
        raise TooMany(N_("Too many sign-in mails were asked for. Look into your mail box, or try again in an hour."))


def _insert_sign_in(
    session: Session, sign_in_id: str, email: str, token: str, now: datetime, lasts: timedelta, **more: str
) -> None:
    row: dict[str, object] = {
        "id": sign_in_id, "email": email, "email_key": rules.email_key(email), "token_hash": hashed(token),
        "code_hash": "", "tries": 0, "language": "en", "next_path": rules.HOME, "ip": "", "created_at": now,
        "expires_at": now + lasts,
    }  # fmt: skip
    session.connection().execute(insert(SIGN_IN).values(row | more))


def _new_code() -> str:
    return str(secrets.randbelow(10**rules.CODE_DIGITS)).rjust(rules.CODE_DIGITS, "0")


def _code_hash(sign_in_id: str, code: str) -> str:
    # Six digits are soon found again from any hash: what guards them is that they are worth nothing after 15 minutes.
    return hashed(f"{sign_in_id}:{code}")
