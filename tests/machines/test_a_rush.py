"""Stock under a rush: exact with its guards, oversold without them."""

from pathlib import Path

from fundlaunch.database import Database
from tests import planted
from tests.rush import UNITS, rush

NO_STOCK_GUARDS = (
    planted.Edit(
        "src/fundlaunch/pledges/stock.py",
        ".where(t.id == tier_id, or_(t.quantity.is_(None), t.claimed + units <= t.quantity))",
        ".where(t.id == tier_id)",
    ),
    planted.Edit(
        "src/fundlaunch/pledges/rules.py",
        "    if state is Availability.OPEN and (left is None or left >= more):\n        return\n",
        "    if state is not None or left == more:\n        return\n",
    ),
)


def test_a_rush_sells_every_unit_once(database: Database) -> None:
    assert rush(database) == UNITS
    with database.reading() as session:
        claimed = session.connection().exec_driver_sql("SELECT claimed FROM tier WHERE slug = 'board'").scalar_one()
    assert claimed == UNITS


def test_without_its_guards_a_rush_oversells(database: Database, tmp_path: Path) -> None:
    """The CHECK of the table is the last guard: it is taken out as well, in the database itself."""
    with database.transaction() as session:
        for statement in _without_the_check(database):
            session.connection().exec_driver_sql(statement)
    planted.plant(tmp_path / "copy", NO_STOCK_GUARDS)
    ended = planted.run(tmp_path / "copy", "-m", "tests.rush", database.url)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > UNITS


def _without_the_check(database: Database) -> list[str]:
    if database.is_sqlite:
        return [
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = replace(sql, 'claimed <= quantity', '1') WHERE name = 'tier'",
            "PRAGMA writable_schema = RESET",
        ]
    return ["ALTER TABLE tier DROP CONSTRAINT tier_stock"]
