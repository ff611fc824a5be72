"""Everything that is wrong with a draft, found in one pass: for forms that mark their fields and files that name lines.

A fault's `field` is a dotted path in the words of a campaign file: 'goal', 'tiers.2.price', 'items.0.sku'.
"""

from collections.abc import Iterator
from datetime import datetime

from fundlaunch.campaigns import bounds, item_faults, stretch_faults, tier_faults, video
from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.rules import local_instant, zone
from fundlaunch.errors import N_, BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import GOAL_LIMIT_MINOR, MINIMUM_CHARGE_MINOR, not_a_currency
from fundlaunch.web import accent


def faults(draft: CampaignDraft, now: datetime) -> list[BadInput]:
    """Every fault of a draft, in the order of the file; an empty list means that it can be kept."""
    return [
        *_basics(draft),
        *_place(draft),
        *_times(draft, now),
        *_texts(draft),
        *_look(draft),
        *item_faults.items(draft),
        *tier_faults.tiers(draft),
        *stretch_faults.stretch_goals(draft),
    ]


def _basics(draft: CampaignDraft) -> Iterator[BadInput]:
    yield from bounds.slug("slug", draft.slug)
    if draft.currency not in MINIMUM_CHARGE_MINOR:
        yield not_a_currency(draft.currency, field="currency")
    if not 0 < draft.goal_minor < GOAL_LIMIT_MINOR:
        yield BadInput(N_("The goal must be more than zero."), field="goal")
    yield from bounds.length("creator", draft.creator_name, bounds.NAME_LIMIT)
    yield from bounds.length("place", draft.place, bounds.NAME_LIMIT)


def _place(draft: CampaignDraft) -> Iterator[BadInput]:
    """Where a campaign stands among the others: country, category and tags."""
    if draft.country and draft.country not in all_countries():
        yield BadInput(
            N_("“{typed}” is not a country code. Use two capital letters of ISO 3166, such as DE or KR."),
            field="country",
            typed=draft.country[:20],
        )
    if draft.category and draft.category not in CATEGORIES:
        yield BadInput(
            N_("“{typed}” is not a category. Use one of: {known}."),
            field="category",
            typed=draft.category[:40],
            known=", ".join(CATEGORIES),
        )
    yield from bounds.not_more("tags", len(draft.tags), POLICY.tags)
    seen = set()
    for n, tag in enumerate(draft.tags):
        if not tag or "," in tag:
            yield BadInput(N_("A tag is a word or a few, without a comma."), field=f"tags.{n}")
        yield from bounds.length(f"tags.{n}", tag, bounds.TAG_LIMIT)
        if tag.casefold() in seen:
            yield BadInput(N_("The tag “{tag}” stands here twice. Once is enough."), field=f"tags.{n}", tag=tag[:40])
        seen.add(tag.casefold())


def _times(draft: CampaignDraft, now: datetime) -> Iterator[BadInput]:
    least, most = POLICY.duration_days
    if not least <= draft.duration_days <= most:
        yield BadInput(N_("A campaign runs {least} to {most} days."), field="duration_days", least=least, most=most)
    try:
        zone(draft.timezone)
    except BadInput as error:
        yield error
        return
    end, start = (
        _instant(draft.deadline, draft.timezone, "deadline"),
        _instant(draft.launch_at, draft.timezone, "launch_at"),
    )
    yield from (found for found in (end, start) if isinstance(found, BadInput))
    if isinstance(end, datetime) and end <= now:
        yield BadInput(N_("The deadline lies in the past. Choose one at least a day from now."), field="deadline")
    if isinstance(start, datetime):
        yield from _start(start, end, now)


def _instant(wall: datetime | None, timezone: str, field: str) -> datetime | BadInput | None:
    try:
        return local_instant(wall, timezone, field=field) if wall is not None else None
    except BadInput as error:
        return error


def _start(start: datetime, end: datetime | BadInput | None, now: datetime) -> Iterator[BadInput]:
    if start <= now:
        yield BadInput(
            N_("The time of the launch lies in the past. Choose a later one, or leave it out and launch by hand."),
            field="launch_at",
        )
    elif isinstance(end, datetime) and start >= end:
        yield BadInput(N_("The campaign would end before it begins. Choose an earlier launch."), field="launch_at")


def _texts(draft: CampaignDraft) -> Iterator[BadInput]:
    if draft.language not in LANGUAGES:
        yield _unknown_language("language", draft.language)
    if not draft.main_text.title:
        yield BadInput(N_("The campaign needs a title in its main language."), field="title")
    for language, text in draft.texts.items():
        if language not in LANGUAGES:
            yield _unknown_language("languages", language)
        yield from bounds.length(f"title.{language}", text.title, bounds.TITLE_LIMIT)
        yield from bounds.length(f"blurb.{language}", text.blurb, bounds.BLURB_LIMIT)
        yield from bounds.size(f"story.{language}", text.story, bounds.STORY_LIMIT_BYTES)
        yield from bounds.size(f"risks.{language}", text.risks, bounds.RISKS_LIMIT_BYTES)
        yield from bounds.not_more("faq", len(text.faq), bounds.FAQ_LIMIT)
        for question, answer in text.faq:
            yield from bounds.length("faq", question, bounds.BLURB_LIMIT)
            yield from bounds.length("faq", answer, bounds.DESCRIPTION_LIMIT)


def _look(draft: CampaignDraft) -> Iterator[BadInput]:
    try:
        accent.check(draft.accent)
    except BadInput as error:
        yield error
    try:
        if draft.video:
            video.parse(draft.video)
    except BadInput as error:
        yield error
    for language, text in draft.poster_alt.items():
        yield from bounds.length(f"poster.alt.{language}", text, bounds.BLURB_LIMIT)


def _unknown_language(field: str, language: str) -> BadInput:
    return BadInput(
        N_("“{typed}” is not a language of these pages. Use one of: {known}."),
        field=field,
        typed=language[:20],
        known=", ".join(LANGUAGES),
    )
