"""Every response carries the security headers, whoever made it."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.clock import RealClock
from fundlaunch.database import Database
from fundlaunch.settings import Settings
from fundlaunch.web import assets, error_pages, headers, pages
from fundlaunch.web.headers import Origins, Policy
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests import asgi

PERMISSIONS = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    'fullscreen=(self "https://www.youtube-nocookie.com" "https://player.vimeo.com"), '
    'autoplay=("https://www.youtube-nocookie.com" "https://player.vimeo.com"), '
    'encrypted-media=("https://www.youtube-nocookie.com" "https://player.vimeo.com"), '
    'picture-in-picture=("https://www.youtube-nocookie.com" "https://player.vimeo.com")'
)
ORDINARY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https://media.example.org; "
    "font-src 'self'; connect-src 'self'; media-src 'self' https://media.example.org; "
    "frame-src https://www.youtube-nocookie.com https://player.vimeo.com; "
    "form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "manifest-src 'self'; upgrade-insecure-requests; report-to csp"
)
ORIGINS = Origins(media="https://media.example.org")
ANSWERS = {
    "redirect": RedirectResponse("/elsewhere", 303),
    "json": JSONResponse({"ok": True}),
    "text": PlainTextResponse("ok"),
    "nothing": Response(status_code=204),
    **{f"policy-{policy}": headers.marked(PlainTextResponse("ok"), policy) for policy in Policy},
}


def answer(request: Request) -> Response:
    """Whatever the test asks for."""
    return ANSWERS[request.path_params["kind"]]


def fail(request: Request) -> Response:
    """An endpoint with a mistake in it."""
    raise RuntimeError("a mistake of ours")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    settings = Settings(base_url="https://fund.example.org", secret_key="k" * 40, debug=True)
    return Shell(
        settings, Database(f"sqlite:///{tmp_path / 'a.sqlite3'}"), RealClock(), Templates(settings, assets.installed())
    )


@pytest.fixture
def inner(shell: Shell) -> Starlette:
    def refused(request: Request, error: Exception) -> Response:
        return error_pages.error_page(shell.templates, request, getattr(error, "status_code", 500))

    return Starlette(
        routes=[*pages.routes(shell), Route("/answers/{kind}", answer), Route("/fail", fail)],
        exception_handlers={404: refused, 405: refused, 500: refused},
    )


@pytest.fixture
def client(inner: Starlette) -> httpx.Client:
    guarded = headers.SecurityHeaders(inner, https=True, origins=ORIGINS)
    return asgi.client(guarded, "https://fund.example.org", raises=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/styleguide", 200),
        ("GET", "/styleguide?lang=ko", 200),
        ("GET", "/answers/redirect", 303),
        ("GET", "/answers/json", 200),
        ("GET", "/answers/nothing", 204),
        ("GET", "/nowhere", 404),
        ("POST", "/styleguide", 405),
        ("GET", "/fail", 500),
        ("HEAD", "/styleguide", 200),
        ("GET", assets.installed().url("app.css"), 200),
        ("GET", assets.accent_url("#1f3fd0"), 200),
    ],
)
def test_every_response_carries_the_common_headers(client: httpx.Client, method: str, path: str, status: int) -> None:
    got = client.request(method, path)
    assert got.status_code == status
    assert got.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["permissions-policy"] == PERMISSIONS
    assert got.headers["cross-origin-opener-policy"] == "same-origin"
    assert got.headers["cross-origin-resource-policy"] == "same-origin"
    assert got.headers["x-frame-options"] == "DENY"
    assert got.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in got.headers["content-security-policy"]
    assert headers.MARK not in got.headers
    assert "server" not in got.headers
    assert "set-cookie" not in got.headers


def test_without_the_wrapper_a_page_goes_out_bare(inner: Starlette) -> None:
    got = asgi.client(inner, "https://fund.example.org").get("/answers/json")
    assert "content-security-policy" not in got.headers


def test_an_ordinary_page_has_exactly_the_written_policy(client: httpx.Client) -> None:
    for kind in ("policy-public", "policy-flow"):
        assert client.get(f"/answers/{kind}").headers["content-security-policy"] == ORDINARY


def test_manage_and_login_pages_are_tighter(client: httpx.Client) -> None:
    manage = client.get("/answers/policy-manage").headers
    login = client.get("/answers/policy-login").headers
    assert "frame-src 'none'" in manage["content-security-policy"]
    assert manage["referrer-policy"] == login["referrer-policy"] == "same-origin"
    assert "img-src 'self';" in login["content-security-policy"]
    assert "connect-src 'none'" in login["content-security-policy"]
    assert "form-action 'self';" in login["content-security-policy"]


def test_the_card_for_other_pages_may_be_framed_and_nothing_else_may(client: httpx.Client) -> None:
    embed = client.get("/answers/policy-embed").headers
    assert embed["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' https://media.example.org; base-uri 'none'; "
        "form-action 'none'; frame-ancestors *"
    )
    assert "x-frame-options" not in embed
    framed = [
        policy
        for policy in Policy
        if "x-frame-options" not in client.get(f"/answers/policy-{policy}").headers
    ]  # fmt: skip
    assert framed == [Policy.EMBED]


def test_uploads_are_sandboxed_and_readable_from_elsewhere(client: httpx.Client) -> None:
    media = client.get("/answers/policy-media").headers
    assert media["content-security-policy"] == "default-src 'none'; sandbox"
    assert media["cross-origin-resource-policy"] == "cross-origin"


def test_what_nobody_marked_gets_the_strictest_policy_and_is_not_kept(client: httpx.Client) -> None:
    for kind in ("json", "text", "redirect"):
        got = client.get(f"/answers/{kind}").headers
        assert got["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert got["cache-control"] == "no-store"


def test_a_public_page_is_asked_for_again_by_its_etag(client: httpx.Client) -> None:
    first = client.get("/styleguide")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/styleguide", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/styleguide?lang=ko", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_development_over_http_drops_two_things_only(inner: Starlette, client: httpx.Client) -> None:
    plain = asgi.client(headers.SecurityHeaders(inner, https=False, origins=ORIGINS)).get("/styleguide").headers
    secure = dict(client.get("/styleguide").headers)
    secure.pop("strict-transport-security")
    secure["content-security-policy"] = secure["content-security-policy"].replace(" upgrade-insecure-requests;", "")
    assert {name: plain[name] for name in secure if name not in {"etag", "content-length"}} == {
        name: value for name, value in secure.items() if name not in {"etag", "content-length"}
    }


@pytest.mark.parametrize("status", sorted(error_pages.TITLES))
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_error_has_its_page_in_both_languages(shell: Shell, status: int, language: str) -> None:
    request = Request(
        {"type": "http", "method": "GET", "path": "/", "query_string": f"lang={language}".encode(), "headers": []}
    )
    page = error_pages.error_page(shell.templates, request, status)
    assert page.status_code == status
    assert f'<html lang="{language}"' in bytes(page.body).decode()
    assert "<script" not in bytes(page.body).decode()


def test_a_program_gets_an_error_in_plain_words(client: httpx.Client) -> None:
    got = client.get("/nowhere", headers={"Accept": "application/json"})
    assert got.headers["content-type"].startswith("text/plain")
    assert got.text.startswith("There is nothing here.")
