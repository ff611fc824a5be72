"""Posts: only from our own pages, only forms, only as large as they may be, every mistake named at its field."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fundlaunch.clock import RealClock
from fundlaunch.database import Database
from fundlaunch.errors import BadInput, NotAllowed
from fundlaunch.settings import Settings
from fundlaunch.web import assets, csrf, forms, sessions
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.shell import Shell
from fundlaunch.web.templates import Templates
from tests import asgi

HERE = "https://fund.example.org"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    settings = Settings(base_url=HERE, secret_key="k" * 40)
    return Shell(
        settings, Database(f"sqlite:///{tmp_path / 'a.sqlite3'}"), RealClock(), Templates(settings, assets.installed())
    )


def keep(request: Request, form: Form) -> Response:
    """Reads one form with every kind of field."""
    form.only({"title", "story", "goal", "count", "kind", "email", "poster"})
    kept = {
        "title": form.text("title", 20),
        "story": form.long_text("story", 40),
        "goal": form.optional_money("goal", "USD").minor,
        "count": form.count("count", 9),
    }
    poster = form.upload("poster")
    mistakes = {name: error.sentence for name, error in form.errors.items()}
    return JSONResponse(
        {"kept": kept, "mistakes": mistakes, "poster": len(poster.content) if poster else 0},
        200 if form.is_valid else 422,
    )


def hook(request: Request) -> Response:
    """Stands for the receiver, which proves its posts in another way."""
    return PlainTextResponse("kept")


def refuse(request: Request) -> Response:
    return PlainTextResponse("not from here", 403)


def explain(request: Request, error: Exception) -> Response:
    statuses: dict[type[Exception], int] = {forms.BodyTooLarge: 413, forms.UnsupportedBody: 415}
    return PlainTextResponse(str(error), statuses.get(type(error), 422))


ROUTES = [Route("/keep", posted(keep), methods=["POST"]), Route("/webhooks/stripe", hook, methods=["POST"])]
GUARD = Middleware(csrf.SameSiteOnly, base_url=HERE, refuse=refuse, exempt=("/webhooks/",))


def site(*middleware: Middleware) -> httpx.Client:
    app = Starlette(routes=ROUTES, middleware=middleware, exception_handlers={BadInput: explain})
    client = asgi.client(app, HERE)
    del client.headers["Origin"]
    return client


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Origin": HERE}, 200),
        ({"Origin": "https://fund.example.org.evil.example"}, 403),
        ({"Origin": "http://fund.example.org"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Referer": f"{HERE}/page"}, 403),
        ({"Referer": f"{HERE}/campaigns/stary"}, 200),
        ({"Referer": "https://evil.example/?https://fund.example.org"}, 403),
        ({"Referer": "https://fund.example.org@evil.example/"}, 403),
        ({"Referer": "https://[::1"}, 403),
        ({}, 403),
    ],
)
def test_a_post_is_taken_from_our_own_pages_only(sent: dict[str, str], status: int) -> None:
    assert site(GUARD).post("/keep", data={"title": "x"}, headers=sent).status_code == status


def test_without_the_guard_another_site_gets_through() -> None:
    assert site().post("/keep", data={"title": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_receiver_is_exempt_and_its_neighbours_are_not() -> None:
    assert site(GUARD).post("/webhooks/stripe").status_code == 200
    assert site(GUARD).post("/webhooks-of-others").status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_every_changing_method_is_guarded(method: str) -> None:
    assert site(GUARD).request(method, "/keep", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_token_belongs_to_one_session_and_one_key() -> None:
    token = csrf.token("key", "session-a")
    assert csrf.matches("key", "session-a", token)
    for key, session, sent in (
        ("key", "session-b", token),
        ("other", "session-a", token),
        ("key", "session-a", ""),
        ("key", "session-a", token[:-1]),
        ("key", "", csrf.token("key", "")),
        ("key", "session-a", "한"),
    ):
        assert not csrf.matches(key, session, sent)


def test_what_is_typed_arrives_clean() -> None:
    got = site().post(
        "/keep", data={"title": "  A\u0301  name\u202e\x00 ", "story": "one\r\ntwo  \r\n", "goal": "12.5"}
    )
    assert got.json()["kept"] == {"title": "Á name", "story": "one\ntwo", "goal": 1250, "count": 0}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("title", " \u202e\x00 "),
        ("title", "x" * 21),
        ("story", "x" * 41),
        ("goal", "-1"),
        ("goal", "1e400"),
        ("goal", "NaN"),
        ("goal", "1,234.56"),
        ("goal", "0.001"),
        ("goal", "٣"),
        ("goal", "9" * 60),
        ("count", "10"),
        ("count", "-1"),
        ("count", "1.5"),
        ("count", "²"),
    ],
)
def test_a_mistake_is_named_at_its_field(field: str, typed: str) -> None:
    got = site().post("/keep", data={"title": "fine"} | {field: typed})
    assert got.status_code == 422
    assert list(got.json()["mistakes"]) == [field]


def test_all_mistakes_are_named_at_once() -> None:
    got = site().post("/keep", data={"title": "", "goal": "NaN", "count": "x"})
    assert set(got.json()["mistakes"]) == {"title", "goal", "count"}


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"title=x", "", 415),
        (b"title=x", "text/plain", 415),
        (b"title=x&is_admin=1", "application/x-www-form-urlencoded", 422),
        (b"title=%ff%fe", "application/x-www-form-urlencoded", 422),
        (b"title=\xff", "application/x-www-form-urlencoded", 422),
        (b"&".join([b"title=x"] * 3000), "application/x-www-form-urlencoded", 422),
        (b"title=" + b"x" * forms.BODY_LIMIT_BYTES, "application/x-www-form-urlencoded", 413),
        (b"nonsense", "multipart/form-data", 422),
        (b"nonsense", "multipart/form-data; boundary=b", 422),
        (b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx', "multipart/form-data; boundary=b", 422),
        (b"title=x", "application/x-www-form-urlencoded; charset=utf-8", 200),
    ],
)
def test_hostile_bodies_are_refused_with_a_sentence(content: bytes, kind: str, status: int) -> None:
    got = site().post("/keep", content=content, headers={"Content-Type": kind} if kind else {})
    assert got.status_code == status, got.text


def test_a_body_without_a_length_is_counted_as_it_comes() -> None:
    def endless() -> "list[bytes]":
        return [b"title=" + b"x" * 600_000, b"x" * 600_000]

    got = site().post("/keep", content=iter(endless()), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert got.status_code == 413


def test_a_file_comes_with_its_fields() -> None:
    got = site().post("/keep", data={"title": "x"}, files={"poster": ("../a.png", b"12345", "image/png")})
    assert got.json()["poster"] == 5


def test_a_file_nobody_asked_for_is_refused() -> None:
    got = site().post("/keep", data={"title": "x"}, files={"shell": ("a.php", b"12345", "image/png")})
    assert got.status_code == 422


@pytest.mark.parametrize("typed", ["marta@example.org", "a.b+c@mail.example.co", "서@예시.한국"])
def test_usual_addresses_are_addresses(typed: str) -> None:
    form = Form([("email", f" {typed} ")])
    assert form.email("email") == typed
    assert form.is_valid


@pytest.mark.parametrize(
    "typed",
    ["", "marta", "marta@", "@example.org", "a@b", "a b@example.org", "a@example.org,b@example.org", "a@b@c.org"],
)
def test_other_texts_are_not(typed: str) -> None:
    form = Form([("email", typed)])
    assert form.email("email") == ""
    assert set(form.errors) == {"email"}


def test_an_address_never_carries_a_second_header() -> None:
    form = Form([("email", "a@example.org\r\nBcc: b@example.org")])
    assert form.email("email") == ""


def test_a_request_key_must_look_like_one() -> None:
    assert Form([("request_key", "k" * 32)]).request_key() == "k" * 32
    for typed in ("", "short", "k" * 65, "k" * 31 + "!"):
        with pytest.raises(BadInput):
            Form([("request_key", typed)]).request_key()


def test_a_choice_is_one_of_those_offered() -> None:
    form = Form([("kind", "gold"), ("other", "iron")])
    assert form.choice("kind", {"gold", "silver"}) == "gold"
    assert form.choice("other", {"gold", "silver"}) == ""
    assert set(form.errors) == {"other"}


def saved(request: Request, form: Form) -> Response:
    """A form of a signed-in person."""
    return PlainTextResponse("saved")


def of_session(value: str) -> Request:
    return Request({"type": "http", "method": "POST", "headers": [(b"cookie", f"__Host-fl={value}".encode())]})


def test_a_signed_form_needs_the_token_of_its_session(shell: Shell) -> None:
    value = sessions.new_value()
    token = csrf.token(shell.settings.secret_key, value)
    assert shell.signed(saved)(of_session(value), Form([("csrf", token)])).status_code == 200
    for sent in ("", "wrong", csrf.token(shell.settings.secret_key, sessions.new_value())):
        with pytest.raises(NotAllowed):
            shell.signed(saved)(of_session(value), Form([("csrf", sent)]))


def test_without_a_session_no_token_is_right(shell: Shell) -> None:
    with pytest.raises(NotAllowed):
        shell.signed(saved)(of_session(""), Form([("csrf", "")]))


def test_the_cookie_is_bound_to_the_host_and_hidden_from_scripts(shell: Shell) -> None:
    response = PlainTextResponse("")
    shell.cookie.set(response, sessions.new_value(), 60)
    words = response.headers["set-cookie"].split("; ")
    assert words[0].startswith("__Host-fl=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=lax"} <= set(words)
    assert not any(word.startswith("Domain") for word in words)


def test_a_cookie_of_another_shape_is_no_session(shell: Shell) -> None:
    for value in ("", "short", "x" * 44, "x" * 42 + "!"):
        request = Request({"type": "http", "headers": [(b"cookie", f"__Host-fl={value}".encode())]})
        assert shell.cookie.value(request) == ""
