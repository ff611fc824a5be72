"""A line to the provider's stand-in without a socket: what the adapter sends arrives in the same process.

Everything of the adapter is in use, down to its httpx client; only the transport below that is another one. A dropped
answer breaks the line as a connection breaks that is closed too early.
"""

from collections.abc import Callable
from urllib.parse import parse_qsl

import httpx

from fundlaunch.payments.simulator.api import Request
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.stripe.wire import Wire

PROVIDER = "http://provider.invalid"


class Line(httpx.BaseTransport):
    """Hands each request to the stand-in's API and gives its answer back."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        text = request.read() if request.method == "POST" else request.url.query
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._simulator.api.call(Request(request.method, request.url.path, pairs, headers))
        if answer.is_dropped:
            raise httpx.RemoteProtocolError("the line broke before the answer was complete", request=request)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)


class DirectWire(Wire):
    """The adapter's wire over such a line; `seen` learns of every request."""

    def __init__(self, simulator: Simulator, seen: Callable[[httpx.Request], None]) -> None:
        super().__init__()
        self._httpx.close()
        self._httpx = httpx.Client(transport=Line(simulator), event_hooks={"request": [seen]}, trust_env=False)
