"""Where the demo's stand-in for the provider posts its events."""

from fundlaunch.app import WEBHOOKS
from fundlaunch.payments.simulator.server import LOOPBACK
from fundlaunch.settings import Settings

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told apart, not bound


def webhook_url(settings: Settings) -> str:
    """The receiver's address as this machine reaches it."""
    host = LOOPBACK if settings.host in EVERYWHERE else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}{WEBHOOKS}"
