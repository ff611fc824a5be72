"""Campaigns from the command line: check, apply, export and seed, with their sentences and exit codes."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from fundlaunch.campaigns import draft_rows
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.cli import main
from fundlaunch.database import Database
from fundlaunch.people.queries import role_in
from fundlaunch.people.roles import Role
from fundlaunch.people.tables import Account

BOARD = """slug = "board"
creator = "Noa Lindqvist"
currency = "USD"
goal = "500"
title = "A board"
blurb = "It rolls."
story = "It rolls well."

[[tiers]]
slug = "board"
title = "One board"
price = "50"
delivery = "2027-05"
"""

PLEDGE = {
    "kind": "pledge", "campaign": "board", "at": "2026-11-20T10:00:00Z", "email": "mina@example.org", "name": "Mina",
    "country": "", "tier": "board", "quantity": 1, "add_ons": {}, "bonus_minor": 250, "customer": "cus_1",
    "payment_method": "pm_1",
}  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A data folder of its own."""
    return {"FUNDLAUNCH_DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A campaign file without mistakes."""
    path = tmp_path / "board.toml"
    path.write_text(BOARD, encoding="utf-8")
    return path


def seeded(environment: dict[str, str], folder: Path) -> int:
    """Load the campaign and its one pledge; gives the exit code."""
    lines = folder / "seed.jsonl"
    campaign = {"kind": "campaign", "toml": BOARD}
    lines.write_text(f"{json.dumps(campaign)}\n{json.dumps(PLEDGE)}\n", encoding="utf-8")
    return main(["dev", "seed", str(lines)], environment)


def database_of(environment: dict[str, str]) -> Database:
    return Database(f"sqlite:///{environment['FUNDLAUNCH_DATA_DIR']}/fundlaunch.sqlite3")


def test_check_names_every_mistake_by_line_and_column(
    file: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["campaign", "check", str(file)], environment) == 0
    assert "can be applied" in capsys.readouterr().out
    file.write_text(BOARD.replace("500", "1,234.56").replace("blurb", "blurp"), encoding="utf-8")
    assert main(["campaign", "check", str(file)], environment) == 1
    told = capsys.readouterr()
    first, second = told.out.splitlines()
    assert first.startswith(f"{file}:4:8 “1,234.56” is not an amount.")
    assert second.startswith(f"{file}:6:1 “blurp” is not a key FundLaunch knows")
    assert "blurb" in second
    assert told.err == "2 mistakes.\n"


def test_check_of_a_file_that_is_not_there_says_so(
    tmp_path: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["campaign", "check", str(tmp_path / "none.toml")], environment) == 1
    assert "none.toml:1:1 " in capsys.readouterr().out


def test_apply_creates_a_campaign_for_its_owner_and_then_updates_it(file: Path, environment: dict[str, str]) -> None:
    assert main(["campaign", "apply", str(file), "--owner", "noa@example.org"], environment) == 0
    file.write_text(BOARD.replace("It rolls.", "It flies."), encoding="utf-8")
    assert main(["campaign", "apply", str(file)], environment) == 0
    database = database_of(environment)
    with database.reading() as session:
        campaign = session.exec(select(Campaign)).one()
        owner = session.exec(select(Account)).one()
        role = role_in(session, owner.id, campaign.id)
    database.dispose()
    assert campaign.texts["en"]["blurb"] == "It flies."
    assert (campaign.owner_id, owner.email) == (owner.id, "noa@example.org")
    assert role is Role.OWNER


def test_apply_refuses_a_file_with_mistakes(
    file: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("slug = ", encoding="utf-8")
    assert main(["campaign", "apply", str(file)], environment) == 1
    assert "line 1, column" in capsys.readouterr().err


def test_a_campaign_is_exported_into_a_folder_and_applied_on_another_site(
    file: Path, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["campaign", "apply", str(file)], environment) == 0
    folder = tmp_path / "export"
    capsys.readouterr()
    assert main(["campaign", "export", "board", "--out", str(folder)], environment) == 0
    assert capsys.readouterr().out == f"{folder / 'campaign.toml'} and 1 files beside it.\n"
    assert (folder / "story.en.md").read_text(encoding="utf-8") == "It rolls well."
    elsewhere = {"FUNDLAUNCH_DATA_DIR": str(tmp_path / "elsewhere")}
    assert main(["campaign", "apply", str(folder / "campaign.toml")], elsewhere) == 0
    assert draft_of(elsewhere) == draft_of(environment)
    assert main(["campaign", "export", "board", "--out", str(folder)], environment) == 1
    assert "is not empty" in capsys.readouterr().err


def draft_of(environment: dict[str, str]) -> CampaignDraft:
    database = database_of(environment)
    with database.reading() as session:
        draft = draft_rows.read(session, session.exec(select(Campaign)).one())
    database.dispose()
    return draft


def test_export_writes_the_list_and_says_rows_and_sum(
    tmp_path: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert seeded(environment, tmp_path) == 0
    assert "Loaded 1 campaigns and 1 pledges." in capsys.readouterr().out
    out = tmp_path / "backers.csv"
    assert main(["export", "board", "backers", "--out", str(out)], environment) == 0
    assert capsys.readouterr().out == f"{out}: 1 rows, 1 pledges, 52.50 USD in all.\n"
    assert "mina@example.org" in out.read_text(encoding="utf-8-sig")
    arguments = ["export", "board", "backers", "--without-personal-data", "--out", str(out)]
    assert main(arguments, environment) == 0
    assert "mina@example.org" not in out.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["export", "boat", "backers", "--out", "x.csv"], 1, "There is no campaign “boat”"),
        (["export", "board", "backers", "--preset", "carrier", "--out", "x.csv"], 1, "There is no preset “carrier”"),
        (["export", "board", "items", "--out", "x.zip"], 1, "cannot be written as “zip”"),
        (["export", "board", "backers", "--status", "gone", "--out", "x.csv"], 1, "“gone” is no state"),
        (["export", "board", "backers", "--out", "backers"], 2, "its ending says what is written"),
        (["export", "board", "backers", "--out", "none/x.csv"], 2, "cannot be written"),
        (["dev", "seed", "none.jsonl"], 1, "cannot be read (no such file or directory)"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_with_its_exit_code(
    tmp_path: Path,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert seeded(environment, tmp_path) == 0
    assert main(arguments, environment) == code
    told = capsys.readouterr().err
    assert says in told
    assert len(told.splitlines()) == 1


def test_seeding_with_a_live_key_is_wrong_usage(tmp_path: Path, environment: dict[str, str]) -> None:
    live = {
        "FUNDLAUNCH_STRIPE_SECRET_KEY": "sk_live_" + "x" * 24,
        "FUNDLAUNCH_STRIPE_WEBHOOK_SECRET": "whsec_" + "x" * 24,
        "FUNDLAUNCH_SECRET_KEY": "s" * 40,
        "FUNDLAUNCH_BASE_URL": "https://fund.example.org",
    }
    assert seeded(environment | live, tmp_path) == 2
