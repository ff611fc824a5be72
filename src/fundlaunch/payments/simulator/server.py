"""The simulator at an address: in a thread for the demo and the tests, or as a process of its own."""

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from fundlaunch.clock import Clock, RealClock
from fundlaunch.errors import N_, Misconfigured
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.panel import PanelHooks
from fundlaunch.payments.simulator.wire import make_app

LOOPBACK = "127.0.0.1"
BACKLOG = 2_048
GRACE_SECONDS = 2


class Served:
    """A context manager: the simulator answers at `base_url` until it ends. Port 0 takes a free one."""

    def __init__(
        self, simulator: Simulator, *, host: str = LOOPBACK, port: int = 0, hooks: PanelHooks | None = None
    ) -> None:
        self.simulator = simulator
        self._socket = _bound(host, port)
        self.base_url = f"http://{host}:{self._socket.getsockname()[1]}"
        simulator.book.page_address = self.base_url
        self._server = uvicorn.Server(_config(simulator, hooks))
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def run(
    host: str,
    port: int,
    *,
    webhook_url: str = "",
    webhook_secret: str = "",
    file: Path | None = None,
    clock: Clock | None = None,
    hooks: PanelHooks | None = None,
) -> None:
    """Serve the simulator from this process until it is asked to stop; webhooks go out by themselves.

    Raises Misconfigured when the address is taken.
    """
    simulator = Simulator(clock or RealClock(), file=file)
    if webhook_url:
        simulator.listen(webhook_url, webhook_secret)
    listening = _bound(host, port)
    simulator.book.page_address = f"http://{host}:{listening.getsockname()[1]}"
    simulator.courier.start()
    try:
        uvicorn.Server(_config(simulator, hooks)).run(sockets=[listening])
    finally:
        listening.close()
        simulator.close()


def _bound(host: str, port: int) -> socket.socket:
    """A listening socket: requests wait in its queue until the server is up, so nobody has to poll for that."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Misconfigured(
            N_("The simulator cannot listen at {host}, port {port} ({reason}). Choose another port."),
            host=host,
            port=port,
            reason=error.strerror or "refused",
        ) from None
    listening.listen(BACKLOG)
    return listening


def _config(simulator: Simulator, hooks: PanelHooks | None) -> uvicorn.Config:
    # The program may serve its own pages from the same process: uvicorn's logging is left as that set it.
    return uvicorn.Config(
        make_app(simulator, hooks),
        log_config=None,
        log_level=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
