"""The editors in a browser: a jacket in six ways, a secret reward, a stretch goal, from nothing; and what axe says."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from fundlaunch.campaigns import actions
from fundlaunch.database import Database
from fundlaunch.people.accounts import find_or_create, give_role
from fundlaunch.people.roles import Role
from fundlaunch.people.rules import SessionKind
from fundlaunch.people.tables import BrowserSession
from fundlaunch.web import sessions
from tests.browser.running import running_site
from tests.browser.test_accessibility import RULES, said
from tests.cast import NOA
from tests.stage import NOW
from tests.studio import whole_draft

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOME = "/studio/campaigns/kerb/edit"
LOOKED_AT = ("basics", "items/bag", "rewards", "rewards/friends", "shipping", "stretch/lights")


@pytest.fixture(scope="module")
def desk(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a site with the draft `kerb`, and the cookie of Noa, who owns it."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "desk.sqlite3").write_bytes(prepared_sqlite.read_bytes())
    database = Database(f"sqlite:///{folder / 'desk.sqlite3'}")
    value = sessions.new_value()
    with database.transaction() as session:
        account_id = find_or_create(session, NOA.email, language="en", now=NOW, name=NOA.name)
        give_role(session, account_id, actions.create(session, whole_draft(), None, NOW), Role.OWNER, NOW)
        session.add(
            BrowserSession(
                value_hash=sessions.hashed(value),
                account_id=account_id,
                kind=SessionKind.CREATOR,
                created_at=NOW,
                seen_at=NOW,
                expires_at=NOW + timedelta(days=7),
            )
        )
    with running_site(database, folder) as site:
        yield site.address, value
    database.dispose()


def opened(
    chromium: "Browser", desk: tuple[str, str], width: int, scheme: Literal["light", "dark"] = "light"
) -> "Page":
    address, value = desk
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, base_url=address)
    page.context.add_cookies([{"name": "fl", "value": value, "url": address}])
    return page


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 390), ("ko", "dark", 1280)])
def test_no_editor_has_a_finding_or_is_wider_than_its_screen(
    chromium: "Browser", desk: tuple[str, str], language: str, scheme: Literal["light", "dark"], width: int
) -> None:
    page = opened(chromium, desk, width, scheme)
    found: dict[str, list[str]] = {}
    for path in LOOKED_AT:
        page.goto(f"{HOME}/{path}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        answer = Axe().run(page, options=RULES)
        if answer.response["violations"]:
            found[path] = [said(one) for one in answer.response["violations"]]
    page.close()
    assert found == {}


def test_a_jacket_in_six_ways_a_secret_reward_and_a_stretch_goal(chromium: "Browser", desk: tuple[str, str]) -> None:
    page = opened(chromium, desk, 390)
    page.goto(f"{HOME}/items")
    page.get_by_role("button", name="Add an item").click()
    page.locator("[name='items.2.sku']").fill("JACKET")
    page.locator("[name='items.2.name.en']").fill("Jacket")
    page.get_by_role("button", name="Sizes, colours of item 3").click()
    page.get_by_role("button", name="Add “Size”").click()
    page.locator("[name='options.0.values.0.name.en']").fill("S, M, L")
    page.locator("[name='options.0.values.0.name.en']").press("Enter")
    page.locator("[name='variants.1.weight_grams']").fill("420")
    page.get_by_role("button", name="Add “Colour”").click()
    page.locator("[name='options.1.values.0.name.en']").fill("Red, Blue")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**saved=1")
    skus = [field.input_value() for field in page.locator("[name$='.sku']").all()]
    assert skus == [f"JACKET-{size}-{colour}" for size in "SML" for colour in ("RED", "BLUE")]
    assert page.locator("[name='variants.3.weight_grams']").input_value() == "420"
    _make_secret(page)
    _make_goal(page)
    page.close()


def _make_secret(page: "Page") -> None:
    page.goto(f"{HOME}/new-reward")
    assert not page.locator(".sending__rates").is_visible()
    page.locator("[name='title.en']").fill("One jacket")
    page.locator("[name='price']").fill("120")
    page.locator("[name='items.jacket']").fill("1")
    page.get_by_label("Only people with its link").check()
    page.get_by_label("Sending").select_option("some")
    page.get_by_role("button", name="Add a country or region").click()
    page.get_by_label("Country or region").fill("Europe")
    page.locator("[name='rates.0.first']").fill("9.90")
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.locator("#secret-link").input_value()
    assert "/campaigns/kerb?key=" in link
    page.goto(f"{HOME}/shipping?tier=one-jacket&quantity=2")
    assert "53 countries" in page.locator(".zones").inner_text()


def _make_goal(page: "Page") -> None:
    page.goto(f"{HOME}/stretch/new")
    page.locator("[name='title.en']").fill("A hood")
    assert not page.locator(".measured").is_visible()
    page.get_by_label("Orders of an item").check()
    page.get_by_label("Which item").select_option("jacket")
    page.locator("[name='threshold']").fill("200")
    page.get_by_role("button", name="Check what it costs").click()
    assert "costs you nothing" in page.locator("#h-cost ~ [role=status]").inner_text()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/edit/stretch?saved=1")
    assert "200 × Jacket" in page.locator("main").inner_text()
