"""Making the demo: four campaigns planted at their times, then the clock walked from the first of them to now.

What the walk does is done by the code that does it in earnest: deadlines, charges, letters, reminders, drops.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from fundlaunch.campaigns import campaign_file
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import RealClock, SimulatedClock
from fundlaunch.database import Database, new_id
from fundlaunch.demo.hook import webhook_url
from fundlaunch.demo.people import CREATOR, Invented, from_entries, invent, names_in
from fundlaunch.errors import Refused
from fundlaunch.payments.simulator.cards import CARDS
from fundlaunch.people import accounts
from fundlaunch.people.roles import Role
from fundlaunch.pledges import pledge_file
from fundlaunch.pledges.pledge_file import Entry
from fundlaunch.pledges.states import PledgeState
from fundlaunch.pledges.tables import Pledge
from fundlaunch.rehearsal.house import Hook, House, open_database, open_house
from fundlaunch.rehearsal.walk import walk
from fundlaunch.seeding.planting import Planted, Planter, launch
from fundlaunch.settings import Settings
from fundlaunch.web import resources

CHARGES_PER_SECOND = 20


@dataclass(frozen=True)
class Scene:
    """One campaign of the demo: its folder of files, how long ago it was launched, how many backers are invented.

    `backers` 0: they are those of the folder's own pledges.csv.
    """

    folder: str
    launched_ago: timedelta
    backers: int
    are_korean: bool = False


STARY = Scene("stary", timedelta(days=11, hours=9), 0)
LAMP = Scene("damyang", timedelta(days=18, hours=5), 148, are_korean=True)
ATLAS = Scene("moss-atlas", timedelta(days=30), 164)
KITE = Scene("night-kite", timedelta(days=42), 61)
SCENES = (KITE, ATLAS, LAMP, STARY)

PAUSED = timedelta(days=5)
"""The atlas's creator stops charging after the first batch for so long: some cards are dropped, others in recovery."""

SPOILED = ("confirms", "declines", "insufficient", "confirms")


@dataclass(frozen=True)
class Stage:
    """What the scenes are played with."""

    house: House
    settings: Settings
    owner_id: str
    now: datetime


def build(settings: Settings, announce: Callable[[str], None], scenes: Sequence[Scene] = SCENES) -> None:
    """Fill `settings.data_dir`, which is empty; raises OSError where it cannot be written."""
    folder, now = settings.data_dir, RealClock().now()
    announce("Making the demo; this is done once and takes about a quarter of a minute.")
    secret = "whsec_" + secrets.token_hex(24)
    (folder / "simulator.secret").write_text(secret, encoding="ascii")
    clock = SimulatedClock(now - max(scene.launched_ago for scene in scenes))
    with (
        open_database(folder / "fundlaunch.sqlite3") as database,
        open_house(
            database,
            clock,
            settings,
            per_second=CHARGES_PER_SECOND,
            books=folder / "simulator.sqlite3",
            hook=Hook(webhook_url(settings), secret),
        ) as house,
    ):
        stage = Stage(house, settings, _creator(database, clock.now()), now)
        entries = pledge_file.read(resources.examples() / STARY.folder / "pledges.csv", "USD")
        for scene in scenes:
            announce(f"  {_play(stage, scene, entries)}")
        announce("  deadlines, charges and letters of the past weeks")
        _pass_time(stage)


def _creator(database: Database, at: datetime) -> str:
    with database.transaction() as session:
        return accounts.find_or_create(session, CREATOR.email, language="en", now=at, name=CREATOR.name)


def _play(stage: Stage, scene: Scene, entries: Sequence[Entry]) -> str:
    """Launch one campaign and plant its backers; gives a line that says so."""
    file = resources.examples() / scene.folder / "campaign.toml"
    launched_at = stage.now - scene.launched_ago
    draft = campaign_file.prepare(file, stage.settings.media_dir, launched_at)
    backers = _backers(scene, draft, entries, launched_at, stage.now)
    with stage.house.database.transaction() as session:
        campaign = _launch(session, stage, draft, launched_at)
        planted = _plant(session, stage.house, campaign, backers)
    return f"{draft.slug}: {planted} backers"


