"""Security headers on every response, whatever made it: pages, errors, redirects, files.

A page says which policy it stands under by marking its response; an unmarked response gets the strictest one. The mark
is a header of our own that never leaves the server. The middleware must wrap the whole application, outside of its
error handling, so that an unexpected error carries the headers too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

VIDEO_ORIGINS = ("https://www.youtube-nocookie.com", "https://player.vimeo.com")
MARK = "x-fundlaunch-policy"
NO_STORE = "no-store"
NO_CACHE = "no-cache"

AnyResponse = TypeVar("AnyResponse", bound=Response)


class Policy(StrEnum):
    """What a response may load, who may keep it and what it tells the next page."""

    PUBLIC = "public"  # may be kept and asked for again by its ETag; holds nothing of a session
    FLOW = "flow"  # the way through a pledge: may lead to the checkout, never kept
    MANAGE = "manage"  # one backer's pledge, the studio: no frames, never kept, its address told to nobody
    LOGIN = "login"  # signing in
    ERROR = "error"  # a page that says what went wrong
    BARE = "bare"  # redirects, JSON, plain text, lists
    EMBED = "embed"  # the card on other people's pages
    LETTER = "letter"  # a letter on the demo's outbox page: brings its own style, runs nothing, stands in a sandbox
    ASSET = "asset"  # our style sheets, scripts, icons
    MEDIA = "media"  # pictures and films that people brought
    SHARED = "shared"  # pictures of ours meant for other people's pages: share images, badges, QR codes


def marked(response: AnyResponse, policy: Policy) -> AnyResponse:
    """The same response, to be sent under `policy`."""
    response.headers[MARK] = policy.value
    return response


@dataclass(frozen=True)
class Origins:
    """Other origins a page may meet: where a checkout form may lead, and where media lie if not here."""

    checkout: Sequence[str] = ("https://checkout.stripe.com",)
    media: str = ""


class SecurityHeaders:
    """Middleware that sets them. `https` is False only in development: HSTS and upgrades are left out then."""

    def __init__(self, app: ASGIApp, *, https: bool, origins: Origins) -> None:
        self._app = app
        self._headers = {policy: _headers(policy, https=https, origins=origins) for policy in Policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(self, headers: MutableHeaders) -> None:
        mark = headers.get(MARK, Policy.BARE.value)
        if MARK in headers:
            del headers[MARK]
        policy = Policy(mark)
        for name, value in self._headers[policy].items():
            headers[name] = value
        headers.setdefault("Cache-Control", NO_CACHE if policy is Policy.PUBLIC else NO_STORE)


def _headers(policy: Policy, *, https: bool, origins: Origins) -> Mapping[str, str]:
    quiet = policy in {Policy.MANAGE, Policy.LOGIN}
    abroad = policy in {Policy.MEDIA, Policy.EMBED, Policy.SHARED}
    found = {
        "Content-Security-Policy": content_policy(policy, https=https, origins=origins),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin" if quiet else "strict-origin-when-cross-origin",
        "Permissions-Policy": _permissions(),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if abroad else "same-origin",
    }
    if policy is not Policy.EMBED:
        found["X-Frame-Options"] = "DENY"
    if https:
        found["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return found


def content_policy(policy: Policy, *, https: bool, origins: Origins) -> str:
    """The Content-Security-Policy of a response; inline script is never allowed, inline style in letters only."""
    match policy:
        case Policy.PUBLIC | Policy.FLOW | Policy.MANAGE | Policy.LOGIN:
            rules = _page_rules(policy, origins)
            return "; ".join([*rules, *(["upgrade-insecure-requests"] if https else []), "report-to csp"])
        case Policy.EMBED:
            return _joined(
                "default-src 'none'", "style-src 'self'", f"img-src 'self' {origins.media}", "base-uri 'none'",
                "form-action 'none'", "frame-ancestors *",
            )  # fmt: skip
        case Policy.LETTER:
            return "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
        case Policy.MEDIA:
            return "default-src 'none'; sandbox"
        case Policy.ERROR:
            # As strict as JSON but for our own style sheet and mark: people have to read what went wrong.
            return "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
        case _:
            return "default-src 'none'; frame-ancestors 'none'"


def _page_rules(policy: Policy, origins: Origins) -> list[str]:
    login = policy is Policy.LOGIN
    quiet = policy in {Policy.MANAGE, Policy.LOGIN}
    return [
        rule.strip()
        for rule in (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'" if login else f"img-src 'self' data: {origins.media}",
            "font-src 'self'",
            "connect-src 'none'" if login else "connect-src 'self'",
            f"media-src 'self' {origins.media}",
            "frame-src 'none'" if quiet else f"frame-src {' '.join(VIDEO_ORIGINS)}",
            "form-action 'self'" if login else f"form-action 'self' {' '.join(origins.checkout)}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "manifest-src 'self'",
        )
    ]


def _joined(*rules: str) -> str:
    return "; ".join(rule.strip() for rule in rules)


def _permissions() -> str:
    frames = " ".join(f'"{origin}"' for origin in VIDEO_ORIGINS)
    closed = ("camera", "microphone", "geolocation", "payment", "usb")
    framed = ("autoplay", "encrypted-media", "picture-in-picture")
    opened = (f"fullscreen=(self {frames})", *(f"{name}=({frames})" for name in framed))
    return ", ".join([*(f"{name}=()" for name in closed), *opened])
