"""docs/lists.md names the columns that lists really have."""

import re
from pathlib import Path

from fundlaunch.fulfilment.presets import PRESETS
from fundlaunch.fulfilment.presets.own import columns
from fundlaunch.fulfilment.rows import Catalogue

EMPTY = Catalogue("", "", "", "USD", "UTC", (), (), (), ())


def test_every_own_column_is_documented_in_its_order(project_root: Path) -> None:
    page = (project_root / "docs" / "lists.md").read_text(encoding="utf-8")
    table = page.split("## `fundlaunch`")[1].split("\n## ")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert [name for cell in first_cells for name in re.findall("`([a-z0-9_]+)`", cell)] == [
        column.header for column in columns(EMPTY)
    ]


def test_every_preset_and_every_header_is_documented(project_root: Path) -> None:
    page = " ".join((project_root / "docs" / "lists.md").read_text(encoding="utf-8").split())
    for preset in PRESETS:
        assert f"| `{preset.kind.value}` | `{preset.name}`" in page
        for column in preset.columns(EMPTY):
            assert column.header in page
