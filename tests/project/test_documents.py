"""The documents: every link within the project leads somewhere, and the example settings are the settings."""

import re
from dataclasses import fields
from pathlib import Path

from fundlaunch.settings import PREFIX, Settings
from tests.project.tree import ROOT, named, text_files

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
EXAMPLE_LINE = re.compile(r"^#? ?([A-Z][A-Z0-9_]+)=(.*)$")


def test_every_link_within_the_project_leads_somewhere() -> None:
    dead = [
        f"{named(path)}: {target}"
        for path in text_files()
        if path.suffix == ".md"
        for target in links_of(path)
        if not (path.parent / target).exists()
    ]
    assert dead == []


def test_a_link_is_recognised(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[a](docs/a.md#part), [b](https://example.org), ![c](c.png), [d](#d)", encoding="utf-8")
    assert links_of(page) == ["docs/a.md", "c.png"]


def test_the_example_settings_are_the_settings() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = [found[1] for found in map(EXAMPLE_LINE.match, lines) if found]
    assert sorted(shown) == sorted(PREFIX + field.name.upper() for field in fields(Settings))


def links_of(page: Path) -> list[str]:
    return [found[1] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
