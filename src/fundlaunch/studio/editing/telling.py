"""The pitch, the story and the questions of a campaign."""

from dataclasses import replace

from fundlaunch.campaigns.bounds import BLURB_LIMIT, DESCRIPTION_LIMIT, FAQ_LIMIT, RISKS_LIMIT_BYTES, STORY_LIMIT_BYTES
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.video import LINK_LIMIT, OWN_FILE
from fundlaunch.errors import N_
from fundlaunch.i18n import LANGUAGES
from fundlaunch.studio.editing.repeated import Rows
from fundlaunch.studio.editing.section import Pairs, Section, changed_text, in_languages, joined
from fundlaunch.web.forms import Form

QUESTIONS = {language: Rows(f"faq.{language}", ("question", "answer"), FAQ_LIMIT) for language in LANGUAGES}


def _pitch_written(draft: CampaignDraft) -> Pairs:
    link = "" if draft.video.startswith(OWN_FILE) else draft.video
    return [("video", link), *((f"poster.alt.{language}", text) for language, text in draft.poster_alt.items())]


def _pitch_read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    link = form.optional_text("video", LINK_LIMIT)
    # An own film has no link: leaving the field empty keeps it, and a button of its own takes it away.
    video = link or (draft.video if draft.video.startswith(OWN_FILE) else "")
    alt = {language: form.optional_text(f"poster.alt.{language}", BLURB_LIMIT) for language in LANGUAGES}
    return replace(draft, video=video, poster_alt={language: text for language, text in alt.items() if text})


def _story_written(draft: CampaignDraft) -> Pairs:
    return [
        pair
        for language, text in draft.texts.items()
        for pair in ((f"story.{language}", text.story), (f"risks.{language}", text.risks))
    ]


def _story_read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    for language in LANGUAGES:
        story = form.long_text(f"story.{language}", STORY_LIMIT_BYTES)
        risks = form.long_text(f"risks.{language}", RISKS_LIMIT_BYTES)
        draft = changed_text(draft, language, story=story, risks=risks)
    return draft


def _faq_written(draft: CampaignDraft) -> Pairs:
    return [
        pair
        for language, text in draft.texts.items()
        for n, (question, answer) in enumerate(text.faq)
        for pair in (
            (QUESTIONS[language].name(n, "question"), question),
            (QUESTIONS[language].name(n, "answer"), answer),
        )
    ]


def _faq_read(form: Form, draft: CampaignDraft) -> CampaignDraft:
    for language, rows in QUESTIONS.items():
        faq = tuple(
            (
                form.text(rows.name(n, "question"), BLURB_LIMIT),
                _answer(form, rows.name(n, "answer")),
            )
            for n in range(rows.count(form))
        )
        draft = changed_text(draft, language, faq=faq)
    return draft


def _answer(form: Form, name: str) -> str:
    found = form.long_text(name, DESCRIPTION_LIMIT)
    if not found:
        form.refuse(name, N_("Please fill this in."))
    return found


PITCH = Section(
    name="pitch",
    title=N_("Film and picture"),
    words=N_("What people see first. Nothing is fetched from another site before a visitor presses play."),
    fields=joined(("video",), in_languages("poster.alt")),
    written=_pitch_written,
    read=_pitch_read,
    row=lambda name: {"video": "video", "poster": "poster_alt"}.get(name.partition(".")[0], ""),
)

STORY = Section(
    name="story",
    title=N_("Story"),
    words=N_("What it is, who makes it, what the money is for, and what could go wrong."),
    fields=joined(in_languages("story"), in_languages("risks")),
    written=_story_written,
    read=_story_read,
    row=lambda name: name.partition(".")[0] if "." in name else "",
)

FAQ = Section(
    name="faq",
    title=N_("Questions"),
    words=N_("Questions people ask and your answers. They can be changed at any time, also after the end."),
    fields=frozenset(),
    written=_faq_written,
    read=_faq_read,
    tables=tuple(QUESTIONS.values()),
    row=lambda name: "faq" if name.startswith("faq.") else "",
)
