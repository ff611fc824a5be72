"""now(): the only reader of time in the program.

Every other module is handed `now`, an aware datetime in UTC, or a Clock. A real clock runs; a simulated one stands
until it is moved (rehearsal, tests); a travelling one runs with an offset that can be changed (the demo).
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What tells the time, and what waits."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        """Return at `instant`, or earlier once `stop` is set."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        seconds = (instant - self.now()).total_seconds()
        if seconds > 0:
            stop.wait(seconds)


class SimulatedClock:
    """Stands still until somebody moves it; waiting moves it, so simulated work takes no real time."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def set(self, instant: datetime) -> None:
        """Move forward to `instant`; an earlier one changes nothing, since time does not run backwards."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))

    def advance(self, step: timedelta) -> None:
        self.set(self.now() + step)

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        del stop
        self.set(instant)


@dataclass(frozen=True)
class OffsetClock:
    """The machine's clock plus a fixed offset (setting CLOCK)."""

    offset: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        RealClock().wait_until(instant - self.offset, stop)


class TravellingClock:
    """The machine's clock plus an offset kept in a file, so that every process of a demo travels together."""

    def __init__(self, kept_in: Path) -> None:
        self._file = kept_in

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset()

    def travel(self, step: timedelta) -> None:
        """Go `step` further from now on; only ever forward."""
        offset = self._offset() + max(step, timedelta())
        partial = self._file.with_suffix(".partial")
        partial.write_text(str(offset.total_seconds()), encoding="ascii")
        partial.replace(self._file)

    def wait_until(self, instant: datetime, stop: threading.Event) -> None:
        RealClock().wait_until(instant - self._offset(), stop)

    def _offset(self) -> timedelta:
        try:
            return timedelta(seconds=float(self._file.read_text(encoding="ascii")))
        except FileNotFoundError:
            return timedelta()


def stopwatch_seconds() -> float:
    """A steady count of seconds for measuring how long something took; it has no zero and no time zone."""
    return time.monotonic()
