"""The API over HTTP: a thin Starlette app around `api.Api`, with the hosted pages beside it."""

from email.utils import format_datetime
from functools import partial
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fundlaunch.errors import BadInput, FundLaunchError, NotFound
from fundlaunch.payments.simulator.api import Answer, Request, refused
from fundlaunch.payments.simulator.hosted import HostedPages
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.panel import Panel, PanelHooks
from fundlaunch.payments.simulator.refusals import Refusal
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.csrf import SameSiteOnly
from fundlaunch.web.error_pages import error_page
from fundlaunch.web.headers import Origins, SecurityHeaders
from fundlaunch.web.templates import Templates

API = "/v1/"
BODY_LIMIT = 1_000_000
"""Bytes; Stripe's own requests stay far below."""


def make_app(simulator: Simulator, hooks: PanelHooks | None = None) -> Starlette:
    """The ASGI application: /v1/... in Stripe's manner, the hosted pages, the panel, and their assets."""
    settings = Settings(base_url=simulator.book.page_address)
    templates = Templates(settings, assets.installed())
    return Starlette(
        routes=[
            Route(f"{API}{{path:path}}", ApiEndpoint(simulator)),
            Route(f"{assets.PREFIX}{{path:path}}", templates.assets.respond),
            *HostedPages(simulator, templates).routes(),
            *Panel(simulator, templates, hooks or PanelHooks()).routes(),
        ],
        middleware=[
            # A form of the hosted page leads back to the shop, wherever that is.
            Middleware(SecurityHeaders, https=settings.is_https, origins=Origins(checkout=("http:", "https:"))),
            Middleware(
                SameSiteOnly,
                base_url=settings.base_url,
                refuse=partial(error_page, templates, status=403),
                exempt=(API,),
            ),
        ],
        exception_handlers={
            NotFound: partial(_shown, templates, 404),
            BadInput: partial(_shown, templates, 422),
            404: partial(_shown, templates, 404),
            405: partial(_shown, templates, 405),
        },
    )


def _shown(templates: Templates, status: int, request: HttpRequest, error: Exception) -> Response:
    return error_page(templates, request, status, error if isinstance(error, FundLaunchError) else None)


class ApiEndpoint:
    """Reads a request, hands it to the API, writes the answer or breaks the connection.

    It runs on the event loop: an answer takes well under a millisecond, less than a thread pool costs.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        try:
            text = await _read(request)
        except ClientDisconnect:
            return
        answer = self._answer(request, text)
        await self._write(answer, send)

    def _answer(self, request: HttpRequest, text: str) -> Answer:
        if len(text) > BODY_LIMIT:
            return refused(Refusal("The request is too large.", status=413))
        pairs = parse_qsl(text, keep_blank_values=True)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return self._simulator.api.call(Request(request.method, request.url.path, pairs, headers))

    async def _write(self, answer: Answer, send: Send) -> None:
        date = format_datetime(self._simulator.book.clock.now(), usegmt=True)
        headers = answer.headers | {"Date": date, "Content-Length": str(len(answer.body) + answer.is_dropped)}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if not answer.is_dropped:
            await send({"type": "http.response.body", "body": answer.body})
        # A dropped answer promises a byte that never comes: the server closes the connection, as a broken line would.


async def _read(request: HttpRequest) -> str:
    if request.method != "POST":
        return request.url.query
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            break
    return body.decode("latin-1")  # percent-encoded, so ASCII; anything else is refused by its name
