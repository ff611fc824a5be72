"""What a section of the editor is: how its form is written from a draft and read into one."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fundlaunch.campaigns.draft import CampaignDraft, CampaignText
from fundlaunch.campaigns.edits import EDITABLE, EditPhase
from fundlaunch.errors import N_, BadInput, Refused
from fundlaunch.i18n import LANGUAGES
from fundlaunch.studio.editing.repeated import BUTTON, Rows
from fundlaunch.web.forms import Form

THEN = "then"
"""The button: save and stay, or save and go on."""

Pairs = list[tuple[str, str]]

_WALL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?", re.ASCII)


def not_renamed(path: str, form: Form) -> str:
    """For sections whose fields are named as the faults of a draft name them."""
    del form
    return path


def no_row(name: str) -> str:
    """For sections that are no form of their own."""
    del name
    return ""


@dataclass(frozen=True, slots=True)
class Lock:
    """The fields of a section that cannot change now; `is_all` says that none of them can."""

    names: frozenset[str]
    is_all: bool

    def of(self, name: str, **attributes: object) -> dict[str, object]:
        """The attributes of a field, the one that disables it among them."""
        return {**attributes, "disabled": "disabled"} if name in self.names else attributes


@dataclass(frozen=True)
class Section:
    """A part of a campaign that is edited on a page of its own.

    `written` gives the fields of a draft's part, `read` the draft with the part as typed (mistakes are noted in the
    form). `row` names a field's row in the table of edits, which says in which phases it can change; '' for none.
    `place` names the field of a fault's path.
    """

    name: str
    title: str
    words: str
    fields: frozenset[str]
    written: Callable[[CampaignDraft], Pairs]
    read: Callable[[Form, CampaignDraft], CampaignDraft]
    tables: tuple[Rows, ...] = ()
    row: Callable[[str], str] = no_row
    place: Callable[[str, Form], str] = not_renamed
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        rows = frozenset[str]().union(*(table.names for table in self.tables))
        object.__setattr__(self, "names", self.fields | rows | {BUTTON, THEN})

    def lock(self, phase: EditPhase) -> "Lock":
        """The fields that cannot change in a phase."""
        rows = {name: self.row(name) for name in self.names}
        locked = frozenset(name for name, row in rows.items() if row and phase not in EDITABLE[row])
        return Lock(locked, is_all=len(locked) == sum(map(bool, rows.values())))

    def form(self, draft: CampaignDraft) -> Form:
        """A fresh page's form."""
        return Form(self.written(draft))

    def whole(self, form: Form, before: CampaignDraft, phase: EditPhase) -> Form:
        """What was posted, with the values of locked fields, which a browser does not send, and without blank rows."""
        names = self.lock(phase).names
        missing = [(name, value) for name, value in self.written(before) if name in names and name not in form]
        if missing:
            form = Form([*((name, value) for name in form for value in form.chosen(name)), *missing])
        for table in self.tables:
            form = table.without_blanks(form)
        return form


def note(form: Form, section: Section, fault: BadInput, language: str) -> None:
    """Put a fault of the draft at the field it belongs to; at the form itself if it belongs to another section."""
    path = section.place(fault.field, form)
    for name in (path, f"{path}.{language}"):
        if name in section.names:
            form.errors.setdefault(name, fault)
            return
    near = sorted(name for name in form if name.startswith(f"{path}."))
    form.errors.setdefault(near[0] if path and near else "", fault)


def note_all(form: Form, section: Section, faults: Iterable[BadInput], language: str) -> None:
    """Note what is wrong with the draft beside what is wrong with the form, so that one round tells all.

    A field that could not be read stands in the draft as nothing: what follows from that alone is not told again.
    """
    had_mistakes = not form.is_valid
    for fault in faults:
        before = dict(form.errors)
        note(form, section, fault, language)
        if had_mistakes and "" in form.errors and "" not in before:
            del form.errors[""]


def refuse(form: Form, refusal: Refused, name: str = "") -> None:
    """Show a refusal above the form, or at one of its fields."""
    form.errors.setdefault(name, BadInput(refusal.sentence, field=name, **refusal.values))


def changed_text(draft: CampaignDraft, language: str, **changes: object) -> CampaignDraft:
    """The draft with some texts of one language changed; a language without any text is left out of it."""
    text = replace(draft.texts.get(language, CampaignText()), **changes)  # type: ignore[arg-type]  # each field's own type
    kept = {name: found for name, found in draft.texts.items() if name != language}
    if text != CampaignText() or language == draft.language:
        kept[language] = text
    return replace(draft, texts={name: kept[name] for name in LANGUAGES if name in kept})


def main_first(main_language: str) -> list[str]:
    """Every language, that of the campaign first: the order in which a form asks for texts."""
    return sorted(LANGUAGES, key=lambda code: code != main_language)


def in_languages(field_name: str) -> list[str]:
    """The names of a field that every language has."""
    return [f"{field_name}.{language}" for language in LANGUAGES]


def wall_written(when: datetime | None) -> str:
    """A wall-clock time as the browser's own field writes it; '' for none."""
    if when is None:
        return ""
    return when.isoformat(timespec="auto" if when.second or when.microsecond else "minutes")


def read_wall(form: Form, name: str) -> datetime | None:
    """A wall-clock time as the browser's own field sends it; None if the field is empty or wrong."""
    typed = form.typed(name).strip()
    if not typed:
        return None
    try:
        if _WALL.fullmatch(typed):
            return datetime.fromisoformat(typed)
    except ValueError:
        pass
    form.refuse(name, N_("“{typed}” is not a day and time. Write it like 2026-12-11T18:00."), typed=typed[:40])
    return None


def slug_of(text: str, taken: Iterable[str] = (), other: str = "campaign") -> str:
    """A short name for addresses made of a title; `other` where the title has no letter of the Latin alphabet."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or other
    used = set(taken)
    numbered = (f"{stem}-{n}" for n in range(2, len(used) + 3))
    return stem if stem not in used else next(name for name in numbered if name not in used)


def joined(*parts: Sequence[str]) -> frozenset[str]:
    """Names of several parts of a form as one set."""
    return frozenset(name for part in parts for name in part)


def name_in(names: Mapping[str, str], language: str, main_language: str) -> str:
    """A name in a language, else in the campaign's own, else in whichever it has."""
    return names.get(language) or names.get(main_language) or next(iter(names.values()), "")
