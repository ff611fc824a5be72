"""Hundreds of real campaigns with every tier they had: written as files, applied, launched, pledged, shown, summed up.

    python -m benchmarks.tiers [--file ../shared/data/campaigns/tiers.ndjson] [--campaigns N] [--out DIR]

Every campaign of the file becomes a campaign file with its title, goal, currency and tiers (up to 98 of them, many of
equal price), which is applied as `campaign apply` does it and launched. Every backer of every tier then pledges, by the
rules of pricing, and the campaign's page is asked for. A tier below the provider's smallest charge cannot be offered:
it is named and left out (of 5,785 tiers there is one, of 2 DKK). What the pledges in the database add up to is compared
with the file, tier by tier, and over all campaigns in US dollars with expected.json. Exit code 1 if anything differs.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select
from starlette.applications import Starlette

from fundlaunch import migrations
from fundlaunch.campaigns import actions, campaign_file, file_writing, pages
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, TierDraft, TierText
from fundlaunch.campaigns.file_writing import Beside
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.clock import SimulatedClock, stopwatch_seconds
from fundlaunch.database import Database, table
from fundlaunch.money import MINIMUM_CHARGE_MINOR, Money, parse_amount
from fundlaunch.pledges.rules import Selection
from fundlaunch.pledges.standing import ask_standing
from fundlaunch.pledges.tables import Pledge, PledgeLine
from fundlaunch.seeding.planting import Planted, Planter
from fundlaunch.settings import Settings
from fundlaunch.verify import verify
from fundlaunch.web import assets
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests.asgi import client

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "campaigns" / "tiers.ndjson"
EXPECTED = "expected.json"
JUDGED = "USD"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CAMPAIGN, TIER, PLEDGE, LINE = table(Campaign), table(Tier), table(Pledge), table(PledgeLine)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tier's price in minor units, its backers, and what they pledged."""

    price_minor: int
    backers: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class Past:
    """A campaign of the file; its tiers in their order, without those whose price cannot be charged."""

    slug: str
    title: str
    blurb: str
    place: str
    currency: str
    goal_minor: int
    tiers: tuple[Kept, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a campaign: its tiers as the database has them, and its page."""

    tiers: tuple[Kept, ...]
    status: int
    rewards: int


@dataclass(frozen=True, slots=True)
class Site:
    """A database and the public pages of campaigns on it."""

    database: Database
    clock: SimulatedClock
    browser: httpx.Client


def main() -> int:
    """Run; gives the exit code."""
    options = argparse.ArgumentParser(description="Build real campaigns with all their tiers.")
    options.add_argument("--file", type=Path, default=FILE)
    options.add_argument("--campaigns", type=int, default=None, help="only the first so many")
    options.add_argument("--out", type=Path, default=None, help="keep files and database here")
    chosen = options.parse_args()
    past = read(chosen.file)[: chosen.campaigns]
    for name in sorted({name for one in past for name in one.left_out}):
        print(f"left out: {name}")
    with tempfile.TemporaryDirectory(prefix="fundlaunch-tiers-") as folder:
        began = stopwatch_seconds()
        site = opened(chosen.out or Path(folder))
        shown = replay(site, past, chosen.out or Path(folder))
        print(f"created, pledged and shown in {stopwatch_seconds() - began:.0f} s", flush=True)
        found = [*differences(past, shown), *violations(site.database)]
        site.database.dispose()
    known = json.loads(chosen.file.with_name(EXPECTED).read_text(encoding="utf-8"))["tiers"]
    found += [] if chosen.campaigns else sums_differ(past, shown, known)
    tell(past, shown)
    for difference in found:
        print(difference, file=sys.stderr)
    print(f"{len(found)} differences")
    return 1 if found else 0


def read(file: Path) -> list[Past]:
    """The campaigns of the file."""
    with file.open(encoding="utf-8") as lines:
        return [_past(n, json.loads(line)) for n, line in enumerate(lines, start=1)]


def _past(n: int, row: Mapping[str, Any]) -> Past:
    currency = row["currency"]
    least = MINIMUM_CHARGE_MINOR[currency]
    prices = [(parse_amount(tier["price"], currency).minor, int(tier["backers"])) for tier in row["tiers"]]
    return Past(
        slug=f"campaign-{n}",
        title=row["title"],
        blurb=row["blurb"] or row["title"],
        place=row["location"] or "",
        currency=currency,
        goal_minor=parse_amount(row["goal"], currency).minor,
        tiers=tuple(Kept(minor, backers, minor * backers) for minor, backers in prices if minor >= least),
        left_out=tuple(f"{row['title']}: {Money(minor, currency)}" for minor, _ in prices if minor < least),
    )


def opened(folder: Path) -> Site:
    """A new database in a folder, and the pages on it."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'tiers.sqlite3'}")
    migrations.upgrade(database)
    settings = Settings(data_dir=folder, secret_key="k" * 40, base_url="http://127.0.0.1:8000")
    clock = SimulatedClock(NOW)
    shell = Shell(settings, database, clock, Templates(settings, assets.installed()))
    browser = client(Starlette(routes=pages.routes(shell, ask_standing)), settings.base_url)
    return Site(database, clock, browser)


