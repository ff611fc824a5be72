"""The demo: invented campaigns in mid-flight, the provider's stand-in, an outbox page; no key, network or prompt."""

from fundlaunch.demo.running import run

__all__ = ["run"]
