"""The whole site at a loopback address: pages on a real server, the stand-in for Stripe beside it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn

from fundlaunch import app
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.server import Served
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.settings import Settings

SECRET = "whsec_of_the_site"


@dataclass(frozen=True)
class Site:
    """Where it answers, and what stands behind it."""

    base_url: str
    house: app.House
    simulator: Simulator


@contextmanager
def open_site(database: Database, clock: Clock, settings: Settings | None = None) -> Iterator[Site]:
    """Serve the site without its chores around a database of the newest shape; webhooks are posted to it."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    simulator = Simulator(clock, seed=1)
    with Served(simulator) as served, listening:
        gateway = StripeGateway("sk_test_site", served.base_url, clock=clock)
        settled = replace(settings or Settings(), base_url=base_url, secret_key="of this test " * 4)
        house = app.House(settled, database, gateway, clock, (SECRET,))
        simulator.listen(base_url + app.WEBHOOKS, SECRET)
        server = uvicorn.Server(
            uvicorn.Config(
                app.site(house, checkout_origin=served.base_url, chores=False), log_config=None, access_log=False
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Site(base_url, house, simulator)
        finally:
            server.should_exit = True
            thread.join()
            gateway.close()
            simulator.close()
