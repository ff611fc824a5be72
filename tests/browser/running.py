"""The site at an address of its own, with the provider's stand-in beside it: what a browser needs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from fundlaunch import app
from fundlaunch.database import Database
from fundlaunch.settings import Settings
from tests.house import House, open_served_house
from tests.stage import NOW


@dataclass
class Running:
    """The site answers at `address`; `house` is what stands behind it."""

    address: str
    house: House
    settings: Settings


@contextmanager
def running_site(database: Database, folder: Path) -> Iterator[Running]:
    """Serve the whole site until the block ends; its clock stands at the stage's NOW."""
    with socket.socket() as listening, open_served_house(database, start_at=NOW) as house:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(data_dir=folder, secret_key="k" * 40, base_url=address)
        settings.media_dir.mkdir(parents=True, exist_ok=True)
        parts = app.House(settings, database, house.gateway, house.clock, ("whsec_of_the_suite",))
        site = app.site(parts, checkout_origin=house.simulator.book.page_address, chores=False)
        with _served(site, listening):
            yield Running(address, house, settings)


@contextmanager
def _served(site: ASGIApp, listening: socket.socket) -> Iterator[None]:
    listening.listen(128)
    server = uvicorn.Server(uvicorn.Config(site, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield
    server.should_exit = True
    thread.join()
