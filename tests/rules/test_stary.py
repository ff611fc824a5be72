"""The golden campaign in files: its pledges give the real totals by the pricing rules alone (RULES section 8)."""

import csv
import runpy
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fundlaunch.campaigns.campaign_file import check, load
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.rules import Offer
from fundlaunch.campaigns.states import TierKind
from fundlaunch.errors import SoldOut
from fundlaunch.fulfilment.forms import read_typed_address
from fundlaunch.fulfilment.postal import rules
from fundlaunch.money import percent_floored
from fundlaunch.pledges.pledge_file import Card, Entry, Event, read
from fundlaunch.pledges.rules import Basket, Choice, price

NOW = datetime(2026, 11, 11, tzinfo=UTC)


@dataclass
class Ledger:
    """What stands pledged while the entries go by."""

    draft: CampaignDraft
    standing: dict[str, Basket] = field(default_factory=dict)
    claimed: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    total_minor: int = 0
    passed_goal_at: datetime | None = None

    def take(self, entry: Entry) -> None:
        old = self.standing.pop(entry.email_key, None)
        mine = {line.tier_id: line.quantity for line in old.lines} if old else {}
        if entry.event is not Event.CANCEL:
            basket = price(entry.selection, self.choices(mine), "USD", entry.at)
            self.standing[entry.email_key] = basket
            self._count(basket, 1)
        if old:
            self._count(old, -1)
        self.most |= self.claimed
        if self.passed_goal_at is None and self.total_minor >= self.draft.goal_minor:
            self.passed_goal_at = entry.at

    def choices(self, mine: dict[str, int]) -> dict[str, Choice]:
        kinds = ((TierKind.BASE, self.draft.tiers), (TierKind.ADD_ON, self.draft.add_ons))
        return {
            tier.slug: Choice(
                tier.slug, tier.slug, tier.slug, kind, tier.price_minor, tier.limit_per_backer,
                Offer(tier.quantity, self.claimed[tier.slug], None, None, closed=False),
                tier.shipping, tier.rates, mine.get(tier.slug, 0),
            )
            for kind, tiers in kinds
            for tier in tiers
        }  # fmt: skip

    def _count(self, basket: Basket, sign: int) -> None:
        self.total_minor += sign * basket.total_minor
        for line in basket.lines:
            self.claimed[line.tier_id] += sign * line.quantity


@pytest.fixture(scope="module")
def stary(project_root: Path) -> CampaignDraft:
    return load(project_root / "examples/stary/campaign.toml", NOW).draft


@pytest.fixture(scope="module")
def entries(project_root: Path) -> list[Entry]:
    return read(project_root / "examples/stary/pledges.csv", "USD")


@pytest.fixture(scope="module")
def ledger(stary: CampaignDraft, entries: list[Entry]) -> Ledger:
    kept = Ledger(stary)
    for entry in entries:
        kept.take(entry)
    return kept


def test_every_example_campaign_is_without_mistake(project_root: Path) -> None:
    files = sorted((project_root / "examples").glob("*/campaign.toml"))
    assert len(files) >= 4
    assert {file.parent.name: check(file, NOW) for file in files} == {file.parent.name: [] for file in files}


def test_the_pledges_give_the_real_total_and_the_real_number_of_backers(ledger: Ledger) -> None:
    assert ledger.total_minor == 742_739_00
    assert len(ledger.standing) == 1_178
    assert percent_floored(ledger.total_minor, ledger.draft.goal_minor) == 742


def test_the_tiers_have_their_real_numbers_of_backers(ledger: Ledger) -> None:
    prices = {tier.slug: tier.price_minor for tier in ledger.draft.tiers}
    counted = Counter(prices[basket.tier_id] if basket.tier_id else 0 for basket in ledger.standing.values())
    assert counted == {
        100: 54, 399_00: 20, 420_00: 46, 499_00: 859, 899_00: 170, 2_100_00: 20, 4_400_00: 3, 0: 6,
    }  # fmt: skip


