"""Rows of the time before a launch. Times in UTC."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundlaunch.database import EnumText, UtcDateTime, new_id, one_of


class PostKind(StrEnum):
    """What a visitor whom nobody knows may send."""

    FOLLOW = "follow"
    REMARK = "remark"


class Follower(SQLModel, table=True):
    """Somebody who wants a letter at the launch. They count once they confirmed the address (`confirmed_at`).

    `token` is in the letter's links: to confirm, and to leave. `told_at` is when the letter of the launch was promised.
    """

    __tablename__ = "follower"
    __table_args__ = (
        UniqueConstraint("campaign_id", "email_key", name="follower_once"),
        Index("follower_untold", "campaign_id", "told_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", max_length=26)
    token: str = Field(unique=True, max_length=64)
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320)
    language: str = Field(default="en", max_length=5)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    told_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class PreviewRemark(SQLModel, table=True):
    """What somebody with the preview link said about the draft; only the campaign's own people read it."""

    __tablename__ = "preview_remark"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", index=True, max_length=26)
    name: str = Field(default="", max_length=120)
    text: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class VisitorPost(SQLModel, table=True):
    """Something a visitor sent within the last day: limits count it, nothing else reads it, and then it is forgotten.

    `email_key` is '' where no address is asked for, `ip` where the network is not known.
    """

    __tablename__ = "visitor_post"
    __table_args__ = (
        one_of("kind", PostKind),
        Index("visitor_post_by_email", "kind", "email_key", "created_at"),
        Index("visitor_post_by_ip", "kind", "ip", "created_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    kind: PostKind = Field(sa_column=Column(EnumText(PostKind), nullable=False))
    email_key: str = Field(default="", max_length=320)
    ip: str = Field(default="", max_length=45)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
