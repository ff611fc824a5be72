"""A pledge's own pages, opened by the link in the mail: see, change, cancel, mend a payment."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch.campaigns import queries as campaigns
from fundlaunch.errors import N_, BadInput, CampaignClosed, Conflict
from fundlaunch.pledges import actions, forms, notes, queries, rows
from fundlaunch.pledges.checkout import Desk
from fundlaunch.pledges.choice_pages import forgive, saw_total
from fundlaunch.pledges.choices import Held
from fundlaunch.pledges.offering import Offering, offering
from fundlaunch.pledges.queries import PledgeView
from fundlaunch.pledges.rules import Selection
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.headers import Policy
from fundlaunch.web.languages import carried, language_of, link
from fundlaunch.web.shell import Shell


def routes(shell: Shell, desk: Desk) -> list[Route]:
    """/pledges/{token}, its change, its cancellation and its fix page."""

    def manage(request: Request) -> Response:
        return _manage(shell, request, None)

    def keep_note(request: Request, form: Form) -> Response:
        form.only(forms.NOTE_FIELDS)
        text = form.long_text("note", notes.LIMIT)
        if not form.is_valid:
            return _manage(shell, request, form, 422)
        token = request.path_params["token"]
        with shell.database.transaction() as session:
            notes.keep_own(session, token, text)
        return RedirectResponse(link(request, f"/pledges/{token}?done=noted#note"), 303)

    def fix(request: Request) -> Response:
        with shell.database.reading() as session:
            view = _read(session, shell, request)
        if not view.is_failing:
            return RedirectResponse(link(request, f"/pledges/{view.token}"), 303)
        return shell.templates.render(request, "pledges/fix.html", policy=Policy.MANAGE, view=view)

    def pay(request: Request, form: Form) -> Response:
        form.only(())
        return RedirectResponse(desk.fix(request.path_params["token"]), 303)

    path = "/pledges/{token}"
    return [
        Route(path, manage),
        Route(f"{path}/fix", fix),
        Route(f"{path}/fix", posted(pay), methods=["POST"]),
        *_change_routes(shell),
        *_cancel_routes(shell),
        Route(f"{path}/note", posted(keep_note), methods=["POST"]),
    ]


def _manage(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    with shell.database.reading() as session:
        view = _read(session, shell, request)
    done = request.query_params.get("done", "")
    views = {"view": view, "form": form, "done": done, "now": shell.clock.now(), "note_limit": notes.LIMIT}
    return shell.templates.render(request, "pledges/manage.html", status, Policy.MANAGE, **views)


def _change_routes(shell: Shell) -> list[Route]:
    def choose(request: Request) -> Response:
        form = Form(request.query_params.multi_items())
        with shell.database.reading() as session:
            view = _read(session, shell, request)
            _check_open(view)
            if "tier" not in form:
                form = Form(forms.fields(view.selection, view.basket.total.currency))
            offered = _offered(session, shell, request, form)
        forgive(form)
        return _change(shell, request, view, offered, form)

    def change(request: Request, form: Form) -> Response:
        form.only(forms.CHANGE_FIELDS | set(forms.add_on_fields(form)))
        with shell.database.reading() as session:
            view = _read(session, shell, request)
            _check_open(view)
            offered = _offered(session, shell, request, form)
        if offered.basket is None or offered.selection is None:
            return _change(shell, request, view, offered, form, 409 if offered.is_sold_out else 422)
        done = RedirectResponse(link(request, f"/pledges/{view.token}?done=changed"), 303)
        if offered.selection == view.selection:
            return done
        if not saw_total(form, offered):
            return _change(shell, request, view, offered, form, 409, is_new_sum=True)
        _save(shell, view.token, offered.selection, form)
        if form.is_valid:
            return done
        with shell.database.reading() as session:
            view, offered = _read(session, shell, request), _offered(session, shell, request, form)
        return _change(shell, request, view, offered, form, 409)

    path = "/pledges/{token}/change"
    return [Route(path, choose), Route(path, posted(change), methods=["POST"])]


def _save(shell: Shell, token: str, selection: Selection, form: Form) -> None:
    """Save a change; why it was refused is noted in the form. Raises CampaignClosed."""
    seen = form.count("version", forms.MOST_UNITS)
    try:
        with shell.database.transaction() as session:
            actions.change(session, token, selection, seen, shell.clock.now())
    except CampaignClosed:
        raise
    except (Conflict, BadInput) as refused:
        form.errors[""] = BadInput(refused.sentence, field="", **refused.values)


def _cancel_routes(shell: Shell) -> list[Route]:
    def ask(request: Request) -> Response:
        with shell.database.reading() as session:
            view = _read(session, shell, request)
        _check_endable(view)
        return shell.templates.render(request, "pledges/cancel.html", policy=Policy.MANAGE, view=view, form=None)

    def cancel(request: Request, form: Form) -> Response:
        form.only(forms.CANCEL_FIELDS)
        token = request.path_params["token"]
        reason = form.long_text("reason", forms.REASON_LIMIT)
        if not form.is_valid:
            with shell.database.reading() as session:
                view = _read(session, shell, request)
            return shell.templates.render(
                request, "pledges/cancel.html", 422, policy=Policy.MANAGE, view=view, form=form
            )
        with shell.database.transaction() as session:
            actions.cancel(session, token, reason, shell.clock.now())
        return RedirectResponse(link(request, f"/pledges/{token}?done=canceled"), 303)

    path = "/pledges/{token}/cancel"
    return [Route(path, ask), Route(path, posted(cancel), methods=["POST"])]


def _read(session: Session, shell: Shell, request: Request) -> PledgeView:
    return queries.pledge_view(session, request.path_params["token"], language_of(request), shell.clock.now())


def _offered(session: Session, shell: Shell, request: Request, form: Form) -> Offering:
    pledge = rows.glance(session, request.path_params["token"])
    campaign = campaigns.by_id(session, pledge.campaign_id)
    held = Held(rows.units(session, pledge.id), rows.units_elsewhere(session, pledge))
    return offering(session, campaign, form, language_of(request), shell.clock.now(), held)


def _check_endable(view: PledgeView) -> None:
    if not view.can_end:
        raise CampaignClosed(N_("This pledge cannot be changed or canceled any more. Its page says how it stands."))


def _check_open(view: PledgeView) -> None:
    if not view.is_open:
        raise CampaignClosed(N_("This pledge cannot be changed or canceled any more. Its page says how it stands."))


def _change(
    shell: Shell,
    request: Request,
    pledge: PledgeView,
    offered: Offering,
    form: Form,
    status: int = 200,
    *,
    is_new_sum: bool = False,
) -> Response:
    return shell.templates.render(
        request,
        "pledges/change.html",
        status,
        Policy.MANAGE,
        pledge=pledge,
        view=offered,
        form=form,
        carried=carried(request),
        is_new_sum=is_new_sum,
    )
