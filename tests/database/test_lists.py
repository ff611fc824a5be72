"""Lists taken out of a database: who is in them, what they hold, and that they add up. On both databases."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlmodel import Session, select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, Misconfigured, NotFound
from fundlaunch.fulfilment import lists, queries
from fundlaunch.fulfilment.catalogue import catalogue
from fundlaunch.fulfilment.forms import read_choice
from fundlaunch.fulfilment.presets import preset
from fundlaunch.fulfilment.rows import NO_TIER, Choice, ListKind, Personal
from fundlaunch.fulfilment.rules import ListDoesNotAddUp
from fundlaunch.fulfilment.tables import ExportBatch
from fundlaunch.fulfilment.wanted import Format, Wanted, read_format, read_wanted
from fundlaunch.money import Money
from fundlaunch.pledges.states import PledgeState
from tests.cast import JIWOO, MINA, NOA, SAOIRSE, TEO
from tests.funded import SLUG, Given, campaign, funded, pledge

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOME = {"line1": "1 Main Street", "line2": "Flat 2", "city": "Springfield", "state": "IL", "postcode": "00123",
        "phone": "+1 202 555 0143", "delivery_notes": "Ring twice,\nthen wait"}  # fmt: skip

PLEDGES = [
    Given(MINA.name, MINA.email, "US", shipping_minor=1500, bonus_minor=3, address=HOME),
    Given(JIWOO.name, JIWOO.email, "KR", units={"board": 2, "battery": 3}, shipping_minor=9000),
    Given(TEO.name, TEO.email, "DE", PledgeState.CANCELED),
    Given(SAOIRSE.name, SAOIRSE.email, "IE", PledgeState.DROPPED, "stickers", {"stickers": 1}),
    Given("=Formula", "plain@example.org", "", PledgeState.ERRORED, None, {}, bonus_minor=500),
    Given("", "quiet@example.org", "", PledgeState.AUTHENTICATION_REQUIRED, "thanks", {"thanks": 1}),
    Given("Too Late", "late@example.org", "US", PledgeState.CANCELED, has_number=False),
    Given("Not Yet", "not-yet@example.org", "US", PledgeState.PREAUTH, has_number=False),
]


def wanted(kind: ListKind = ListKind.BACKERS, name: str = "", **changes: Any) -> Wanted:
    return replace(read_wanted(SLUG, kind.value, NOA.email, preset_name=name), **changes)


def read(pieces: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def taken(
    database: Database, kind: ListKind = ListKind.BACKERS, name: str = "", **changes: Any
) -> list[dict[str, str]]:
    return read(lists.take_out(database, wanted(kind, name, **changes), NOON))


def test_a_backer_list_has_every_pledge_that_counts_in_order_of_its_number(database: Database) -> None:
    funded(database, PLEDGES)
    rows = taken(database)
    assert [row["backer_number"] for row in rows] == ["1", "2", "4", "5", "6"]
    assert [row["status"] for row in rows] == [
        "collected",
        "collected",
        "dropped",
        "errored",
        "authentication_required",
    ]
    assert sum(int(row["pledge_amount"].replace(".", "")) for row in rows) == 50_000 + 1503 + 136_000 + 500 + 500 + 100


def test_a_row_says_what_was_pledged(database: Database) -> None:
    funded(database, PLEDGES)
    row = taken(database)[1]
    expected = {
        "name": "박지우", "email": "jiwoo@example.org", "country": "KR", "tier": "board", "tier_title": "The board",
        "tier_quantity": "2", "add_ons": "battery x3", "items": "DECK-01 x2; CELL-02 x7", "currency": "USD",
        "lines_amount": "1270.00", "shipping_amount": "90.00", "bonus_amount": "0.00", "pledge_amount": "1360.00",
        "collected_amount": "1360.00", "pledged_at": "2026-11-01T09:32:00Z", "address_status": "missing",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_canceled_pledges_are_listed_only_when_asked_for_by_name(database: Database) -> None:
    funded(database, PLEDGES)
    canceled = taken(database, choice=read_choice(ListKind.BACKERS, ["canceled"], "", ""))
    assert [row["name"] for row in canceled] == [TEO.name, "Too Late"]
    assert [row["backer_number"] for row in canceled] == ["3", ""]
    with pytest.raises(BadInput, match="no state of a pledge"):
        read_choice(ListKind.BACKERS, ["gone"], "", "")


def test_a_list_can_be_of_one_tier_of_none_or_of_one_country(database: Database) -> None:
    funded(database, PLEDGES)
    assert [row["backer_number"] for row in taken(database, choice=Choice(tier="board"))] == ["1", "2"]
    assert [row["backer_number"] for row in taken(database, choice=Choice(tier=NO_TIER))] == ["5"]
    assert [row["backer_number"] for row in taken(database, choice=Choice(country="KR"))] == ["2"]
    with pytest.raises(BadInput, match="no reward"):
        taken(database, choice=Choice(tier="sofa"))


def test_a_missing_address_is_marked_in_every_shape_and_no_pledge_left_out(database: Database) -> None:
    funded(database, PLEDGES)
    assert [row["address_status"] for row in taken(database)] == [
        "given", "missing", "missing", "not_needed", "not_needed",
    ]  # fmt: skip
    kickstarter = taken(database, name="kickstarter-2024")
    assert [row["Notes"] for row in kickstarter] == ["", "Address missing", "Address missing", "", ""]
    assert [bool(row["Survey Response"]) for row in kickstarter] == [True, False, False, False, False]
    lines = taken(database, ListKind.ITEMS)
    assert [row["Address Line 1"] for row in lines] == ["1 Main Street"] * 2 + ["ADDRESS MISSING"] * 2
    per_pledge = taken(database, ListKind.ITEMS, "per-pledge")
    assert [row["Address Line 1"] for row in per_pledge] == ["1 Main Street", "ADDRESS MISSING", "", ""]


def test_kickstarters_shape_has_its_header_and_cell_forms(database: Database) -> None:
    funded(database, PLEDGES)
    raw = b"".join(lists.take_out(database, wanted(name="kickstarter-2024"), NOON))
    assert raw.startswith(b"\xef\xbb\xbfBacker Number,Backer UID,")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == [
        *KICKSTARTER_BEFORE, "Spare battery (add-on)", "Deck", "Spare battery", "Sticker", *KICKSTARTER_AFTER,
    ]  # fmt: skip
    expected = {
        "Backer Number": "1", "Shipping Country": "US", "Shipping Amount": "$15.00", "Reward Title": "The board",
        "Backing Minimum": "$500.00", "Reward ID": "board", "Bonus Support": "$0.03", "Pledge Amount": "$515.03",
        "Pledged At": "2026/11/01, 18:31", "Fulfillment Status": "not_started", "Pledged Status": "collected",
        "Spare battery (add-on)": "0", "Deck": "1", "Spare battery": "2", "Shipping Name": MINA.name,
        "Shipping Address 1": "1 Main Street", "Shipping Address 2": "Flat 2", "Shipping City": "Springfield",
        "Shipping State": "IL", "Shipping Postal Code": "00123", "Shipping Country Name": "United States",
        "Shipping Country Code": "US", "Shipping Phone Number": "+1 202 555 0143",
        "Shipping Delivery Notes": "Ring twice,\nthen wait",
    }  # fmt: skip
    assert {name: rows[0][name] for name in expected} == expected
    assert [row["Pledged Status"] for row in rows] == ["collected", "collected", "dropped", "errored", "errored"]
    assert [row["Reward Title"] for row in rows][3] == "No reward"
    assert rows[3]["Backer Name"] == "'=Formula"


KICKSTARTER_BEFORE = [
    "Backer Number", "Backer UID", "Backer Name", "Email", "Shipping Country", "Shipping Amount", "Reward Title",
    "Backing Minimum", "Reward ID", "Bonus Support", "Pledge Amount", "Pledged At", "Fulfillment Status",
    "Pledged Status", "Notes",
]  # fmt: skip
KICKSTARTER_AFTER = [
    "Survey Response", "Shipping Name", "Shipping Address 1", "Shipping Address 2", "Shipping City",
    "Shipping State", "Shipping Postal Code", "Shipping Country Name", "Shipping Country Code",
    "Shipping Phone Number", "Shipping Delivery Notes",
]  # fmt: skip
WAREHOUSE = [
    "Order #", "Recipient Full Name", "Recipient Email", "Recipient Phone", "Recipient Company", "Address Line 1",
    "Address Line 2", "Address Line 3", "City", "State", "Postal Code", "Country Code",
]  # fmt: skip
ITEM = ["Item SKU", "Item Name / Title", "Item Quantity", "Item Weight (oz)"]


def test_the_headers_are_those_of_real_files(shared_data: Path) -> None:
    known = json.loads((shared_data / "lists" / "headers.json").read_text(encoding="utf-8"))
    real = {entry["id"]: entry["columns"] for entry in known}
    kickstarter = real["kickstarter_2024_addons"]
    assert kickstarter[: len(KICKSTARTER_BEFORE)] == KICKSTARTER_BEFORE
    assert kickstarter[-len(KICKSTARTER_AFTER) :] == KICKSTARTER_AFTER
    assert real["fulfilment_crwn_2024"] == WAREHOUSE + ITEM


def test_a_fulfilment_list_has_a_line_for_each_sku_of_a_pledge_and_nothing_for_a_dropped_one(
    database: Database,
) -> None:
    funded(database, PLEDGES)
    rows = taken(database, ListKind.ITEMS)
    assert list(rows[0]) == WAREHOUSE + ITEM
    assert [(row["Order #"], row["Item SKU"], row["Item Quantity"]) for row in rows] == [
        ("1", "DECK-01", "1"), ("1", "CELL-02", "2"), ("2", "DECK-01", "2"), ("2", "CELL-02", "7"),
    ]  # fmt: skip
    assert rows[0]["Item Weight (oz)"] == "148.15"
    assert rows[2]["Country Code"] == "KR"


def test_a_fulfilment_list_can_have_a_column_for_each_sku(database: Database) -> None:
    funded(database, PLEDGES)
    rows = taken(database, ListKind.ITEMS, "per-pledge")
    assert list(rows[0]) == [*WAREHOUSE, "DECK-01", "CELL-02", "DOT"]
    assert [(row["Order #"], row["DECK-01"], row["CELL-02"], row["DOT"]) for row in rows] == [
        ("1", "1", "2", "0"), ("2", "2", "7", "0"), ("5", "0", "0", "0"), ("6", "0", "0", "0"),
    ]  # fmt: skip


def test_the_pick_list_sums_every_sku_for_each_country(database: Database) -> None:
    funded(database, PLEDGES)
    rows = taken(database, ListKind.PICKLIST)
    assert list(rows[0]) == ["SKU", "Item", "Variant", "Quantity", "Pledges", "none", "KR", "US"]
    assert [list(row.values()) for row in rows] == [
        ["DECK-01", "Deck", "", "3", "2", "0", "2", "1"],
        ["CELL-02", "Spare battery", "", "9", "2", "0", "7", "2"],
        ["DOT", "Sticker", "", "0", "0", "0", "0", "0"],
        ["", "All items", "", "12", "2", "0", "9", "3"],
    ]


def test_a_list_without_personal_data_holds_none(database: Database) -> None:
    funded(database, PLEDGES)
    for kind, name in [
        (ListKind.BACKERS, "fundlaunch"),
        (ListKind.BACKERS, "kickstarter-2024"),
        (ListKind.ITEMS, "lines"),
    ]:
        raw = b"".join(lists.take_out(database, wanted(kind, name, personal=Personal.LEFT_OUT), NOON)).decode()
        assert "US" in raw
        assert not [
            word for word in (MINA.name, MINA.email, "Main Street", "00123", "555", "Ring", "IL,") if word in raw
        ]
        assert MINA.email in b"".join(lists.take_out(database, wanted(kind, name), NOON)).decode()


def test_a_pledge_made_while_a_list_is_read_is_not_in_it(database: Database) -> None:
    funded(database, [Given() for _ in range(3)])
    with database.reading() as session:
        found = catalogue(session, SLUG, Choice())
        rows = queries.backer_rows(session, found, Choice())
        first = next(rows)
        with database.transaction() as writing:
            pledge(writing, 9, Given(name="Later"))
        assert [first.backer_number, *(row.backer_number for row in rows)] == [1, 2, 3]
        assert queries.totals(session, found, Choice()).pledges == 3
    assert [row["backer_number"] for row in taken(database)] == ["1", "2", "3", "9"]


def test_ten_thousand_rows_come_window_by_window(database: Database) -> None:
    with database.transaction() as session:
        campaign(session)
        many(session, 10_000)
    rows = taken(database)
    assert [row["backer_number"] for row in rows] == [str(number) for number in range(1, 10_001)]
    with database.reading() as session:
        found = catalogue(session, SLUG, Choice())
        reading = queries.backer_rows(session, found, Choice())
        passed = list(islice(reading, queries.WINDOW * 2 + 1))
        assert passed[-1].backer_number == queries.WINDOW * 2 + 1
        # The rest of the list is still with the database: the reading can be left where it stands.
        reading.close()


def many(session: Session, count: int) -> None:
    at = NOON
    session.connection().execute(
        queries.PLEDGE.insert(),
        [
            {"id": f"p{n:06}", "token": f"t{n}", "campaign_id": "c1", "request_key": f"k{n}", "status": "collected",
             "email": f"backer-{n}@example.org", "email_key": f"backer-{n}@example.org", "name": f"Backer {n}",
             "language": "en", "country": "US", "tier_id": "board", "tier_quantity": 1, "currency": "USD",
             "lines_minor": 50_000, "shipping_minor": 0, "bonus_minor": 0, "total_minor": 50_000, "backer_number": n,
             "ref": "", "created_at": at, "confirmed_at": at, "cancel_reason": "", "customer": "", "payment_method": "",
             "card_brand": "", "card_last4": "", "collected_minor": 50_000, "tries": 0, "decline_code": "",
             "reminders": 0, "version": 1}
            for n in range(1, count + 1)
        ],
    )  # fmt: skip
    session.connection().execute(
        queries.LINE.insert(),
        [
            {
                "pledge_id": f"p{n:06}",
                "tier_id": "board",
                "quantity": 1,
                "unit_price_minor": 50_000,
                "shipping_minor": 0,
            }
            for n in range(1, count + 1)
        ],
    )
    found = session.get_one(Campaign, "c1")
    found.backers, found.pledged_minor = count, 50_000 * count
    session.add(found)


def batch(database: Database) -> ExportBatch:
    with database.reading() as session:
        return session.exec(select(ExportBatch)).one()


def test_who_took_which_list_is_written_down(database: Database) -> None:
    funded(database, PLEDGES)
    raw = b"".join(lists.take_out(database, wanted(ListKind.ITEMS, choice=Choice(country="KR")), NOON))
    row = batch(database)
    assert (row.actor, row.at, row.kind, row.preset, row.format) == (NOA.email, NOON, "items", "lines", "csv")
    assert row.choice == {
        "statuses": ["authentication_required", "collected", "dropped", "errored", "pledged"],
        "tier": "", "country": "KR", "personal": "included",
    }  # fmt: skip
    assert (row.rows, row.pledges, row.amount_minor, row.currency) == (2, 1, 136_000, "USD")
    assert row.sha256 == hashlib.sha256(raw).hexdigest()
    with database.reading() as session:
        assert [line.is_complete for line in queries.batches(session, "c1")] == [True]


def test_a_download_that_breaks_off_is_written_down_as_incomplete(database: Database) -> None:
    with database.transaction() as session:
        campaign(session)
        many(session, 2_000)
    pieces = lists.take_out(database, wanted(), NOON)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # what is handed out is a generator
    assert batch(database).sha256 == ""
    with database.reading() as session:
        assert [line.is_complete for line in queries.batches(session, "c1")] == [False]


def test_a_list_that_does_not_add_up_never_ends(database: Database, tmp_path: Path) -> None:
    funded(database, PLEDGES)
    with database.transaction() as session:
        found = session.get_one(Campaign, "c1")
        found.pledged_minor += 1
        session.add(found)
    with pytest.raises(ListDoesNotAddUp, match="Do not use this file"):
        b"".join(lists.take_out(database, wanted(), NOON))
    with pytest.raises(ListDoesNotAddUp):
        lists.export_to(database, tmp_path / "list.csv", wanted(), NOON)
    assert list(tmp_path.glob("*list*")) == []
    with database.reading() as session:
        assert {line.is_complete for line in queries.batches(session, "c1")} == {False}


def test_a_campaign_that_failed_keeps_its_frozen_total_and_an_empty_list(database: Database) -> None:
    funded(database, [Given(status=PledgeState.CANCELED)], status=CampaignState.FAILED, pledged_minor=50_000, backers=1)
    assert taken(database) == []
    assert len(taken(database, choice=Choice(frozenset({PledgeState.CANCELED})))) == 1


def test_a_workbook_has_typed_cells_a_frozen_header_and_no_formulas(database: Database, tmp_path: Path) -> None:
    funded(database, PLEDGES)
    path = tmp_path / "list.xlsx"
    lists.export_to(database, path, wanted(name="kickstarter-2024", format=Format.XLSX), NOON)
    sheet = openpyxl.load_workbook(path).active
    assert sheet.freeze_panes == "A2"
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, sheet[2], strict=True))
    assert (first["Pledge Amount"].value, first["Pledge Amount"].number_format) == (515.03, '"$"#,##0.00')
    assert (first["Deck"].value, first["Deck"].data_type) == (1, "n")
    assert (first["Shipping Postal Code"].value, first["Shipping Postal Code"].number_format) == ("00123", "@")
    assert first["Shipping Phone Number"].value == "+1 202 555 0143"
    assert first["Pledged At"].value == datetime(2026, 11, 1, 18, 31)  # noqa: DTZ001 - a cell of a workbook has no zone
    assert sheet.cell(5, 3).value == "=Formula"
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "d"}
    assert sheet.max_row == 6


def test_amounts_of_a_workbook_are_exact(database: Database, tmp_path: Path) -> None:
    pledges = [
        Given(tier=None, units={}, bonus_minor=minor)
        for minor in (1, 10, 29, 99_999_999, 10**14 - 1, 999_999_999_999_999)
    ]
    funded(database, pledges, currency="USD")
    path = tmp_path / "list.xlsx"
    lists.export_to(database, path, wanted(format=Format.XLSX), NOON)
    sheet = openpyxl.load_workbook(path).active
    column = [cell.value for cell in sheet[1]].index("pledge_amount")
    written = [row[column].value for row in sheet.iter_rows(min_row=2)]
    assert [f"{value:.2f}" for value in written] == [Money(given.bonus_minor, "USD").plain() for given in pledges]


def test_an_empty_list_still_has_its_header(database: Database, tmp_path: Path) -> None:
    funded(database, [])
    assert b"".join(lists.take_out(database, wanted(), NOON)).startswith(b"backer_number,")
    path = tmp_path / "list.xlsx"
    lists.export_to(database, path, wanted(format=Format.XLSX), NOON)
    assert openpyxl.load_workbook(path).active["A1"].value == "backer_number"
    assert batch_rows(database) == [0, 0]


def batch_rows(database: Database) -> list[int]:
    with database.reading() as session:
        return [row.rows for row in session.exec(select(ExportBatch))]


def test_a_zip_has_a_file_for_each_tier_and_one_for_pledges_without(database: Database, tmp_path: Path) -> None:
    funded(database, PLEDGES)
    path = tmp_path / "list.zip"
    written = lists.export_to(database, path, wanted(name="kickstarter-2024", format=Format.ZIP), NOON)
    with zipfile.ZipFile(path) as archive:
        found = {name: len(read(iter([archive.read(name)]))) for name in archive.namelist()}
    assert found == {"The board.csv": 2, "Stickers.csv": 1, "A word of thanks.csv": 1, "No reward.csv": 1}
    assert (written.rows, written.totals.pledges) == (5, 5)
    assert written.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(BadInput, match="Choose from: csv, xlsx"):
        read_format("zip", ListKind.ITEMS)


def test_a_file_on_disk_is_the_same_as_a_download(database: Database, tmp_path: Path) -> None:
    funded(database, PLEDGES)
    path = tmp_path / "list.csv"
    path.write_text("old")
    lists.export_to(database, path, wanted(), NOON)
    assert path.read_bytes() == b"".join(lists.take_out(database, wanted(), NOON))
    workbook = wanted(format=Format.XLSX)
    assert b"".join(lists.take_out(database, workbook, NOON)).startswith(b"PK")
    assert [path] == list(tmp_path.glob("*list*"))


def test_what_cannot_be_taken_out_is_told_in_a_sentence(database: Database, tmp_path: Path) -> None:
    funded(database, [])
    with pytest.raises(NotFound, match="There is no campaign “nothing”"):
        lists.take_out(database, wanted(slug="nothing"), NOON)
    with pytest.raises(BadInput, match="Choose from: fundlaunch, kickstarter-2024"):
        preset(ListKind.BACKERS, "nothing")
    with pytest.raises(Misconfigured, match="cannot be written"):
        lists.export_to(database, tmp_path / "no" / "list.csv", wanted(), NOON)
