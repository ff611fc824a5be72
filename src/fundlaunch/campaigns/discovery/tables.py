"""Rows that searches look through."""

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel


class CampaignWords(SQLModel, table=True):
    """What a search looks through: titles, blurbs, creator, place and tags in every language, case folded.

    Beside the campaign's own row, whose stories would have to be read on the way to it.
    """

    __tablename__ = "campaign_words"
    __table_args__ = ({"sqlite_with_rowid": False},)

    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id", max_length=26)
    words: str = Field(sa_column=Column(Text, nullable=False))
