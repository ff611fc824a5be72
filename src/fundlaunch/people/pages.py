"""Pages of signing in and out. None of them says, by word, status or time, whether an address has an account."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.errors import N_, Conflict
from fundlaunch.people import actions, queries, rules, sessions
from fundlaunch.people.actions import WrongCode
from fundlaunch.people.present import person_of, require_person
from fundlaunch.people.sessions import Browser, SignedIn
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """/sign-in with its code and its link, /sign-out, /account/sessions."""
    return [*_asking(shell), *_code(shell), *_link(shell), *_sessions(shell)]


def _asking(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        next_path = rules.path_after_sign_in(request.query_params.get("next", rules.HOME))
        person = person_of(shell, request)
        return _page(shell, request, "sign_in", form=None, next_path=next_path, person=person)

    def ask(request: Request, form: Form) -> Response:
        form.only({"email", "next"})
        email, next_path = form.email("email"), rules.path_after_sign_in(form.typed("next"))
        if email and not rules.is_address(email):
            form.refuse("email", rules.NO_ADDRESS, typed=email[:80])
        if not form.is_valid:
            return _page(shell, request, "sign_in", 422, form=form, next_path=next_path, person=None)
        with shell.database.transaction() as session:
            sign_in_id = actions.ask_to_sign_in(
                session,
                email,
                next_path=next_path,
                language=language_of(request),
                ip=request.client.host if request.client else "",
                limits=rules.LIMITS if shell.settings.limits == "on" else rules.NO_LIMITS,
                now=shell.clock.now(),
            )
        return RedirectResponse(link(request, f"/sign-in/code?{urlencode({'mail': sign_in_id})}"), 303)

    return [Route("/sign-in", show), Route("/sign-in", posted(ask), methods=["POST"])]


def _code(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        return code_page(request, request.query_params.get("mail", ""), None)

    def enter(request: Request, form: Form) -> Response:
        form.only({"mail", "code"})
        mail = form.typed("mail")[:26]
        with shell.database.transaction() as session:
            answer = actions.use_code(session, mail, form.typed("code"), _browser(shell, request), shell.clock.now())
        if isinstance(answer, SignedIn):
            return _signed_in(shell, request, answer)
        _refuse(form, answer)
        return code_page(request, mail, form)

    def code_page(request: Request, mail: str, form: Form | None) -> Response:
        with shell.database.reading() as session:
            address = queries.asked_address(session, mail[:26], shell.clock.now())
        status = 200 if form is None else 422
        return _page(shell, request, "code", status, form=form, mail=mail, address=address, minutes=_minutes())

    return [Route("/sign-in/code", show), Route("/sign-in/code", posted(enter), methods=["POST"])]


def _refuse(form: Form, answer: WrongCode) -> None:
    if answer.tries_left:
        form.refuse("code", N_("This is not the code of the mail. Tries left: {count}."), count=answer.tries_left)
    else:
        form.refuse("code", N_("This code is not good any more. Ask for a new mail."))


def _link(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        # Mail scanners open every link: looking uses nothing up, pressing the button does.
        with shell.database.reading() as session:
            view = queries.link_view(session, request.path_params["token"], shell.clock.now())
        if view is None:
            return _page(shell, request, "link_over", 410, minutes=_minutes())
        return _page(shell, request, "link", view=view)

    def use(request: Request, form: Form) -> Response:
        form.only(())
        try:
            with shell.database.transaction() as session:
                browser = _browser(shell, request)
                answer = actions.use_link(session, request.path_params["token"], browser, shell.clock.now())
        except Conflict:
            return _page(shell, request, "link_over", 410, minutes=_minutes())
        return _signed_in(shell, request, answer)

    return [Route("/sign-in/link/{token}", show), Route("/sign-in/link/{token}", posted(use), methods=["POST"])]


def _sessions(shell: Shell) -> list[Route]:
    def show(request: Request) -> Response:
        person = require_person(shell, request)
        with shell.database.reading() as session:
            views = queries.sessions_of(session, person, shell.clock.now())
        return _page(shell, request, "sessions", person=person, sessions=views)

    def end(request: Request, form: Form) -> Response:
        form.only({"session"})
        person = require_person(shell, request)
        return end_one(request, form.typed("session")) if form.typed("session") != person.session else sign_out(request)

    def end_one(request: Request, which: str) -> Response:
        with shell.database.transaction() as session:
            sessions.end(session, require_person(shell, request), which, shell.clock.now())
        return RedirectResponse(link(request, "/account/sessions"), 303)

    def sign_out(request: Request, form: Form | None = None) -> Response:
        if form is not None:
            form.only(())
        person = require_person(shell, request)
        with shell.database.transaction() as session:
            sessions.end(session, person, person.session, shell.clock.now())
        response = RedirectResponse(link(request, rules.HOME), 303)
        shell.cookie.clear(response)
        return response

    return [
        Route("/account/sessions", show),
        Route("/account/sessions", posted(shell.signed(end)), methods=["POST"]),
        Route("/sign-out", posted(shell.signed(sign_out)), methods=["POST"]),
    ]


def _page(shell: Shell, request: Request, name: str, status: int = 200, **views: object) -> Response:
    return shell.templates.render(request, f"people/{name}.html", status, Policy.LOGIN, **views)


def _browser(shell: Shell, request: Request) -> Browser:
    name = rules.browser_name(request.headers.get("user-agent", "")[:500])
    return Browser(name, shell.cookie.value(request))


def _signed_in(shell: Shell, request: Request, answer: SignedIn) -> Response:
    response = RedirectResponse(link(request, answer.next_path), 303)
    shell.cookie.set(response, answer.value, answer.lasts_seconds)
    return response


def _minutes() -> int:
    return int(rules.SIGN_IN_LASTS.total_seconds()) // 60
