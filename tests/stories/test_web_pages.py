"""Pages: their language, their links, their files, and the budget they keep."""

import gzip
import re
from pathlib import Path

import httpx
import pytest
from jinja2 import UndefinedError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch.clock import RealClock
from fundlaunch.database import Database
from fundlaunch.errors import NotFound
from fundlaunch.money import Money
from fundlaunch.settings import Settings
from fundlaunch.web import assets, headers, languages, pages, resources, sessions
from fundlaunch.web.headers import Policy
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests import asgi

CSS_LIMIT_BYTES = 15_000
JS_LIMIT_BYTES = 10_000


def shell_with(tmp_path: Path, templates: Path | None = None, *, debug: bool = True) -> Shell:
    settings = Settings(base_url="https://fund.example.org", secret_key="k" * 40, debug=debug)
    return Shell(
        settings,
        Database(f"sqlite:///{tmp_path / 'a.sqlite3'}"),
        RealClock(),
        Templates(settings, assets.installed(), templates),
    )


def site(shell: Shell, *more: Route) -> httpx.Client:
    def missing(request: Request, error: Exception) -> Response:
        return Response(str(error), 404)

    app = Starlette(routes=[*pages.routes(shell), *more], exception_handlers={NotFound: missing})
    return asgi.client(headers.SecurityHeaders(app, https=True, origins=headers.Origins()), shell.settings.base_url)


@pytest.fixture
def client(tmp_path: Path) -> httpx.Client:
    return site(shell_with(tmp_path))


def asked(query: str = "", accept: str = "", own: str = "") -> Request:
    """A request as a browser sends it; `own` is the language of a signed-in account."""
    state = {"language": own} if own else {}
    sent = [(b"accept-language", accept.encode())] if accept else []
    return Request(
        {"type": "http", "method": "GET", "path": "/x", "query_string": query.encode(), "headers": sent, "state": state}
    )


@pytest.mark.parametrize(
    ("query", "own", "accept", "language"),
    [
        ("lang=ko", "en", "en", "ko"),
        ("lang=xx", "ko", "en", "ko"),
        ("", "ko", "en", "ko"),
        ("", "xx", "ko", "ko"),
        ("", "", "ko-KR", "ko"),
        ("", "", "", "en"),
        ("lang=ko&lang=en", "", "", "en"),
        ("lang=%00", "", "", "en"),
    ],
)
def test_the_address_decides_before_the_account_and_the_account_before_the_browser(
    query: str, own: str, accept: str, language: str
) -> None:
    assert languages.language_of(asked(query, accept, own)) == language


@pytest.mark.parametrize(
    ("query", "path", "address"),
    [
        ("", "/campaigns/stary", "/campaigns/stary"),
        ("lang=ko&ref=yt-pitch", "/campaigns/stary", "/campaigns/stary?lang=ko&ref=yt-pitch"),
        ("lang=ko", "/campaigns/stary#rewards", "/campaigns/stary?lang=ko#rewards"),
        ("lang=ko", "/c?page=2", "/c?lang=ko&page=2"),
        ("lang=ko", "/c?lang=en", "/c?lang=en"),
        ("lang=xx&ref=<script>", "/c", "/c"),
        ("ref=" + "x" * 65, "/c", "/c"),
        ("other=1", "/c", "/c"),
    ],
)
def test_links_carry_language_and_tag_and_nothing_else(query: str, path: str, address: str) -> None:
    assert languages.link(asked(query), path) == address


def test_the_other_language_of_a_page_keeps_its_query() -> None:
    assert languages.lang_url(asked("q=a b&lang=en&page=2"), "ko") == "/x?q=a+b&page=2&lang=ko"


def test_a_hashed_file_is_kept_for_good(client: httpx.Client) -> None:
    for name in ("app.css", "app.js", "mark.svg"):
        got = client.get(assets.installed().url(name))
        assert got.status_code == 200
        assert got.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert got.headers["vary"] == "Accept-Encoding"


