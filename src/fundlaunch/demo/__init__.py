"""The demo: invented campaigns in mid-flight, the provider's stand-in, an outbox page; no key, network or prompt."""
