"""Pledges as a file: rows become entries, and every mistake is named by its line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fundlaunch.pledges.pledge_file import COLUMNS, BadPledgeFile, Card, Event, parse, read
from fundlaunch.pledges.rules import Selection

HEADER = ",".join(COLUMNS)
ROW = {
    "time": "2026-11-11T10:00:42Z", "email": "mina@example.org", "name": "Mina Okafor", "country": "US",
    "line1": "1 Sample Street", "city": "Boulder", "state": "CO", "postcode": "01234", "tier": "one", "quantity": "1",
    "add_ons": "bag:2;tyres:1", "bonus": "4.50", "event": "pledge", "card": "ok",
}  # fmt: skip


def row(**changes: str) -> str:
    cells = {**ROW, **changes}
    return ",".join(f'"{cells.get(name, "")}"' for name in COLUMNS)


def sentences(*rows: str) -> list[str]:
    return [str(mistake) for mistake in parse("\n".join([HEADER, *rows]) + "\n", "USD")[1]]


def test_a_row_becomes_an_entry() -> None:
    entries, mistakes = parse(f"{HEADER}\n{row()}\n", "USD")
    assert mistakes == []
    (entry,) = entries
    assert entry.at == datetime(2026, 11, 11, 10, 0, 42, tzinfo=UTC)
    assert entry.selection == Selection("one", 1, {"bag": 2, "tyres": 1}, 450, "US")
    assert (entry.event, entry.card, entry.line) == (Event.PLEDGE, Card.OK, 2)
    assert entry.address["postcode"] == "01234"
    assert entry.has_address


def test_entries_come_in_order_of_time_and_offsets_are_understood() -> None:
    rows = [
        row(event="cancel", time="2026-11-12T10:00:00Z"),
        row(event="change", time="2026-11-11T20:00:00+09:00", bonus=""),
        row(time="2026-11-11T10:00:00Z", email="MINA@example.org"),
    ]
    entries, mistakes = parse("\n".join([HEADER, *rows]), "USD")
    assert mistakes == []
    assert [entry.event for entry in entries] == [Event.PLEDGE, Event.CHANGE, Event.CANCEL]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"time": "yesterday"}, "“yesterday” is not a time with its offset"),
        ({"time": "2026-11-11T10:00:42"}, "is not a time with its offset"),
        ({"email": "mina"}, ""),
        ({"country": "USA"}, "“USA” is not a country code"),
        ({"tier": "One Board"}, "is not the short name of a tier"),
        ({"quantity": "0"}, "“0” is not a number of units"),
        ({"quantity": "1.5"}, "“1.5” is not a number of units"),
        ({"quantity": "٣"}, "is not a number of units"),
        ({"add_ons": "bag"}, "is not a number of units in “add_ons”"),
        ({"add_ons": "bag:1;bag:2"}, "Write each once"),
        ({"bonus": "-1"}, "“-1” is not an amount"),
        ({"bonus": "1e400"}, "“1e400” is not an amount"),
        ({"bonus": "NaN"}, "“NaN” is not an amount"),
        ({"bonus": "1,234.56"}, "“1,234.56” is not an amount"),
        ({"bonus": "0.00001"}, "is not an amount"),
        ({"bonus": "0.001"}, "finer than USD allows"),
        ({"event": "pledged"}, "“pledged” is not a known event. Use one of: pledge, change, cancel. Did you mean"),
        ({"card": "stolen"}, "“stolen” is not a known card"),
        ({"event": "cancel"}, "has no pledge at this time, so there is nothing to cancel"),
    ],
)
def test_a_bad_value_is_one_sentence_with_its_line(changes: dict[str, str], sentence: str) -> None:
    (found,) = sentences(row(**changes))
    assert found.startswith("line 2: ")
    assert sentence in found


def test_every_mistake_of_every_row_is_found() -> None:
    found = sentences(row(time="x", bonus="-1", card="y"), row(), row(email="teo@example.org", quantity="x"))
    assert [line.partition(":")[0] for line in found] == ["line 2", "line 2", "line 2", "line 4"]


def test_a_second_pledge_of_one_address_is_a_mistake_unless_the_first_was_canceled() -> None:
    assert "has a pledge already" in sentences(row(), row(time="2026-11-12T10:00:00Z", email="Mina@example.org"))[0]
    gone = row(time="2026-11-12T10:00:00Z", event="cancel")
    assert sentences(row(), gone, row(time="2026-11-13T10:00:00Z")) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Columns are missing: time, email"),
        (HEADER.replace("bonus", "bonuss"), "“bonuss” is not a column FundLaunch knows. Did you mean “bonus”?"),
        (f"{HEADER},email", "A column stands there twice."),
        (f"{HEADER}\n1,2\n", "This row has 2 cells; the header has 16."),
        (f'{HEADER}\n"open', "The file is not CSV here"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, sentence: str) -> None:
    assert any(sentence in str(mistake) for mistake in parse(text, "USD")[1])


def test_a_name_over_two_lines_keeps_the_count_of_lines() -> None:
    found = sentences(row(name="Mina\nOkafor"), row(email="teo@example.org", bonus="x"))
    assert found[0].startswith("line 4: ")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadPledgeFile, match=r"The file cannot be read \(no such file or directory\)"):
        read(tmp_path / "nowhere.csv", "USD")
    odd = tmp_path / "odd.csv"
    odd.write_bytes(f"{HEADER}\n".encode() + b"\xff\n")
    with pytest.raises(BadPledgeFile, match="line 2: This is not text in UTF-8"):
        read(odd, "USD")


def test_the_columns_of_the_address_may_be_left_out() -> None:
    header = "time,email,name,country,tier,quantity,add_ons,bonus,event,card"
    text = f"{header}\n2026-11-11T10:00:42Z,a@example.org,A,,,,,5,pledge,\n"
    entries, mistakes = parse(text, "USD")
    assert mistakes == []
    assert entries[0].selection == Selection(None, 0, {}, 500, "")
    assert not entries[0].has_address


def test_the_documentation_names_every_column_event_and_card(project_root: Path) -> None:
    guide = (project_root / "docs/pledges-csv.md").read_text(encoding="utf-8")
    assert {name for name in (*COLUMNS, *Event, *Card) if f"`{name}`" not in guide} == set()
