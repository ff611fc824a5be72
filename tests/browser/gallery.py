"""Photographs of every public page, for looking at: python -m tests.browser.gallery FOLDER [WORD ...]

Each page at 390 and 1280 px, light and dark, in English and Korean; with words, only pages whose name has one of them.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image, ImageDraw
from sqlmodel import Session, select

from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign, Tier
from fundlaunch.database import Database
from fundlaunch.pledges.states import COUNTS, PledgeState
from fundlaunch.pledges.tables import Pledge
from tests import databases
from tests.browser.running import Running, running_site
from tests.cast import BACKERS, MINA
from tests.conftest import CHROMIUM_ARGUMENTS, CHROMIUM_NAMES
from tests.stage import DEADLINE_AT, NOW, Chosen, board, lamp, pledge

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = ("en", "ko")
PICTURES = {
    "board.webp": ((1600, 900), "#9cc3e6", "#22252b", "#f08a24"),
    "lamp.webp": ((1600, 900), "#20261f", "#d9a441", "#f6e3b0"),
    "one.webp": ((800, 600), "#dfe9f2", "#22252b", "#f08a24"),
    "wheel.webp": ((1600, 1000), "#efe6da", "#f08a24", "#22252b"),
}
"""Stand-ins for a creator's pictures: size, ground, and two colours."""


@dataclass(frozen=True)
class Shot:
    """A page under a name."""

    name: str
    path: str


def paint(folder: Path) -> None:
    """Draw the pictures."""
    for name, (size, ground, body, mark) in PICTURES.items():
        picture = Image.new("RGB", size, ground)
        draw = ImageDraw.Draw(picture)
        wide, high = size
        draw.rounded_rectangle((wide * 0.12, high * 0.42, wide * 0.88, high * 0.58), high * 0.08, fill=body)
        for x in (0.22, 0.78):
            draw.ellipse((wide * x - high * 0.11, high * 0.5, wide * x + high * 0.11, high * 0.72), fill=mark)
        picture.save(folder / name, "WEBP", quality=80)


def set_stage(session: Session) -> dict[str, str]:
    """Campaigns in every phase, and a pledge in every state; gives the paths of the pledges by state."""
    pictures: dict[str, Any] = {"wheel": ["wheel.webp", 1600, 1000]}
    look = {"poster": "board.webp", "poster_alt": {"en": "The board on a blue road"}, "pictures": pictures}
    live = board(session, **look)
    lamp(session, poster="lamp.webp", video="https://vimeo.com/123456789", poster_alt={"ko": "켜진 등 두 개"})
    _with_pictures(session, live)
    ended: dict[str, Any] = {**look, "frozen_at": DEADLINE_AT}
    board(session, slug="last-day", pledged_minor=94_210_00, deadline_at=NOW + timedelta(hours=7), **look)
    board(session, slug="new", pledged_minor=0, backers=0, launched_at=NOW, **look)
    board(session, slug="counting", deadline_at=NOW - timedelta(minutes=4), **look)
    failed = {"pledged_minor": 61_340_00, "backers": 112, "deadline_at": NOW - timedelta(days=1)}
    board(session, slug="failed", status=CampaignState.FAILED, **ended, **failed)
    reason = {"closed_reason": "The maker of the motors went out of business.", "pledged_minor": 61_340_00}
    board(session, slug="canceled", status=CampaignState.CANCELED, **look, **reason)
    past = {"deadline_at": NOW - timedelta(days=1), "status": CampaignState.SUCCESSFUL}
    funded = board(session, slug="funded", **ended, **past)
    _with_pictures(session, funded)
    _collect(session, funded)
    paths = _pledges(session, live, funded)
    _add_up(session, funded)
    return paths


def _with_pictures(session: Session, campaign: Campaign) -> None:
    for row in session.exec(select(Tier).where(Tier.campaign_id == campaign.id)):
        if row.slug in {"one", "early", "crew"}:
            row.picture = "one.webp"
            row.texts = {"en": row.texts["en"] | {"description": "One board, ready to ride, with a remote."}}
            session.add(row)
    session.flush()


