"""What the buttons of the list of rewards do: move, sort, take away, copy."""

from dataclasses import replace

from fundlaunch import i18n
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.edits import EditPhase
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.errors import N_, BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.studio.editing.offer import Kind, free_slug, new_key, of_kind, with_offers
from fundlaunch.web.forms import Form

PLACE_LIMIT = 999
ENOUGH_TO_SORT = 6
"""From so many on their places can be typed, all at once."""


def moved(draft: CampaignDraft, kind: Kind, slug: str, step: int) -> CampaignDraft:
    """The draft with one offer a place further up (-1) or down (1)."""
    order = list(of_kind(draft, kind))
    at = next((n for n, offer in enumerate(order) if offer.slug == slug), -1)
    other = at + step
    if at >= 0 and 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
    return with_offers(draft, kind, tuple(order))


def sorted_by_places(draft: CampaignDraft, kind: Kind, form: Form) -> CampaignDraft:
    """The draft with its offers by the places typed beside them; one with a new place goes before who had it."""
    offers = of_kind(draft, kind)
    places = {}
    for n, offer in enumerate(offers, start=1):
        name = f"place.{offer.slug}"
        place = form.count(name, PLACE_LIMIT) if form.typed(name).strip() else n
        # Moved up it stands before the one that has the place now, moved down behind it.
        places[offer.slug] = (place, 0 if place < n else 2 if place > n else 1)
    return with_offers(draft, kind, tuple(sorted(offers, key=lambda offer: places[offer.slug])))


def removed(draft: CampaignDraft, kind: Kind, slug: str) -> CampaignDraft:
    """The draft without one offer. Raises BadInput where an add-on or a stretch goal names it."""
    for add_on in draft.add_ons:
        if slug in add_on.tiers:
            raise _needed(_named(draft, slug), _title(add_on))
    for goal in draft.stretch_goals:
        if slug == goal.opens or slug in goal.grants:
            raise _needed(_named(draft, slug), next(iter(goal.titles.values()), goal.slug))
    return with_offers(draft, kind, tuple(offer for offer in of_kind(draft, kind) if offer.slug != slug))


def copied(draft: CampaignDraft, kind: Kind, slug: str, target: Kind, phase: EditPhase) -> tuple[CampaignDraft, str]:
    """The draft with a copy of one offer at the end of `target`, and the copy's short name; raises BadInput.

    While the campaign is live a copy is closed until it was looked at: else people could choose it half done.
    """
    offer = next((found for found in of_kind(draft, kind) if found.slug == slug), None)
    if offer is None:
        raise BadInput(N_("There is no such reward in this campaign. Go back to its rewards."))
    if len(of_kind(draft, target)) >= POLICY.tiers:
        raise BadInput(N_("There are too many of these: at most {most} fit."), most=POLICY.tiers)
    texts = offer.texts
    if kind is target:
        texts = {language: replace(text, title=_copy(language, text.title)) for language, text in texts.items()}
    made_of = next((texts[name].title for name in LANGUAGES if name in texts), "")
    copy = replace(
        offer,
        slug=free_slug(made_of, draft),
        texts=texts,
        featured=False,
        closed=offer.closed or phase is not EditPhase.DRAFT,
        secret_key=new_key() if offer.secret_key else "",
        limit_per_backer=offer.limit_per_backer if kind is target else POLICY.add_on_limit_per_backer,
    )
    return with_offers(draft, target, (*of_kind(draft, target), copy)), copy.slug


def _copy(language: str, title: str) -> str:
    return i18n.translate(language, N_("{title} (copy)"), title=title)[:120] if title else title


def _needed(title: str, where: str) -> BadInput:
    return BadInput(
        N_("“{title}” is named by “{where}”. Change that first, then remove it here."), title=title, where=where
    )


def _named(draft: CampaignDraft, slug: str) -> str:
    return next((_title(offer) for offer in (*draft.tiers, *draft.add_ons) if offer.slug == slug), slug)


def _title(offer: TierDraft) -> str:
    return next((text.title for text in offer.texts.values() if text.title), offer.slug)
