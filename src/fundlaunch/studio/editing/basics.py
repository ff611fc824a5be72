"""The basics of a campaign: name, kind, goal, time, colour; also what a new campaign begins with."""

from dataclasses import replace
from functools import lru_cache
from zoneinfo import available_timezones

from fundlaunch import i18n
from fundlaunch.campaigns.bounds import BLURB_LIMIT, NAME_LIMIT, TITLE_LIMIT
from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Funding
from fundlaunch.errors import N_, BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import MINIMUM_CHARGE_MINOR, Money
from fundlaunch.studio.editing.recast import recast
from fundlaunch.studio.editing.section import (
    Pairs,
    Section,
    changed_text,
    in_languages,
    joined,
    read_wall,
    slug_of,
    wall_written,
)
from fundlaunch.web.forms import Form

CURRENCIES = tuple((code, code) for code in sorted(MINIMUM_CHARGE_MINOR))
"""As choices of a list."""

DAYS_DIGITS = 6
AFTER_DAYS, AT_MOMENT = "days", "moment"
FIELDS = (
    "language", "slug", "funding", "currency", "goal", "ends", "duration_days", "deadline", "timezone", "creator",
    "place", "country", "category", "tags", "accent", "takes_plain_pledges",
)  # fmt: skip
ROWS = {"goal": "goal_minor", "ends": "deadline", "creator": "creator_name"}
"""Fields whose row in the table of edits has another name."""
TAGS_LIMIT = 400
"""Characters that all tags take together."""

FUNDING = (
    (
        Funding.ALL_OR_NOTHING.value,
        N_("All or nothing"),
        N_("Cards are charged after the deadline, and only if the goal is reached. Below it nobody pays anything."),
    ),
    (
        Funding.FLEXIBLE.value,
        N_("Keep what you raise"),
        N_("Every card is charged at once, and you deliver whatever the sum turns out to be."),
    ),
)
"""The models as choices: value, name, what it means in a sentence."""


@lru_cache
def zones() -> tuple[str, ...]:
    """Time zones to choose from; others of the same rules can be typed too."""
    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(regions) and name.count("/") == 1))


def countries(language: str) -> list[tuple[str, str]]:
    """Every country by its name, as choices of a list."""
    return i18n.countries(sorted(all_countries()), language)


def categories(language: str) -> list[tuple[str, str]]:
    """The categories by name, as choices of a list."""
    named = [(slug, i18n.translate(language, name)) for slug, name in CATEGORIES.items()]
    return sorted(named, key=lambda pair: pair[1])


def blank(language: str, name: str) -> CampaignDraft:
    """What the page of a new campaign shows."""
    currency, timezone = ("KRW", "Asia/Seoul") if language == "ko" else ("USD", "UTC")
    texts = {language: CampaignText()}
    return CampaignDraft("", currency, 0, texts, language=language, creator_name=name, timezone=timezone)


def _written(draft: CampaignDraft) -> Pairs:
    texts = [
        pair
        for language, text in draft.texts.items()
        for pair in ((f"title.{language}", text.title), (f"blurb.{language}", text.blurb))
    ]
    ends = AFTER_DAYS if draft.deadline is None else AT_MOMENT
    tags = ", ".join(draft.tags)
    plain = [("takes_plain_pledges", "yes")] if draft.takes_plain_pledges else []
    return [
        ("language", draft.language),
        *texts,
        ("slug", draft.slug),
        ("creator", draft.creator_name),
        ("place", draft.place),
        ("country", draft.country),
        ("category", draft.category),
        ("tags", tags),
        ("funding", draft.funding.value),
        ("accent", draft.accent),
        ("currency", draft.currency),
        ("goal", Money(draft.goal_minor, draft.currency).plain() if draft.goal_minor else ""),
        ("ends", ends),
        ("duration_days", str(draft.duration_days)),
        ("deadline", wall_written(draft.deadline)),
        ("timezone", draft.timezone),
        *plain,
    ]