def _collect(session: Session, funded: Campaign) -> None:
    one = session.exec(select(Tier).where(Tier.slug == "one", Tier.campaign_id == funded.id)).one()
    fates = (PledgeState.COLLECTED, PledgeState.PLEDGED, PledgeState.ERRORED, PledgeState.DROPPED)
    for fate, who, bonus in zip(fates, BACKERS[1:], (700_000_00, 20_000_00, 29_000_00, 3_000_00), strict=True):
        pledge(session, funded, fate, Chosen(one, 25_00, bonus), who)


def _add_up(session: Session, funded: Campaign) -> None:
    rows = session.exec(select(Pledge).where(Pledge.campaign_id == funded.id)).all()
    funded.pledged_minor = sum(row.total_minor for row in rows if row.status in COUNTS)
    session.add(funded)


def _pledges(session: Session, live: Campaign, funded: Campaign) -> dict[str, str]:
    paths = {}
    for number, state in enumerate(PledgeState, start=520):
        campaign = live if state in {"preauth", "pledged", "canceled", "expired"} else funded
        one = session.exec(select(Tier).where(Tier.slug == "one", Tier.campaign_id == campaign.id)).one()
        more: dict[str, Any] = {"token": f"{state.value}-token", "backer_number": number, "request_key": state.value}
        more |= {"window_ends_at": NOW + timedelta(days=5), "hold_expires_at": NOW + timedelta(minutes=30)}
        pledge(session, campaign, state, Chosen(one, 25_00), MINA, **more)
        paths[state.value] = f"/pledges/{state.value}-token"
    return paths


def shots(pledges: dict[str, str]) -> Iterator[Shot]:
    """Every page, by name."""
    yield Shot("list", "/")
    for slug in ("board", "lamp", "new", "last-day", "counting", "funded", "failed", "canceled"):
        yield Shot(f"campaign-{slug}", f"/campaigns/{slug}")
    flow = "/campaigns/board/pledge"
    yield Shot("choose-open", flow)
    yield Shot("choose-one", f"{flow}?tier=one&country=DE&add-bag=2&bonus=10")
    yield Shot("choose-plain", f"{flow}?tier=&bonus=25")
    yield Shot("choose-mistake", f"{flow}/review?tier=one&bonus=1,234.56")
    yield Shot("choose-sold-out", f"{flow}/review?tier=first&bonus=10")
    yield Shot("review", f"{flow}/review?tier=one&country=DE&add-bag=2&bonus=10")
    yield Shot("review-won", "/campaigns/lamp/pledge/review?tier=large&country=KR")
    for state, path in pledges.items():
        yield Shot(f"manage-{state}", path)
    yield Shot("waiting", f"{pledges['preauth']}/thanks")
    yield Shot("thanks", f"{pledges['pledged']}/thanks")
    yield Shot("resume", f"{pledges['preauth']}/resume")
    yield Shot("resume-expired", f"{pledges['expired']}/resume")
    yield Shot("change", f"{pledges['pledged']}/change?tier=early&country=DE&add-bag=1&bonus=10")
    yield Shot("cancel", f"{pledges['pledged']}/cancel")
    yield Shot("fix", f"{pledges['errored']}/fix")
    yield Shot("missing", "/campaigns/nothing")


def photograph(browser: "Browser", site: Running, wanted: list[Shot], folder: Path) -> int:
    """Take every picture; gives how many."""
    taken = 0
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            for language in LANGUAGES:
                for shot in wanted:
                    joint = "&" if "?" in shot.path else "?"
                    page.goto(f"{site.address}{shot.path}{joint}lang={language}")
                    page.screenshot(path=folder / f"{shot.name}-{width}-{scheme}-{language}.png", full_page=True)
                    taken += 1
            page.close()
    return taken


def main(folder: Path, words: list[str]) -> None:
    """Set the stage in a folder of its own, photograph it, take the stage down."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        stage = Path(place)
        databases.prepare_sqlite(stage / "stage.sqlite3")
        database = Database(f"sqlite:///{stage / 'stage.sqlite3'}")
        with database.transaction() as session:
            pledges = set_stage(session)
        with running_site(database, stage) as site:
            paint(site.settings.media_dir)
            wanted = [shot for shot in shots(pledges) if not words or any(word in shot.name for word in words)]
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
            taken = photograph(browser, site, wanted, folder)
            browser.close()
        database.dispose()
    sys.stdout.write(f"{taken} pictures in {folder}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
