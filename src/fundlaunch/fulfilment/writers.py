"""Lists as files: CSV by RFC 4180 in chunks, XLSX with typed cells. Nothing holds a whole list in memory."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fundlaunch.errors import N_, BadInput
from fundlaunch.fulfilment import cells
from fundlaunch.fulfilment.columns import AnyColumn, Forms, Kind
from fundlaunch.money import EXPONENTS

CHUNK_BYTES = 64 * 1024
"""A chunk of CSV is sent once it is at least so long."""

XLSX_LINES_LIMIT = 1_048_575
"""What a sheet holds below its header."""

XLSX_TEXT_LIMIT = 32_767
"""Characters that one cell of a sheet holds."""


@dataclass(frozen=True)
class Sheet:
    """A list ready to be written: its columns, and its lines as they are read. `currency` is that of every amount."""

    currency: str
    zone: str
    forms: Forms
    columns: Sequence[AnyColumn]
    lines: Iterable[Any]


def csv_chunks(sheet: Sheet) -> Iterator[bytes]:
    """The sheet as CSV in UTF-8, piece by piece; every text is guarded against being taken for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([cells.guarded(column.header) for column in sheet.columns])
    written = [_csv_cell(column, sheet) for column in sheet.columns]
    if sheet.forms.mark:
        yield sheet.forms.mark
    for line in sheet.lines:
        writer.writerow([cell(line) for cell in written])
        if buffer.tell() >= CHUNK_BYTES:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    found = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return found


def _csv_cell(column: AnyColumn, sheet: Sheet) -> Callable[[Any], str]:
    """What writes one cell; the decision by kind is made once for a column, not once for a cell."""
    take: Callable[[Any], Any] = column.cell
    match column.kind:
        case Kind.TEXT:
            return lambda line: cells.guarded(value) if (value := take(line)) else ""
        case Kind.PHONE:
            return lambda line: cells.guarded_phone(value) if (value := take(line)) else ""
        case Kind.MONEY:
            money = sheet.forms.money
            return lambda line: money(take(line))
        case Kind.TIME:
            return lambda line: _csv_time(take(line), sheet)
        case _:
            return lambda line: _csv_number(take(line))


def _csv_number(value: int | Decimal | None) -> str:
    return "" if value is None else str(value)


def _csv_time(when: datetime | None, sheet: Sheet) -> str:
    return "" if when is None else sheet.forms.time(when, sheet.zone)


def write_xlsx(sheet: Sheet, path: Path) -> None:
    """The sheet as a workbook: header frozen, numbers and times typed, all text as text. Raises BadInput if too long.

    A text cell of a workbook is never a formula, so it needs no apostrophe; its column has the format Text, so that it
    stays text when it is edited. Amounts go in as exact decimals; the file keeps them as binary numbers, which give
    back every amount below 10^15 minor units (money.GOAL_LIMIT_MINOR) to its last digit.
    """
    # Imported here: a compiled module that no page and no other command needs.
    from rustpy_xlsxwriter import Format, write_worksheet

    formats = {
        column.header: Format().set_num_format(number_format)
        for column in sheet.columns
        if (number_format := _number_format(column.kind, sheet))
    }
    write_worksheet(
        _records(sheet),
        path,
        sheet_name="List",
        freeze_row=1,
        bold_headers=True,
        column_formats=formats,
        column_width=16,
    )


def _records(sheet: Sheet) -> Iterator[dict[str, object]]:
    headers = [column.header for column in sheet.columns]
    written = [_xlsx_cell(column, sheet) for column in sheet.columns]
    number = 0
    for number, line in enumerate(sheet.lines, start=1):
        if number > XLSX_LINES_LIMIT:
            raise BadInput(
                N_("An XLSX sheet holds {limit} lines, and this list is longer. Take it as CSV."),
                field="format",
                limit=XLSX_LINES_LIMIT,
            )
        yield dict(zip(headers, [cell(line) for cell in written], strict=True))
    if not number:
        # The writer takes its header from the first line: a list without lines gets one empty line.
        yield dict.fromkeys(headers)


def _xlsx_cell(column: AnyColumn, sheet: Sheet) -> Callable[[Any], object]:
    take: Callable[[Any], Any] = column.cell
    match column.kind:
        case Kind.TEXT | Kind.PHONE:
            return lambda line: cells.text(value)[:XLSX_TEXT_LIMIT] if (value := take(line)) else None
        case Kind.MONEY:
            decimals = EXPONENTS[sheet.currency]
            return lambda line: Decimal(take(line).minor).scaleb(-decimals)
        case Kind.TIME:
            zone = ZoneInfo(sheet.zone) if sheet.forms.has_zone else UTC
            return lambda line: _without_zone(take(line), zone)
        case _:
            return take


def _without_zone(when: datetime | None, zone: tzinfo) -> datetime | None:
    """A cell of a workbook knows no zone: it shows what the clocks of `zone` show."""
    return None if when is None else when.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _number_format(kind: Kind, sheet: Sheet) -> str:
    match kind:
        case Kind.TEXT | Kind.PHONE:
            return "@"
        case Kind.MONEY:
            return sheet.forms.money_number(sheet.currency, EXPONENTS[sheet.currency])
        case Kind.TIME:
            return sheet.forms.time_number
        case Kind.DECIMAL:
            return "0.00"
        case Kind.COUNT:
            return "0"
