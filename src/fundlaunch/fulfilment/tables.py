"""Rows of addresses and of lists that were taken out. Amounts in minor units, times in UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from fundlaunch.database import MinorUnits, UtcDateTime, new_id


class Address(SQLModel, table=True):
    """Where the parcel of one pledge goes. `country` is the pledge's own; lengths stand in `postal.LIMITS`."""

    __tablename__ = "address"

    pledge_id: str = Field(primary_key=True, foreign_key="pledge.id", max_length=26)
    name: str = Field(max_length=200)
    company: str = Field(default="", max_length=200)
    line1: str = Field(default="", max_length=200)
    line2: str = Field(default="", max_length=200)
    line3: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=120)
    district: str = Field(default="", max_length=120)
    state: str = Field(default="", max_length=120)
    postcode: str = Field(default="", max_length=20)
    country: str = Field(max_length=2)
    phone: str = Field(default="", max_length=40)
    delivery_notes: str = Field(default="", max_length=500)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class ExportBatch(SQLModel, table=True):
    """One list that somebody took out (audit row A1): begun before the first byte, completed after the last.

    `choice` is what was asked for: statuses, tier, country, personal data. `sha256` (hex) of the whole file stays ''
    until the file was complete; `rows` counts its lines, `pledges` the pledges in it, `amount_minor` their totals.
    """

    __tablename__ = "export_batch"
    __table_args__ = (Index("export_batch_by_campaign", "campaign_id", "at"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=26)
    campaign_id: str = Field(foreign_key="campaign.id", max_length=26)
    actor: str = Field(max_length=320)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    kind: str = Field(max_length=40)
    preset: str = Field(max_length=40)
    format: str = Field(max_length=10)
    choice: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    rows: int = 0
    pledges: int = 0
    amount_minor: int = Field(default=0, sa_column=Column(MinorUnits, nullable=False))
    currency: str = Field(max_length=3)
    sha256: str = Field(default="", max_length=64)
