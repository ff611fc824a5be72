"""Posts from other sites are refused: by what the browser says of itself, and by a token bound to the session.

Browsers name the relation of the asking page in Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/); older ones
send Origin, or at least Referer. Forms of signed-in people carry a token as well.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fundlaunch.errors import N_

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf"
REFUSED = N_("This form came from somewhere else. Open the page here, reload it and send the form again.")


class SameSiteOnly:
    """Middleware that refuses a changing request from elsewhere with the response `refuse` makes.

    `exempt` are path beginnings that prove themselves in another way, such as the signed webhooks.
    """

    def __init__(
        self, app: ASGIApp, *, base_url: str, refuse: Callable[[Request], Response], exempt: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._origin = base_url
        self._refuse = refuse
        self._exempt = tuple(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._let_through(scope):
            await self._app(scope, receive, send)
            return
        response = self._refuse(Request(scope, receive))
        await response(scope, receive, send)

    def _let_through(self, scope: Scope) -> bool:
        return scope["path"].startswith(self._exempt) or from_here(Headers(scope=scope), self._origin)


def from_here(headers: Headers, origin: str) -> bool:
    """True if a request comes from a page of `origin`, as far as its headers can say; without any word, False."""
    relation = headers.get("sec-fetch-site")
    if relation is not None:
        return relation in {"same-origin", "none"}
    named = headers.get("origin") or _origin_of(headers.get("referer", ""))
    return named == origin


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def token(secret_key: str, session_value: str) -> str:
    """The token of one session's forms; '' without a session."""
    if not session_value:
        return ""
    return hmac.new(secret_key.encode(), f"csrf:{session_value}".encode(), hashlib.sha256).hexdigest()


def matches(secret_key: str, session_value: str, sent: str) -> bool:
    """True if `sent` is the token of this session; never without a session."""
    expected = token(secret_key, session_value)
    return bool(expected) and hmac.compare_digest(expected.encode(), sent.encode())
