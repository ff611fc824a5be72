"""The one cookie: a random reference to a session row. The rows belong to people/; here it is only read and written.

`__Host-fl` on https, `fl` on plain http in development, since browsers refuse the prefix there. SameSite is Lax: the
return from the checkout is a cross-site navigation, which Strict would show as signed out.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

VALUE_BYTES = 32
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_value() -> str:
    """A fresh reference: 256 random bits, base64url."""
    return secrets.token_urlsafe(VALUE_BYTES)


def hashed(value: str) -> str:
    """What is kept in the database instead of the reference itself (SHA-256, hex)."""
    return hashlib.sha256(value.encode()).hexdigest()


@dataclass(frozen=True)
class SessionCookie:
    """How this installation names and sets the cookie. `https` follows the configured base URL."""

    https: bool

    @property
    def name(self) -> str:
        return "__Host-fl" if self.https else "fl"

    def value(self, request: Request) -> str:
        """The reference a browser sent, or '' if it sent none of the right shape."""
        sent = request.cookies.get(self.name, "")
        return sent if _VALUE.fullmatch(sent) else ""

    def set(self, response: Response, value: str, max_age_seconds: int) -> None:
        """Give a browser its reference."""
        response.set_cookie(
            self.name, value, max_age=max_age_seconds, path="/", secure=self.https, httponly=True, samesite="lax"
        )

    def clear(self, response: Response) -> None:
        """Take it back."""
        response.delete_cookie(self.name, path="/", secure=self.https, httponly=True, samesite="lax")