def test_shipping_add_ons_and_bonus_make_up_what_lies_above_the_tier_prices(ledger: Ledger) -> None:
    prices = {tier.slug: tier.price_minor for tier in ledger.draft.tiers}
    in_tiers = sum(prices[basket.tier_id] for basket in ledger.standing.values() if basket.tier_id)
    assert ledger.total_minor - in_tiers == 78_714_00
    assert all(basket.bonus_minor >= 0 for basket in ledger.standing.values())
    assert sum(basket.shipping_minor for basket in ledger.standing.values()) > 0


def test_scarce_tiers_are_never_oversold_and_one_is_sold_out_twice(ledger: Ledger, stary: CampaignDraft) -> None:
    limits = {tier.slug: tier.quantity for tier in (*stary.tiers, *stary.add_ons) if tier.quantity is not None}
    assert all(ledger.most[slug] <= limit for slug, limit in limits.items())
    assert ledger.most["first-twenty"] == 20


def test_one_more_of_the_first_twenty_would_be_refused(ledger: Ledger, entries: list[Entry]) -> None:
    first = next(entry for entry in entries if entry.selection.tier == "first-twenty")
    with pytest.raises(SoldOut):
        price(first.selection, ledger.choices({}), "USD", first.at)


def test_the_goal_is_passed_in_about_four_days_with_a_strong_end(ledger: Ledger, entries: list[Entry]) -> None:
    start, end = entries[0].at, entries[0].at + timedelta(days=30)
    assert ledger.passed_goal_at is not None
    assert timedelta(days=3) < ledger.passed_goal_at - start < timedelta(days=4)
    assert entries[-1].at < end
    pledges = [entry.at for entry in entries if entry.event is Event.PLEDGE]
    last_day = sum(at > end - timedelta(days=1) for at in pledges)
    middle = sum(start + timedelta(days=10) < at < start + timedelta(days=20) for at in pledges) / 10
    assert last_day > 3 * middle


def test_some_cancel_and_some_change_but_none_on_the_last_day(entries: list[Entry]) -> None:
    events = Counter(entry.event for entry in entries)
    assert events[Event.CANCEL] >= 40
    assert events[Event.CHANGE] >= 40
    last_day = entries[0].at + timedelta(days=29)
    assert all(entry.event is Event.PLEDGE for entry in entries if entry.at >= last_day)


def test_every_address_is_right_for_its_country(entries: list[Entry], stary: CampaignDraft) -> None:
    sent = {tier.slug for tier in stary.tiers if tier.shipping.is_sent}
    for entry in entries:
        assert entry.has_address == (entry.event is not Event.CANCEL and entry.selection.tier in sent)
        if entry.has_address:
            typed = {"name": entry.name, **entry.address}
            read_typed_address(typed, rules(entry.selection.country, "en"))
    assert len({entry.selection.country for entry in entries}) >= 30


def test_everybody_is_invented_and_reached_at_an_address_nobody_owns(entries: list[Entry]) -> None:
    assert {entry.email.partition("@")[2] for entry in entries} == {"example.com", "example.org", "example.net"}


def test_the_troubled_file_differs_in_cards_alone(project_root: Path) -> None:
    clean, troubled = (
        list(csv.DictReader((project_root / "examples/stary" / name).read_text(encoding="utf-8").splitlines()))
        for name in ("pledges.csv", "pledges-troubled.csv")
    )
    assert {row["card"] for row in clean} == {"ok"}
    assert [{**row, "card": "ok"} for row in troubled] == clean
    gone = {row["email"] for row in troubled if row["event"] == "cancel"}
    cards = Counter(row["card"] for row in troubled if row["event"] == "pledge" and row["email"] not in gone)
    assert cards[Card.DECLINES] + cards[Card.INSUFFICIENT] == round(1_178 * 0.04)
    assert cards[Card.CONFIRMS] == round(1_178 * 0.02)
    assert cards[Card.LOST] == round(1_178 * 0.01)


def test_the_script_writes_the_same_files_again(project_root: Path, tmp_path: Path) -> None:
    folder = project_root / "examples/stary"
    runpy.run_path(str(folder / "make_pledges.py"))["main"](tmp_path)
    for name in ("pledges.csv", "pledges-troubled.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
