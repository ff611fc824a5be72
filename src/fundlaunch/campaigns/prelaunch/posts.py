"""Limits on what visitors send whom nobody knows: as many in an hour as sign-in letters, by address and by network."""

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlmodel import Session

from fundlaunch.campaigns.prelaunch.rules import LIMIT_WINDOW
from fundlaunch.campaigns.prelaunch.tables import PostKind, VisitorPost
from fundlaunch.database import table
from fundlaunch.errors import N_, TooMany
from fundlaunch.people.rules import MailLimits, asked_from

POST = table(VisitorPost)


def count(session: Session, kind: PostKind, ip: str, limits: MailLimits, now: datetime, *, email_key: str = "") -> None:
    """Count one more; raises TooMany. `ip` and `email_key` are '' where they are not known."""
    network, since = asked_from(ip), now - LIMIT_WINDOW
    to_address = _since(kind, since).where(POST.c.email_key == email_key)
    from_network = _since(kind, since).where(POST.c.ip == network)
    connection = session.connection()
    if (email_key and connection.execute(to_address).scalar_one() >= limits.per_address) or (
        network and connection.execute(from_network).scalar_one() >= limits.per_ip
    ):
        raise TooMany(N_("This was sent too often from here within the last hour. Try again in an hour."))
    session.add(VisitorPost(kind=kind, email_key=email_key, ip=network, created_at=now))


def _since(kind: PostKind, since: datetime) -> Select[int]:
    return select(func.count()).select_from(POST).where(POST.c.kind == kind, POST.c.created_at > since)
