"""The studio with people in it: a site on a fresh database, signed-in browsers, campaigns with roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from fundlaunch.app import House, site
from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    ItemOption,
    OptionValue,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.rules import Rate
from fundlaunch.campaigns.states import Measure, Shipping
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.people.accounts import find_or_create, give_role
from fundlaunch.people.roles import Role
from fundlaunch.people.rules import SessionKind
from fundlaunch.people.tables import Account, BrowserSession
from fundlaunch.settings import Settings
from fundlaunch.web import assets, csrf, sessions
from fundlaunch.web.templates import Templates
from tests import asgi
from tests.cast import Person

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"
SECRET_KEY = "k" * 40


@dataclass
class Browser:
    """A signed-in browser: posts carry the token of its session."""

    http: httpx.Client
    token: str

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(
        self,
        path: str,
        typed: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> httpx.Response:
        return self.http.post(path, data={csrf.FIELD: self.token, **(typed or {})}, files=files)


@dataclass
class Studio:
    """The whole site without a provider: nothing here asks for one."""

    database: Database
    folder: Path
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOON))
    review: str = "off"

    @cached_property
    def app(self) -> ASGIApp:
        settings = Settings(base_url=HERE, secret_key=SECRET_KEY, data_dir=self.folder, review=self.review)
        house = _QuickHouse(settings, self.database, _NoProvider(), self.clock, ["whsec_studio"])  # type: ignore[arg-type]  # never asked
        return site(house, chores=False)

    def browser(self, person: Person, *, operator: bool = False) -> Browser:
        """A browser in which a person is signed in."""
        value, now = sessions.new_value(), self.clock.now()
        with self.database.transaction() as session:
            account_id = find_or_create(session, person.email, language=person.language, now=now, name=person.name)
            if operator:
                session.get_one(Account, account_id).is_operator = True
            row = BrowserSession(
                value_hash=sessions.hashed(value),
                account_id=account_id,
                kind=SessionKind.CREATOR,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(days=7),
            )
            session.add(row)
        http = asgi.client(self.app, HERE)
        http.cookies.set("fl", value)
        return Browser(http, csrf.token(SECRET_KEY, value))

    def role(self, person: Person, campaign_id: str, role: Role) -> None:
        with self.database.transaction() as session:
            now = self.clock.now()
            account_id = find_or_create(session, person.email, language=person.language, now=now)
            give_role(session, account_id, campaign_id, role, now)


class _NoProvider:
    """Stands where the provider would."""


class _QuickHouse(House):
    """A house whose templates are compiled once for all tests: they do not know which database they speak of."""

    @property
    def templates(self) -> Templates:
        return _templates()


@lru_cache
def _templates() -> Templates:
    return Templates(Settings(base_url=HERE, secret_key=SECRET_KEY), assets.installed())


def values(*names: str) -> tuple[OptionValue, ...]:
    return tuple(OptionValue(name.lower(), {"en": name}) for name in names)


def whole_draft() -> CampaignDraft:
    """A draft that uses every part of the editor and can be launched."""
    return CampaignDraft(
        slug="kerb",
        currency="USD",
        goal_minor=100_000_00,
        texts={
            "en": CampaignText("Kerb", "A board.", "# Why\n\nBecause.", "It may be late.", (("When?", "In May."),)),
            "ko": CampaignText("커브", "보드.", "이야기", "", ()),
        },
        creator_name="Lindqvist Boards",
        place="Gothenburg",
        country="SE",
        category="technology",
        tags=("skateboard", "electric"),
        accent="#1f6b43",
        video="https://youtu.be/AAAAAAAAAAA",
        poster_alt={"en": "A board on a kerb"},
        duration_days=25,
        timezone="Europe/Stockholm",
        items=(
            ItemDraft("deck", "DECK-01", {"en": "Deck", "ko": "데크"}, 4200, 90_00, "9503.00"),
            ItemDraft(
                "bag", "BAG", {"en": "Bag"}, 300,
                options=(
                    ItemOption("size", {"en": "Size", "ko": "크기"}, values("S", "M")),
                    ItemOption("colour", {"en": "Colour"}, values("Red", "Blue")),
                ),
                variants=(
                    VariantDraft("BAG-S-RED", {"size": "s", "colour": "red"}, 280, 12_00, "4202.92", 40),
                    VariantDraft("BAG-S-BLUE", {"size": "s", "colour": "blue"}),
                    VariantDraft("BAG-M-RED", {"size": "m", "colour": "red"}),
                    VariantDraft("B-M-B", {"size": "m", "colour": "blue"}, quantity=5),
                ),
            ),
        ),
        tiers=(
            TierDraft(
                "one", {"en": TierText("One board", "Ready to ride.")}, 499_00, delivery="2027-05",
                shipping=Shipping.WORLDWIDE,
                rates={"DE": Rate(25_00, 5_00), "eu": Rate(30_00, 0), "*": Rate(40_00, 10_00)},
                items={"deck": 1, "bag": 2}, featured=True, late_price_minor=549_00,
            ),
            TierDraft(
                "early", {"en": TierText("Early bird", "")}, 420_00, quantity=50, limit_per_backer=2,
                starts_at=datetime(2026, 12, 1, 9, 0), ends_at=datetime(2026, 12, 3, 9, 0), delivery="2027-05",  # noqa: DTZ001 - a time on the wall
                items={"deck": 1},
            ),
            TierDraft(
                "friends", {"en": TierText("For friends")}, 300_00, secret_key="key-of-friends",
                items={"deck": 1}, delivery="2027-05",
            ),
        ),
        add_ons=(
            TierDraft(
                "card", {"en": TierText("A card")}, 2_50, shipping=Shipping.DIGITAL, limit_per_backer=10,
                tiers=("one", "friends"),
            ),
        ),
        stretch_goals=(
            StretchDraft(
                "lights", {"en": "A light in each truck"}, 150_000_00,
                grants={"one": {"deck": 1, "bag": 2}, "friends": {"deck": 1}}, unit_cost_minor=1_35,
            ),
            StretchDraft("crowd", {"en": "A card for the crowd"}, 500, Measure.BACKERS, opens="card"),
            StretchDraft("bags", {"en": "A third colour"}, 200, Measure.ORDERS, "bag"),
        ),
    )  # fmt: skip
