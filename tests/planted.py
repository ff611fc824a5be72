"""Planted faults: edits to a copy of the source, made by this script, so that a guard can be seen to matter."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Edit:
    """In this file (below src/ or webhooks/) this text, which stands there exactly once, becomes that."""

    file: str
    old: str
    new: str


FORGETFUL = Edit(
    "src/fundlaunch/pledges/wanted.py",
    "select(Payment).where(Payment.pledge_id == pledge_id, Payment.status != PaymentState.CANCELED)",
    "select(Payment).where(Payment.pledge_id == pledge_id, Payment.status.in_(['intended', 'created']))",
)
"""A charge whose answer is not known is forgotten, and another one begun; the table's index has to go as well."""


def plant(folder: Path, edits: Sequence[Edit]) -> None:
    """Copy the source to `folder` and carry the edits out; an edit that does not fit fails loudly."""
    for part in ("src", "webhooks", "templates", "examples"):
        if (ROOT / part).exists():
            # With the byte code: it stays good for every file that no edit changes.
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("*.pyc.*"))
    for edit in edits:
        path = folder / edit.file
        text = path.read_text(encoding="utf-8")
        assert text.count(edit.old) == 1, f"{edit.file} holds {text.count(edit.old)} times: {edit.old}"
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def run(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy; the tests' own modules come from the checkout."""
    paths = [str(folder / "src"), str(folder / "webhooks"), str(ROOT)]
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | dict(environment or {}),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
