"""The provider's signature on the raw bytes of a delivery (docs.stripe.com/webhooks/signature).

The header reads `t=<seconds>,v1=<hex>[,v1=<hex>...]`; each v1 is the HMAC-SHA256 of `<t>.<body>` under one secret.
The client library's own check accepts a time that lies in the future; this one does not.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime

TOLERANCE_SECONDS = 300
"""How far the time of signing may lie from ours, in both directions."""

HEADER_BYTES = 4096
"""The longest header that is looked at: room for more signatures than a provider that changes secrets ever sends."""

TIME_DIGITS = 12


def is_genuine(header: bytes, body: bytes, secrets: Sequence[bytes], now: datetime) -> bool:
    """True if one of the secrets signed this body at most TOLERANCE_SECONDS from `now`. Any bytes may be given."""
    parts = [part.partition(b"=") for part in header.split(b",")] if len(header) <= HEADER_BYTES else []
    times = [value for name, _, value in parts if name.strip() == b"t"]
    signatures = [value.strip() for name, _, value in parts if name.strip() == b"v1"]
    if len(times) != 1 or not _is_recent(times[0], now):
        return False
    # Every pair is compared, so that the time this takes tells nothing of which secret is in use.
    matches = [
        hmac.compare_digest(signature, sign(times[0], body, secret)) for signature in signatures for secret in secrets
    ]
    return any(matches)


def sign(time: bytes, body: bytes, secret: bytes) -> bytes:
    """The signature that belongs in v1, in lower-case hex."""
    return hmac.digest(secret, time + b"." + body, "sha256").hex().encode()


def _is_recent(time: bytes, now: datetime) -> bool:
    if not time.isdigit() or len(time) > TIME_DIGITS:
        return False
    return abs(now.timestamp() - int(time)) <= TOLERANCE_SECONDS
