"""Verbs of fulfilment: give an address, write down who took out which list. They never commit."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session

from fundlaunch.database import insert_once, new_id
from fundlaunch.fulfilment.forms import AddressValues
from fundlaunch.fulfilment.queries import ADDRESS, BATCH
from fundlaunch.fulfilment.rows import Catalogue
from fundlaunch.fulfilment.wanted import Wanted, Written


def give_address(session: Session, pledge_id: str, values: AddressValues, now: datetime) -> None:
    """Keep the address of a pledge, in place of an earlier one. Whether it may be given is asked of `rules` before."""
    row = asdict(values) | {"updated_at": now}
    if not insert_once(session, ADDRESS, row | {"pledge_id": pledge_id, "created_at": now}):
        session.connection().execute(update(ADDRESS).where(ADDRESS.c.pledge_id == pledge_id).values(**row))


def begin_export(session: Session, catalogue: Catalogue, wanted: Wanted, now: datetime) -> str:
    """Write down that somebody takes out a list, before its first byte leaves; the id of that row (audit row A1)."""
    batch_id = new_id()
    choice = wanted.choice
    asked = {
        "statuses": sorted(status.value for status in choice.statuses),
        "tier": choice.tier,
        "country": choice.country,
        "personal": wanted.personal.value,
    }
    session.connection().execute(
        BATCH.insert().values(
            id=batch_id, campaign_id=catalogue.campaign_id, actor=wanted.actor, at=now, kind=wanted.preset.kind.value,
            preset=wanted.preset.name, format=wanted.format.value, choice=asked, currency=catalogue.currency,
            rows=0, pledges=0, amount_minor=0, sha256="",
        )
    )  # fmt: skip
    return batch_id


def record_export(session: Session, batch_id: str, written: Written) -> None:
    """Complete the row of a list that was written to its last byte."""
    session.connection().execute(
        update(BATCH)
        .where(BATCH.c.id == batch_id)
        .values(
            rows=written.rows,
            pledges=written.totals.pledges,
            amount_minor=written.totals.amount_minor,
            sha256=written.sha256,
        )
    )
