"""Signing in and out as a browser sees it."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fundlaunch import outbox
from fundlaunch.clock import SimulatedClock
from fundlaunch.database import Database
from fundlaunch.errors import FundLaunchError, NotAllowed, SignInNeeded, TooMany
from fundlaunch.mail import mailboxes
from fundlaunch.mail.keeping import keeper
from fundlaunch.mail.pages import outbox_routes
from fundlaunch.people import pages
from fundlaunch.people.present import require_person, sign_in_first
from fundlaunch.settings import Settings
from fundlaunch.web import assets
from fundlaunch.web.headers import Origins, SecurityHeaders
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests import asgi
from tests.cast import MINA, NOA

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = "http://127.0.0.1:8000"
STATUSES = {NotAllowed: 403, TooMany: 429}


class Site:
    """The pages of people and the outbox, with a letter box that keeps what it is given."""

    def __init__(self, database: Database) -> None:
        self.clock = SimulatedClock(NOON)
        settings = Settings(base_url=HERE, secret_key="k" * 40)
        templates = Templates(settings, assets.installed())
        self.shell = Shell(settings, database, self.clock, templates)
        self.keepers = {outbox.MAIL: keeper(mailboxes.mailbox(""), templates, HERE, "FundLaunch <x@example.org>")}
        routes = [*pages.routes(self.shell), *outbox_routes(self.shell), Route("/studio", self._studio)]
        app = Starlette(
            routes=routes,
            exception_handlers={
                SignInNeeded: lambda request, _: sign_in_first(request),
                FundLaunchError: refusal,
            },
        )
        self.app = SecurityHeaders(app, https=False, origins=Origins())

    def browser(self) -> httpx.Client:
        return asgi.client(self.app, HERE)

    def letters(self) -> None:
        """Let the worker send what is due, a second later than what came before."""
        self.clock.advance(timedelta(seconds=1))
        outbox.keep_due(self.shell.database, self.keepers, self.clock.now())

    def _studio(self, request: Request) -> Response:
        return PlainTextResponse(require_person(self.shell, request).email)


def refusal(request: Request, error: Exception) -> Response:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)
    return PlainTextResponse(str(error), status)


@pytest.fixture
def site(sqlite_database: Database) -> Site:
    return Site(sqlite_database)


def ask(site: Site, browser: httpx.Client, email: str = MINA.email, next_path: str = "/studio") -> str:
    """Ask for a mail; gives the page that waits for its code."""
    answer = browser.post("/sign-in", data={"email": email, "next": next_path})
    assert answer.status_code == 303, answer.text
    site.letters()
    return str(answer.headers["location"])


def newest_letter(browser: httpx.Client) -> str:
    found = re.search(r'href="(/outbox/[a-z2-7]{26})"', browser.get("/outbox").text)
    assert found is not None
    return browser.get(found[1]).text


def code_in(letter: str) -> str:
    found = re.search(r"^ {4}(\d{6})$", letter, re.MULTILINE)
    assert found is not None
    return found[1]


def link_in(letter: str) -> str:
    found = re.search(r"/sign-in/link/[A-Za-z0-9_-]{43}", letter)
    assert found is not None
    return found[0]


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def press(browser: httpx.Client, link: str) -> httpx.Response:
    """Send the form of a sign-in link, which has a button and no field."""
    return browser.post(link, headers={"Content-Type": "application/x-www-form-urlencoded"})


def sign_in(site: Site, browser: httpx.Client, email: str = MINA.email) -> httpx.Response:
    waiting = ask(site, browser, email)
    mail = field(browser.get(waiting).text, "mail")
    return browser.post("/sign-in/code", data={"mail": mail, "code": code_in(newest_letter(browser))})


def test_a_visitor_is_led_from_a_page_to_the_sign_in_and_back_by_the_code(site: Site) -> None:
    with site.browser() as browser:
        asked = browser.get("/studio")
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fstudio")
        assert field(browser.get(asked.headers["location"]).text, "next") == "/studio"
        answer = sign_in(site, browser)
        assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
        assert browser.get("/studio").text == MINA.email


def test_opening_the_link_shows_a_button_and_pressing_it_signs_in_once(site: Site) -> None:
    with site.browser() as browser:
        ask(site, browser)
        link = link_in(newest_letter(browser))
        for _ in range(3):
            looked = browser.get(link)
            assert looked.status_code == 200
            assert MINA.email in looked.text
            assert "set-cookie" not in looked.headers
        pressed = press(browser, link)
        assert (pressed.status_code, pressed.headers["location"]) == (303, "/studio")
        assert browser.get("/studio").text == MINA.email
    with site.browser() as scanner:
        assert press(scanner, link).status_code == 410
        assert scanner.get(link).status_code == 410
        assert scanner.get("/studio").status_code == 303


def test_a_head_request_of_a_mail_scanner_uses_nothing_up(site: Site) -> None:
    with site.browser() as browser:
        ask(site, browser)
        link = link_in(newest_letter(browser))
        assert browser.head(link).status_code == 200
        assert press(browser, link).status_code == 303


def test_the_answers_for_a_known_and_an_unknown_address_are_equal(site: Site) -> None:
    with site.browser() as browser:
        sign_in(site, browser, MINA.email)
    seen = []
    for email in (MINA.email, NOA.email):
        with site.browser() as visitor:
            answer = visitor.post("/sign-in", data={"email": email, "next": "/"})
            waiting = visitor.get(answer.headers["location"])
            number = field(waiting.text, "mail")
            headers = {name: value for name, value in answer.headers.items() if name != "location"}
            page = waiting.text.replace(number, "ID").replace(email, "ADDRESS")
            seen.append((answer.status_code, headers, answer.headers["location"].replace(number, "ID"), page))
    assert seen[0] == seen[1]


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_try_is_none(site: Site) -> None:
    with site.browser() as browser:
        mail = field(browser.get(ask(site, browser)).text, "mail")
        right = code_in(newest_letter(browser))
        wrong = f"{(int(right) + 1) % 1_000_000:06}"
        for left in (4, 3, 2, 1):
            answer = browser.post("/sign-in/code", data={"mail": mail, "code": wrong})
            assert answer.status_code == 422
            assert f"Tries left: {left}." in answer.text
        for code in (wrong, right):
            answer = browser.post("/sign-in/code", data={"mail": mail, "code": code})
            assert answer.status_code == 422
            assert "not good any more" in answer.text
        assert browser.get("/studio").status_code == 303


def test_a_code_that_was_never_asked_for_gets_the_same_page(site: Site) -> None:
    with site.browser() as browser:
        answer = browser.post("/sign-in/code", data={"mail": "nobody", "code": "123456"})
        assert answer.status_code == 422
        assert "not good any more" in answer.text


def test_the_code_is_refused_a_quarter_of_an_hour_later(site: Site) -> None:
    with site.browser() as browser:
        mail = field(browser.get(ask(site, browser)).text, "mail")
        code = code_in(newest_letter(browser))
        site.clock.advance(timedelta(minutes=15))
        assert browser.post("/sign-in/code", data={"mail": mail, "code": code}).status_code == 422


@pytest.mark.parametrize(
    "email", ["", "mina", "mina@example", "mina@example.org\nBcc: noa@example.org", "<b>@example.org"]
)
def test_what_is_no_address_is_shown_again_with_its_mistake(site: Site, email: str) -> None:
    with site.browser() as browser:
        answer = browser.post("/sign-in", data={"email": email, "next": "/studio"})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
        assert "<b>@" not in answer.text
        assert field(answer.text, "next") == "/studio"


def test_a_form_with_a_strange_field_is_refused(site: Site) -> None:
    with site.browser() as browser:
        assert browser.post("/sign-in", data={"email": MINA.email, "is_operator": "1"}).status_code == 400


@pytest.mark.parametrize(
    "wanted", ["https://example.net/", "//example.net", "/\\example.net", "/sign-out", "%2F%2Fexample.net"]
)
def test_nobody_is_led_to_another_site_after_signing_in(site: Site, wanted: str) -> None:
    with site.browser() as browser:
        assert field(browser.get("/sign-in", params={"next": wanted}).text, "next") == "/"
        ask(site, browser, next_path=wanted)
        pressed = press(browser, link_in(newest_letter(browser)))
        assert pressed.headers["location"] == "/"


def test_the_cookie_is_new_at_each_sign_in_and_hidden_from_scripts(site: Site) -> None:
    with site.browser() as browser:
        first = sign_in(site, browser).headers["set-cookie"]
        second = sign_in(site, browser).headers["set-cookie"]
    assert first.partition(";")[0] != second.partition(";")[0]
    assert "HttpOnly" in first
    assert "SameSite=lax" in first


def test_a_session_planted_by_somebody_else_is_not_signed_in(site: Site) -> None:
    with site.browser() as browser:
        browser.cookies.set("fl", "A" * 43, domain="127.0.0.1")
        sign_in(site, browser)
    with site.browser() as attacker:
        attacker.cookies.set("fl", "A" * 43, domain="127.0.0.1")
        assert attacker.get("/studio").status_code == 303


def test_signing_out_ends_the_session_also_for_a_kept_cookie(site: Site) -> None:
    with site.browser() as browser:
        sign_in(site, browser)
        value = browser.cookies["fl"]
        page = browser.get("/sign-in").text
        assert MINA.email in page
        assert browser.post("/sign-out", data={"csrf": field(page, "csrf")}).status_code == 303
        assert "fl" not in browser.cookies
        browser.cookies.set("fl", value, domain="127.0.0.1")
        assert browser.get("/studio").status_code == 303


def test_signing_out_needs_the_token_of_the_session(site: Site) -> None:
    with site.browser() as browser:
        sign_in(site, browser)
        assert browser.post("/sign-out", data={"csrf": "0" * 64}).status_code == 403
        assert browser.get("/studio").status_code == 200


def test_another_browser_is_signed_out_from_the_list(site: Site) -> None:
    with site.browser() as phone, site.browser() as laptop:
        phone.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
        laptop.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        sign_in(site, phone)
        site.clock.advance(timedelta(minutes=10))
        sign_in(site, laptop)
        page = laptop.get("/account/sessions").text
        assert page.index("Firefox, Linux") < page.index("Safari, iPhone")
        which = re.findall(r'name="session" value="([0-9a-f]{64})"', page)
        form = {"session": which[1], "csrf": field(page, "csrf")}
        assert laptop.post("/account/sessions", data=form).headers["location"] == "/account/sessions"
        assert phone.get("/studio").status_code == 303
        assert laptop.get("/studio").status_code == 200
        form = {"session": which[0], "csrf": field(page, "csrf")}
        assert laptop.post("/account/sessions", data=form).headers["location"] == "/"
        assert laptop.get("/studio").status_code == 303


def test_a_session_that_is_used_stays_and_an_idle_one_ends(site: Site) -> None:
    with site.browser() as used, site.browser() as idle:
        sign_in(site, used)
        sign_in(site, idle, NOA.email)
        for _ in range(2):
            site.clock.advance(timedelta(days=8))
            assert used.get("/studio").status_code == 200
        assert idle.get("/studio").status_code == 303


def test_the_pages_of_signing_in_are_never_kept_and_load_nothing_from_elsewhere(site: Site) -> None:
    with site.browser() as browser:
        waiting = ask(site, browser)
        for path in ("/sign-in", waiting, link_in(newest_letter(browser)), "/sign-in/link/unknown"):
            headers = browser.get(path).headers
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"
            assert "form-action 'self';" in headers["content-security-policy"]
            assert "connect-src 'none'" in headers["content-security-policy"]


def test_the_sixth_mail_within_an_hour_is_refused_with_a_sentence(site: Site) -> None:
    with site.browser() as browser:
        for _ in range(5):
            ask(site, browser)
        answer = browser.post("/sign-in", data={"email": MINA.email, "next": "/"})
        assert answer.status_code == 429
        assert "try again in an hour" in answer.text


def test_the_pages_and_the_letter_speak_korean_where_asked_to(site: Site) -> None:
    with site.browser() as browser:
        answer = browser.post("/sign-in?lang=ko", data={"email": MINA.email, "next": "/studio"})
        assert "lang=ko" in answer.headers["location"]
        page = browser.get(answer.headers["location"])
        assert '<html lang="ko"' in page.text
        site.letters()
        assert "lang=ko" in newest_letter(browser)


def test_who_is_signed_in_reads_pages_in_the_language_they_signed_in_with(site: Site) -> None:
    with site.browser() as browser:
        answer = browser.post("/sign-in?lang=ko", data={"email": MINA.email, "next": "/"})
        site.letters()
        form = {"mail": field(browser.get(answer.headers["location"]).text, "mail"), "code": ""}
        form["code"] = code_in(newest_letter(browser))
        browser.post("/sign-in/code", data=form)
        assert '<html lang="ko"' in browser.get("/account/sessions").text
        assert '<html lang="en"' in browser.get("/account/sessions?lang=en").text


def test_a_letter_is_shown_in_a_sandbox_that_runs_nothing(site: Site) -> None:
    with site.browser() as browser:
        ask(site, browser)
        found = re.search(r'href="(/outbox/[a-z2-7]{26})"', browser.get("/outbox").text)
        assert found is not None
        answer = browser.get(f"{found[1]}/html")
        assert answer.text.startswith("<!doctype html>")
        policy = answer.headers["content-security-policy"]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
        assert browser.get("/outbox/unknown").status_code == 400


def test_the_outbox_goes_back_page_by_page_and_shows_each_letter_once(site: Site) -> None:
    with site.browser() as browser:
        for number in range(107):
            payload = {"token": "t" * 43, "code": "123456", "minutes": 15}
            with site.shell.database.transaction() as session:
                outbox.promise_mail(
                    session, "sign_in", key=str(number), to=MINA.email, language="en", payload=payload, now=NOON
                )
        for _ in range(3):
            site.letters()
        seen: list[str] = []
        path = "/outbox"
        while path:
            page = browser.get(path).text
            seen += re.findall(r'href="/outbox/([a-z2-7]{26})"', page)
            older = re.search(r'href="(/outbox\?before=[a-z2-7]{26})"', page)
            path = older[1] if older else ""
        assert len(seen) == len(set(seen)) == 107
