"""The invented people of the demo: its creator, and backers with what they choose. The draws are repeatable."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.rules import ELSEWHERE
from fundlaunch.pledges.pledge_file import Entry, Event
from fundlaunch.pledges.rules import Selection

SEED = 742_739


@dataclass(frozen=True, slots=True)
class Creator:
    """Whose campaigns the demo's are."""

    email: str
    name: str


CREATOR = Creator("creator@example.org", "Noa Lindqvist")

FAMILY_NAMES = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권")
GIVEN_NAMES = (
    "서연", "지우", "하준", "도윤", "예린", "민서", "시우", "은채", "건우", "수아", "현우", "다은", "지호", "유나",
    "태윤", "소율", "준서", "가은",
)  # fmt: skip

CARDS = {41: "declines", 53: "confirms", 67: "insufficient", 89: "lost"}
"""Every so manieth backer has a card that fails when it is charged; all others have one that works."""


@dataclass(frozen=True, slots=True)
class Invented:
    """A backer of the demo with the final choice, at the time it was made. `card` is a test card by name."""

    at: datetime
    email: str
    name: str
    language: str
    selection: Selection
    card: str


def from_entries(entries: Sequence[Entry], launched_at: datetime, now: datetime) -> list[Invented]:
    """The backers of a pledge file as they stand `now`, if its first row were the launch."""
    ahead = launched_at - entries[0].at
    standing: dict[str, Invented] = {}
    for entry in entries:
        if entry.at + ahead >= now:
            break
        before = standing.pop(entry.email_key, None)
        if entry.event is not Event.CANCEL:
            at = before.at if before else entry.at + ahead
            language = "ko" if entry.selection.country == "KR" else "en"
            standing[entry.email_key] = Invented(
                at, entry.email, entry.name, language, entry.selection, _card(entry.line)
            )
    return sorted(standing.values(), key=lambda backer: backer.at)


def invent(
    draft: CampaignDraft, count: int, since: datetime, until: datetime, names: Sequence[tuple[str, str]]
) -> list[Invented]:
    """`count` backers of a campaign between two times; `names` are (name, country) to take from, [] for Korean ones."""
    draw = random.Random(f"{SEED} {draft.slug}")  # noqa: S311 - repeatable inventions, not secrets
    found = []
    for number, at in enumerate(_times(draw, count, since, until), 1):
        name, country = draw.choice(names) if names else (_korean_name(draw), "KR")
        language = "ko" if country == "KR" else "en"
        email = f"{draft.slug}-{number:03}@example.org"
        found.append(Invented(at, email, name, language, _chosen(draw, draft, country), _card(number)))
    return found


def _card(number: int) -> str:
    return next((card for every, card in CARDS.items() if number % every == 0), "ok")


def _korean_name(draw: random.Random) -> str:
    return draw.choice(FAMILY_NAMES) + draw.choice(GIVEN_NAMES)


def _times(draw: random.Random, count: int, since: datetime, until: datetime) -> list[datetime]:
    """Many at the start, some at the end, fewer between, as campaigns go."""
    whole = until - since
    parts = [draw.betavariate(0.55, 0.8) for _ in range(count)]
    return sorted(since + timedelta(seconds=int(whole.total_seconds() * part)) for part in parts)


def _chosen(draw: random.Random, draft: CampaignDraft, country: str) -> Selection:
    offered = [tier for tier in draft.tiers if _reaches(tier, country) and not tier.closed]
    if not offered or draw.random() < 0.03:
        return Selection(None, 0, {}, _bonus(draft, 20), "")
    cheapest = min(tier.price_minor for tier in offered)
    weights = [(cheapest + 1) / (tier.price_minor + 1) + 0.25 for tier in offered]
    tier = draw.choices(offered, weights)[0]
    fitting = [one for one in draft.add_ons if _reaches(one, country) and draw.random() < 0.12]
    add_ons: Mapping[str, int] = {one.slug: 1 for one in fitting}
    bonus_minor = _bonus(draft, 5) if draw.random() < 0.1 else 0
    return Selection(tier.slug, 1, add_ons, bonus_minor, country)


def _reaches(tier: TierDraft, country: str) -> bool:
    return not tier.shipping.is_sent or country in tier.rates or ELSEWHERE in tier.rates


def _bonus(draft: CampaignDraft, units: int) -> int:
    """A round sum in any currency: about so many hundredths of the dearest tier's price."""
    dearest = max((tier.price_minor for tier in draft.tiers), default=10_000)
    return max(dearest * units // 100 // 1_000, 1) * 1_000


def names_in(entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Names and countries of a pledge file, each once."""
    seen: set[str] = set()
    for entry in entries:
        if entry.name not in seen and entry.selection.country:
            seen.add(entry.name)
            yield entry.name, entry.selection.country
