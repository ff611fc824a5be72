"""The backers of a campaign: search, filters, pages."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch import i18n
from fundlaunch.campaigns import draft_rows, queries
from fundlaunch.campaigns.bounds import SLUG
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.rewards import rewards
from fundlaunch.errors import N_
from fundlaunch.people.roles import Permission
from fundlaunch.pledges.states import PledgeOrigin, PledgeState
from fundlaunch.studio import backers
from fundlaunch.studio.backers import NO_REWARD, RECOVERY, HasAddress, Wish
from fundlaunch.studio.editing.section import name_in
from fundlaunch.studio.entrance import looking, page
from fundlaunch.web.forms import Form, clean
from fundlaunch.web.languages import carried, language_of
from fundlaunch.web.shell import Shell

STATES = {
    PledgeState.PLEDGED.value: N_("Confirmed, not charged"),
    PledgeState.COLLECTED.value: N_("Collected"),
    RECOVERY: N_("In recovery"),
    PledgeState.ERRORED.value: N_("Card declined"),
    PledgeState.AUTHENTICATION_REQUIRED.value: N_("Bank asks to confirm"),
    PledgeState.DROPPED.value: N_("Dropped"),
    PledgeState.CANCELED.value: N_("Canceled"),
}
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
ORIGINS = {
    PledgeOrigin.CAMPAIGN.value: N_("While the campaign ran"),
    PledgeOrigin.LATE.value: N_("Late pledge"),
    PledgeOrigin.OFFLINE.value: N_("Entered by hand"),
}
ADDRESSES = {HasAddress.GIVEN.value: N_("Given"), HasAddress.MISSING.value: N_("Missing")}


def routes(shell: Shell) -> list[Route]:
    """/studio/campaigns/{slug}/backers."""

    def show(request: Request) -> Response:
        language, wish = language_of(request), read_wish(request.query_params)
        with looking(shell, request, Permission.BACKERS, "/backers") as (session, frame):
            campaign = queries.by_slug(session, frame.campaign.slug)
            offered = rewards(session, campaign, language, {}, shell.clock.now(), key=None)
            titles = {reward.id: reward.title for reward in offered}
            found = backers.backer_page(session, campaign.id, campaign.currency, titles, wish)
            countries = backers.countries(session, campaign.id)
            draft = draft_rows.read(session, campaign)
        return page(
            shell,
            request,
            "backers",
            frame,
            form=_form(request),
            found=found,
            wish=wish,
            carried=carried(request),
            newer_url=_page_url(request, "before", found.newer),
            older_url=_page_url(request, "after", found.older),
            tiers=tier_choices(draft, language),
            states=choices(STATES, language),
            countries=i18n.countries(countries, language),
            addresses=choices(ADDRESSES, language),
            origins=choices(ORIGINS, language),
            words=STATES,
        )

    return [Route("/studio/campaigns/{slug}/backers", show)]


def read_wish(asked: QueryParams) -> Wish:
    """What a search asks for; words it does not know ask for nothing, since addresses are typed by hand too."""

    def known(name: str, words: Collection[str]) -> str:
        value = asked.get(name, "")
        return value if value in words else ""

    tier, country = asked.get("tier", ""), asked.get("country", "").upper()
    return Wish(
        search=" ".join(clean(asked.get("q", "")).split())[: backers.SEARCH_LIMIT],
        tier=tier if tier == NO_REWARD or SLUG.fullmatch(tier) else "",
        state=known("state", STATES),
        country=country if _COUNTRY.fullmatch(country) else "",
        address=known("address", ADDRESSES),
        origin=known("origin", ORIGINS),
        after=_number(asked.get("after", "")),
        before=_number(asked.get("before", "")),
    )


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0


def _form(request: Request) -> Form:
    """The search as a form, so that its fields show what was asked for."""
    return Form(list(request.query_params.multi_items()))


def _page_url(request: Request, name: str, number: int) -> str:
    if not number:
        return ""
    query = {key: value for key, value in request.query_params.items() if key not in {"after", "before"}}
    return f"{request.url.path}?{urlencode(query | {name: str(number)})}"


def choices(words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Values with their words in a language."""
    return [(value, i18n.translate(language, message)) for value, message in words.items()]


def tier_choices(draft: CampaignDraft, language: str) -> list[tuple[str, str]]:
    """The rewards of a campaign to choose from, and none of them."""
    named = [
        (tier.slug, name_in({code: text.title for code, text in tier.texts.items()}, language, draft.language))
        for tier in draft.tiers
    ]
    return [*named, (NO_REWARD, i18n.translate(language, N_("No reward")))]
