"""A module imports only what stands below it; the contracts are in pyproject.toml, their negative controls here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.tree import ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

LAYERS = "A module imports only what stands below it in this list"
PURE = "Decisions are pure"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code, to be broken."""
    for folder in ("src", "webhooks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "assets"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept(copy: Path) -> None:
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
        ("src/fundlaunch/stray.py", "", LAYERS),
        ("src/fundlaunch/clock.py", "import fundlaunch.database", LAYERS),
        ("src/fundlaunch/money.py", "import sqlalchemy", PURE),
        ("src/fundlaunch/pledges/rules.py", "import starlette.requests", PURE),
        ("src/fundlaunch/campaigns/rules.py", "import fundlaunch.campaigns.tables", PURE),
        ("src/fundlaunch/pledges/states.py", "import fundlaunch.outbox", PURE),
        ("src/fundlaunch/pledges/__init__.py", "import stripe", "Only the adapter speaks to the provider's client"),
        (
            "src/fundlaunch/payments/simulator/book.py",
            "import fundlaunch.payments.stripe",
            "The adapter and the simulator do not know each other",
        ),
        ("webhooks/fundlaunch_webhooks/__init__.py", "import fundlaunch.money", "The receiver stands alone"),
    ],
)
def test_a_breach_is_found(copy: Path, path: str, line: str, contract: str) -> None:
    with (copy / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    answer = lint(copy)
    assert answer.returncode == 1
    assert f"{contract} BROKEN" in answer.stdout


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says of the code in `folder`."""
    environment = {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder / 'webhooks'}"}
    command = [sys.executable, "-P", "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
