"""Choosing and reviewing: two screens before the checkout. Sums are worked out on the server each time.

Both screens are addresses that can be opened again: the selection travels in the query, so back is always safe and
nothing is lost without scripts. Only the last button changes anything.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns.policy import POLICY
from fundlaunch.errors import N_, BadInput, OutOfReach, SoldOut
from fundlaunch.money import parse_amount
from fundlaunch.pledges import actions, forms, rows
from fundlaunch.pledges.actions import Backer, Started
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.choices import Held
from fundlaunch.pledges.forms import Contact
from fundlaunch.pledges.left_pages import end_pages
from fundlaunch.pledges.offering import Offering, field_of, offering, open_campaign
from fundlaunch.pledges.rules import Selection
from fundlaunch.web.forms import REQUEST_KEY, Form, posted
from fundlaunch.web.languages import carried, language_of, link, referral_of
from fundlaunch.web.shell import Shell

FORGIVEN = ("country", "bonus")
"""Fields that may still be empty while somebody chooses; the review asks for them."""


def routes(shell: Shell, desk: Desk) -> list[Route]:
    """The page of choosing, the review, and the post that starts a pledge."""

    def choose(request: Request) -> Response:
        form = Form(request.query_params.multi_items())
        view = _look(shell, request, form)
        forgive(form)
        return _choose(shell, request, form, view)

    def review(request: Request, form: Form) -> Response:
        view = _look(shell, request, form)
        if view.basket is None:
            return _choose(shell, request, form, view, mistaken=True)
        return _review(shell, request, form, view)

    def create(request: Request, form: Form) -> Response:
        form.only(forms.REVIEW_FIELDS | set(forms.add_on_fields(form)))
        view = _look(shell, request, form)
        if view.basket is None or view.selection is None:
            return _choose(shell, request, form, view, mistaken=True)
        contact = forms.contact(form)
        if not form.is_valid:
            return _review(shell, request, form, view, 422)
        if not saw_total(form, view):
            return _review(shell, request, form, view, 409, is_new_sum=True)
        started = _start(shell, request, form, view.selection, contact)
        if started is None:
            return _refused(shell, request, form, view)
        answer = go_to_checkout(desk, request, started)
        if started.left_behind:
            end_pages(shell.database, desk.gateway, started.left_behind, shell.clock.now())
        return answer

    path = "/campaigns/{slug}/pledge"
    return [
        Route(path, choose),
        Route(path, posted(create), methods=["POST"]),
        Route(f"{path}/review", lambda request: review(request, Form(request.query_params.multi_items()))),
        Route(f"{path}/review", posted(review), methods=["POST"]),
    ]


def _start(shell: Shell, request: Request, form: Form, chosen: Selection, contact: Contact) -> Started | None:
    """The pledge; None if it was refused, which is noted in the form: at `tier` if it was sold out meanwhile."""
    backer = Backer(contact.email, "", language_of(request), referral_of(request))
    try:
        with shell.database.transaction() as session:
            key = forms.pledge_key(form, chosen, contact.email, rows.page_mark_of(session, form.typed(REQUEST_KEY)))
            return actions.start(session, request.path_params["slug"], chosen, backer, key, shell.clock.now())
    except SoldOut as sold_out:
        form.errors["tier"] = BadInput(sold_out.sentence, field="tier", **sold_out.values)
    except BadInput as mistake:
        form.errors[field_of(mistake, chosen)] = mistake
    return None


def _refused(shell: Shell, request: Request, form: Form, view: Offering) -> Response:
    """The page of choosing again, with the rest as it is now where something was sold out."""
    if "tier" in form.errors:
        return _choose(shell, request, form, _look(shell, request, form), 409)
    return _choose(shell, request, form, view, 422)


def go_to_checkout(desk: Desk, request: Request, started: Started) -> Response:
    """Off to the provider's page; if it does not answer, to our own page from which the backer can go on."""
    try:
        return RedirectResponse(desk.send_to_checkout(started), 303)
    except OutOfReach:
        return RedirectResponse(link(request, f"/pledges/{started.token}/resume?waiting=provider"), 303)


def forgive(form: Form) -> None:
    """Take back what is only missing, not wrong: somebody is still choosing."""
    for name in FORGIVEN:
        if not form.typed(name).strip():
            form.errors.pop(name, None)


def saw_total(form: Form, view: Offering) -> bool:
    """False if the form was sent from a page that showed another sum than the one of now."""
    if view.basket is None or "seen_total" not in form:
        return view.basket is not None
    currency = view.basket.total.currency
    try:
        return parse_amount(form.typed("seen_total"), currency) == view.basket.total
    except BadInput:
        return False


def _look(shell: Shell, request: Request, form: Form) -> Offering:
    now = shell.clock.now()
    with shell.database.reading() as session:
        campaign = open_campaign(session, request.path_params["slug"], now)
        mark = rows.page_mark_of(session, form.typed(REQUEST_KEY)) or forms.page_mark(form)
        held = Held(rows.units_of_page(session, campaign.id, mark))
        return offering(session, campaign, form, language_of(request), now, held)


def _choose(
    shell: Shell, request: Request, form: Form, view: Offering, status: int = 0, *, mistaken: bool = False
) -> Response:
    if mistaken and view.selection is None:
        form.refuse("tier", N_("Please choose a reward, or none."))
    wrong = 409 if view.is_sold_out else 422
    return shell.templates.render(
        request,
        "pledges/choose.html",
        status or (wrong if mistaken else 200),
        view=view,
        form=form,
        carried=carried(request),
        keeps_email=form.typed("email"),
        request_key=form.typed(REQUEST_KEY),
    )


def _review(
    shell: Shell, request: Request, form: Form, view: Offering, status: int = 200, *, is_new_sum: bool = False
) -> Response:
    return shell.templates.render(
        request,
        "pledges/review.html",
        status,
        view=view,
        form=form,
        basket=view.basket,
        kept=view.fields,
        is_new_sum=is_new_sum,
        recovery_days=POLICY.recovery.window.days,
        request_key=form.typed(REQUEST_KEY),
    )
