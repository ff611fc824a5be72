"""What somebody looks for in the list of campaigns, read from the address and written into it again. Pure.

An address is typed, cut off and passed on by people: whatever in it is not known is left out, never refused.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.money import EXPONENTS

TEXT_LIMIT = 100
MOST_WORDS = 6
TAG_LIMIT = 60

BEFORE_THE_LAUNCH = (CampaignState.DRAFT, CampaignState.SUBMITTED)


class State(StrEnum):
    """Which campaigns: never stored, what a visitor calls them."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    ENDED = "ended"


STATUSES: Mapping[State, tuple[CampaignState, ...]] = {
    State.RUNNING: (CampaignState.LIVE,),
    State.UPCOMING: BEFORE_THE_LAUNCH,
    State.ENDED: (CampaignState.SUCCESSFUL, CampaignState.FAILED, CampaignState.CANCELED),
}


class Sort(StrEnum):
    """What comes first. Percent and backers are those of the campaign itself, without late and offline pledges."""

    ENDING = "ending"
    STARTING = "starting"
    ENDED = "ended"
    NEWEST = "newest"
    FUNDED = "funded"
    POPULAR = "popular"


SORTS: Mapping[State, tuple[Sort, ...]] = {
    State.RUNNING: (Sort.ENDING, Sort.NEWEST, Sort.FUNDED, Sort.POPULAR),
    State.UPCOMING: (Sort.STARTING,),
    State.ENDED: (Sort.ENDED, Sort.FUNDED, Sort.POPULAR),
}
"""The orders of each state; the first is the usual one."""

_CURSOR = re.compile(r"(-?[0-9]{1,18})\.([0-9A-Za-z_-]{1,26})", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two campaigns of a list: the figure it is ordered by (times in microseconds) and the id.

    With `is_back` the page before it is meant, else the page after it.
    """

    figure: int
    id: str
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; '' for what does not matter. `cursor` None: from the start."""

    text: str = ""
    category: str = ""
    tag: str = ""
    country: str = ""
    currency: str = ""
    state: State = State.RUNNING
    sort: Sort = Sort.ENDING
    cursor: Cursor | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What has to occur, each of them, small and composed as in the column `words`."""
        return tuple(folded(self.text).split()[:MOST_WORDS])

    @property
    def is_narrowed(self) -> bool:
        """True if it leaves out campaigns of its state."""
        return any((self.text, self.category, self.tag, self.country, self.currency))

    @property
    def query(self) -> dict[str, str]:
        """The search as an address carries it, without its place."""
        usual = SORTS[self.state][0]
        values = {
            "q": self.text, "category": self.category, "tag": self.tag, "country": self.country,
            "currency": self.currency, "state": self.state.value, "sort": "" if self.sort is usual else self.sort.value,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value}

    def at(self, cursor: Cursor) -> dict[str, str]:
        """The address of another page of the same search."""
        return self.query | {"before" if cursor.is_back else "after": f"{cursor.figure}.{cursor.id}"}

    def among(self, state: State) -> "Search":
        """The same search among campaigns of another state, from the start."""
        sort = self.sort if self.sort in SORTS[state] else SORTS[state][0]
        return replace(self, state=state, sort=sort, cursor=None)


NAMES = frozenset({"q", "category", "tag", "country", "currency", "state", "sort", "after", "before"})
"""The parts of an address that make a search of the front page."""


def read(query: Mapping[str, str]) -> Search:
    """The search of an address."""
    state = _one_of(query.get("state", ""), State, State.RUNNING)
    category, country, currency = (query.get(name, "") for name in ("category", "country", "currency"))
    return Search(
        text=" ".join(_printable(query.get("q", ""))[:TEXT_LIMIT].split()),
        category=category if category in CATEGORIES else "",
        tag=_printable(query.get("tag", ""))[:TAG_LIMIT].strip(),
        country=country if _COUNTRY.fullmatch(country) else "",
        currency=currency if currency in EXPONENTS else "",
        state=state,
        sort=next((sort for sort in SORTS[state] if sort.value == query.get("sort", "")), SORTS[state][0]),
        cursor=_cursor(query.get("before", ""), is_back=True) or _cursor(query.get("after", ""), is_back=False),
    )


def folded(text: str) -> str:
    """Text as the column `words` keeps it: composed, small letters."""
    return unicodedata.normalize("NFC", text).casefold()


def _one_of(typed: str, kind: type[State], usual: State) -> State:
    return kind(typed) if typed in set(kind) else usual


def _printable(text: str) -> str:
    return "".join(mark if mark.isprintable() else " " for mark in text[: 4 * TEXT_LIMIT])


def _cursor(typed: str, *, is_back: bool) -> Cursor | None:
    found = _CURSOR.fullmatch(typed)
    return Cursor(int(found[1]), found[2], is_back) if found else None
