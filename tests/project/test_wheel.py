"""The wheel holds all that the program needs, and its version is said in one place."""

import os
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import fundlaunch
from tests.project.tree import ROOT, named, python_files

HEAVY = ("stripe", "sqlalchemy", "sqlmodel", "starlette", "pydantic", "jinja2", "httpx", "babel", "alembic", "PIL")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_both_packages_with_templates_and_examples(unpacked: Path) -> None:
    for path in python_files("src"):
        assert (unpacked / path.relative_to(ROOT / "src")).exists(), named(path)
    for name in ("templates", "examples"):
        for path in (ROOT / name).rglob("*"):
            assert (unpacked / "fundlaunch" / f"_{name}" / path.relative_to(ROOT / name)).exists(), named(path)
    assert (unpacked / "fundlaunch" / "py.typed").exists()
    assert (unpacked / "fundlaunch_webhooks" / "py.typed").exists()


def test_the_wheel_names_the_version_of_the_package(unpacked: Path) -> None:
    metadata = next(unpacked.glob("*.dist-info")) / "METADATA"
    assert message_from_string(metadata.read_text(encoding="utf-8"))["Version"] == fundlaunch.__version__


def test_the_version_is_written_once() -> None:
    said = [named(path) for path in python_files("src") if f'"{fundlaunch.__version__}"' in path.read_text("utf-8")]
    assert said == ["src/fundlaunch/__init__.py"]
    assert (
        fundlaunch.__version__
        not in (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[0]
    )


def test_help_answers_from_the_wheel_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    answer = run_python(unpacked, tmp_path, "import fundlaunch.cli as c; print(c.__file__); c.main()", "--help")
    assert answer.returncode == 0, answer.stderr
    assert str(unpacked) in answer.stdout
    assert "demo" in answer.stdout


def test_help_loads_nothing_heavy(unpacked: Path, tmp_path: Path) -> None:
    code = f"""
import sys, fundlaunch.cli
try:
    fundlaunch.cli.main()
finally:
    print("LOADED", *sorted(set(sys.modules) & set({HEAVY!r})))
"""
    assert run_python(unpacked, tmp_path, code, "--help").stdout.splitlines()[-1] == "LOADED"


def run_python(site: Path, cwd: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that finds the wheel's content before the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
