"""Settings that are malformed or dangerous: refused at the start, in one sentence."""

from pathlib import Path

import pytest

from fundlaunch.errors import Misconfigured
from fundlaunch.settings import read

LIVE = {
    "FUNDLAUNCH_STRIPE_SECRET_KEY": "sk_live_x",
    "FUNDLAUNCH_STRIPE_WEBHOOK_SECRET": "whsec_x",
    "FUNDLAUNCH_SECRET_KEY": "k" * 32,
    "FUNDLAUNCH_BASE_URL": "https://fund.example.org",
}


def test_no_settings_are_enough_to_try_it() -> None:
    assert read({}).sqlalchemy_url.startswith("sqlite:///")


@pytest.mark.parametrize(
    "url",
    ["mysql://x", "garbage", "http://x", "postgresql+asyncpg://h/x", "postgresql://h:port/x", "postgresql://[::/x"],
)
def test_a_database_of_another_kind_is_refused_without_showing_its_address(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read({"DATABASE_URL": url})
    assert "postgresql://user:password@host/name" in str(refused.value)
    assert url not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql://h/x", "postgres://u:p@h:5432/x", "sqlite:////folder/x.sqlite3"])
def test_the_two_kinds_of_database_are_taken(url: str) -> None:
    assert read({"DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PORT", "8e3"),
        ("BASE_URL", "fund.example.org"),
        ("BASE_URL", "https://fund.example.org/path"),
        ("LOG_FORMAT", "xml"),
        ("LIMITS", "maybe"),
        ("REVIEW", "sometimes"),
        ("CLOCK", "tomorrow"),
        ("DEBUG", "perhaps"),
    ],
)
def test_a_malformed_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        read({f"FUNDLAUNCH_{name}": value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLOCK", "+3d"),
        ("DEBUG", "1"),
        ("LIMITS", "off"),
        ("BASE_URL", "http://fund.example.org"),
        ("SECRET_KEY", "short"),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_API_BASE", "http://127.0.0.1:1"),
    ],
)
def test_what_is_dangerous_with_a_live_key_is_refused(name: str, value: str) -> None:
    assert read(LIVE).is_live
    with pytest.raises(Misconfigured):
        read(LIVE | {f"FUNDLAUNCH_{name}": value})


def test_a_value_can_come_from_a_file_that_can_be_read(tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text("s" * 40 + "\n")
    assert read({"FUNDLAUNCH_SECRET_KEY_FILE": str(kept)}).secret_key == "s" * 40
    kept.write_bytes(b"\xff\xfe")
    for path in (kept, tmp_path / "missing"):
        with pytest.raises(Misconfigured, match="cannot be read"):
            read({"FUNDLAUNCH_SECRET_KEY_FILE": str(path)})
