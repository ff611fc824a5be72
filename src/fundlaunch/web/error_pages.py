"""The page that says what went wrong: one sentence, what to do, in the reader's language.

app.py keeps the table of errors and statuses; this is how each of them looks.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from fundlaunch import i18n
from fundlaunch.errors import N_, FundLaunchError
from fundlaunch.web import headers, languages
from fundlaunch.web.templates import Templates

TITLES = {
    400: N_("This cannot be done as asked"),
    401: N_("Please sign in first"),
    403: N_("This is not open to you"),
    404: N_("There is nothing here"),
    405: N_("This page cannot be used that way"),
    409: N_("Something changed in the meantime"),
    413: N_("This is too large"),
    415: N_("This is not a form"),
    422: N_("Something needs mending"),
    429: N_("That was a little too often"),
    500: N_("Something broke on our side"),
    503: N_("Back in a moment"),
}

SENTENCES = {
    404: N_("The address may be mistyped, or the page was removed. The campaigns are on the front page."),
    405: N_("Go back, reload the page and use its own buttons."),
    500: N_("The error was written down. Nothing was charged by it. Try again, and tell the campaign if it stays."),
    503: N_("The page does not answer right now. Nothing was lost. Try again in a minute."),
}
"""What is said where no error brought a sentence of its own."""

USUALLY = N_("Go back, reload the page and try once more.")

RETRY_AFTER_SECONDS = 30


def error_page(templates: Templates, request: Request, status: int, error: FundLaunchError | None = None) -> Response:
    """The page of one status (see TITLES), with the error's own sentence where there is one."""
    language = languages.language_of(request)
    title = TITLES.get(status, TITLES[400])
    said = i18n.sentence(language, error) if error else i18n.translate(language, SENTENCES.get(status, USUALLY))
    if _wants_html(request):
        response = templates.render(
            request, "errors/error.html", status, headers.Policy.ERROR, status=status, title=title, sentence=said
        )
    else:
        response = PlainTextResponse(f"{i18n.translate(language, title)}. {said}\n", status)
    if status in {429, 503}:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _wants_html(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return not accepted or "text/html" in accepted or "*/*" in accepted
