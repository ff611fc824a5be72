"""Where the books are kept between two starts: one SQLite file, or nothing."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fundlaunch.errors import N_, Misconfigured

LOCK_SECONDS = 1
SCHEMA = "CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))"


class Journal:
    """Rows of JSON by kind and id, in the order they were first written. Used under the lock of the book."""

    def __init__(self, file: Path | None) -> None:
        self._connection = None if file is None else _opened(file)

    def load(self) -> Iterator[tuple[str, str, Any]]:
        """Every row as (kind, id, body), oldest first."""
        if self._connection is None:
            return
        for kind, name, body in self._connection.execute("SELECT kind, id, body FROM record ORDER BY rowid"):
            yield kind, name, json.loads(body)

    def save(self, rows: Iterable[tuple[str, str, Any]]) -> None:
        """Write the rows in one transaction; a body of None takes the row away."""
        if self._connection is None:
            return
        with self._connection as connection:
            for kind, name, body in rows:
                if body is None:
                    connection.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, name))
                    continue
                connection.execute(
                    "INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                    (kind, name, json.dumps(body, ensure_ascii=False)),
                )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _opened(file: Path) -> sqlite3.Connection:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, check_same_thread=False, timeout=LOCK_SECONDS)
    except (OSError, sqlite3.Error) as error:
        raise _unusable(file, error) from None
    try:
        # Two processes over one file would each charge from a memory of their own.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        # What was answered must survive a killed process, not a power cut: this is a stand-in, not a bank.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(SCHEMA)
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(file, error) from None
    return connection


def _unusable(file: Path, error: Exception) -> Misconfigured:
    return Misconfigured(
        N_("The simulator’s books {file} cannot be opened ({reason}). Stop what uses them, or choose another folder."),
        file=file,
        reason=error,
    )
