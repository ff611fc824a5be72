"""What most commands need: settings, the provider."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fundlaunch import logs, settings
from fundlaunch.clock import Clock
from fundlaunch.payments.gateway import Gateway
from fundlaunch.settings import Settings


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, with logging set up as they say; raises Misconfigured."""
    found = settings.read(environment)
    logs.set_up(found)
    return found


@contextmanager
def open_gateway(found: Settings, clock: Clock) -> Iterator[Gateway]:
    """The provider: Stripe with a key, else the local stand-in."""
    from fundlaunch.payments.stripe.gateway import StripeGateway

    if found.uses_stripe:
        gateway = StripeGateway(found.stripe_secret_key, found.stripe_api_base, clock=clock)
        yield gateway
        gateway.close()
        return
    from fundlaunch.payments.simulator.local import KEY, local_provider

    with local_provider(found, clock) as provider:
        gateway = StripeGateway(KEY, provider.base_url, clock=clock)
        yield gateway
        gateway.close()
