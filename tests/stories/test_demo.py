"""The demo: made once by the real code, with campaigns in every phase, and begun again if its making was broken off."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from fundlaunch import worker
from fundlaunch.app import House
from fundlaunch.campaigns.states import CampaignState
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.clock import TravellingClock
from fundlaunch.database import Database
from fundlaunch.demo.acts import Acts
from fundlaunch.demo.building import ATLAS, KITE, LAMP, STARY, build
from fundlaunch.demo.running import PARTIAL, demo_settings, demo_site, open_house, prepare, run
from fundlaunch.errors import CampaignClosed, Misconfigured
from fundlaunch.pledges.tables import Pledge
from fundlaunch.serving import opened
from fundlaunch.settings import Settings
from fundlaunch.verify import verify
from tests.asgi import client

SCENES = (
    replace(KITE, backers=8),
    replace(ATLAS, backers=130),
    replace(LAMP, backers=10),
    replace(STARY, launched_ago=timedelta(hours=8)),
)
"""The demo with fewer backers; the atlas needs so many for its goal."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a demo that was made beside what an interrupted first start had left."""
    data = tmp_path_factory.mktemp("data")
    (data / PARTIAL).mkdir()
    (data / PARTIAL / "fundlaunch.sqlite3").write_text("half of a file", encoding="utf-8")
    settings = demo_settings({"FUNDLAUNCH_DATA_DIR": str(data), "FUNDLAUNCH_STRIPE_SECRET_KEY": "sk_live_surroundings"})
    told: list[str] = []
    prepare(settings, told.append, fresh=False, make=partial(build, scenes=SCENES))
    assert len(told) > 3
    assert not (data / PARTIAL).exists()
    return settings


@contextmanager
def at_home(settings: Settings, free_port: Callable[[], int]) -> Iterator[tuple[House, str]]:
    """The demo's house at a free port."""
    port = free_port()
    here = replace(settings, port=port, base_url=f"http://127.0.0.1:{port}")
    with opened(here) as database, open_house(here, database) as house:
        yield house


def press(pages: httpx.Client, path: str) -> httpx.Response:
    """Press the button of a form without fields."""
    return pages.post(path, content=b"", headers={"Content-Type": "application/x-www-form-urlencoded"})


def standing(database: Database) -> dict[str, tuple[CampaignState, Counter[str]]]:
    """Each campaign's state, and how many of its pledges are in which."""
    with database.reading() as session:
        found = {}
        for campaign in session.exec(select(Campaign)):
            states = session.exec(select(Pledge.status).where(Pledge.campaign_id == campaign.id)).all()
            found[campaign.slug] = (campaign.status, Counter(map(str, states)))
        return found


def test_there_is_a_campaign_in_every_phase_and_the_books_hold(made: Settings) -> None:
    with opened(made) as database:
        found = standing(database)
        with database.reading() as session:
            checked = verify(session, TravellingClock(made.data_dir / "clock").now())
    assert {slug: state for slug, (state, _) in found.items()} == {
        "stary": CampaignState.LIVE,
        "dambit": CampaignState.LIVE,
        "moss-atlas": CampaignState.SUCCESSFUL,
        "night-kite": CampaignState.FAILED,
    }
    assert set(found["stary"][1]) == set(found["dambit"][1]) == {"pledged"}
    assert found["stary"][1]["pledged"] > 10
    assert set(found["moss-atlas"][1]) == {"collected", "errored", "authentication_required", "dropped"}
    assert set(found["night-kite"][1]) == {"canceled"}
    assert {name: one.first for name, one in checked.items() if one.count} == {}


def test_a_second_start_makes_nothing(made: Settings) -> None:
    told: list[str] = []
    before = (made.data_dir / "fundlaunch.sqlite3").stat().st_ino
    prepare(made, told.append, fresh=False)
    assert told == []
    assert (made.data_dir / "fundlaunch.sqlite3").stat().st_ino == before


def test_every_page_says_that_it_is_a_demo_and_leads_to_its_tools(made: Settings, free_port: Callable[[], int]) -> None:
    with at_home(made, free_port) as (house, provider_url):
        pages = client(demo_site(house, provider_url), house.settings.base_url)
        for path in ("/", "/campaigns/stary", "/campaigns/dambit?lang=ko", "/sign-in"):
            page = pages.get(path)
            assert page.status_code == 200
            assert "/outbox" in page.text
            assert f"{provider_url}/panel" in page.text
        assert "STARY" in pages.get("/demo").text
        assert "Underfoot" in pages.get("/outbox").text


def test_the_creator_enters_the_studio_without_a_mail(made: Settings, free_port: Callable[[], int]) -> None:
    with at_home(made, free_port) as (house, provider_url):
        pages = client(demo_site(house, provider_url), house.settings.base_url)
        way_in = press(pages, "/demo/sign-in").headers["location"]
        assert "creator@example.org" in pages.get(way_in).text
        answer = press(pages, way_in)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/studio"), answer.text


def test_the_panel_ends_one_campaign_alone_and_travels(made: Settings, free_port: Callable[[], int]) -> None:
    with at_home(made, free_port) as (house, _):
        clock = house.clock
        assert isinstance(clock, TravellingClock)
        acts = Acts(house.database, clock)
        assert [slug for slug, _ in acts.campaigns()] == ["dambit", "stary"]
        acts.end_campaign("dambit")
        worker.tick(house.works, threading.Event())
        assert standing(house.database)["dambit"][0] is CampaignState.FAILED
        assert [slug for slug, _ in acts.campaigns()] == ["stary"]
        with pytest.raises(CampaignClosed):
            acts.end_campaign("dambit")
        before = clock.now()
        acts.travel(3600)
        assert (clock.now() - before).total_seconds() >= 3600


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    environment = {"FUNDLAUNCH_DATA_DIR": str(tmp_path), "FUNDLAUNCH_PORT": str(port)}
    for taken in (port, port + 1):
        with socket.create_server(("127.0.0.1", taken)), pytest.raises(Misconfigured, match=f"Port {taken} at"):
            run(environment, fresh=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    settings = demo_settings({"FUNDLAUNCH_DATA_DIR": str(tmp_path / "data")})
    with pytest.raises(Misconfigured, match="cannot be written"):
        prepare(settings, print, fresh=False)
