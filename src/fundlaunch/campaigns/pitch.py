"""The pitch as a page shows it: film, story with its headings, risks, questions."""

from dataclasses import dataclass

from markupsafe import Markup

from fundlaunch import i18n
from fundlaunch.campaigns import story, video
from fundlaunch.campaigns.rewards import media_url
from fundlaunch.campaigns.story import Heading
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.campaigns.video import Provider

__all__ = ["Film", "Heading", "Words", "film", "words"]


@dataclass(frozen=True, slots=True)
class Film:
    """A film as ui/video.html takes it; `embed_url` and `watch_url` are of a provider's, `url` is of an own one."""

    is_own: bool
    embed_url: str
    watch_url: str
    url: str
    media_type: str
    provider: str
    poster: str
    alt: str
    title: str
    length: str = ""
    captions: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The longer texts of a page, sanitised; `faq` is (question, answer) in plain text."""

    story: Markup
    headings: tuple[Heading, ...]
    risks: Markup
    faq: tuple[tuple[str, str], ...]


def film(campaign: Campaign, title: str, poster_alt: str) -> Film | None:
    """The campaign's film, or None if it has none. What is stored was checked when it was saved."""
    if not campaign.video:
        return None
    found = video.parse(campaign.video)
    return Film(
        is_own=found.provider is Provider.OWN,
        embed_url=found.embed_url,
        watch_url=found.watch_url,
        url=found.watch_url,
        media_type=found.media_type,
        provider=found.name,
        poster=media_url(campaign.poster),
        alt=poster_alt,
        title=title,
    )


def words(campaign: Campaign, language: str) -> Words:
    """The texts of a language, each missing one taken from the campaign's main language."""
    texts = i18n.texts_in(campaign.texts, language, campaign.language)
    told = story.render(texts.get("story", ""), campaign.pictures, language)
    risks = story.render(texts.get("risks", ""), campaign.pictures, language)
    faq = tuple((str(pair[0]), str(pair[1])) for pair in texts.get("faq") or ())
    return Words(told.html, told.headings, risks.html, faq)
