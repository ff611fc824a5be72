"""Pledges entered by hand: the list of them, the form, and taking one back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import queries
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.rewards import Reward, rewards
from fundlaunch.campaigns.rules import local_instant, zone
from fundlaunch.campaigns.states import TierKind
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.errors import N_, BadInput, Conflict, SoldOut
from fundlaunch.money import Money
from fundlaunch.people.roles import Permission
from fundlaunch.pledges import forms, notes, offline
from fundlaunch.pledges.offering import field_of
from fundlaunch.pledges.offline import OfflineEntry
from fundlaunch.studio.backer_sheet import sheet
from fundlaunch.studio.editing.section import refuse
from fundlaunch.studio.entrance import address, changing, looking, page
from fundlaunch.web.forms import Form, posted
from fundlaunch.web.languages import language_of, link
from fundlaunch.web.shell import Shell

LIST = "/backers/by-hand"
NAME_LIMIT = 200
FIELDS = frozenset({"name", "email", "tier", "quantity", "country", "bonus", "day", "note"})


@dataclass(frozen=True, slots=True)
class Entered:
    """A line of the list; `reward` is '' for a pledge without one."""

    number: int
    name: str
    email: str
    reward: str
    quantity: int
    taken_at: datetime
    total: Money


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/backers/by-hand, and the removal of one entry."""

    def show(request: Request) -> Response:
        return _page(shell, request, None)

    def enter(request: Request, form: Form) -> Response:
        slug = request.path_params["slug"]
        try:
            with changing(shell, request, Permission.RUN, "/backers") as (session, frame):
                form.only(FIELDS | set(forms.add_on_fields(form)))
                entry = _entry(form, frame.campaign.goal.currency, frame.campaign.timezone)
                if entry is not None:
                    actor = frame.person.email
                    offline.record(session, slug, entry, form.request_key(), actor, shell.clock.now())
        except SoldOut as refusal:
            refuse(form, refusal, "tier")
            return _page(shell, request, form, 409)
        except BadInput as refusal:
            chosen = forms.selection(form, "USD") if "tier" in form else None
            refuse(form, refusal, field_of(refusal, chosen) if chosen else refusal.field)
        if not form.is_valid:
            return _page(shell, request, form, 422)
        return RedirectResponse(link(request, address(slug, f"{LIST}?done=entered")), 303)

    path = "/studio/campaigns/{slug}/backers/by-hand"
    return [Route(path, show), Route(path, posted(shell.signed(enter)), methods=["POST"]), *_removal(shell)]


def _removal(shell: Shell) -> list[Route]:
    def ask(request: Request) -> Response:
        slug, number = request.path_params["slug"], request.path_params["number"]
        with looking(shell, request, Permission.RUN, "/backers") as (session, frame):
            campaign = queries.by_slug(session, slug)
            view = sheet(session, campaign, number, language_of(request), shell.clock.now())
        if not view.can_be_removed:
            raise Conflict(N_("This entry was removed already, or a backer made this pledge themselves."))
        return page(shell, request, "by_hand_remove", frame, view=view)

    def remove(request: Request, form: Form) -> Response:
        slug, number = request.path_params["slug"], request.path_params["number"]
        with changing(shell, request, Permission.RUN, "/backers") as (session, frame):
            form.only(())
            offline.remove(session, slug, number, frame.person.email, shell.clock.now())
        return RedirectResponse(link(request, address(slug, f"{LIST}?done=removed")), 303)

    path = "/studio/campaigns/{slug}/backers/{number:int}/remove"
    return [Route(path, ask), Route(path, posted(shell.signed(remove)), methods=["POST"])]


def _entry(form: Form, currency: str, timezone: str) -> OfflineEntry | None:
    """What was typed; None if something is wrong with it, which is noted in the form."""
    name = form.text("name", NAME_LIMIT)
    email = form.email("email") if form.typed("email").strip() else ""
    selection = forms.selection(form, currency)
    if selection is None:
        form.refuse("tier", N_("Please choose a reward, or none."))
    note = form.long_text("note", notes.LIMIT)
    day = _day(form, timezone)
    if not form.is_valid or selection is None or day is None:
        return None
    return OfflineEntry(name, email, selection, day, note)


def _day(form: Form, timezone: str) -> datetime | None:
    """The beginning of the day that was typed, on the clocks of the campaign."""
    try:
        day = date.fromisoformat(form.text("day", 10))
        return local_instant(datetime.combine(day, time()), timezone, field="day")
    except ValueError:
        form.refuse("day", N_("Please choose a day."))
    except BadInput as refusal:
        refuse(form, refusal, "day")
    return None


def _page(shell: Shell, request: Request, form: Form | None, status: int = 200) -> Response:
    now, language = shell.clock.now(), language_of(request)
    with looking(shell, request, Permission.BACKERS, "/backers") as (session, frame):
        campaign = queries.by_slug(session, frame.campaign.slug)
        offered = rewards(session, campaign, language, {}, now, key=None)
        views = {
            "entered": _entered(session, campaign, offered),
            "takes_entries": campaign.status in offline.TAKES_ENTRIES and frame.may_run,
            "tiers": [one for one in offered if one.kind is TierKind.BASE],
            "add_ons": [one for one in offered if one.kind is TierKind.ADD_ON],
            "countries": i18n.countries(sorted(all_countries()), language),
            "today": now.astimezone(zone(campaign.timezone)).date().isoformat(),
            "total": Money(campaign.offline_minor, campaign.currency),
        }
    done = request.query_params.get("done", "")
    return page(shell, request, "by_hand", frame, status, form=form, done=done, note_limit=notes.LIMIT, **views)


def _entered(session: Session, campaign: Campaign, offered: Sequence[Reward]) -> list[Entered]:
    titles = {one.id: one.title for one in offered}
    return [
        Entered(
            number=one.backer_number or 0,
            name=one.name,
            email=one.email,
            reward=titles.get(one.tier_id or "", ""),
            quantity=one.tier_quantity,
            taken_at=one.confirmed_at or one.created_at,
            total=Money(one.total_minor, one.currency),
        )
        for one in offline.entries(session, campaign.id)
    ]
