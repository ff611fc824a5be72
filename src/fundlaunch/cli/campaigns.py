"""campaign check, campaign apply, campaign export, rehearse, export."""

import argparse
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fundlaunch.cli.standing import read_settings
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.money import Money

if TYPE_CHECKING:
    from fundlaunch.database import Database
    from fundlaunch.rehearsal.run import Rehearsed

BAR_WIDTH = 30


def check(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Name every mistake of a campaign file; exit code 1 if there is one."""
    from fundlaunch.campaigns import campaign_file

    now = read_settings(environment).real_clock().now()
    mistakes = campaign_file.check(Path(chosen.file), now)
    for mistake in mistakes:
        print(f"{chosen.file}:{mistake.line}:{mistake.column} {mistake.sentence} {mistake.suggestion}".rstrip())
    if mistakes:
        print(f"{len(mistakes)} mistakes." if len(mistakes) > 1 else "1 mistake.", file=sys.stderr)
        return 1
    print(f"{chosen.file} can be applied.")
    return 0


def apply(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Create or update the campaign that a file describes."""
    from fundlaunch.campaigns import campaign_file
    from fundlaunch.campaigns.actions import find
    from fundlaunch.people.accounts import find_or_create, give_role
    from fundlaunch.people.roles import Role
    from fundlaunch.serving import opened

    settings = read_settings(environment)
    now = settings.real_clock().now()
    with opened(settings) as database:
        draft = campaign_file.prepare(Path(chosen.file), settings.media_dir, now)
        with database.transaction() as session:
            owner = find_or_create(session, chosen.owner, language=draft.language, now=now) if chosen.owner else None
            slug = campaign_file.put(session, draft, owner, now)
            campaign = find(session, slug)
            # Only a campaign that is new takes its owner from here; anybody else's stays theirs.
            if owner is not None and campaign.owner_id == owner:
                give_role(session, owner, campaign.id, Role.OWNER, now)
    print(f"The campaign is at {settings.base_url}/campaigns/{slug}.")
    return 0


def write(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Write a campaign into a folder: its file, stories, pictures and film."""
    from fundlaunch.campaigns import campaign_export, draft_rows, queries
    from fundlaunch.serving import opened

    settings = read_settings(environment)
    with opened(settings) as database, database.reading() as session:
        draft = draft_rows.read(session, queries.by_slug(session, chosen.slug))
    files = campaign_export.export(draft, settings.media_dir, Path(chosen.out))
    print(f"{files[0]} and {len(files) - 1} files beside it.")
    return 0


def export(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Write one list of a campaign into a file."""
    from fundlaunch.fulfilment.lists import export_to
    from fundlaunch.fulfilment.wanted import read_wanted
    from fundlaunch.serving import opened

    path = Path(chosen.out)
    ending = path.suffix.removeprefix(".").lower()
    if not ending:
        raise Misconfigured(N_("--out is “{path}”; its ending says what is written: .csv, .xlsx or .zip."), path=path)
    settings = read_settings(environment)
    wanted = read_wanted(
        chosen.slug, chosen.kind, "command line", preset_name=chosen.preset, format_name=ending,
        statuses=chosen.status, personal="left_out" if chosen.without_personal_data else "",
    )  # fmt: skip
    with opened(settings) as database:
        written = export_to(database, path, wanted, settings.real_clock().now())
        currency = _currency(database, chosen.slug)
    amount = Money(written.totals.amount_minor, currency)
    print(f"{path}: {written.rows} rows, {written.totals.pledges} pledges, {amount} in all.")
    return 0


def rehearse(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Run a whole campaign on a simulated clock; exit code 1 if its books do not hold afterwards."""
    from fundlaunch.rehearsal.run import rehearse as run

    # A rehearsal follows no setting: keys and databases of the surroundings are none of its business.
    del environment
    logging.basicConfig(level=logging.WARNING)
    progress = Progress(is_bar=sys.stderr.isatty())
    out = Path(chosen.out) if chosen.out else None
    done = run(Path(chosen.file), Path(chosen.pledges), out, progress.report)
    progress.end()
    for refused in done.refused:
        print(f"{chosen.pledges}:{refused.line} {refused.reason}", file=sys.stderr)
    if chosen.json:
        print(json.dumps(done.result.shape(), ensure_ascii=False))
    else:
        _tell(done)
    for name, count in done.violations.items():
        print(f"The books do not hold: {name} is violated {count} times. Please report this.", file=sys.stderr)
    return 1 if done.violations else 0


@dataclass
class Progress:
    """A bar on a terminal, a line for every tenth elsewhere; all on standard error."""

    is_bar: bool
    last: tuple[str, int] = ("", -1)

    def report(self, stage: str, done: int, whole: int) -> None:
        """Show how far a stage has come, if that is news."""
        parts = BAR_WIDTH if self.is_bar else 10
        part = done * parts // whole if whole else parts
        if (stage, part) == self.last:
            return
        if self.is_bar and self.last[0] not in {"", stage}:
            print(file=sys.stderr)
        self.last = (stage, part)
        if self.is_bar:
            bar = "#" * part + "." * (parts - part)
            print(f"\r{stage:>9} [{bar}] {done}/{whole}", end="", file=sys.stderr, flush=True)
        else:
            print(f"{stage}: {done} of {whole}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the bar's line."""
        if self.is_bar and self.last[0]:
            print(file=sys.stderr)


def _tell(done: "Rehearsed") -> None:
    found = done.result

    def money(minor: int) -> str:
        return str(Money(minor, found.currency))

    print(f"{found.outcome.value}: {money(found.pledged_minor)} pledged of {money(found.goal_minor)}, "
          f"{found.percent} %, {found.backers} backers ({found.without_tier} without a tier)")  # fmt: skip
    print(f"above tier prices (shipping, add-ons, bonus): {money(found.above_tier_prices_minor)}")
    print(f"collected {money(found.collected_minor)}, in recovery {money(found.in_recovery_minor)}, "
          f"dropped {money(found.dropped_minor)}")  # fmt: skip
    for slug, backers in found.tiers.items():
        print(f"  tier {slug}: {backers} backers")
    for line in done.stock:
        print(f"  stock {line.slug}: {line.claimed} of {'any number' if line.quantity is None else line.quantity}")
    for slug, at in found.stretch_goals.items():
        print(f"  stretch goal {slug}: {f'reached {at:%Y-%m-%d %H:%M} UTC' if at else 'not reached'}")
    for topic, count in found.mails.items():
        print(f"  mail {topic}: {count}")
    for path in found.lists:
        print(f"  list {path}")


def _currency(database: "Database", slug: str) -> str:
    from sqlmodel import select

    from fundlaunch.campaigns.tables import Campaign

    with database.reading() as session:
        return session.exec(select(Campaign.currency).where(Campaign.slug == slug)).one()
