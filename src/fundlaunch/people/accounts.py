"""Accounts and what they are to campaigns: found or made, given a role, taken off."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlmodel import Session

from fundlaunch.database import insert_once, new_id
from fundlaunch.errors import N_, NotFound
from fundlaunch.people import rules, sessions
from fundlaunch.people.queries import ACCOUNT, CAMPAIGN_ROLE
from fundlaunch.people.roles import Role


def find_or_create(session: Session, email: str, *, language: str, now: datetime, name: str = "") -> str:
    """The id of the account of `email`, made now if there is none (with `name` and `language`). Raises BadInput."""
    key = rules.email_key(email)
    row = {
        "id": new_id(), "email": email.strip(), "email_key": key, "name": name, "language": language,
        "is_operator": False, "created_at": now,
    }  # fmt: skip
    insert_once(session, ACCOUNT, row)
    return str(session.connection().execute(select(ACCOUNT.c.id).where(ACCOUNT.c.email_key == key)).scalar_one())


def create_operator(session: Session, email: str, now: datetime) -> str:
    """Make sure that `email` has an account that runs this installation; gives its id. Raises BadInput.

    Sessions it had as somebody else end: an operator's are short.
    """
    account_id = find_or_create(session, email, language="en", now=now)
    session.connection().execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(is_operator=True))
    sessions.end_all(session, account_id, now)
    return account_id


def give_role(session: Session, account_id: str, campaign_id: str, role: Role, now: datetime) -> None:
    """Make a person owner, editor, fulfilment or viewer of a campaign, in place of what they were to it."""
    row = {"account_id": account_id, "campaign_id": campaign_id, "role": role, "created_at": now}
    if not insert_once(session, CAMPAIGN_ROLE, row):
        changed = update(CAMPAIGN_ROLE).where(*_of(account_id, campaign_id)).values(role=role)
        session.connection().execute(changed)
    sessions.shorten(session, account_id, now)


def take_role(session: Session, account_id: str, campaign_id: str, now: datetime) -> None:
    """Take a person off a campaign and end their sessions at once (F74). Raises NotFound if they were not on it."""
    taken = session.connection().execute(delete(CAMPAIGN_ROLE).where(*_of(account_id, campaign_id)))
    if not taken.rowcount:
        raise NotFound(N_("This person has no role in this campaign."))
    sessions.end_all(session, account_id, now)


def _of(account_id: str, campaign_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CAMPAIGN_ROLE.c.account_id == account_id, CAMPAIGN_ROLE.c.campaign_id == campaign_id
