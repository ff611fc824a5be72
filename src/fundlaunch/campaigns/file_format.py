"""The keys of a campaign file, one function for each kind of table; docs/campaign-files.md tells them to people."""

from collections.abc import Mapping
from dataclasses import dataclass

from fundlaunch.campaigns import file_offers, story, video
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText
from fundlaunch.campaigns.file_folder import FILM_ENDINGS, TEXT_ENDING, Folder
from fundlaunch.campaigns.file_table import Note, Table, meant
from fundlaunch.campaigns.policy import POLICY
from fundlaunch.campaigns.states import Funding
from fundlaunch.campaigns.toml_places import Path
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import MINIMUM_CHARGE_MINOR, not_a_currency

PENDING_FILM = "media:film.webm"
"""Stands in a draft for an own film until it is in the media folder."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A draft whose poster and pictures are still names beside the file, as are `film` and `pictures`."""

    draft: CampaignDraft
    film: str
    pictures: tuple[str, ...]


def campaign(top: Table, folder: Folder) -> Loaded:
    """Read the whole file; what is wrong is in the table's notes."""
    _languages(top)
    texts = _texts(top, folder)
    film, link = _video(top, folder)
    poster, poster_alt = _poster(top, folder)
    tiers = file_offers.tiers(top, folder)
    draft = CampaignDraft(
        slug=top.text("slug", required=True),
        currency=top.notes.currency,
        goal_minor=top.amount("goal"),
        texts=texts,
        language=top.notes.language,
        creator_name=top.text("creator"),
        place=top.text("place"),
        country=top.text("country"),
        category=top.text("category"),
        tags=tuple(top.strings("tags")),
        accent=top.text("accent", "#2347c5").lower(),
        video=link,
        poster=poster,
        poster_alt=poster_alt,
        duration_days=top.count("duration_days", POLICY.advised_duration_days),
        deadline=top.wall_time("deadline"),
        launch_at=top.wall_time("launch_at"),
        funding=top.choice("funding", Funding, Funding.ALL_OR_NOTHING),
        timezone=top.text("timezone", "UTC"),
        takes_plain_pledges=top.flag("plain_pledges", default=True),
        items=file_offers.items(top),
        tiers=tiers,
        add_ons=file_offers.add_ons(top, folder, tiers),
        stretch_goals=file_offers.stretch_goals(top),
    )
    pictures = _pictures(top, folder, texts)
    top.close()
    return Loaded(draft, film, pictures)


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
        suggestion = meant(notes.currency.upper(), MINIMUM_CHARGE_MINOR)
        notes.found.append(Note(("currency",), not_a_currency(notes.currency), suggestion))


def _poster(top: Table, folder: Folder) -> tuple[str, dict[str, str]]:
    """The name of the picture before the film, and what it shows in words."""
    poster = top.text_or_table("poster", "file")
    if poster is None:
        return "", {}
    name, alt = poster.text("file"), poster.words("alt")
    if name:
        poster.look((*poster.path, "file"), folder.picture, name)
    poster.close()
    return name, alt


def _pictures(top: Table, folder: Folder, texts: Mapping[str, CampaignText]) -> tuple[str, ...]:
    """The pictures that the stories show, and further ones that the file names for them."""
    further = top.strings("pictures")
    for n, name in enumerate(further):
        top.look(("pictures", n), folder.picture, name)
    shown = (name for text in texts.values() for name in story.pictures_in(text.story))
    return tuple(dict.fromkeys((*shown, *further)))


def _texts(top: Table, folder: Folder) -> dict[str, CampaignText]:
    titles, blurbs = top.words("title", required=True), top.words("blurb")
    stories, risks = _long(top, "story", folder), _long(top, "risks", folder)
    for language, text in stories.items():
        _look_into_story(top, ("story", language), text, folder)
    questions = _questions(top)
    asked_in = (language for asked, _ in questions for language in asked)
    began = {top.notes.language, *titles, *blurbs, *stories, *risks, *asked_in}
    return {
        language: CampaignText(
            titles.get(language, ""),
            blurbs.get(language, ""),
            stories.get(language, ""),
            risks.get(language, ""),
            tuple(
                (asked[language], told[language]) for asked, told in questions if language in asked and language in told
            ),
        )
        for language in top.notes.languages
        if language in began
    }


def _questions(top: Table) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Each question and its answer, by language."""
    found = []
    for table in top.tables("faq"):
        found.append((table.words("question", required=True), table.long_words("answer", required=True)))
        table.close()
    return found


def _long(top: Table, key: str, folder: Folder) -> dict[str, str]:
    """Markdown by language: the text itself, or the name of a file beside that ends in .md."""
    found = {}
    for language, text in top.long_words(key).items():
        name = text.strip()
        if name.endswith(TEXT_ENDING) and "\n" not in name:
            found[language] = top.look((key, language), folder.text, name) or ""
        else:
            found[language] = name
    return found


def _look_into_story(top: Table, path: Path, text: str, folder: Folder) -> None:
    for name in story.pictures_in(text):
        top.look(path, folder.picture, name)
    for link in story.films_in(text):
        top.look(path, video.parse, link)


def _video(top: Table, folder: Folder) -> tuple[str, str]:
    """The name of an own film beside the file ('' if there is none), and what the draft says."""
    found = top.text("video")
    if found.endswith(FILM_ENDINGS) and "/" not in found:
        top.look(("video",), folder.film, found)
        return found, PENDING_FILM
    return "", found
