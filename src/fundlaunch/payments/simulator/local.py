"""The provider that stands in when no key is set: one simulator beside the site, its books in the data folder."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fundlaunch.clock import Clock
from fundlaunch.payments.simulator.machine import Simulator
from fundlaunch.payments.simulator.panel import PanelHooks
from fundlaunch.payments.simulator.server import LOOPBACK, Served
from fundlaunch.settings import Settings

KEY = "sk_test_local"
CONNECT_SECONDS = 1


@dataclass(frozen=True, slots=True)
class LocalProvider:
    """Where the stand-in answers, what its webhooks are signed with; `simulator` is None if it runs elsewhere."""

    base_url: str
    webhook_secret: str
    simulator: Simulator | None


@contextmanager
def local_provider(
    settings: Settings, clock: Clock, *, webhook_url: str = "", hooks: PanelHooks | None = None
) -> Iterator[LocalProvider]:
    """The stand-in beside the site's own port: the one that runs there already, else one of our own until the end.

    With a `webhook_url` events are posted there. Raises Misconfigured if the port is taken by something else.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = _secret(settings)
    port = settings.port + 1
    if not webhook_url and _answers(port):
        yield LocalProvider(f"http://{LOOPBACK}:{port}", secret, None)
        return
    simulator = Simulator(clock, file=settings.data_dir / "simulator.sqlite3")
    try:
        with Served(simulator, port=port if webhook_url else 0, hooks=hooks) as served:
            if webhook_url:
                simulator.listen(webhook_url, secret)
                simulator.courier.start()
            yield LocalProvider(served.base_url, secret, simulator)
    finally:
        simulator.close()


def _secret(settings: Settings) -> str:
    kept = settings.data_dir / "simulator.secret"
    if not kept.exists():
        kept.write_text("whsec_" + secrets.token_hex(24), encoding="ascii")
    return kept.read_text(encoding="ascii")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(CONNECT_SECONDS)
        return probe.connect_ex((LOOPBACK, port)) == 0
