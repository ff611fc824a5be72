"""A draft as rows and back: what `actions` writes and what `edits` compares with. Reads and writes, decides nothing."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from fundlaunch.campaigns import offer_reading, offer_rows
from fundlaunch.campaigns.discovery.search import folded
from fundlaunch.campaigns.discovery.tables import CampaignWords
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, Picture
from fundlaunch.campaigns.tables import Campaign


def read(session: Session, campaign: Campaign) -> CampaignDraft:
    """The draft that a campaign's rows are; times as wall-clock times of its zone."""
    offer = offer_reading.read(session, campaign)
    return CampaignDraft(
        slug=campaign.slug,
        currency=campaign.currency,
        goal_minor=campaign.goal_minor,
        texts={language: _text(text) for language, text in campaign.texts.items()},
        language=campaign.language,
        creator_name=campaign.creator_name,
        place=campaign.place,
        country=campaign.country,
        category=campaign.category,
        tags=tuple(campaign.tags),
        accent=campaign.accent,
        video=campaign.video,
        poster=campaign.poster,
        poster_alt=dict(campaign.poster_alt),
        pictures={name: Picture(*found) for name, found in campaign.pictures.items()},
        duration_days=campaign.duration_days,
        deadline=offer_reading.wall(campaign.deadline_at, campaign.timezone),
        launch_at=offer_reading.wall(campaign.launch_at, campaign.timezone),
        funding=campaign.funding,
        timezone=campaign.timezone,
        takes_plain_pledges=campaign.takes_plain_pledges,
        items=offer.items,
        tiers=offer.tiers,
        add_ons=offer.add_ons,
        stretch_goals=offer.stretch_goals,
    )


def write(session: Session, campaign: Campaign, draft: CampaignDraft) -> None:
    """Make the rows say what the draft says. `deadline_at` is left to the caller, since a launch decides on it."""
    write_head(campaign, draft)
    session.add(campaign)
    session.flush()
    session.merge(CampaignWords(campaign_id=campaign.id, words=words(draft)))
    offer_rows.write(session, campaign, draft)


def write_head(campaign: Campaign, draft: CampaignDraft) -> None:
    """The fields of the campaign's own row."""
    campaign.slug = draft.slug
    campaign.language = draft.language
    campaign.texts = {language: _text_row(text) for language, text in draft.texts.items()}
    campaign.creator_name = draft.creator_name
    campaign.place = draft.place
    campaign.country = draft.country
    campaign.category = draft.category
    campaign.tags = list(draft.tags)
    campaign.accent = draft.accent.lower()
    campaign.video = draft.video
    campaign.poster = draft.poster
    campaign.poster_alt = dict(draft.poster_alt)
    campaign.pictures = {
        name: [picture.media_name, picture.width, picture.height] for name, picture in draft.pictures.items()
    }
    campaign.currency = draft.currency
    campaign.funding = draft.funding
    campaign.goal_minor = draft.goal_minor
    campaign.duration_days = draft.duration_days
    campaign.timezone = draft.timezone
    campaign.launch_at = offer_rows.instant(draft.launch_at, draft.timezone)
    campaign.takes_plain_pledges = draft.takes_plain_pledges


def words(draft: CampaignDraft) -> str:
    """What a search looks through: small composed letters, each tag between two marks so that it is found whole."""
    said = [part for text in draft.texts.values() for part in (text.title, text.blurb)]
    tags = [f"#{tag.replace('#', ' ')}#" for tag in draft.tags]
    return folded(" ".join([*said, draft.creator_name, draft.place, *tags]))


def _text(found: Mapping[str, Any]) -> CampaignText:
    faq = tuple((question, answer) for question, answer in found.get("faq", []))
    return CampaignText(
        found.get("title", ""), found.get("blurb", ""), found.get("story", ""), found.get("risks", ""), faq
    )


def _text_row(text: CampaignText) -> dict[str, Any]:
    return {
        "title": text.title,
        "blurb": text.blurb,
        "story": text.story,
        "risks": text.risks,
        "faq": [list(pair) for pair in text.faq],
    }
