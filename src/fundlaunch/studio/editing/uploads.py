"""Pictures and films that a creator brings: each by a form of its own, kept, then put into the draft."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fundlaunch.campaigns import media
from fundlaunch.campaigns.bounds import SLUG
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.campaigns.video import OWN_FILE
from fundlaunch.errors import N_, BadInput
from fundlaunch.studio.editing.offer import Kind, of_kind, with_offers
from fundlaunch.web.forms import Form, Upload

FORM_BYTES = 10_000
"""What the fields around a file may take."""

PICTURE_BODY_BYTES = media.PICTURE_LIMIT_BYTES + FORM_BYTES
FILM_BODY_BYTES = 60_000_000
"""A film is read whole; a longer one belongs to a host of films, or comes with a campaign's file."""

Change = Callable[[CampaignDraft], CampaignDraft]


def poster(form: Form, media_dir: Path) -> Change:
    """The picture before the film. Raises BadInput."""
    kept = media.keep_picture(_chosen(form, "poster").content, media_dir, field="poster").media_name
    return lambda draft: replace(draft, poster=kept)


def film(form: Form, media_dir: Path) -> Change:
    """An own film, known by its first bytes. Raises BadInput."""
    found = _chosen(form, "film")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "film"
        source.write_bytes(found.content)
        kept = media.keep_film(source, media_dir, field="film")
    return lambda draft: replace(draft, video=f"{OWN_FILE}{kept}")


def story_picture(form: Form, media_dir: Path) -> Change:
    """A picture of the story under the name that its text uses. Raises BadInput."""
    name = form.optional_text("name", 60)
    if not SLUG.fullmatch(name):
        raise BadInput(
            N_("A short name has 1 to 60 small letters a to z, digits and hyphens, such as early-bird."), field="name"
        )
    kept = media.keep_picture(_chosen(form, "picture").content, media_dir)
    return lambda draft: replace(draft, pictures={**draft.pictures, name: kept})


def offer_picture(form: Form, media_dir: Path, kind: Kind, slug: str) -> Change:
    """The picture of a reward or an add-on. Raises BadInput."""
    kept = media.keep_picture(_chosen(form, "picture").content, media_dir).media_name
    return lambda draft: with_picture(draft, kind, slug, kept)


def with_picture(draft: CampaignDraft, kind: Kind, slug: str, name: str) -> CampaignDraft:
    """The draft with another picture of one offer; '' for none."""
    offers = of_kind(draft, kind)
    return with_offers(
        draft, kind, tuple(replace(offer, picture=name) if offer.slug == slug else offer for offer in offers)
    )


def without_story_picture(draft: CampaignDraft, name: str) -> CampaignDraft:
    """The draft without one picture of the story."""
    return replace(draft, pictures={other: found for other, found in draft.pictures.items() if other != name})


def _chosen(form: Form, name: str) -> Upload:
    found = form.upload(name)
    if found is None:
        raise BadInput(N_("Choose a file first."), field=name)
    return found
