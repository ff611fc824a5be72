"""The keys of a campaign file, one function for each kind of table; docs/campaign-files.md tells them to people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fundlaunch.campaigns import story, video
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, StretchDraft, TierDraft, TierText
from fundlaunch.campaigns.file_folder import FILM_ENDINGS, TEXT_ENDING, Folder
from fundlaunch.campaigns.file_table import Note, Table, meant
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Shipping
from fundlaunch.campaigns.toml_places import Path
from fundlaunch.errors import N_, BadInput
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import MINIMUM_CHARGE_MINOR

Found = TypeVar("Found")

PENDING_FILM = "media:film.webm"
"""Stands in a draft for an own film until it is in the media folder."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A draft whose poster and pictures are still names beside the file, as are `film` and `story_pictures`."""

    draft: CampaignDraft
    film: str
    story_pictures: tuple[str, ...]


def campaign(top: Table, folder: Folder) -> Loaded:
    """Read the whole file; what is wrong is in the table's notes."""
    _languages(top)
    texts = _texts(top, folder)
    film, link = _video(top, folder)
    poster = top.text_or_table("poster", "file")
    poster_name = poster.text("file", required=True) if poster else ""
    poster_alt = poster.words("alt") if poster else {}
    if poster:
        _look(poster, "file", folder.picture, poster_name)
        poster.close()
    draft = CampaignDraft(
        slug=top.text("slug", required=True),
        currency=top.notes.currency,
        goal_minor=top.amount("goal"),
        texts=texts,
        language=top.notes.language,
        creator_name=top.text("creator"),
        place=top.text("place"),
        accent=top.text("accent", "#2347c5"),
        video=link,
        poster=poster_name,
        poster_alt=poster_alt,
        duration_days=top.count("duration_days", POLICY.advised_duration_days),
        deadline=top.wall_time("deadline"),
        timezone=top.text("timezone", "UTC"),
        takes_plain_pledges=top.flag("plain_pledges", default=True),
        items=tuple(map(_item, top.tables("items"))),
        tiers=tuple(_tier(table, folder, POLICY.tier_limit_per_backer) for table in top.tables("tiers")),
        add_ons=tuple(_tier(table, folder, POLICY.add_on_limit_per_backer) for table in top.tables("add_ons")),
        stretch_goals=tuple(map(_stretch_goal, top.tables("stretch_goals"))),
    )
    _one_end(top)
    top.close()
    names = dict.fromkeys(name for text in texts.values() for name in story.pictures_in(text.story))
    return Loaded(draft, film, tuple(names))


def _languages(top: Table) -> None:
    """Languages and currency come first, since other keys are read by them."""
    notes = top.notes
    notes.language = top.text("language", "en")
    listed = top.strings("languages") or [notes.language]
    notes.languages = tuple(dict.fromkeys([notes.language, *listed]))
    for n, language in enumerate(listed):
        if language not in LANGUAGES:
            notes.add(
                ("languages", n),
                N_("“{typed}” is not a language of these pages. Use one of: {known}."),
                typed=language[:20],
                known=", ".join(LANGUAGES),
            )
    notes.currency = top.text("currency", required=True)
    if not notes.covers(("currency",)) and notes.currency not in MINIMUM_CHARGE_MINOR:
        notes.add(
            ("currency",),
            N_("“{typed}” is not a currency a campaign can use. Use one of: {known}."),
            suggestion=meant(notes.currency.upper(), MINIMUM_CHARGE_MINOR),
            typed=notes.currency[:20],
            known=", ".join(sorted(MINIMUM_CHARGE_MINOR)),
        )


def _one_end(top: Table) -> None:
    if {"deadline", "duration_days"} <= set(top.names()):
        top.notes.add(("duration_days",), N_("State either “deadline” or “duration_days”, not both."))


def _texts(top: Table, folder: Folder) -> dict[str, CampaignText]:
    titles, blurbs = top.words("title", required=True), top.words("blurb")
    stories, risks = _long(top, "story", folder), _long(top, "risks", folder)
    for language, text in stories.items():
        _look_into_story(top, ("story", language), text, folder)
    questions = [(table.words("question", required=True), table.words("answer", required=True), table)
                 for table in top.tables("faq")]  # fmt: skip
    for _, _, table in questions:
        table.close()
    return {
        language: CampaignText(
            titles.get(language, ""),
            blurbs.get(language, ""),
            stories.get(language, ""),
            risks.get(language, ""),
            tuple(
                (asked[language], told[language])
                for asked, told, _ in questions
                if language in asked and language in told
            ),
        )
        for language in top.notes.languages
    }


def _long(top: Table, key: str, folder: Folder) -> dict[str, str]:
    """Markdown by language: the text itself, or the name of a file beside that ends in .md."""
    found = {}
    for language, text in top.long_words(key).items():
        name = text.strip()
        if name.endswith(TEXT_ENDING) and "\n" not in name:
            found[language] = _try(top, (key, language), folder.text, name) or ""
        else:
            found[language] = name
    return found


def _look_into_story(top: Table, path: Path, text: str, folder: Folder) -> None:
    for name in story.pictures_in(text):
        _try(top, path, folder.picture, name)
    for link in story.films_in(text):
        _try(top, path, video.parse, link)


def _video(top: Table, folder: Folder) -> tuple[str, str]:
    """The name of an own film beside the file ('' if there is none), and what the draft says."""
    found = top.text("video")
    if found.endswith(FILM_ENDINGS) and "/" not in found:
        _look(top, "video", folder.film, found)
        return found, PENDING_FILM
    return "", found


def _item(table: Table) -> ItemDraft:
    item = ItemDraft(
        slug=table.text("slug", required=True),
        sku=table.text("sku", required=True),
        names=table.words("name", required=True),
        weight_grams=table.count("weight_grams", 0),
        customs_value_minor=table.amount("customs_value", required=False),
        hs_code=table.text("hs_code"),
    )
    table.close()
    return item


def _tier(table: Table, folder: Folder, limit_per_backer: int) -> TierDraft:
    titles, descriptions = table.words("title", required=True), table.words("description")
    picture = table.text("picture")
    if picture:
        _look(table, "picture", folder.picture, picture)
    tier = TierDraft(
        slug=table.text("slug", required=True),
        texts={language: TierText(title, descriptions.get(language, "")) for language, title in titles.items()},
        price_minor=table.amount("price"),
        quantity=table.optional_count("quantity"),
        limit_per_backer=table.count("limit_per_backer", limit_per_backer),
        starts_at=table.wall_time("starts_at"),
        ends_at=table.wall_time("ends_at"),
        closed=table.flag("closed", default=False),
        featured=table.flag("featured", default=False),
        delivery=table.text("delivery"),
        shipping=table.choice("shipping", Shipping, Shipping.NONE),
        rates=table.rates("rates"),
        items=table.counts("items"),
        picture=picture,
    )
    table.close()
    return tier


def _stretch_goal(table: Table) -> StretchDraft:
    goal = StretchDraft(
        slug=table.text("slug", required=True),
        titles=table.words("title", required=True),
        threshold=table.amount("threshold"),
    )
    table.close()
    return goal


def _look(table: Table, key: str, look: Callable[[str], object], name: str) -> None:
    if name:
        _try(table, (*table.path, key), look, name)


def _try(table: Table, path: Path, look: Callable[[str], Found], name: str) -> Found | None:
    """What `look` finds for a name; its complaint is noted at `path`."""
    try:
        return look(name)
    except BadInput as error:
        table.notes.found.append(Note(path, error))
        return None
