"""A campaign written into a folder: campaign.toml, stories, pictures and film. Applying it gives the same campaign."""

import shutil
from pathlib import Path

from fundlaunch.campaigns import file_writing
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.file_writing import Beside
from fundlaunch.campaigns.video import OWN_FILE
from fundlaunch.errors import N_, BadInput, Conflict

FILE = "campaign.toml"


def export(draft: CampaignDraft, media_dir: Path, folder: Path) -> list[Path]:
    """Write a draft into a new or empty folder and give what was written, campaign.toml first.

    Raises Conflict if something lies in the folder already, BadInput if a picture or film is no longer there.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(
            N_("The folder “{folder}” is not empty. Choose a new one: nothing is written over."), folder=str(folder)
        )
    beside = _beside(draft)
    media = _media(draft, beside)
    for kept in media:
        if not (media_dir / kept).is_file():
            raise BadInput(N_("“{name}” is missing in the folder of pictures and films. Put it back."), name=kept)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {FILE: file_writing.written(draft, beside), **_texts(draft, beside)}
    for name, text in texts.items():
        # Line ends stay as they are, whatever the system writes of its own.
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    for kept, names in media.items():
        for name in names:
            shutil.copyfile(media_dir / kept, folder / name)
    return [folder / name for name in (*texts, *(name for names in media.values() for name in names))]


def _beside(draft: CampaignDraft) -> Beside:
    """Names for what lies beside the file. A story's pictures keep theirs, everything else steps aside for them."""
    taken = {FILE, *draft.pictures}
    stories, risks = {}, {}
    for language, text in draft.texts.items():
        if text.story:
            stories[language] = _free(f"story.{language}.md", taken)
        if text.risks:
            risks[language] = _free(f"risks.{language}.md", taken)
    shown = [draft.poster, *(offer.picture for offer in (*draft.tiers, *draft.add_ons))]
    pictures = {name: _free(name, taken) for name in dict.fromkeys(filter(None, shown))}
    return Beside(stories, risks, pictures)


def _free(name: str, taken: set[str]) -> str:
    """The name itself, or the first numbered one that nothing else has; it is taken from then on."""
    found = next(one for one in (name, *(f"{n}-{name}" for n in range(2, len(taken) + 3))) if one not in taken)
    taken.add(found)
    return found


def _texts(draft: CampaignDraft, beside: Beside) -> dict[str, str]:
    stories = {name: draft.texts[language].story for language, name in beside.stories.items()}
    return stories | {name: draft.texts[language].risks for language, name in beside.risks.items()}


def _media(draft: CampaignDraft, beside: Beside) -> dict[str, list[str]]:
    """Names in the folder by name in the media folder."""
    found: dict[str, list[str]] = {kept: [name] for kept, name in beside.pictures.items()}
    for name, picture in draft.pictures.items():
        found.setdefault(picture.media_name, []).append(name)
    if draft.video.startswith(OWN_FILE):
        film = draft.video.removeprefix(OWN_FILE)
        found[film] = [film]
    return found
