"""The project speaks of itself alone: no addresses of package registries, no folders of one machine, no keys."""

import re

import pytest

from tests.project.tree import named, text_files

# One letter of each stands in brackets, so that this file does not find itself.
UNWANTED = {
    "a package registry": re.compile(r"py[p]i\.org|python[h]osted|npm[j]s\.|--(?:extra-)?[i]ndex-url", re.IGNORECASE),
    "a folder of one machine": re.compile(r"(?<![\w.])/(?:r[o]ot|h[o]me/\w+|w[o]rk|U[s]ers/\w+)/"),
    "a key": re.compile(r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{24,}|\bwhsec_[A-Za-z0-9+/]{32,}|AK[I]A[0-9A-Z]{16}"),
}


def test_no_file_has_an_unwanted_word() -> None:
    found = {
        f"{named(path)}:{number}: {name}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for name in unwanted_in(line)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        ("https://py", "pi.org/simple", "a package registry"),
        ("--index", "-url x", "a package registry"),
        ("cd /ro", "ot/x", "a folder of one machine"),
        ("cd /ho", "me/kim/x", "a folder of one machine"),
        ("key = 'sk_live_", "a" * 24, "a key"),
        ("secret = 'whsec_", "a" * 32, "a key"),
    ],
)
def test_an_unwanted_word_is_found(start: str, end: str, name: str) -> None:
    assert unwanted_in(start + end) == {name}


def test_an_example_key_and_a_relative_folder_are_left_alone() -> None:
    assert unwanted_in("sk_test_example, ../work/x, https://example.org/home/x/") == set()


def unwanted_in(line: str) -> set[str]:
    return {name for name, pattern in UNWANTED.items() if pattern.search(line)}
