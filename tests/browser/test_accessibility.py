"""Every public page under the eye of axe, in both languages, light and dark; and by keyboard alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from fundlaunch.database import Database
from tests.browser import gallery
from tests.browser.running import Running, running_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TABS_TO_THE_CHECKOUT = 80
LOOKED_AT = frozenset(
    {
        *("list", "campaign-board", "campaign-funded", "choose-one", "choose-sold-out", "review", "thanks", "resume"),
        *("manage-pledged", "change", "cancel", "fix", "waiting"),
    }
)
"""One page of each kind; the gallery has them in every state."""


@pytest.fixture(scope="module")
def stage(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("stage")
    (folder / "stage.sqlite3").write_bytes(prepared_sqlite.read_bytes())
    database = Database(f"sqlite:///{folder / 'stage.sqlite3'}")
    with database.transaction() as session:
        pledges = gallery.set_stage(session)
    with running_site(database, folder) as site:
        gallery.paint(site.settings.media_dir)
        yield site, pledges
    database.dispose()


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 390), ("ko", "dark", 1280)])
def test_no_page_has_a_finding(
    chromium: "Browser",
    stage: tuple[Running, dict[str, str]],
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    site, pledges = stage
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found: dict[str, list[str]] = {}
    for shot in gallery.shots(pledges):
        if shot.name not in LOOKED_AT:
            continue
        page.goto(f"{site.address}{shot.path}{'&' if '?' in shot.path else '?'}lang={language}")
        answer = Axe().run(page, options=RULES)
        if answer.response["violations"]:
            found[shot.name] = [said(one) for one in answer.response["violations"]]
    page.close()
    assert found == {}


def said(finding: dict[str, object]) -> str:
    nodes = finding["nodes"]
    assert isinstance(nodes, list)
    return f"{finding['id']}: {nodes[0]['html'][:200]}"


def test_a_finding_is_found(chromium: "Browser") -> None:
    page = chromium.new_page()
    page.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src='a.png'></main></html>")
    assert [one["id"] for one in Axe().run(page, options=RULES).response["violations"]] == ["image-alt"]
    page.close()


def test_the_whole_way_by_keyboard(chromium: "Browser", stage: tuple[Running, dict[str, str]]) -> None:
    site, _ = stage
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="en-US")
    page.goto(f"{site.address}/campaigns/board")
    press_on(page, "Choose “One board” for $499")
    page.wait_for_url("**/pledge?*")
    tab_to(page, "country")
    page.keyboard.type("Germany")
    page.get_by_text("Shipping to Germany").wait_for()
    press_on(page, "Go on to the review")
    page.wait_for_url("**/review?*")
    tab_to(page, "email")
    page.keyboard.type("teo@example.org")
    tab_to(page, "accept")
    page.keyboard.press("Space")
    press_on(page, "Go on to Stripe to save a card")
    page.get_by_role("button", name="Save this card").wait_for()
    page.close()


def tab_to(page: "Page", name: str) -> None:
    """Press Tab until the field of that id, or the button or link of that name, has the focus."""
    script = "[document.activeElement.id, document.activeElement.ariaLabel, document.activeElement.innerText]"
    for _ in range(TABS_TO_THE_CHECKOUT):
        page.keyboard.press("Tab")
        if name in page.evaluate(script):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def press_on(page: "Page", name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")
