"""A campaign as a file (TOML): check names every mistake by line and column, apply creates or updates the campaign.

The keys are told in docs/campaign-files.md; texts, pictures and films may lie beside the file.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, select

from fundlaunch.campaigns import actions, file_format, media
from fundlaunch.campaigns.countries import all_countries
from fundlaunch.campaigns.draft import CampaignDraft, TierDraft
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.file_folder import Folder
from fundlaunch.campaigns.file_format import Loaded
from fundlaunch.campaigns.file_table import Note, Notes, Table, meant
from fundlaunch.campaigns.tables import Campaign
from fundlaunch.campaigns.toml_places import Place, places
from fundlaunch.errors import N_, BadInput

LIMIT_BYTES = 8_000_000
"""Room for everything a campaign may have at once: 200 rewards, 200 items with variants, both languages."""

MISTAKES_SHOWN = 100

ACTOR = "campaign file"
"""Who changed a campaign, in its time line, when its file was applied."""

_TOML_PLACE = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, with its line and column counted from 1; `suggestion` is '' or a sentence of its own.

    `is_of_time`: it comes with time alone, such as a deadline that is past, and is none once the campaign is launched.
    """

    line: int
    column: int
    sentence: str
    suggestion: str = ""
    is_of_time: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.sentence} {self.suggestion}".rstrip()


class BadFile(BadInput):
    """A campaign file with mistakes; `mistakes` are all of them, in the order of the file."""

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(
            N_("{name} has a mistake: {listed}") if len(mistakes) == 1 else N_("{name} has {count} mistakes: {listed}"),
            name=name,
            count=len(self.mistakes),
            listed="; ".join(map(str, self.mistakes[:MISTAKES_SHOWN])),
        )


def check(path: Path, now: datetime) -> list[Mistake]:
    """Every mistake of a file and of what lies beside it, in the order of the file; [] means that it can be applied."""
    try:
        text = _text(path)
    except BadFile as error:
        return list(error.mistakes)
    return inspect(text, path.parent, now)[1]


def load(path: Path, now: datetime) -> Loaded:
    """The draft in a file, before its pictures are kept; raises BadFile with every mistake but those of time.

    Whether those matter depends on the campaign that the file is for: the action that takes the draft decides.
    """
    return load_text(_text(path), path.parent, now, name=path.name)


def load_text(text: str, folder: Path | None, now: datetime, *, name: str = "The text") -> Loaded:
    """The same from a text; `folder` None for one that came without files beside it."""
    loaded, found = inspect(text, folder, now)
    mistakes = [mistake for mistake in found if not mistake.is_of_time]
    if loaded is None or mistakes:
        raise BadFile(name, mistakes)
    return loaded


def keep(loaded: Loaded, folder: Path, media_dir: Path) -> CampaignDraft:
    """Put pictures and film into the media folder; the draft then names what lies there. Raises BadInput."""
    beside = Folder(folder)

    def kept(name: str) -> str:
        return media.keep_picture(beside.picture(name), media_dir).media_name if name else ""

    def tiers(drafts: tuple[TierDraft, ...]) -> tuple[TierDraft, ...]:
        return tuple(replace(tier, picture=kept(tier.picture)) for tier in drafts)

    draft = loaded.draft
    film = f"media:{media.keep_film(beside.film(loaded.film), media_dir)}" if loaded.film else draft.video
    return replace(
        draft,
        video=film,
        poster=kept(draft.poster),
        pictures={name: media.keep_picture(beside.picture(name), media_dir) for name in loaded.pictures},
        tiers=tiers(draft.tiers),
        add_ons=tiers(draft.add_ons),
    )


def prepare(path: Path, media_dir: Path, now: datetime) -> CampaignDraft:
    """The draft in a file with its pictures kept: the slow part of `apply`, which needs no transaction."""
    return keep(load(path, now), path.parent, media_dir)


def put(session: Session, draft: CampaignDraft, owner_id: str | None, now: datetime) -> str:
    """Create the campaign, or revise the one of its slug, by the rules of the studio; gives the slug."""
    if session.exec(select(Campaign.id).where(Campaign.slug == draft.slug)).first() is None:
        actions.create(session, draft, owner_id, now)
    else:
        actions.revise(session, draft.slug, draft, now, actor=ACTOR)
    return draft.slug


def apply(session: Session, path: Path, owner_id: str | None, media_dir: Path, now: datetime) -> str:
    """Create or update the campaign a file describes and give its slug.

    Raises BadFile with every mistake; BadInput or Conflict for a change that the campaign's phase does not allow.
    """
    return put(session, prepare(path, media_dir, now), owner_id, now)


def inspect(text: str, folder: Path | None, now: datetime) -> tuple[Loaded | None, list[Mistake]]:
    """What a text says, as far as it can be read, and every mistake in it."""
    plain = text.replace("\r\n", "\n")
    try:
        found = tomllib.loads(plain, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax(error, plain)]
    except (RecursionError, ValueError, ArithmeticError):
        return None, [Mistake(1, 1, "The file holds a number or a nesting too large to read.")]
    notes = Notes()
    loaded = file_format.campaign(Table(found, (), notes), Folder(folder))
    for fault in faults(loaded.draft, now):
        path = tuple(int(part) if part.isdigit() else part for part in fault.field.split("."))
        if not notes.covers(path):
            notes.found.append(Note(path, fault, _suggested(fault)))
    where = places(plain)
    mistakes = [
        _mistake(where.of_key(note.path) if note.at_key else where.of_value(note.path), note) for note in notes.found
    ]
    return loaded, sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column))


def _mistake(place: Place, note: Note) -> Mistake:
    return Mistake(place.line, place.column, str(note.error), note.suggestion, note.error.field in actions.TIMES)


def _suggested(fault: BadInput) -> str:
    """What was perhaps meant, among the words that the fault names; codes of countries are often written small."""
    typed = str(fault.values.get("typed", fault.values.get("slug", "")))
    if not typed or "known" not in fault.values:
        return ""
    known = str(fault.values["known"]).split(", ")
    small = {code.lower(): code for code in all_countries()} if ".rates." in fault.field else {}
    return meant(small.get(typed.lower(), typed), [*known, *small.values()])


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> Mistake:
    """Python tells the place inside the message up to 3.13."""
    found = _TOML_PLACE.match(str(error))
    what = found["what"] if found else str(error)
    if found and found["line"]:
        return Mistake(int(found["line"]), int(found["column"]), f"This is not TOML: {what}.")
    lines = text.split("\n")
    return Mistake(len(lines), len(lines[-1]) + 1, f"This is not TOML: {what}.")


def _text(path: Path) -> str:
    """The text of a campaign file; raises BadFile."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise BadFile(
                path.name, [Mistake(1, 1, f"The file is too large: at most {LIMIT_BYTES // 1_000_000} MB fit.")]
            )
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise BadFile(path.name, [Mistake(1, 1, f"The file cannot be read ({reason}). Check its name.")]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise BadFile(
            path.name, [Mistake(line, column, "This is not text in UTF-8. Save the file as UTF-8.")]
        ) from error
