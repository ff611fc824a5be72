"""What a campaign needs before its launch, and why: the creator's check-list, decided from the draft alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from fundlaunch.campaigns.draft import CampaignDraft, StretchDraft, TierDraft
from fundlaunch.campaigns.rules import deadline, local_instant
from fundlaunch.campaigns.states import Measure
from fundlaunch.errors import N_, BadInput, Refused, Said, Sentences


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the check-list; both sentences are English messages to be translated, `values` fills the first.

    `key` is the field it belongs to. Without a point that `blocks` there is no launch; the others are advice.
    """

    key: str
    what: str
    why: str
    is_done: bool
    blocks: bool = True
    values: Mapping[str, object] = field(default_factory=dict)

    def said(self) -> Said:
        """What is missing, with its values."""
        return Said(self.what, self.values)


class NotReady(Refused):
    """The launch was asked for before the check-list was done; `points` are the ones that stand in the way."""

    def __init__(self, points: tuple[Point, ...]) -> None:
        self.points = points
        super().__init__(
            N_("The campaign is not ready to launch: {missing}"),
            missing=Sentences(point.said() for point in points),
        )


def check_list(draft: CampaignDraft, now: datetime) -> tuple[Point, ...]:
    """Every point in the order in which a creator would work through them, done or not."""
    return (*_needed(draft, now), *_advised(draft))


def missing(draft: CampaignDraft, now: datetime) -> tuple[Point, ...]:
    """The points that stand in the way of a launch."""
    return tuple(point for point in check_list(draft, now) if point.blocks and not point.is_done)


def deadline_of(draft: CampaignDraft, now: datetime) -> datetime:
    """The deadline in UTC if the draft were launched now; raises BadInput."""
    chosen = local_instant(draft.deadline, draft.timezone) if draft.deadline is not None else None
    return deadline(now, chosen, draft.duration_days)


def _needed(draft: CampaignDraft, now: datetime) -> tuple[Point, ...]:
    text = draft.main_text
    offers = (*draft.tiers, *draft.add_ons)
    return (
        Point("title", N_("Write a title."), N_("It is the first thing people read and what they search for."),
              bool(text.title)),
        Point("blurb", N_("Say in a sentence what it is."),
              N_("It stands under the title, in lists and wherever the page is shared."), bool(text.blurb)),
        Point("story", N_("Tell the story."),
              N_("People back what they understand: what it is, who makes it, what the money is for."),
              bool(text.story)),
        Point("creator", N_("Say who you are."), N_("People give money to somebody, and look the name up."),
              bool(draft.creator_name)),
        _deadline_point(draft, now),
        Point("tiers", N_("Offer a reward, or allow pledges without one."),
              N_("Otherwise there is nothing to choose."), bool(draft.tiers) or draft.takes_plain_pledges),
        Point("delivery", N_("Name the month of delivery of every reward that brings something."),
              N_("It is the promise backers hold you to."), all(map(_says_when, offers))),
    )  # fmt: skip


def _advised(draft: CampaignDraft) -> tuple[Point, ...]:
    text = draft.main_text
    return (
        Point("video", N_("Add a film."), N_("Campaigns with a film are funded more often."),
              bool(draft.video), blocks=False),
        Point("poster", N_("Add a picture."), N_("It stands in the list, in shared links and before the film."),
              bool(draft.poster), blocks=False),
        Point("poster.alt", N_("Describe the picture in words."), N_("Some people hear the page instead of seeing it."),
              not draft.poster or bool(draft.poster_alt.get(draft.language)), blocks=False),
        Point("risks", N_("Say what could go wrong."), N_("Honest risks win trust, and delays are forgiven sooner."),
              bool(text.risks), blocks=False),
        Point("faq", N_("Answer the first questions."), N_("It saves you the same letter a hundred times."),
              bool(text.faq), blocks=False),
        Point("stretch_goals", N_("Set stretch goals in money above the goal itself."),
              N_("One that is reached before the goal promises more than the campaign may be able to give."),
              all(map(partial(_lies_beyond, draft.goal_minor), draft.stretch_goals)), blocks=False),
        Point("languages", N_("Finish the texts of every language you began."),
              N_("A page in two languages at once is hard to read."), _is_whole(draft), blocks=False),
    )  # fmt: skip


def _deadline_point(draft: CampaignDraft, now: datetime) -> Point:
    why = N_("Cards are charged only if the goal is reached by then, so the day must be sure.")
    try:
        deadline_of(draft, now)
    except BadInput as error:
        return Point("deadline", error.sentence, why, is_done=False, values=error.values)
    return Point("deadline", N_("Choose when it ends."), why, is_done=True)


def _says_when(tier: TierDraft) -> bool:
    return bool(tier.delivery) or not (tier.items or tier.shipping.is_sent)


def _lies_beyond(goal_minor: int, stretch: StretchDraft) -> bool:
    return stretch.measure is not Measure.MONEY or stretch.threshold > goal_minor


def _is_whole(draft: CampaignDraft) -> bool:
    """Whether every language is whole; of a single one the other points ask."""
    texts = draft.texts.values()
    if len(texts) < 2:
        return True
    return all(text.title and text.blurb and text.story for text in texts) and all(
        tier.texts.get(language) is not None for tier in (*draft.tiers, *draft.add_ons) for language in draft.texts
    )