def _read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    language = form.choice("language", LANGUAGES) or draft.language
    draft = _read_texts(form, replace(draft, language=language))
    draft = _read_currency(form, draft)
    funding = form.choice("funding", [value for value, _, _ in FUNDING])
    draft = replace(
        _read_kind(form, draft),
        slug=_read_slug(form, draft),
        funding=Funding(funding) if funding else draft.funding,
        accent=form.text("accent", 7),
        goal_minor=form.money("goal", draft.currency).minor,
        timezone=form.text("timezone", 64),
        takes_plain_pledges=form.is_ticked("takes_plain_pledges"),
    )
    return _read_end(form, draft)


def _read_currency(form: Form, draft: CampaignDraft) -> CampaignDraft:
    currency = form.choice("currency", MINIMUM_CHARGE_MINOR) or draft.currency
    try:
        return recast(draft, currency)
    except BadInput as fault:
        form.errors.setdefault(fault.field, fault)
        return draft


def _read_kind(form: Form, draft: CampaignDraft) -> CampaignDraft:
    """Who and where, and what kind of thing it is."""
    tags = (form.optional_text("tags", TAGS_LIMIT)).replace("#", " ").split(",")
    return replace(
        draft,
        creator_name=form.optional_text("creator", NAME_LIMIT),
        place=form.optional_text("place", NAME_LIMIT),
        country=form.choice("country", ("", *all_countries())),
        category=form.choice("category", ("", *CATEGORIES)),
        tags=tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
    )


def _read_texts(form: Form, draft: CampaignDraft) -> CampaignDraft:
    form_title = f"title.{draft.language}"
    if not form.typed(form_title).strip():
        form.refuse(form_title, N_("The campaign needs a title in its main language."))
    for language in LANGUAGES:
        title = form.optional_text(f"title.{language}", TITLE_LIMIT)
        blurb = form.optional_text(f"blurb.{language}", BLURB_LIMIT)
        draft = changed_text(draft, language, title=title, blurb=blurb)
    return draft


def _read_slug(form: Form, draft: CampaignDraft) -> str:
    """What was typed, or else made of the title, English first since only Latin letters fit into an address."""
    typed = form.optional_text("slug", 60)
    titles = (draft.texts[name].title for name in LANGUAGES if name in draft.texts)
    return typed or draft.slug or slug_of(next(filter(None, titles), ""))


def _read_end(form: Form, draft: CampaignDraft) -> CampaignDraft:
    if form.choice("ends", (AFTER_DAYS, AT_MOMENT)) == AT_MOMENT:
        deadline = read_wall(form, "deadline")
        if deadline is None:
            form.refuse("deadline", N_("Choose the day and time when it ends."))
        return replace(draft, deadline=deadline)
    return replace(draft, deadline=None, duration_days=_read_days(form))


def _read_days(form: Form) -> int:
    """The days; what is no such number is refused with the real limits."""
    least, most = POLICY.duration_days
    typed = form.typed("duration_days").strip()
    days = int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < DAYS_DIGITS else 0
    if not least <= days <= most:
        form.refuse("duration_days", N_("A campaign runs {least} to {most} days."), least=least, most=most)
    return days


def _place(path: str) -> str:
    """The field of a fault's path; each of the tags is written in the same one."""
    stem = path.partition(".")[0]
    return {"tags": "tags", "plain_pledges": "takes_plain_pledges"}.get(stem, path)


TEXTS = (*in_languages("title"), *in_languages("blurb"))

BASICS = Section(
    name="basics",
    title=N_("Basics"),
    words=N_("Its name, how much it needs and until when. Goal, currency and deadline are fixed at the launch."),
    fields=joined(TEXTS, FIELDS),
    written=_written,
    read=_read,
    row=lambda name: ROWS.get(name, name.partition(".")[0]) if name in (*FIELDS, *TEXTS) else "",
    place=lambda path, _: _place(path),
)
