"""The adapter to Stripe: the only package that speaks to its client library.

`gateway` loads that library, which takes a quarter of a second: import it where a gateway is made, never at the top of
a module. `events` and `declines` are pure and light.
"""
