"""A backer pledges in a real browser: on a phone and on a wide screen, with scripts and without."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fundlaunch.database import Database
from fundlaunch.pledges.states import PledgeState
from tests.browser.running import Running, running_site
from tests.stage import board, lamp

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

PHONE: "ViewportSize" = {"width": 390, "height": 844}
WIDE: "ViewportSize" = {"width": 1280, "height": 900}


@pytest.fixture
def site(sqlite_database: Database, tmp_path: Path) -> Iterator[Running]:
    with sqlite_database.transaction() as session:
        board(session, backers=0, pledged_minor=0, last_backer_number=0)
        lamp(session)
    with running_site(sqlite_database, tmp_path) as running:
        yield running


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_backer_pledges(chromium: "Browser", site: Running, size: "ViewportSize", *, scripts: bool) -> None:
    context = chromium.new_context(viewport=size, java_script_enabled=scripts, locale="en-US")
    page = context.new_page()
    complaints = listen(page)

    page.goto(f"{site.address}/campaigns/board?ref=film")
    page.get_by_role("link", name="Choose “One board” for $499").click()
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Travel bag", exact=True).fill("2")
    page.get_by_label("Amount in USD").fill("10")
    if scripts:
        page.get_by_text("Shipping to Germany").wait_for()
    else:
        page.get_by_role("button", name="Work out the sum").click()
    assert "630.00" in page.locator("[data-part=basket]").inner_text()

    page.get_by_role("button", name="Go on to the review").click()
    assert "After 11 December 2026 your card pays $630.00" in page.locator("h1").inner_text()
    page.get_by_label("E-mail").fill("mina@example.org")
    page.get_by_label("I know that rewards are not guaranteed").check()
    page.get_by_role("button", name="Go on to Stripe").click()

    page.get_by_role("button", name="Save this card").click()
    page.wait_for_url(f"{site.address}/pledges/*/thanks*")
    assert page.locator(".thanks__no").inner_text() == "1"
    [row] = site.house.pledges()
    assert (row.status, row.total_minor, row.ref) == (PledgeState.PLEDGED, 630_00, "film")

    page.get_by_role("link", name="Manage your pledge").click()
    assert "•••• 4242" in page.locator("main").inner_text()
    assert complaints == []
    context.close()


def test_a_mistake_is_told_at_its_field_and_mended(chromium: "Browser", site: Running) -> None:
    page = chromium.new_page(viewport=PHONE, locale="en-US")
    page.goto(f"{site.address}/campaigns/board/pledge?tier=one")
    page.get_by_label("Country").select_option("US")
    page.get_by_label("Amount in USD").fill("1,234.56")
    page.get_by_role("button", name="Go on to the review").click()
    assert "1 thing needs mending" in page.get_by_role("alert").inner_text()
    assert "is not an amount" in page.locator("#bonus-error").inner_text()
    assert page.get_by_label("Country").input_value() == "US"
    page.get_by_label("Amount in USD").fill("5")
    page.get_by_role("button", name="Go on to the review").click()
    assert "$519.00" in page.locator("h1").inner_text()
    page.close()


def test_the_way_back_keeps_what_was_chosen(chromium: "Browser", site: Running) -> None:
    page = chromium.new_page(viewport=PHONE, locale="en-US")
    page.goto(f"{site.address}/campaigns/board/pledge?tier=one")
    page.get_by_label("Country").select_option("KR")
    page.get_by_text("Shipping to South Korea").wait_for()
    page.get_by_role("button", name="Go on to the review").click()
    page.get_by_label("E-mail").fill("mina@example.org")
    page.get_by_label("I know that rewards are not guaranteed").check()
    page.get_by_role("button", name="Go on to Stripe").click()
    page.get_by_role("link", name="Cancel and go back").click()
    assert "One step is missing: your card." in page.locator("h1").inner_text()
    page.get_by_role("link", name="Choose differently").click()
    assert page.get_by_label("Country").input_value() == "KR"
    page.go_back()
    page.get_by_role("button", name="Go on to Stripe").click()
    page.get_by_role("button", name="Save this card").click()
    page.wait_for_url("**/thanks*")
    assert len(site.house.pledges()) == 1
    page.close()


def test_a_pledge_is_changed_and_canceled(chromium: "Browser", site: Running) -> None:
    token = site.house.pledge("board", "mina@example.org", "one", country="DE")
    page = chromium.new_page(viewport=PHONE, locale="en-US")
    page.goto(f"{site.address}/pledges/{token}")
    page.get_by_role("link", name="Change your pledge").click()
    page.get_by_role("button", name="One more: Travel bag").click()
    page.get_by_text("What comes on top").wait_for()
    page.get_by_role("button", name="Save the change").click()
    assert "Saved. Your pledge is now $574.00" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Cancel your pledge").click()
    page.get_by_role("button", name="Cancel my pledge").click()
    assert "Your pledge is canceled" in page.get_by_role("status").inner_text()
    page.close()


def test_a_pledge_in_korean_on_a_phone(chromium: "Browser", site: Running) -> None:
    page = chromium.new_page(viewport=PHONE, locale="ko-KR")
    complaints = listen(page)
    page.goto(f"{site.address}/campaigns/lamp")
    assert page.locator("html").get_attribute("lang") == "ko"
    page.locator("#reward-large a").click()
    page.locator("#country").select_option("KR")
    page.locator(".line--total").wait_for()
    assert "172,000" in page.locator(".line--total").inner_text()
    assert complaints == []
    page.close()


def test_nothing_leaves_the_site_before_the_film_is_played(chromium: "Browser", site: Running) -> None:
    page = chromium.new_page(viewport=WIDE, locale="en-US")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/campaigns/board")
    page.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(site.address)] == []
    page.route("https://**", lambda route: route.abort())
    page.get_by_text("Play the film").click()
    frame = page.locator("iframe")
    assert (frame.get_attribute("src") or "").startswith("https://www.youtube-nocookie.com/embed/AAAAAAAAAAA")
    page.close()


def test_nothing_is_wider_than_a_phone(chromium: "Browser", site: Running) -> None:
    token = site.house.pledge("board", "mina@example.org", "one", country="DE")
    page = chromium.new_page(viewport=PHONE, locale="en-US")
    for path in ("/", "/campaigns/board", "/campaigns/board/pledge?tier=one&country=DE", f"/pledges/{token}"):
        page.goto(site.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.close()


def listen(page: "Page") -> list[str]:
    """What the browser complains about: refused scripts and styles, errors of our own scripts."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
