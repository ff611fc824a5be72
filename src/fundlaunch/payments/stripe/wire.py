"""The client library set up for this program, its calls over one shared httpx client.

The library offers a class for one's own transport (stripe.HTTPClient); its own one over httpx opens a second,
asynchronous client that nobody here uses, takes no limits, and sends bodies in a form that httpx deprecates.
"""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, NoReturn

import httpx
import stripe

from fundlaunch.payments.stripe.version import API_VERSION

TIMEOUT_SECONDS = 20
CONNECT_TIMEOUT_SECONDS = 5
CONNECTIONS_AT_MOST = 50
CONNECTIONS_KEPT = 20


class Wire(stripe.HTTPClient):
    """Carries the library's requests; safe for many threads. It never repeats a request by itself."""

    name: ClassVar[str] = "httpx"

    def __init__(self) -> None:
        super().__init__()
        self._httpx = httpx.Client(
            verify=_trusted(),
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS_AT_MOST, max_keepalive_connections=CONNECTIONS_KEPT),
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """One request, one answer; raises stripe.APIConnectionError whose cause is httpx's own error."""
        try:
            answer = self._httpx.request(method, url, headers=headers, content=post_data)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _broken(error)
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        self._httpx.close()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust, read once for all wires of the process: reading it takes longer than many a call."""
    return httpx.create_ssl_context()


def _broken(error: Exception) -> NoReturn:
    failure: stripe.APIConnectionError = stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # it has no types
        f"the connection failed: {type(error).__name__}"
    )
    raise failure from error


def connect(secret_key: str, api_base: str, wire: Wire) -> stripe.StripeClient:
    """A client of the API at `api_base`. Retries are the callers' own: paced, and with their own keys."""
    # The library would otherwise send an id of this machine and its platform with every call.
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base},
        http_client=wire,
        max_network_retries=0,
    )
