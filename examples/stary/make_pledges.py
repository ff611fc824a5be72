"""Makes pledges.csv and pledges-troubled.csv again: python examples/stary/make_pledges.py

The numbers of backers, their tiers and the total are those of the real campaign; every person, address and choice is
invented from invented.toml. The draws are repeatable, so that a second run writes the same bytes.
"""

import csv
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from fundlaunch.campaigns.campaign_file import load
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.pledges.pledge_file import COLUMNS, Card, Event

HERE = Path(__file__).resolve().parent
SEED = 742_739
LAUNCH = datetime(2026, 11, 11, 10, 0, tzinfo=UTC)
TOTAL_MINOR = 74_273_900
TIERS = {"thanks": 54, "first-twenty": 20, "early-bird": 46, "one": 859, "two": 170, "five": 20, "ten": 3, "": 6}
LEAVING = {"first-twenty": 1, "early-bird": 3, "one": 28, "two": 5, "five": 1, "ten": 1, "thanks": 3, "": 1}
"""Backers beside the 1,178, who cancel on the way."""

PER_DAY = (
    *(62, 40, 34, 30, 27, 25, 26, 27, 28, 29, 30, 31, 32, 33, 31),
    *(29, 28, 28, 29, 30, 29, 30, 31, 32, 34, 38, 52, 70, 104, 149),
)
"""How the backers spread over the thirty days."""
EARLY = {"first-twenty": (0.0, 0.8), "early-bird": (0.2, 5.5), "five": (0.5, 29.8), "ten": (1.0, 20.0)}
"""Days after the launch in which scarce tiers go."""

RETURN_DAY = 1.4
AFTER_THE_RETURN = (1.6, 2.4)
"""One of the first twenty boards comes back, and is taken again."""

CHANGES = 96
LEAVERS_COME_UNTIL_DAY = 26.0
LAST_CHANGE_DAY = 28.5
EXTRAS = (("spare-tyres", 0.2), ("shoulder-bag", 0.22), ("second-battery", 0.07))
BONUSES = (100, 200, 300, 500, 500, 1000, 1000, 1500, 2000, 2500, 5000)
PLAIN = (500, 1000, 1000, 2500, 5000, 10000)
"""What the six without a tier give."""

TROUBLE = ((Card.DECLINES, 29), (Card.INSUFFICIENT, 18), (Card.CONFIRMS, 24), (Card.LOST, 12))
"""Of 1,178 cards 4 % are declined, 2 % ask for the bank's confirmation, 1 % are lost."""


@dataclass
class Chosen:
    """One backer's choice."""

    tier: str
    add_ons: dict[str, int] = field(default_factory=dict)
    bonus_minor: int = 0


@dataclass
class Backer:
    """One invented backer with what they did: (instant, event, choice)."""

    country: str
    name: str
    email: str
    address: dict[str, str]
    final: Chosen
    leaves: bool
    events: list[tuple[datetime, Event, Chosen]] = field(default_factory=list)


