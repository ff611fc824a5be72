"""Rows of people. Times in UTC. References that sign somebody in are kept as SHA-256 only."""

from datetime import datetime

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from fundlaunch.database import EnumText, UtcDateTime, new_id, one_of
from fundlaunch.people.roles import Role
from fundlaunch.people.rules import SessionKind


class Account(SQLModel, table=True):
    """Somebody who signed in at least once. `email` is shown as it was typed, `email_key` is what makes it one."""

    __tablename__ = "account"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    email: str = Field(max_length=320)
    email_key: str = Field(unique=True, max_length=320)
    name: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=5)
    is_operator: bool = False
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class SignIn(SQLModel, table=True):
    """One asked-for mail with its link and its code; either is used once. `code_hash` is '' where only a link was made.

    There is one for every address asked for, whether an account has it or not: the answer cannot differ.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("sign_in_by_email", "email_key", "created_at"),
        Index("sign_in_by_ip", "ip", "created_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320)
    token_hash: str = Field(unique=True, max_length=64)
    code_hash: str = Field(default="", max_length=64)
    tries: int = 0
    language: str = Field(default="en", max_length=5)
    next_path: str = Field(default="/", max_length=300)
    ip: str = Field(default="", max_length=45)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class BrowserSession(SQLModel, table=True):
    """One browser that is signed in. Its cookie's value is known to the browser alone; here is its hash."""

    __tablename__ = "browser_session"
    __table_args__ = (one_of("kind", SessionKind),)

    value_hash: str = Field(primary_key=True, max_length=64)
    account_id: str = Field(foreign_key="account.id", index=True, max_length=26)
    kind: SessionKind = Field(sa_column=Column(EnumText(SessionKind), nullable=False))
    browser: str = Field(default="", max_length=200)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class CampaignRole(SQLModel, table=True):
    """What one person is to one campaign. Campaigns stand above people: the id is kept without a foreign key."""

    __tablename__ = "campaign_role"
    __table_args__ = (one_of("role", Role),)

    account_id: str = Field(primary_key=True, foreign_key="account.id", max_length=26)
    campaign_id: str = Field(primary_key=True, index=True, max_length=26)
    role: Role = Field(sa_column=Column(EnumText(Role), nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
