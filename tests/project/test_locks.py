"""The locks name every package with its hashes and nothing else; they fit what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.tree import ROOT

LOCKS = ("requirements.lock", "dev.lock")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.+?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(name: str) -> None:
    previous_is_pin = False
    for line in lines_of(name):
        is_pin = PIN.match(line) is not None
        assert is_pin or HASH.match(line), line
        assert not (is_pin and previous_is_pin), f"no hash for the pin before {line}"
        previous_is_pin = is_pin
    assert not previous_is_pin


@pytest.mark.parametrize(
    "line", ["--find-links https://example.org/simple", "segno==1.0", "segno @ file:///x", "# via x"]
)
def test_anything_else_in_a_lock_is_found(line: str) -> None:
    assert PIN.match(line) is None
    assert HASH.match(line) is None


def test_the_development_lock_contains_the_other_with_the_same_versions() -> None:
    assert pins("requirements.lock").items() <= pins("dev.lock").items()


def test_the_locks_fit_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {"requirements.lock": project["project"]["dependencies"], "dev.lock": project["dependency-groups"]["dev"]}
    for name, requirements in asked.items():
        locked = pins(name)
        for requirement in map(Requirement, requirements):
            version = locked.get(canonicalize_name(requirement.name), "none")
            assert requirement.specifier.contains(version), f"{requirement} is {version} in {name}"


def lines_of(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def pins(name: str) -> dict[str, str]:
    """Version by package."""
    return {found["name"]: found["version"] for found in map(PIN.match, lines_of(name)) if found}