def test_a_browser_that_does_not_unpack_gets_the_same_file_plain(client: httpx.Client) -> None:
    url = assets.installed().url("app.css")
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = client.get(url, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


@pytest.mark.parametrize(
    "path",
    [
        "/assets/app.css",
        "/assets/app.000000000000.css",
        "/assets/../assets.py",
        "/assets/%2e%2e/assets.py",
        "/assets/accent/1f3fd0.css",
        "/assets/accent/1f3fd0.000000000000.css",
        "/assets/accent/zzzzzz.000000000000.css",
        "/assets/css/base.css",
        "/assets/",
    ],
)
def test_any_other_address_names_no_file(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_name_of_a_file_changes_with_its_content(tmp_path: Path) -> None:
    for content in ("a {}", "b {}"):
        folder = tmp_path / content[0]
        (folder / "css").mkdir(parents=True)
        (folder / "css" / "base.css").write_text(content)
    assert assets.Assets(tmp_path / "a").url("app.css") != assets.Assets(tmp_path / "b").url("app.css")


def test_styles_and_scripts_keep_their_budget(client: httpx.Client) -> None:
    installed = assets.installed()
    sizes = {name: len(gzip.compress(client.get(installed.url(name)).content)) for name in ("app.css", "app.js")}
    assert sizes["app.css"] <= CSS_LIMIT_BYTES
    assert sizes["app.js"] <= JS_LIMIT_BYTES


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_style_guide_shows_every_macro_file(client: httpx.Client, language: str) -> None:
    page = client.get(f"/styleguide?lang={language}").text
    assert f'<html lang="{language}"' in page
    source = (resources.templates() / "styleguide.html").read_text()
    macros = {path.name for path in (resources.templates() / "ui").glob("*.html")} - {"language.html"}
    assert {name for name in macros if f'"ui/{name}"' not in source} == set()


def test_the_style_guide_is_for_debug_mode_only(tmp_path: Path) -> None:
    assert site(shell_with(tmp_path, debug=False)).get("/styleguide").status_code == 404


def test_every_id_of_the_style_guide_is_its_own(client: httpx.Client) -> None:
    found = re.findall(r'\sid="([^"]+)"', client.get("/styleguide").text)
    assert len(found) == len(set(found))


def page(tmp_path: Path, text: str, policy: Policy = Policy.FLOW, **views: object) -> tuple[Shell, Route]:
    folder = tmp_path / "templates"
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text(text)
    shell = shell_with(tmp_path, folder)
    return shell, Route("/page", lambda request: shell.templates.render(request, "page.html", 200, policy, **views))


def shown(tmp_path: Path, text: str, policy: Policy = Policy.FLOW, **views: object) -> str:
    shell, route = page(tmp_path, text, policy, **views)
    client = site(shell, route)
    client.cookies.set("__Host-fl", sessions.new_value(), domain="fund.example.org")
    return client.get("/page").text


def test_what_people_typed_cannot_become_markup(tmp_path: Path) -> None:
    text = '{{ typed }}|{{ _("Hello %(name)s", name=typed) }}|<a href="{{ typed }}">'
    assert "<script" not in shown(tmp_path, text, typed='"><script>alert(1)</script>')


def test_a_name_the_page_was_not_given_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError):
        shown(tmp_path, "{{ view.title }}")


def test_a_public_page_holds_nothing_of_the_session(tmp_path: Path) -> None:
    assert shown(tmp_path, "[{{ csrf_field }}]", Policy.PUBLIC) == "[]"
    assert 'name="csrf"' in shown(tmp_path, "[{{ csrf_field }}]", Policy.MANAGE)


def test_a_request_key_is_fresh_on_each_page_and_kept_after_a_mistake(tmp_path: Path) -> None:
    first, second = (shown(tmp_path, "{{ request_key_field() }}") for _ in range(2))
    assert first != second
    assert 'value="kept"' in shown(tmp_path, '{{ request_key_field("kept") }}')


def test_filters_speak_the_language_of_the_page(tmp_path: Path) -> None:
    shell, route = page(tmp_path, "{{ amount|money }} {{ 'KR'|country }}", amount=Money(5000, "KRW"))
    client = site(shell, route)
    assert client.get("/page").text == "₩5,000 South Korea"
    assert client.get("/page", headers={"Accept-Language": "ko"}).text == "5,000원 대한민국"


def test_a_mail_is_text_without_markup_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "hello.txt").write_text("{{ name }}: {{ amount|money_exact }}")
    templates = Templates(Settings(secret_key="k"), assets.installed(), tmp_path)
    assert templates.text("ko", "mail/hello.txt", name="A & B", amount=Money(100, "KRW")) == "A & B: 100원"
