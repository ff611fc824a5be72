"""No test reaches past this machine: connecting elsewhere, or asking for a name elsewhere, fails the test.

It listens to the interpreter's own audit events, so nothing is patched; what a program started by a test does in its
own process is not seen.
"""

import ipaddress
import sys

outside: list[str] = []
"""What was tried since the list was last emptied."""


class OutsideConnection(Exception):
    """A test tried to leave the machine."""


def watch() -> None:
    """Refuse connections to other machines from now until the process ends (an audit hook cannot be removed)."""
    sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode("idna")
    if isinstance(host, str) and host and not _is_local(host):
        outside.append(host)
        raise OutsideConnection(f"a test tried to reach {host}; tests stay on this machine")


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
