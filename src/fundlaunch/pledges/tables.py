"""Rows of pledges. Amounts in minor units of the campaign's currency, copied at pledge time; times in UTC."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from fundlaunch.database import EnumText, MinorUnits, UtcDateTime, new_id, one_of
from fundlaunch.pledges.states import PledgeOrigin, PledgeState


class Pledge(SQLModel, table=True):
    """A pledge and, once its campaign was successful, the work its collection still has to do.

    `due_at` is when the next charge may be tried, `lease_until` when a worker that took it is given up,
    `window_ends_at` when recovery ends, `remind_at` when the next reminder is due. `total_minor` = lines + shipping +
    bonus (invariant M5, a CHECK within the row and `verify` over the lines).
    """

    __tablename__ = "pledge"
    __table_args__ = (
        one_of("status", PledgeState),
        one_of("origin", PledgeOrigin),
        UniqueConstraint("campaign_id", "request_key", name="pledge_request_once"),
        UniqueConstraint("campaign_id", "backer_number", name="pledge_backer_number_once"),
        CheckConstraint(
            "total_minor = lines_minor + shipping_minor + bonus_minor AND total_minor > 0", name="pledge_total_adds_up"
        ),
        CheckConstraint("bonus_minor >= 0 AND shipping_minor >= 0 AND lines_minor >= 0", name="pledge_parts"),
        Index("pledge_due", "due_at"),
        Index("pledge_reminders", "remind_at"),
        Index("pledge_by_campaign", "campaign_id", "status"),
        Index("pledge_by_email", "email_key"),
        Index("pledge_by_backer", "campaign_id", "email_key"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    token: str = Field(unique=True, max_length=64)
    campaign_id: str = Field(foreign_key="campaign.id", max_length=26)
    request_key: str = Field(max_length=64)
    status: PledgeState = Field(sa_column=Column(EnumText(PledgeState), nullable=False))
    origin: PledgeOrigin = Field(
        default=PledgeOrigin.CAMPAIGN, sa_column=Column(EnumText(PledgeOrigin), nullable=False)
    )
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320)
    name: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=5)
    country: str = Field(default="", max_length=2)
    tier_id: str | None = Field(default=None, foreign_key="tier.id", index=True, max_length=26)
    tier_quantity: int = 0
    currency: str = Field(max_length=3)
    lines_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    shipping_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    bonus_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    total_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    backer_number: int | None = None
    ref: str = Field(default="", max_length=60)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    hold_expires_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    confirmed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    changed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    cancel_reason: str = Field(default="", max_length=500)
    customer: str = Field(default="", max_length=255)
    payment_method: str = Field(default="", max_length=255)
    card_brand: str = Field(default="", max_length=40)
    card_last4: str = Field(default="", max_length=4)
    collected_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    refunded_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    """What was given back of it so far (the sum of its refunds that succeeded)."""
    note_of_backer: str = Field(default="", max_length=1000)
    """The backer's own note, which nobody else sees."""
    note_of_creator: str = Field(default="", max_length=1000)
    """The creators' note, which the backer never sees."""
    due_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    tries: int = 0
    decline_code: str = Field(default="", max_length=80)
    window_ends_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    remind_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    reminders: int = 0
    version: int = 1


class PledgeLine(SQLModel, table=True):
    """What a pledge buys of one tier or add-on, at the price of the moment it was chosen."""

    __tablename__ = "pledge_line"

    pledge_id: str = Field(primary_key=True, foreign_key="pledge.id", max_length=26)
    tier_id: str = Field(primary_key=True, foreign_key="tier.id", index=True, max_length=26)
    quantity: int
    unit_price_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    shipping_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))


class PledgeMove(SQLModel, table=True):
    """The time line of a pledge: every event in order, without gaps; the state is the fold over it (P2).

    A change of selection is an event that leaves the state as it was.
    """

    __tablename__ = "pledge_move"

    pledge_id: str = Field(primary_key=True, foreign_key="pledge.id", max_length=26)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    event: str = Field(max_length=40)
    before: str = Field(max_length=40)
    after: str = Field(max_length=40)
    total_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    note: str = Field(default="", max_length=500)
