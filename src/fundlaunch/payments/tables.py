"""Rows of checkouts, payments and the pace of calls. Amounts in minor units, times in UTC."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from fundlaunch.database import EnumText, MinorUnits, UtcDateTime, new_id, one_of
from fundlaunch.payments.states import CheckoutPurpose, CheckoutState, PaymentKind, PaymentState, RefundState

LEAST_OPEN = timedelta(minutes=31)


class Checkout(SQLModel, table=True):
    """A hosted checkout page that we asked for: committed before the provider is called."""

    __tablename__ = "checkout"
    __table_args__ = (
        one_of("status", CheckoutState),
        Index("checkout_by_status", "status", "expires_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    pledge_id: str = Field(index=True, max_length=26)
    campaign_id: str = Field(index=True, max_length=26)
    purpose: CheckoutPurpose = Field(sa_column=Column(EnumText(CheckoutPurpose), nullable=False))
    status: CheckoutState = Field(sa_column=Column(EnumText(CheckoutState), nullable=False))
    payment_id: str | None = Field(default=None, max_length=26)
    session: str | None = Field(default=None, unique=True, max_length=255)
    url: str | None = Field(default=None, max_length=2048)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    looked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))

    def is_stale(self, now: datetime) -> bool:
        """True if it was never opened and would now end sooner than the provider allows (30 minutes, and its clock)."""
        return self.status is CheckoutState.INTENDED and self.expires_at - now < LEAST_OPEN


class Payment(SQLModel, table=True):
    """One PaymentIntent, or one Checkout session in payment mode.

    The partial unique index is invariant M3: at most one payment of a pledge is not canceled.
    """

    __tablename__ = "payment"
    __table_args__ = (
        one_of("status", PaymentState),
        Index(
            "payment_one_of_pledge",
            "pledge_id",
            unique=True,
            sqlite_where=text("status <> 'canceled'"),
            postgresql_where=text("status <> 'canceled'"),
        ),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    pledge_id: str = Field(index=True, max_length=26)
    campaign_id: str = Field(index=True, max_length=26)
    kind: PaymentKind = Field(sa_column=Column(EnumText(PaymentKind), nullable=False))
    status: PaymentState = Field(sa_column=Column(EnumText(PaymentState), nullable=False))
    amount_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    currency: str = Field(max_length=3)
    intent: str | None = Field(default=None, unique=True, max_length=255)
    charge: str | None = Field(default=None, max_length=255)
    """The newest charge heard of, failed or not: news about an older one changes nothing."""
    attempt: int = Field(default=0)
    """The n of the key confirm:<payment>:<n>; it rises only after a definite decline."""
    decline_code: str = Field(default="", max_length=80)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))

    @property
    def is_checkout(self) -> bool:
        """True if the backer pays it on a page of the provider, False if it is our own off-session charge."""
        return self.kind is PaymentKind.CHECKOUT


class Refund(SQLModel, table=True):
    """Money given back of one payment: committed before the provider is called. `refund` is the provider's id.

    `due_at` is when it is sent, or looked at, next: a worker that takes it moves it on, so that a killed one's refund
    comes round again. `attempt` and `sent_at` are those of its key; `problem` says why the provider refused it.
    """

    __tablename__ = "refund"
    __table_args__ = (
        one_of("status", RefundState),
        Index("refund_by_status", "status", "due_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    payment_id: str = Field(foreign_key="payment.id", index=True, max_length=26)
    pledge_id: str = Field(index=True, max_length=26)
    campaign_id: str = Field(index=True, max_length=26)
    status: RefundState = Field(sa_column=Column(EnumText(RefundState), nullable=False))
    amount_minor: int = Field(sa_column=Column(MinorUnits, nullable=False))
    currency: str = Field(max_length=3)
    reason: str = Field(default="", max_length=200)
    refund: str | None = Field(default=None, unique=True, max_length=255)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    due_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    attempt: int = 0
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    problem: str = Field(default="", max_length=500)
    settled_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))


class Pace(SQLModel, table=True):
    """The next free sending time of one endpoint of the provider, shared by every process (microseconds of UTC)."""

    __tablename__ = "pace"

    endpoint: str = Field(primary_key=True, max_length=40)
    next_us: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
