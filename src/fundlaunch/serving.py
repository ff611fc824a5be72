"""The server around the site: a port of our own, one process or several."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from fundlaunch import logs, migrations
from fundlaunch.app import WEBHOOKS, House, site
from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.payments.simulator.local import KEY, local_provider
from fundlaunch.payments.stripe.gateway import StripeGateway
from fundlaunch.settings import Settings, read

BACKLOG = 2048
GRACE_SECONDS = 10


def serve(settings: Settings, *, workers: int, announce: Callable[[str], None]) -> None:
    """Serve until asked to stop; `announce` is told one line where that helps.

    Raises Misconfigured (a taken port, an old schema), DatabaseOutOfReach.
    """
    if workers > 1:
        with bound(settings.host, settings.port), opened(settings):
            announce(_welcome(settings))
        uvicorn.run(
            "fundlaunch.serving:application", factory=True, workers=workers, log_config=None,
            host=settings.host, port=settings.port, server_header=False, access_log=False,
            proxy_headers=bool(settings.trusted_proxies), forwarded_allow_ips=settings.trusted_proxies,
        )  # fmt: skip
        return
    clock = settings.real_clock()
    with bound(settings.host, settings.port) as listening, opened(settings) as database:
        announce(_welcome(settings))
        if settings.uses_stripe:
            run(
                listening,
                site(_stripe_house(settings, database, clock)),
                trusted_proxies=settings.trusted_proxies,
            )
            return
        webhook_url = f"http://127.0.0.1:{settings.port}{WEBHOOKS}"
        with local_provider(settings, clock, webhook_url=webhook_url) as provider:
            gateway = StripeGateway(KEY, provider.base_url, clock=clock)
            house = House(settings, database, gateway, clock, (provider.webhook_secret,))
            announce(f"No Stripe key is set: the local stand-in takes the payments ({provider.base_url}/panel).")
            run(
                listening,
                site(house, checkout_origin=provider.base_url),
                trusted_proxies=settings.trusted_proxies,
            )


def _welcome(settings: Settings) -> str:
    return f"FundLaunch is at {settings.base_url} (Ctrl+C stops it)."


def application() -> ASGIApp:
    """The site of one of several processes, from the environment."""
    settings = read(os.environ)
    logs.set_up(settings)
    database = Database(settings.sqlalchemy_url)
    return site(_stripe_house(settings, database, settings.real_clock()))


def run(listening: socket.socket, app: ASGIApp, *, trusted_proxies: str = "") -> None:
    """Serve one app on a bound socket until asked to stop; only these proxies are believed about who asks."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket; raises Misconfigured with one sentence when the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise Misconfigured(
                N_("Port {port} at {host} cannot be used ({reason}). Choose another with FUNDLAUNCH_PORT."),
                port=port,
                host=host,
                reason=(error.strerror or "refused").lower(),
            ) from None
        listening.listen(BACKLOG)
        yield listening


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database; an embedded one is made and brought to the newest schema, another must have been migrated.

    Raises DatabaseOutOfReach, Misconfigured, OSError (the data folder cannot be written).
    """
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    try:
        if database.is_sqlite:
            migrations.upgrade(database)
        elif migrations.current(database) != migrations.head():
            raise Misconfigured(N_("The database has another schema. Run `fundlaunch migrate`, then start again."))
        yield database
    finally:
        database.dispose()


def _stripe_house(settings: Settings, database: Database, clock: Clock) -> House:
    gateway = StripeGateway(settings.stripe_secret_key, settings.stripe_api_base, clock=clock)
    return House(settings, database, gateway, clock, settings.webhook_secrets)
