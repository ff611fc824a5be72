"""What the style guide shows: invented views in every state, in the language of the page."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fundlaunch.errors import N_
from fundlaunch.money import Money
from fundlaunch.web.forms import Form

SHOWN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ENDS_AT = datetime(2026, 12, 11, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Film:
    """A film as ui/video.html takes it."""

    embed_url: str
    watch_url: str
    poster: str
    alt: str
    title: str
    length: str
    provider: str


@dataclass(frozen=True)
class Step:
    """A stretch goal as ui/ladder.html takes it."""

    threshold: Money | None
    mark: str
    title: str
    words: str
    brings: tuple[str, ...]
    standing: str
    standing_words: str
    part: int
    whole: int


def views() -> dict[str, Any]:
    """Everything styleguide.html asks for."""
    return {
        "now": SHOWN_AT,
        "ends_at": ENDS_AT,
        "delivery": date(2027, 5, 1),
        "goal": Money(100_000_00, "USD"),
        "raised": Money(312_480_00, "USD"),
        "next_stretch": Money(400_000_00, "USD"),
        "nothing": Money(0, "USD"),
        "some": Money(72_400_00, "USD"),
        "exact": Money(624_00, "USD"),
        "cents": Money(4_50, "USD"),
        "won": Money(21_840_000, "KRW"),
        "won_goal": Money(30_000_000, "KRW"),
        "ledger_rows": _ledger_rows(),
        "mistaken": _mistaken(),
        "film": _film(),
        "steps": _steps(),
        "accents": ("#1f3fd0", "#1f6b43", "#c93a52", "#e0912f"),
    }


def _ledger_rows() -> list[tuple[str, str, Money]]:
    return [
        ("Collected", "", Money(713_412_00, "USD")),
        ("In recovery", "47 backers, until 18 December", Money(29_327_00, "USD")),
    ]


def _mistaken() -> Form:
    form = Form([("email", "marta@"), ("amount", "1,234.56"), ("country", "")])
    form.email("email")
    form.money("amount", "USD")
    form.refuse("country", N_("Please choose one of the answers."))
    return form


def _film() -> Film:
    return Film(
        embed_url="https://www.youtube-nocookie.com/embed/AAAAAAAAAAA?autoplay=1",
        watch_url="https://www.youtube.com/watch?v=AAAAAAAAAAA",
        poster="",
        alt="",
        title="The film",
        length="2:14",
        provider="YouTube",
    )


def _steps() -> list[Step]:
    def step(threshold: int, title: str, standing: str, words: str, part: int = 0, whole: int = 1) -> Step:
        return Step(Money(threshold, "USD"), "", title, "", (), standing, words, part, whole)

    lamp = ("1 × Lamp added to One board and Five for the crew",)
    fell = "It had been reached, and fell back on 21 November."
    return [
        step(100_000_00, "The goal: 1,000 boards can be built", "reached", "Reached on 13 November"),
        step(250_000_00, "Brakes that charge the battery", "reached", "Reached on 19 November"),
        step(400_000_00, "A light in each truck", "next", "$87,520 to go", 62_480_00, 150_000_00),
        step(600_000_00, "A second battery size", "locked", "Opens after $400,000"),
        Step(None, "600 backers", "A lamp for the night", "", lamp, "reached", "Reached on 20 November", 1, 1),
        Step(
            None,
            "700 backers",
            "A board in green",
            fell,
            ("Opens the reward “Green”",),
            "next",
            "2 backers to go",
            98,
            100,
        ),
        Step(None, "900 × Board", "A second charger", "", (), "next", "40 × Board to go", 860, 900),
    ]
