"""A rehearsal: a whole campaign from its files, with every kind of card, to lists that add up."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.cli import main
from fundlaunch.database import Database
from fundlaunch.errors import Refused
from fundlaunch.fulfilment.tables import Address
from fundlaunch.outbox import MAIL, Promise
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge, PledgeMove
from fundlaunch.rehearsal.run import LISTS, Rehearsed, rehearse

BOARD = """
slug = "board"
creator = "Noa Lindqvist"
currency = "USD"
goal = "{goal}"
duration_days = 3
title = "A board"
blurb = "It rolls."
story = "It rolls well."

[[items]]
slug = "board"
sku = "BOARD"
name = "Board"

[[tiers]]
slug = "board"
title = "One board"
price = "50"
quantity = 20
limit_per_backer = 3
delivery = "2027-05"
shipping = "worldwide"
rates = {{ US = "5", "*" = "20" }}
items = {{ board = 1 }}

[[stretch_goals]]
slug = "lights"
title = "Lights"
threshold = "700"
"""

HEADER = "time,email,name,country,line1,city,state,postcode,tier,quantity,add_ons,bonus,event,card"
HOME = "1 Main Street,Austin,TX,78701"

CARDS = ("ok", "declines", "confirms", "insufficient", "lost", "confirms")
"""The cards of the first backers; everybody after them has one that works."""


def row(number: int, event: str = "pledge", *, tier: str = "board", bonus: str = "0", hour: int = 0) -> str:
    card = CARDS[number] if number < len(CARDS) else "ok"
    at = f"2026-11-{1 + (hour or number) // 24:02}T{(hour or number) % 24:02}:30:00Z"
    home = HOME if tier else ",,,"
    return f"{at},backer-{number}@example.org,Backer {number},US,{home},{tier},1,,{bonus},{event},{card}"


ROWS = (
    *(row(number) for number in range(18)),
    row(18, tier="", bonus="12.34"),
    row(7, "change", bonus="3", hour=30),
    row(8, "cancel", hour=31),
    row(8, hour=32),
    row(9, "cancel", hour=33),
)


@dataclass(frozen=True)
class Done:
    """A rehearsal that was run, and the folder it left."""

    rehearsed: Rehearsed
    out: Path
    reports: list[str]


def files(folder: Path, *rows: str, goal: str = "500") -> tuple[Path, Path]:
    campaign, pledges = folder / "campaign.toml", folder / "pledges.csv"
    campaign.write_text(BOARD.format(goal=goal), encoding="utf-8")
    pledges.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    return campaign, pledges


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("rehearsal")
    campaign, pledges = files(folder, *ROWS)
    reports: list[str] = []
    rehearsed = rehearse(campaign, pledges, folder / "out", lambda stage, *_: reports.append(stage))
    return Done(rehearsed, folder / "out", reports)


@pytest.fixture(scope="module")
def left(done: Done) -> Iterator[Database]:
    """The database that the rehearsal left."""
    database = Database(f"sqlite:///{done.out / 'fundlaunch.sqlite3'}")
    yield database
    database.dispose()


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_pledged_is_collected_in_recovery_or_dropped(done: Done) -> None:
    result = done.rehearsed.result
    assert (result.outcome, result.backers, result.without_tier) == (CampaignState.SUCCESSFUL, 18, 1)
    assert result.pledged_minor == 17 * 55_00 + 3_00 + 12_34
    assert result.collected_minor + result.in_recovery_minor + result.dropped_minor == result.pledged_minor
    # declines, insufficient and lost never mend, and of the two whose bank asks one (backer 6) answers.
    assert (result.dropped_minor, result.in_recovery_minor) == (4 * 55_00, 0)
    assert result.tiers == {"board": 17}
    assert result.above_tier_prices_minor == 17 * 5_00 + 3_00 + 12_34
    assert result.percent == 190
    assert result.stretch_goals["lights"] is not None
    assert done.rehearsed.violations == {}
    assert done.rehearsed.refused == []
    assert {line.slug: line.claimed for line in done.rehearsed.stock} == {"board": 13}
    assert set(done.reports) == {"pledges", "charges", "recovery"}


def test_every_drop_comes_after_exactly_the_window(left: Database) -> None:
    failed = select(PledgeMove).where(col(PledgeMove.event).in_(["charge_declined", "authentication_asked"]))
    with left.reading() as session:
        dropped = session.exec(select(Pledge).where(Pledge.status == PledgeState.DROPPED)).all()
        first: dict[str, Any] = {}
        for move in session.exec(failed.order_by(col(PledgeMove.seq))):
            first.setdefault(move.pledge_id, move.at)
    assert len(dropped) == 4
    assert {pledge.ended_at - first[pledge.id] for pledge in dropped if pledge.ended_at} == {POLICY.recovery.window}
    assert POLICY.recovery.window == timedelta(days=7)


def test_each_letter_goes_out_once(done: Done, left: Database) -> None:
    with left.reading() as session:
        letters = session.exec(select(Promise).where(Promise.kind == MAIL)).all()
    assert all(letter.kept_at is not None and letter.text and letter.html for letter in letters)
    assert len({letter.key for letter in letters}) == len(letters)
    assert dict(Counter(letter.topic for letter in letters)) == done.rehearsed.result.mails
    mails = done.rehearsed.result.mails
    assert mails["pledge_confirmed"] == 20
    assert (mails["pledge_changed"], mails["pledge_canceled"]) == (1, 2)
    assert mails["campaign_funded"] == 18
    assert (mails["charge_receipt"], mails["pledge_dropped"]) == (14, 4)
    assert mails["charge_final_notice"] == 4


def test_the_lists_hold_every_backer_and_the_total(done: Done) -> None:
    result = done.rehearsed.result
    assert [Path(path).name for path in result.lists] == list(LISTS)
    backers = lines(done.out / "backers.csv")
    assert len(backers) == 18
    assert {row["email"] for row in backers}.isdisjoint({"backer-9@example.org"})
    canceled = lines(done.out / "backers-with-canceled.csv")
    assert len(canceled) == 20
    assert "backer-9@example.org" in {row["email"] for row in canceled}
    assert (done.out / "backers.xlsx").read_bytes().startswith(b"PK")


def test_addresses_of_the_file_are_given_once_it_is_funded(done: Done, left: Database) -> None:
    del done
    with left.reading() as session:
        addresses = session.exec(select(Address)).all()
    assert len(addresses) == 17
    assert {address.postcode for address in addresses} == {"78701"}


def test_the_command_prints_the_contract_s_shape_and_its_database_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, pledges = files(tmp_path, *(row(number) for number in range(6, 18)))
    out = tmp_path / "out"
    arguments = ["rehearse", str(campaign), "--pledges", str(pledges), "--out", str(out), "--json"]
    assert main(arguments, {}) == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert list(result) == [
        "outcome", "currency", "goal_minor", "pledged_minor", "percent", "backers", "without_tier",
        "above_tier_prices_minor", "tiers", "stretch_goals", "collected_minor", "in_recovery_minor", "dropped_minor",
        "refunded_minor", "mails", "lists",
    ]  # fmt: skip
    assert result["collected_minor"] == result["pledged_minor"] == 12 * 55_00
    assert "pledges: 12 of 12" in told.err
    assert main(["verify"], {"FUNDLAUNCH_DATABASE_URL": f"sqlite:///{out / 'fundlaunch.sqlite3'}"}) == 0


def test_a_campaign_that_misses_its_goal_charges_nobody_and_a_late_row_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (row(6), row(7), row(7, tier="boat", hour=40, event="change"), row(10, hour=200))
    campaign, pledges = files(tmp_path, *rows, goal="100000")
    assert main(["rehearse", str(campaign), "--pledges", str(pledges)], {}) == 0
    told = capsys.readouterr()
    assert "failed: 110.00 USD pledged of 100000.00 USD, 0 %, 2 backers" in told.out
    assert "collected 0.00 USD" in told.out
    assert "mail campaign_failed: 2" in told.out
    assert f"{pledges}:4 There is no reward “boat”" in told.err
    assert f"{pledges}:5 This campaign takes no pledges now." in told.err


def test_a_pledge_file_without_pledges_and_one_with_mistakes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, pledges = files(tmp_path)
    with pytest.raises(Refused, match="has no pledges"):
        rehearse(campaign, pledges, None, lambda *_: None)
    pledges.write_text(f"{HEADER}\nyesterday,nobody\n", encoding="utf-8")
    assert main(["rehearse", str(campaign), "--pledges", str(pledges)], {}) == 1
    assert "line 2" in capsys.readouterr().err


def test_a_database_that_is_no_rehearsal_s_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaign, pledges = files(tmp_path, row(6))
    (tmp_path / "fundlaunch.sqlite3").write_text("a real one", encoding="utf-8")
    assert main(["rehearse", str(campaign), "--pledges", str(pledges), "--out", str(tmp_path)], {}) == 1
    assert "no rehearsal has made" in capsys.readouterr().err
    assert (tmp_path / "fundlaunch.sqlite3").read_text(encoding="utf-8") == "a real one"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaign, pledges = files(tmp_path, row(6))
    out = tmp_path / "campaign.toml" / "out"
    assert main(["rehearse", str(campaign), "--pledges", str(pledges), "--out", str(out)], {}) == 2
    assert "cannot be written" in capsys.readouterr().err