def _backers(
    scene: Scene, draft: CampaignDraft, entries: Sequence[Entry], launched_at: datetime, now: datetime
) -> list[Invented]:
    if not scene.backers:
        return from_entries(entries, launched_at, now)
    until = min(now, launched_at + timedelta(days=draft.duration_days))
    names = [] if scene.are_korean else list(names_in(entries))
    return invent(draft, scene.backers, launched_at, until, names)


def _launch(session: Session, stage: Stage, draft: CampaignDraft, at: datetime) -> Campaign:
    slug = launch(session, draft, stage.owner_id, at)
    campaign = session.exec(select(Campaign).where(Campaign.slug == slug)).one()
    accounts.give_role(session, stage.owner_id, campaign.id, Role.OWNER, at)
    return campaign


def _plant(session: Session, house: House, campaign: Campaign, backers: Sequence[Invented]) -> int:
    """Plant those whose choice was to be had at their time; gives how many."""
    planter = Planter(session, campaign)
    planted = 0
    for backer in backers:
        try:
            planter.plant(_with_card(house, backer))
        except Refused:
            continue
        planted += 1
    planter.finish()
    return planted


def _with_card(house: House, backer: Invented) -> Planted:
    """The backer as a customer of the provider, with a saved card."""
    pledge_id = new_id()
    customer = house.works.gateway.make_customer(
        key=pledge_id, email=backer.email, name=backer.name, pledge_id=pledge_id
    )
    method = house.simulator.save_card(customer, backer.card)
    card = CARDS[backer.card]
    return Planted(
        line=0, at=backer.at, email=backer.email, name=backer.name, selection=backer.selection, customer=customer,
        payment_method=method, language=backer.language, card_brand=card.brand, card_last4=card.last4, id=pledge_id,
    )  # fmt: skip


def _pass_time(stage: Stage) -> None:
    """From the first launch to now; the atlas's charges are paused after their first batch."""
    house = stage.house
    ended_at = stage.now - ATLAS.launched_ago + _duration(house, ATLAS.folder)
    _walk(house, ended_at - timedelta(seconds=1))
    house.clock.set(ended_at)
    for name in ("closing", "settling"):
        while house.chore(name):
            pass
    house.chore("charges")
    _set_pause(house, paused=True)
    _spoil_cards(house)
    house.settle()
    _walk(house, ended_at + PAUSED)
    _set_pause(house, paused=False)
    _walk(house, stage.now)
    house.clock.set(stage.now)


def _spoil_cards(house: House) -> None:
    """Whoever is charged first depends on chance; these are charged last, so that some are in recovery for sure."""
    waiting = (
        select(Pledge.payment_method)
        .join(Campaign, col(Campaign.id) == Pledge.campaign_id)
        .where(Campaign.slug == ATLAS.folder, Pledge.status == PledgeState.PLEDGED)
        .order_by(col(Pledge.backer_number))
    )
    with house.database.reading() as session:
        methods = session.exec(waiting.limit(len(SPOILED))).all()
    for method, card in zip(methods, SPOILED, strict=False):
        house.simulator.replace_card(method, card)


def _walk(house: House, until: datetime) -> None:
    for _ in walk(house, until=until):
        pass
    house.clock.set(until)


def _duration(house: House, slug: str) -> timedelta:
    with house.database.reading() as session:
        days = session.exec(select(Campaign.duration_days).where(Campaign.slug == slug)).one()
    return timedelta(days=days)


def _set_pause(house: House, *, paused: bool) -> None:
    with house.database.transaction() as session:
        campaign = session.exec(select(Campaign).where(Campaign.slug == ATLAS.folder)).one()
        campaign.collection_paused = paused
        session.add(campaign)
