"""launch.py: what it does on a bare machine, and what it says where it cannot go on."""

import ast
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.project.tree import ROOT

LOCKS = ("requirements.lock", "dev.lock")
RELEASE = f"{sys.version_info[0]}.{sys.version_info[1]}"
FAKE_PYTHON = """#!/bin/sh
echo "$@" >>"$(dirname "$0")/../../calls"
echo "data in $FUNDLAUNCH_DATA_DIR"
exit "${FAKE_EXIT:-0}"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with empty locks, so that set-up needs no network."""
    shutil.copy(ROOT / "launch.py", tmp_path)
    for name in LOCKS:
        (tmp_path / name).touch()
    package = tmp_path / "src" / "fundlaunch"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    program = "import sys\ndef main(): print('ran', sys.argv[1:]); return 7 if sys.argv[1:] == ['fail'] else 0\n"
    (package / "cli.py").write_text(program, encoding="utf-8")
    return tmp_path


@pytest.fixture
def ready(checkout: Path) -> Path:
    """The same, set up by an earlier start, with an interpreter that only notes what it is asked for."""
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (checkout / f".venv/lib/python{RELEASE}/site-packages/pip").mkdir(parents=True)
    (programs / "python").write_text(FAKE_PYTHON, encoding="utf-8")
    (programs / "python").chmod(0o755)
    stamp = {"python": RELEASE, **{name: sha256(b"").hexdigest() for name in LOCKS}}
    (checkout / ".venv" / "fundlaunch-ready.json").write_text(json.dumps(stamp), encoding="utf-8")
    return checkout


def test_it_sets_up_on_a_bare_machine_from_any_folder_and_runs_the_command(checkout: Path) -> None:
    (checkout / ".venv" / "lib").mkdir(parents=True)
    (checkout / ".venv" / "fundlaunch-unfinished").touch()
    first = launch(checkout, "demo", "--port", "1", cwd=Path("/"), PATH="/nowhere")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "ran ['demo', '--port', '1']"
    second = launch(checkout, "fail", PATH="/nowhere")
    assert second.stdout == "ran ['fail']\n"
    assert second.returncode == 7
    moved = checkout.rename(checkout.with_name("moved"))
    script = subprocess.run([moved / ".venv/bin/fundlaunch", "x"], capture_output=True, text=True, check=True)
    assert script.stdout == "ran ['x']\n"


def test_a_second_start_runs_the_command_and_nothing_else(ready: Path) -> None:
    assert launch(ready, "verify", "--json").returncode == 0
    (call,) = calls(ready)
    assert call.endswith("verify --json")


def test_the_data_lies_beside_the_program_unless_told_otherwise(ready: Path) -> None:
    assert launch(ready, "serve", cwd=Path("/")).stdout == f"data in {ready / 'data'}\n"
    assert launch(ready, "serve", FUNDLAUNCH_DATA_DIR="elsewhere").stdout == "data in elsewhere\n"


def test_no_command_asks_for_help(ready: Path) -> None:
    launch(ready)
    assert calls(ready)[-1].endswith("--help")


def test_a_changed_lock_is_installed_again(ready: Path) -> None:
    (ready / "requirements.lock").write_text("# changed\n", encoding="utf-8")
    assert launch(ready, "serve").returncode == 0
    install, command = calls(ready)
    assert "pip install --require-hashes" in install
    assert command.endswith("serve")
    launch(ready, "serve")
    assert len(calls(ready)) == 3


def test_a_failed_install_is_told_in_a_sentence_and_not_taken_for_done(ready: Path) -> None:
    (ready / "requirements.lock").write_text("# changed\n", encoding="utf-8")
    answer = launch(ready, "serve", FAKE_EXIT="1")
    assert answer.returncode == 1
    assert "The packages could not be installed" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (ready / ".venv" / "fundlaunch-unfinished").exists()


def test_arguments_after_test_go_to_pytest_alone(ready: Path) -> None:
    launch(ready, "test", "tests/rules", "-x")
    assert calls(ready) == ["-m pytest tests/rules -x"]


def test_the_gate_of_coverage_traces_all_but_the_long_runs(ready: Path) -> None:
    launch(ready, "coverage")
    (call,) = calls(ready)
    assert "--cov" in call
    assert "-m not no_cover" in call
    assert "tests/machines" in call


def test_every_check_runs_and_is_summed_up_also_after_a_failure(ready: Path) -> None:
    answer = launch(ready, "test", FAKE_EXIT="3")
    assert answer.returncode == 3
    assert sorted(call.split()[1] for call in calls(ready)) == ["mypy", "pytest", "ruff", "ruff"]
    assert answer.stdout.count("FAILED") == 4
    assert answer.stdout.splitlines()[-1] == "0 passed, 4 failed"


def test_a_missing_lock_is_told_in_a_sentence(checkout: Path) -> None:
    (checkout / "dev.lock").unlink()
    answer = launch(checkout, "demo")
    assert answer.returncode == 1
    assert answer.stderr.startswith("dev.lock cannot be read")
    assert len(answer.stderr.splitlines()) == 1


def test_a_missing_venv_module_is_named_with_the_package_that_brings_it(checkout: Path) -> None:
    (checkout / "broken").mkdir()
    (checkout / "broken" / "ensurepip.py").write_text("raise ImportError", encoding="utf-8")
    answer = launch(checkout, "demo", PYTHONPATH=str(checkout / "broken"))
    assert answer.returncode == 1
    assert f"python{RELEASE}-venv" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(checkout: Path) -> None:
    (checkout / ".venv").symlink_to("/proc/none")
    answer = launch(checkout, "demo")
    assert answer.returncode == 1
    assert "Copy the project to a folder that you may write to" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_old_python_is_turned_away_before_anything_it_lacks() -> None:
    source = (ROOT / "launch.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    code = f"import sys; sys.version_info = (3, 9, 2); exec({source!r})"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("FundLaunch needs Python 3.11 or newer")


def launch(
    checkout: Path, *arguments: str, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Start it as a person would, with no more of the environment than needed."""
    return subprocess.run(
        [getattr(sys, "_base_executable", sys.executable), str(checkout / "launch.py"), *arguments],
        cwd=cwd or checkout,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(checkout: Path) -> list[str]:
    """What the noting interpreter was asked for."""
    return (checkout / "calls").read_text(encoding="utf-8").splitlines()