class Inventor:
    """Draws people, places and choices, always the same ones."""

    def __init__(self, draft: CampaignDraft) -> None:
        self.draft = draft
        self.dice = random.Random(SEED)  # noqa: S311 - repeatable draws, not secrets
        self.words: dict[str, Any] = tomllib.loads((HERE / "invented.toml").read_text(encoding="utf-8"))
        self.tiers = {tier.slug: tier for tier in draft.tiers}
        self.prices = {offer.slug: offer.price_minor for offer in (*draft.tiers, *draft.add_ons)}

    def backers(self) -> list[Backer]:
        """Everybody, with their choices; those who stay give exactly the real total."""
        staying = [tier for tier, count in TIERS.items() for _ in range(count)]
        leaving = [tier for tier, count in LEAVING.items() for _ in range(count)]
        found = [self._backer(n, tier, leaves=n >= len(staying)) for n, tier in enumerate([*staying, *leaving])]
        self._give_bonuses([backer for backer in found if not backer.leaves])
        return found

    def _backer(self, n: int, tier: str, *, leaves: bool) -> Backer:
        country = self._country(tier)
        place = self.words["places"][country]
        name = self._name(self.dice.choice(place["names"]))
        email = f"backer-{n + 1:04}@example.{self.dice.choice(('com', 'org', 'net'))}"
        is_sent = bool(tier) and self.tiers[tier].shipping.is_sent
        address = self._address(place) if is_sent else {}
        return Backer(country, name, email, address, self._choice(tier, is_sent=is_sent), leaves)

    def _country(self, tier: str) -> str:
        rates = self.tiers[tier].rates if tier else {}
        known = [code for code in self.words["places"] if not rates or code in rates]
        weights = [self.words["places"][code]["weight"] for code in known]
        return str(self.dice.choices(known, weights)[0])

    def _name(self, group: str) -> str:
        words = self.words["names"][group]
        given, family = self.dice.choice(words["given"]), self.dice.choice(words["family"])
        if words.get("joined"):
            return f"{family}{given}"
        return f"{family} {given}" if words.get("family_first") else f"{given} {family}"

    def _address(self, place: dict[str, Any]) -> dict[str, str]:
        town = dict(self.dice.choice(place["towns"]))
        street, number = self.dice.choice(place["streets"]), self.dice.randint(1, 280)
        line = f"{number} {street}" if place.get("number_first") else f"{street} {number}"
        before = town.pop("line", "")
        second = f"Apt {self.dice.randint(1, 40)}" if place.get("number_first") and self.dice.random() < 0.2 else ""
        return {"line1": f"{before} {line}".strip(), "line2": second, **town}

    def _choice(self, tier: str, *, is_sent: bool) -> Chosen:
        add_ons = {}
        if is_sent:
            for slug, share in EXTRAS:
                if self.dice.random() < share:
                    add_ons[slug] = 2 if self.dice.random() < 0.15 else 1
        return Chosen(tier, add_ons, bonus_minor=0 if tier else 1000)

    def price(self, chosen: Chosen, country: str) -> int:
        """What a choice costs: prices, shipping, bonus. The test checks the sum by the rules themselves."""
        total = chosen.bonus_minor + sum(self.prices[slug] * units for slug, units in chosen.add_ons.items())
        if chosen.tier:
            tier = self.tiers[chosen.tier]
            total += tier.price_minor + (tier.rates[country].first_minor if tier.shipping.is_sent else 0)
        return total

    def _give_bonuses(self, staying: list[Backer]) -> None:
        for backer, bonus in zip((b for b in staying if not b.final.tier), PLAIN, strict=True):
            backer.final.bonus_minor = bonus
        left = TOTAL_MINOR - sum(self.price(backer.final, backer.country) for backer in staying)
        assert left > 0, f"tiers, shipping and add-ons are {-left} above the total already"  # noqa: S101 - a premise
        givers = self.dice.sample([backer for backer in staying if backer.final.tier], 700)
        for backer in givers:
            given = min(self.dice.choice(BONUSES), left)
            backer.final.bonus_minor += given
            left -= given
        givers[0].final.bonus_minor += left


