"""The funding curve as figures for an SVG: a line for the total, columns for single days, lines for goals.

Only whole numbers: lengths are counted in tenths of a unit and written with one digit behind the point.
"""

from dataclasses import dataclass
from datetime import date

from fundlaunch.money import Money
from fundlaunch.studio.progress import Progress


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing's measures in tenths: the line stands between `top` and `floor`, the columns below it."""

    width: int
    height: int
    top: int
    floor: int
    columns_top: int
    columns_floor: int
    gap: int


WIDE = Size(6400, 4000, 300, 2640, 2960, 3700, 40)
NARROW = Size(3500, 3800, 300, 2508, 2828, 3500, 22)
LETTER = 70
"""About how wide a letter is, for telling whether two labels would touch."""


@dataclass(frozen=True, slots=True)
class Level:
    """A line across: the goal, or a stretch goal. `anchor` says at which end its label stands."""

    y: str
    amount: Money
    label_y: str
    anchor: str
    x: str


@dataclass(frozen=True, slots=True)
class Column:
    """A single day; below the line if more was taken back than pledged."""

    x: str
    y: str
    width: str
    height: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A word at the foot of the drawing."""

    x: str
    anchor: str
    day: date
    is_today: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws; every figure is a number in the drawing's own units."""

    width: str
    height: str
    total: Money
    line: str
    dot_x: str
    dot_y: str
    dot_label_x: str
    dot_label_y: str
    dot_anchor: str
    floor: str
    columns_floor: str
    labels_y: str
    goal: Level
    stretch: Level | None
    columns: tuple[Column, ...]
    labels: tuple[Label, ...]


def chart(progress: Progress, goal: Money, stretch: Money | None, size: Size) -> Chart:
    """The drawing of a campaign's progress; `stretch` is the next stretch goal, drawn where it is not far off."""
    total = progress.total
    near = stretch if stretch is not None and stretch.minor <= 2 * max(total.minor, goal.minor) else None
    peak = max(day.total.minor for day in progress.days)
    most = max(peak, goal.minor, near.minor if near else 0)
    days = (progress.last_day - progress.days[0].day).days + 1
    step = size.width // max(days, len(progress.days))
    points = [(0, _height(0, most, size))]
    points += [((n + 1) * step, _height(day.total.minor, most, size)) for n, day in enumerate(progress.days)]
    x, y = points[-1]
    is_right = x > size.width * 6 // 10
    return Chart(
        width=_written(size.width),
        height=_written(size.height),
        total=total,
        line="M" + "L".join(f"{_written(across)} {_written(down)}" for across, down in points),
        dot_x=_written(x),
        dot_y=_written(y),
        dot_label_x=_written(x - 100 if is_right else x + 100),
        dot_label_y=_written(y - 130 if is_right else y + 240),
        dot_anchor="end" if is_right else "start",
        floor=_written(size.floor),
        columns_floor=_written(size.columns_floor),
        labels_y=_written(size.columns_floor + 200),
        goal=_level(goal, most, size, is_left=is_right),
        stretch=_level(near, most, size, is_left=not is_right) if near else None,
        columns=_columns(progress, step, size),
        labels=_labels(progress, step, size),
    )


def _height(minor: int, most: int, size: Size) -> int:
    return size.floor - (size.floor - size.top) * max(minor, 0) // most


def _level(amount: Money, most: int, size: Size, *, is_left: bool) -> Level:
    y = _height(amount.minor, most, size)
    return Level(
        _written(y),
        amount,
        _written(y - 60),
        "start" if is_left else "end",
        "0" if is_left else _written(size.width),
    )


def _columns(progress: Progress, step: int, size: Size) -> tuple[Column, ...]:
    """Columns on one scale; the line they stand on rises where some days lost more than they brought."""
    rises = max([day.pledged.minor for day in progress.days] + [0])
    falls = max([-day.pledged.minor for day in progress.days] + [0])
    room = size.columns_floor - size.columns_top
    scale = max(rises + falls, 1)
    floor = size.columns_floor - room * falls // scale
    found = []
    for n, day in enumerate(progress.days):
        height = room * abs(day.pledged.minor) // scale
        top = floor if day.pledged.minor < 0 else floor - height
        found.append(
            Column(
                _written(n * step + size.gap),
                _written(top),
                _written(max(step - 2 * size.gap, 10)),
                _written(height),
                day.is_today and progress.is_running,
            )
        )
    return tuple(found)


def _labels(progress: Progress, step: int, size: Size) -> tuple[Label, ...]:
    """The first and the last day, and today where it does not touch them."""
    first = Label("0", "start", progress.days[0].day, is_today=False)
    last = Label(_written(size.width), "end", progress.last_day, is_today=False)
    here = (len(progress.days) - 1) * step
    is_free = 10 * LETTER < here < size.width - 14 * LETTER
    today = [Label(_written(here), "start", progress.days[-1].day, is_today=True)] if is_free else []
    return (first, *(today if progress.is_running else []), last)


def _written(tenths: int) -> str:
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)
