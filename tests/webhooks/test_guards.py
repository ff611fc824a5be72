"""Negative controls: the receiver with one guard taken out believes what the whole one refuses.

Each control runs an edited copy of the source; so a test that would pass without the guard is found out.
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

import fundlaunch_webhooks
from fundlaunch_webhooks import Receiver
from tests.webhooks.sender import BODY, EVENT, NOON, Shelf, post, signed

FOLDER = Path(fundlaunch_webhooks.__file__).parent


def edited(file: str, old: str, new: str) -> type[Receiver]:
    """The receiver made of sources in which `old` reads `new`."""
    modules: dict[str, ModuleType] = {}
    for name in ("signature", "receiver"):
        source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
        if file == name:
            assert source.count(old) == 1, "the guard has moved: change this control with it"
            source = source.replace(old, new)
        source = source.replace("from fundlaunch_webhooks.signature import", "from edited_signature import")
        modules[name] = ModuleType(f"edited_{name}")
        sys.modules[f"edited_{name}"] = modules[name]
        exec(compile(source, f"{name}.py", "exec"), modules[name].__dict__)  # noqa: S102 - our own source, one line changed
    kind: type[Receiver] = modules["receiver"].Receiver
    return kind


def status(kind: type[Receiver], body: bytes = BODY, *, signature: str | None = None) -> int:
    shelf = Shelf()
    return post(kind(keep=shelf.keep, secrets=["secret"], now=lambda: NOON), body, signature=signature).status


FORGED = signed(BODY, secret="guessed")
GOOD = signed(BODY, secret="secret")
OLD = signed(BODY, secret="secret", at=NOON - timedelta(hours=1))
FUTURE = signed(BODY, secret="secret", at=NOON + timedelta(hours=1))
LIVE = json.dumps({**EVENT, "livemode": True}).encode()
LONG = BODY + b" " * 1_000_000

CONTROLS = [
    ("signature", "return any(matches)", "return bool(matches)", BODY, FORGED, 400),
    ("signature", "not _is_recent(times[0], now)", "False", BODY, OLD, 400),
    ("signature", "abs(now.timestamp() - int(time))", "now.timestamp() - int(time)", BODY, FUTURE, 400),
    ("signature", 'time + b"." + body', 'time + b"."', BODY, signed(b"", secret="secret"), 400),
    ("receiver", "envelope.livemode is not self._livemode", "False", LIVE, signed(LIVE, secret="secret"), 400),
    ("receiver", "size > BODY_BYTES", "False", LONG, signed(LONG, secret="secret"), 413),
]


@pytest.mark.parametrize(("file", "guard", "without", "body", "signature", "refusal"), CONTROLS)
def test_a_receiver_without_this_guard_believes_what_the_whole_one_refuses(
    file: str, guard: str, without: str, body: bytes, signature: str, refusal: int
) -> None:
    assert status(Receiver, body, signature=signature) == refusal
    assert status(edited(file, guard, without), body, signature=signature) == 200


def test_the_edited_copy_is_the_receiver_but_for_the_edit() -> None:
    same = edited("signature", "TIME_DIGITS = 12", "TIME_DIGITS = 13")
    assert [status(same, signature=GOOD), status(same, signature=FORGED)] == [200, 400]


def test_the_receiver_loads_nothing_of_the_program_and_no_web_framework() -> None:
    script = "import sys, fundlaunch_webhooks; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    folders = [str(FOLDER.parent), *[path for path in sys.path if "site-packages" in path]]
    command = [sys.executable, "-S", "-c", f"import sys; sys.path += {folders!r}; {script}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "msgspec" in loaded
    assert not {"fundlaunch", "stripe", "starlette", "httpx", "sqlalchemy", "sqlmodel"} & set(loaded)