class Calendar:
    """Gives everybody a time: a strong start, a flat middle, a strong end; scarce tiers go early."""

    def __init__(self, inventor: Inventor, backers: Sequence[Backer]) -> None:
        self.dice = inventor.dice
        self.inventor = inventor
        self.free = self._moments(len(backers))
        self._pledge(backers)
        self._leave(backers)
        self._change([backer for backer in backers if not backer.leaves])

    def _moments(self, count: int) -> list[float]:
        """Days after the launch, as many as there are backers, spread by PER_DAY."""
        reached = [0, *accumulate(PER_DAY)]
        moments = []
        for n in range(count):
            place = (n + self.dice.random()) * reached[-1] / count
            day = next(day for day, end in enumerate(reached[1:]) if place < end)
            within = (place - reached[day]) / PER_DAY[day]
            # The first hours are the strongest.
            moments.append(day + (within**2 if day == 0 else within))
        return moments

    def _pledge(self, backers: Sequence[Backer]) -> None:
        in_order = sorted(backers, key=lambda backer: backer.final.tier not in EARLY)
        last_of_twenty = next(backer for backer in backers if backer.final.tier == "first-twenty")
        for backer in in_order:
            start, end = EARLY.get(backer.final.tier, (0.0, 30.0))
            if backer is last_of_twenty:
                start, end = AFTER_THE_RETURN
            elif backer.leaves:
                end = min(end, LEAVERS_COME_UNTIL_DAY)
            backer.events.append((self._take(start, end), Event.PLEDGE, backer.final))

    def _take(self, start: float, end: float) -> datetime:
        """One of the free moments of a span."""
        fitting = [moment for moment in self.free if start <= moment < end]
        moment = self.dice.choice(fitting)
        self.free.remove(moment)
        return _instant(moment)

    def _leave(self, backers: Sequence[Backer]) -> None:
        for backer in (backer for backer in backers if backer.leaves):
            came = _day(backer.events[0][0])
            end = RETURN_DAY if backer.final.tier == "first-twenty" else self.dice.uniform(came + 0.2, LAST_CHANGE_DAY)
            backer.events.append((_instant(end), Event.CANCEL, backer.final))

    def _change(self, staying: Sequence[Backer]) -> None:
        able = [
            backer
            for backer in staying
            if backer.final.tier in {"one", "two", "five"} and _day(backer.events[0][0]) < LEAVERS_COME_UNTIL_DAY
        ]
        for backer in self.dice.sample(able, CHANGES):
            came = _day(backer.events[0][0])
            first = self._first_choice(backer)
            if first == backer.final:
                continue
            backer.events[0] = (backer.events[0][0], Event.PLEDGE, first)
            changed = self.dice.uniform(came + 0.1, LAST_CHANGE_DAY)
            backer.events.append((_instant(changed), Event.CHANGE, backer.final))

    def _first_choice(self, backer: Backer) -> Chosen:
        """What somebody chose before they changed it: fewer boards, more boards, no add-ons, or a larger bonus."""
        final = backer.final
        other = {"one": "two", "two": "one", "five": "two"}[final.tier]
        return self.dice.choice(
            (
                replace(final, tier=other),
                replace(final, add_ons={}),
                replace(final, bonus_minor=final.bonus_minor + 2000),
            )
        )


def _instant(day: float) -> datetime:
    return LAUNCH + timedelta(seconds=int(day * 86400) + 30)


def _day(instant: datetime) -> float:
    return (instant - LAUNCH) / timedelta(days=1)


def rows(backers: Sequence[Backer], cards: dict[str, Card]) -> Iterator[dict[str, str]]:
    """The rows of a file, in order of time; backers whose e-mail is not in `cards` have a good one."""
    events = [(at, event, chosen, backer) for backer in backers for at, event, chosen in backer.events]
    for at, event, chosen, backer in sorted(events, key=lambda found: (found[0], found[3].email)):
        is_cancel = event is Event.CANCEL
        yield {
            "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "email": backer.email,
            "name": backer.name,
            "country": backer.country,
            **({} if is_cancel else backer.address),
            "tier": "" if is_cancel else chosen.tier,
            "quantity": "1" if chosen.tier and not is_cancel else "",
            "add_ons": "" if is_cancel else ";".join(f"{slug}:{units}" for slug, units in chosen.add_ons.items()),
            "bonus": "" if is_cancel else f"{chosen.bonus_minor // 100}.{chosen.bonus_minor % 100:02}",
            "event": event.value,
            "card": cards.get(backer.email, Card.OK).value,
        }


def troubled(inventor: Inventor, backers: Sequence[Backer]) -> dict[str, Card]:
    """Which of those who stay have a card that makes trouble."""
    staying = [backer.email for backer in backers if not backer.leaves]
    bad = inventor.dice.sample(staying, sum(count for _, count in TROUBLE))
    kinds = [card for card, count in TROUBLE for _ in range(count)]
    return dict(zip(bad, kinds, strict=True))


def write(path: Path, found: Iterator[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def main(folder: Path = HERE) -> None:
    """Write both files into a folder."""
    inventor = Inventor(load(HERE / "campaign.toml", LAUNCH).draft)
    backers = inventor.backers()
    inventor.dice.shuffle(backers)
    Calendar(inventor, backers)
    write(folder / "pledges.csv", rows(backers, {}))
    write(folder / "pledges-troubled.csv", rows(backers, troubled(inventor, backers)))


if __name__ == "__main__":
    main()
