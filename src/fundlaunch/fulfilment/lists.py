"""Taking a list out: one snapshot, one check that it adds up, one row that says who took it.

The row is written before the first byte leaves, so that a download which breaks off is known too, and completed after
the last. A list that does not add up never ends: the download breaks off, the file on disk is not put in its place.
"""

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlmodel import Session

from fundlaunch.database import Database
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.fulfilment import actions, queries, writers
from fundlaunch.fulfilment.catalogue import catalogue
from fundlaunch.fulfilment.presets.kickstarter import NO_REWARD
from fundlaunch.fulfilment.rows import NO_TIER, Catalogue, Choice, Personal, Tally
from fundlaunch.fulfilment.rules import check_adds_up
from fundlaunch.fulfilment.wanted import Format, Wanted, Written
from fundlaunch.fulfilment.writers import Sheet

READ_BYTES = 256 * 1024
NAME_LIMIT = 80
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


def take_out(database: Database, wanted: Wanted, now: datetime) -> Iterator[bytes]:
    """The file in pieces, as they are made. Raises NotFound and BadInput at once, before the first piece."""
    batch_id = _begin(database, wanted, now)
    if wanted.format is Format.CSV:
        return _stream(database, wanted, batch_id)
    return _pieces(_spooled(database, wanted, batch_id))


def export_to(database: Database, path: Path, wanted: Wanted, now: datetime) -> Written:
    """Write the file to `path`, which keeps its old content until the new one is complete. Raises Misconfigured."""
    batch_id = _begin(database, wanted, now)
    partial = path.with_name(f".{path.name}.{batch_id}.partial")
    try:
        written = _write(database, wanted, partial)
        partial.replace(path)
    except OSError as error:
        raise Misconfigured(
            N_("{path} cannot be written ({reason}). Choose another file or folder."),
            path=str(path),
            reason=error.strerror or "unwritable",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    _record(database, batch_id, written)
    return written


def _begin(database: Database, wanted: Wanted, now: datetime) -> str:
    with database.reading() as session:
        found = catalogue(session, wanted.slug, wanted.choice)
        # Counted here only so that an unknown tier is refused before the first byte.
        queries.totals(session, found, wanted.choice)
    with database.transaction() as session:
        return actions.begin_export(session, found, wanted, now)


def _record(database: Database, batch_id: str, written: Written) -> None:
    with database.transaction() as session:
        actions.record_export(session, batch_id, written)


def _stream(database: Database, wanted: Wanted, batch_id: str) -> Iterator[bytes]:
    digest, tally = hashlib.sha256(), Tally()
    last = b""
    with database.reading() as session:
        found = catalogue(session, wanted.slug, wanted.choice)
        with _sheet(session, found, wanted, wanted.choice, tally) as sheet:
            for piece in writers.csv_chunks(sheet):
                if last:
                    yield last
                last = piece
                digest.update(piece)
        _check(session, found, wanted.choice, tally)
    # The last piece waits until the books say that the file is right and that it was taken.
    _record(database, batch_id, Written(tally.rows, tally.totals(), digest.hexdigest()))
    yield last


def _spooled(database: Database, wanted: Wanted, batch_id: str) -> IO[bytes]:
    """The whole file, on disk but in no folder: it is gone as soon as it is closed."""
    descriptor, name = tempfile.mkstemp(prefix="fundlaunch-list-")
    os.close(descriptor)
    path = Path(name)
    try:
        written = _write(database, wanted, path)
        opened = path.open("rb")
    finally:
        with suppress(OSError):
            path.unlink()
    _record(database, batch_id, written)
    return opened


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    with opened:
        while piece := opened.read(READ_BYTES):
            yield piece


def _write(database: Database, wanted: Wanted, path: Path) -> Written:
    tally = Tally()
    with database.reading() as session:
        found = catalogue(session, wanted.slug, wanted.choice)
        if wanted.format is Format.ZIP:
            _write_zip(session, found, wanted, path, tally)
        else:
            with _sheet(session, found, wanted, wanted.choice, tally) as sheet:
                _write_sheet(sheet, wanted.format, path)
        _check(session, found, wanted.choice, tally)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Written(tally.rows, tally.totals(), digest.hexdigest())


def _write_sheet(sheet: Sheet, format_: Format, path: Path) -> None:
    if format_ is Format.XLSX:
        writers.write_xlsx(sheet, path)
    else:
        with path.open("wb") as file:
            file.writelines(writers.csv_chunks(sheet))


@contextmanager
def _sheet(session: Session, found: Catalogue, wanted: Wanted, choice: Choice, tally: Tally) -> Iterator[Sheet]:
    preset = wanted.preset
    columns = [
        column for column in preset.columns(found) if wanted.personal is Personal.INCLUDED or not column.is_personal
    ]
    # Where a download breaks off, the reading has to end before its transaction does.
    with closing(queries.backer_rows(session, found, choice)) as backers:
        lines = preset.lines(tally.counting(backers), found)
        yield Sheet(found.currency, found.zone, preset.forms, columns, tally.numbering(lines))


def _check(session: Session, found: Catalogue, choice: Choice, tally: Tally) -> None:
    check_adds_up(tally.totals(), queries.totals(session, found, choice))
    public = queries.public_totals(session, found.campaign_id)
    if choice == Choice() and public is not None:
        check_adds_up(tally.totals(), public)


def _write_zip(session: Session, found: Catalogue, wanted: Wanted, path: Path, tally: Tally) -> None:
    """One CSV for each tier and one for pledges without; a choice of one tier gives a zip with one file."""
    files = {tier.slug: tier.title for tier in found.tiers} | {NO_TIER: NO_REWARD}
    taken: set[str] = set()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for slug, title in files.items():
            if wanted.choice.tier not in {"", slug}:
                continue
            with (
                _sheet(session, found, wanted, replace(wanted.choice, tier=slug), tally) as sheet,
                archive.open(_file_name(title, slug, taken), "w", force_zip64=True) as member,
            ):
                member.writelines(writers.csv_chunks(sheet))


def _file_name(title: str, slug: str, taken: set[str]) -> str:
    """A title as a file name every system takes; a second tier of the same title has its slug behind it."""
    name = _NOT_IN_A_NAME.sub(" ", title).strip(" .")[:NAME_LIMIT] or slug
    if name.casefold() in taken:
        name = f"{name} ({slug})"
    taken.add(name.casefold())
    return f"{name}.csv"
