"""`dev seed`: campaigns and pledges from a file of JSON lines, all of it or nothing.

A line is `{"kind": "campaign", "toml": "..."}` or `{"kind": "pledge", ...}` with the fields of `PledgeLine`; amounts
are in minor units of the campaign's currency, times aware. A campaign is launched at the time of its first pledge (now,
if it has none) and ends as its own text says, be that past or future.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from sqlmodel import Session, select

from fundlaunch.campaigns import campaign_file
from fundlaunch.campaigns.campaign_file import BadFile
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.database import Database
from fundlaunch.errors import N_, BadInput, FundLaunchError, Misconfigured, Refused
from fundlaunch.pledges.rules import Selection
from fundlaunch.seeding.planting import Planted, Planter, launch
from fundlaunch.settings import Settings

LIMIT_LINES = 1_000_000
LIMIT_LINE_BYTES = 1_000_000

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Amount = Annotated[int, msgspec.Meta(ge=0, lt=10**15)]
Word = Annotated[str, msgspec.Meta(max_length=255)]


class CampaignLine(msgspec.Struct, frozen=True, tag="campaign", tag_field="kind", forbid_unknown_fields=True):
    """A campaign as the text of its file; files it names lie beside the file of lines."""

    toml: str


class PledgeLine(msgspec.Struct, frozen=True, tag="pledge", tag_field="kind", forbid_unknown_fields=True):
    """A pledge in state *pledged* with a card that the provider knows."""

    campaign: Word
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    email: Word
    customer: Word
    payment_method: Word
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    tier: str | None = None
    quantity: Count = 1
    add_ons: dict[str, Count] = {}
    bonus_minor: Amount = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much a file brought."""

    campaigns: int
    pledges: int


@dataclass(slots=True)
class Found:
    """What the lines say: campaign texts with the number of their line, pledges by campaign."""

    campaigns: list[tuple[int, str]] = field(default_factory=list)
    pledges: dict[str, list[Planted]] = field(default_factory=dict)


class BadSeed(BadInput):
    """A line that cannot be loaded; nothing was."""

    def __init__(self, line: int, reason: object) -> None:
        super().__init__(N_("Line {line}: {reason} Nothing was loaded."), line=line, reason=reason)


def seed_file(database: Database, path: Path, settings: Settings, now: datetime) -> Loaded:
    """Load a file in one transaction. Raises Misconfigured (a live key), BadSeed, Refused (unreadable file)."""
    if settings.is_live:
        raise Misconfigured(N_("dev seed cannot be used with a live key: nobody ever agreed to what it loads."))
    found = _read(path)
    with database.transaction() as session:
        slugs = [
            _campaign(session, line, toml, path.parent, found.pledges, settings.media_dir, now)
            for line, toml in found.campaigns
        ]
        planted = sum(_pledges(session, slug, pledges) for slug, pledges in found.pledges.items())
    return Loaded(len(slugs), planted)


def _read(path: Path) -> Found:
    found = Found()
    decoder = msgspec.json.Decoder(CampaignLine | PledgeLine)
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _take(found, number, line, decoder)
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise Refused(N_("{path} cannot be read ({reason}). Check its name."), path=path, reason=reason) from error
    return found


def _take(found: Found, number: int, line: bytes, decoder: msgspec.json.Decoder[CampaignLine | PledgeLine]) -> None:
    if number > LIMIT_LINES or len(line) > LIMIT_LINE_BYTES:
        raise BadSeed(number, f"A file has at most {LIMIT_LINES:,} lines of at most {LIMIT_LINE_BYTES:,} bytes.")
    try:
        read = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSeed(number, f"{error}.") from error
    if isinstance(read, CampaignLine):
        found.campaigns.append((number, read.toml))
        return
    selection = Selection(read.tier, read.quantity if read.tier else 0, read.add_ons, read.bonus_minor, read.country)
    pledge = Planted(number, read.at, read.email, read.name, selection, read.customer, read.payment_method)
    found.pledges.setdefault(read.campaign, []).append(pledge)


def _campaign(
    session: Session,
    line: int,
    toml: str,
    folder: Path,
    pledges: Mapping[str, list[Planted]],
    media_dir: Path,
    now: datetime,
) -> str:
    """Make a campaign live at its first pledge; gives its slug. A deadline is judged as of that time."""
    try:
        earliest = min((pledge.at for of_one in pledges.values() for pledge in of_one), default=now)
        slug = campaign_file.load_text(toml, folder, earliest).draft.slug
        launched_at = min((pledge.at for pledge in pledges.get(slug, ())), default=now)
        loaded = campaign_file.load_text(toml, folder, launched_at)
        return launch(session, campaign_file.keep(loaded, folder, media_dir), None, launched_at)
    except BadFile as error:
        raise BadSeed(line, f"In the campaign's text, {error.mistakes[0]}") from error
    except FundLaunchError as error:
        raise BadSeed(line, error) from error


def _pledges(session: Session, slug: str, pledges: list[Planted]) -> int:
    campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one_or_none()
    if campaign is None:
        raise BadSeed(pledges[0].line, f"There is no campaign “{slug[:60]}”.")
    planter = Planter(session, campaign)
    for pledge in _in_order(pledges):
        try:
            planter.plant(pledge)
        except FundLaunchError as error:
            raise BadSeed(pledge.line, error) from error
    planter.finish()
    return len(pledges)


def _in_order(pledges: list[Planted]) -> Iterator[Planted]:
    return iter(sorted(pledges, key=lambda pledge: pledge.at))
