"""Composition: settings, database, provider, mail, pages; one table from errors to answers."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from fundlaunch import inbox, migrations, outbox, worker
from fundlaunch.campaigns import change_pages
from fundlaunch.campaigns import pages as campaign_pages
from fundlaunch.campaigns.states import Review
from fundlaunch.clock import Clock, RealClock
from fundlaunch.database import Database
from fundlaunch.errors import (
    BadInput,
    Conflict,
    FundLaunchError,
    Misconfigured,
    NotAllowed,
    NotFound,
    OutOfReach,
    Refused,
    SignInNeeded,
    TooMany,
)
from fundlaunch.fulfilment import pages as fulfilment_pages
from fundlaunch.mail.keeping import keeper
from fundlaunch.mail.mailboxes import mailbox, sender
from fundlaunch.payments.gateway import Gateway, ProviderRefused
from fundlaunch.people import pages as people_pages
from fundlaunch.people.present import sign_in_first
from fundlaunch.pledges import collection
from fundlaunch.pledges import pages as pledge_pages
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.standing import ask_standing
from fundlaunch.settings import Settings
from fundlaunch.studio import pages as studio_pages
from fundlaunch.web import assets, csrf, pages
from fundlaunch.web.csrf import SameSiteOnly
from fundlaunch.web.error_pages import error_page
from fundlaunch.web.forms import BodyTooLarge, UnsupportedBody
from fundlaunch.web.headers import Origins, SecurityHeaders
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from fundlaunch_webhooks import Delivery, Receiver

log = logging.getLogger(__name__)

STATUS = (
    (BodyTooLarge, 413),
    (UnsupportedBody, 415),
    (BadInput, 422),
    (NotFound, 404),
    (SignInNeeded, 401),
    (NotAllowed, 403),
    (TooMany, 429),
    (Conflict, 409),
    (Refused, 400),
    (ProviderRefused, 503),
    (OutOfReach, 503),
    (Misconfigured, 500),
)
"""The one table from errors to HTTP status codes; the first that fits counts."""

WEBHOOKS = "/webhooks/stripe"
STRIPE_CHECKOUT = "https://checkout.stripe.com"


@dataclass(frozen=True)
class House:
    """Everything one process works with. `demo` is what the ribbon of a demo says, None anywhere else."""

    settings: Settings
    database: Database
    gateway: Gateway
    clock: Clock
    webhook_secrets: Sequence[str]
    demo: object = None

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.settings, assets.installed(), demo=self.demo)

    @property
    def shell(self) -> Shell:
        return Shell(self.settings, self.database, self.clock, self.templates)

    @property
    def desk(self) -> Desk:
        return Desk(self.database, self.gateway, self.settings.base_url, self.clock)

    @cached_property
    def works(self) -> worker.Works:
        """What the chores need; raises Misconfigured for a mail setting that cannot be used."""
        speed = collection.Speed(self.settings.rate_per_second, self.settings.lease_seconds)
        mail_url, base_url = self.settings.mail_url, self.settings.base_url
        keepers = {
            outbox.MAIL: keeper(mailbox(mail_url), self.templates, base_url, sender(mail_url, base_url)),
            outbox.RELEASE_CARD: self._release,
        }
        return worker.Works(self.database, self.gateway, self.clock, speed, keepers, Review(self.settings.review))

    def _release(self, owed: outbox.Owed) -> outbox.Kept:
        self.gateway.release_card(**owed.payload)
        return outbox.Kept()


def site(
    house: House, *, more: Sequence[BaseRoute] = (), checkout_origin: str = STRIPE_CHECKOUT, chores: bool = True
) -> ASGIApp:
    """The pages and, with `chores`, a worker beside them. `more` routes come first.

    `checkout_origin` is where checkout forms may lead.
    """
    templates = house.templates
    same_site = Middleware(
        SameSiteOnly,
        base_url=house.settings.base_url,
        refuse=lambda request: error_page(templates, request, 403, NotAllowed(csrf.REFUSED)),
        # Mail programs post there without a page of ours: what lets them is the token in the address.
        exempt=("/webhooks/", "/followers/"),
    )
    app = Starlette(
        routes=[*more, *_routes(house)],
        middleware=[same_site],
        exception_handlers=_answers(templates),
        lifespan=_with_chores(house) if chores else None,
    )
    # From outside of everything, so that an unexpected error carries the headers too.
    return SecurityHeaders(app, https=house.settings.is_https, origins=Origins(checkout=(checkout_origin,)))


def _routes(house: House) -> list[BaseRoute]:
    shell = house.shell
    return [
        *pages.routes(shell),
        *campaign_pages.routes(shell, ask_standing),
        *change_pages.routes(shell),
        *pledge_pages.routes(shell, house.desk),
        *fulfilment_pages.routes(shell),
        *people_pages.routes(shell),
        *studio_pages.routes(shell),
        Route("/healthz", _alive),
        Route("/readyz", _ready(house)),
        Route(WEBHOOKS, _receiver(house)),
    ]


def _receiver(house: House) -> Receiver:
    def keep(delivery: Delivery) -> None:
        with house.database.transaction() as session:
            inbox.keep(session, delivery, house.clock.now())

    # Stripe signs by the real time, whatever the setting CLOCK pretends; the stand-in signs by the house's clock.
    clock = RealClock() if house.settings.uses_stripe else house.clock
    return Receiver(keep=keep, secrets=house.webhook_secrets, now=clock.now, livemode=house.settings.is_live)


def _alive(request: Request) -> Response:
    del request
    return JSONResponse({"status": "ok"})


def _ready(house: House) -> Callable[[Request], Response]:
    def ready(request: Request) -> Response:
        del request
        try:
            schema = migrations.current(house.database) == migrations.head()
        except OutOfReach as error:
            return JSONResponse({"database": str(error)}, 503)
        at = house.clock.now().isoformat()
        return JSONResponse({"database": "ok", "migrations": schema, "clock": at}, 200 if schema else 503)

    return ready


def _answers(templates: Templates) -> dict[Any, Any]:
    def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, FundLaunchError)  # noqa: S101 - registered for nothing else below
        if isinstance(error, SignInNeeded) and request.method == "GET":
            return sign_in_first(request)
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
        if status >= 500:
            log.warning("%s %s: %s", request.method, request.url.path, error)
        return error_page(templates, request, status, error)

    def routing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        return error_page(templates, request, error.status_code)

    def unexpected(request: Request, error: Exception) -> Response:
        del error
        return error_page(templates, request, 500)

    return {FundLaunchError: known, HTTPException: routing, Exception: unexpected}


def _with_chores(house: House) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    works = house.works

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        del app
        stop = threading.Event()
        thread = threading.Thread(target=worker.work, args=(works, stop), name="chores")
        thread.start()
        yield
        stop.set()
        await asyncio.to_thread(thread.join)

    return lifespan