def replay(site: Site, past: Iterable[Past], folder: Path) -> list[Shown]:
    """Create every campaign from its file, let its backers pledge, and look at its page."""
    found = []
    for one in past:
        file = folder / f"{one.slug}.toml"
        file.write_text(file_writing.written(draft_of(one), Beside()), encoding="utf-8", newline="\n")
        with site.database.transaction() as session:
            campaign_file.apply(session, file, None, folder, NOW)
            actions.launch(session, one.slug, "benchmark", NOW)
            planter = Planter(session, actions.find(session, one.slug))
            for pledge in pledges_of(one):
                planter.plant(pledge)
            planter.finish()
        found.append(look(site, one))
    return found


def draft_of(one: Past) -> CampaignDraft:
    """What a creator would have written, as far as it is known."""
    tiers = tuple(
        TierDraft(f"tier-{n}", {"en": TierText(f"{one.title} {n}"[:120].strip())}, tier.price_minor)
        for n, tier in enumerate(one.tiers, start=1)
    )
    text = CampaignText(one.title.strip(), one.blurb.strip(), one.blurb.strip())
    return CampaignDraft(
        one.slug, one.currency, one.goal_minor, {"en": text}, creator_name="Its creator", place=one.place, tiers=tiers
    )


def pledges_of(one: Past) -> Iterator[Planted]:
    """One pledge for every backer of every tier, a millisecond after the other."""
    count = 0
    for n, tier in enumerate(one.tiers, start=1):
        for _ in range(tier.backers):
            count += 1
            yield Planted(
                line=0,
                at=NOW + timedelta(milliseconds=count),
                email=f"backer-{count}@{one.slug}.example.org",
                name=f"Backer {count}",
                selection=Selection(tier=f"tier-{n}", quantity=1, add_ons={}, bonus_minor=0, country=""),
                customer=f"cus_{count}",
                payment_method=f"pm_{count}",
            )


def look(site: Site, one: Past) -> Shown:
    """The campaign's tiers by the pledges in the database, and its page as a visitor gets it."""
    sums = (
        select(TIER.c.price_minor, func.count(LINE.c.pledge_id), func.coalesce(func.sum(PLEDGE.c.total_minor), 0))
        .select_from(TIER)
        .join(CAMPAIGN, CAMPAIGN.c.id == TIER.c.campaign_id)
        .outerjoin(LINE, LINE.c.tier_id == TIER.c.id)
        .outerjoin(PLEDGE, PLEDGE.c.id == LINE.c.pledge_id)
        .where(CAMPAIGN.c.slug == one.slug)
        .group_by(TIER.c.id, TIER.c.price_minor, TIER.c.position)
        .order_by(TIER.c.position)
    )
    with site.database.reading() as session:
        tiers = tuple(Kept(*row) for row in session.connection().execute(sums))
    page = site.browser.get(f"/campaigns/{one.slug}")
    return Shown(tiers, page.status_code, page.text.count('id="reward-tier-'))


def differences(past: Sequence[Past], shown: Sequence[Shown]) -> Iterator[str]:
    """Every campaign that is not as the file has it."""
    for one, here in zip(past, shown, strict=True):
        if here.status != httpx.codes.OK or here.rewards != len(one.tiers):
            yield f"{one.slug}: its page is {here.status} and shows {here.rewards} of {len(one.tiers)} tiers"
        for n, (real, kept) in enumerate(zip(one.tiers, here.tiers, strict=True), start=1):
            if real != kept:
                yield f"{one.slug}: tier {n} is {kept}, not {real}"


def violations(database: Database) -> list[str]:
    """What `verify` finds in the books."""
    with database.reading() as session:
        return [f"{name} is violated {one.count} times" for name, one in verify(session, NOW).items() if one.count]


def sums_differ(past: Sequence[Past], shown: Sequence[Shown], known: Mapping[str, Any]) -> list[str]:
    """What differs from the counts and sums that were worked out from the file by others."""
    campaigns, tiers, backers, value = totals(past, shown)
    here = {
        "campaigns": len(past),
        "usd": campaigns,
        "usd_tiers": tiers,
        "usd_tier_backers": backers,
        "usd_tier_value": value,
    }
    real = {
        name: parse_amount(str(known[name]), JUDGED).minor if name == "usd_tier_value" else known[name] for name in here
    }
    return [f"{name} is {here[name]}, not {real[name]}" for name in here if here[name] != real[name]]


def totals(past: Sequence[Past], shown: Sequence[Shown]) -> tuple[int, int, int, int]:
    """Campaigns, tiers, backers and minor units in US dollars, as the database has them."""
    judged = [here.tiers for one, here in zip(past, shown, strict=True) if one.currency == JUDGED]
    kept = [tier for tiers in judged for tier in tiers]
    return len(judged), len(kept), sum(tier.backers for tier in kept), sum(tier.value_minor for tier in kept)


def tell(past: Sequence[Past], shown: Sequence[Shown]) -> None:
    """One line of what was seen."""
    campaigns, tiers, backers, value = totals(past, shown)
    most = max((len(here.tiers) for here in shown), default=0)
    count = sum(len(here.tiers) for here in shown)
    print(f"{len(past)} campaigns with {count} tiers, at most {most} on a page, every page looked at")
    print(f"in {JUDGED}: {campaigns} campaigns, {tiers} tiers, {backers} backers of tiers, {Money(value, JUDGED)}")


if __name__ == "__main__":
    raise SystemExit(main())
