"""The small run of benchmarks/outcomes.py: invented campaigns of every kind through the real close."""

from pathlib import Path

from benchmarks.outcomes import EXCEPTION, differences, read, replay

from fundlaunch.database import Database

HEAD = (
    "source,source_id,name,category,currency,country,goal,pledged,backers,state,"
    "launched_at,deadline,deadline_precision,blurb"
)
PAST = f"""{HEAD}
past,1,Exactly reached,Art,USD,US,100,100,3,successful,2015-01-01T10:00:00Z,2015-02-01T10:00:00Z,second,
past,2,A cent short,Art,EUR,DE,8000,7999.99,7,failed,2015-01-01T10:00:00Z,2015-02-01,day,
past,3,"Beyond 32 bits, in cents",Art,USD,US,21474836.47,21474836.48,2,successful,2015-01-01T10:00:00Z,2015-03-01,day,
past,4,Nobody came,Art,GBP,GB,500,0,0,failed,2015-01-01T10:00:00Z,2015-01-02T10:00:00Z,second,
past,5,Canceled above its goal,Art,SEK,SE,100,900,4,canceled,2015-01-01T10:00:00Z,2015-02-01T10:00:00Z,second,
past,6,Still running,Art,USD,US,100,5,1,live,2015-01-01T10:00:00Z,2015-02-03T10:00:00Z,second,
"""


def test_every_kind_of_end_is_the_recorded_one(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text(PAST, encoding="utf-8")
    past = read(file)
    assert differences(past, replay(database, past)) == []


def test_a_wrongly_recorded_end_is_found_and_only_the_known_exception_is_not(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    known = f"{','.join(EXCEPTION)},Known,Art,USD,US,8000,7999.65,7,successful,2015-01-01T10:00:00Z,2015-02-01,day,\n"
    file.write_text(PAST.replace("7999.99,7,failed", "7999.99,7,successful") + known, encoding="utf-8")
    past = read(file)
    database = Database(sqlite_url)
    assert differences(past, replay(database, past)) == ["past-2: failed instead of successful"]
    database.dispose()
