"""What somebody wants to take out, and what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fundlaunch.errors import N_, BadInput
from fundlaunch.fulfilment.columns import AnyPreset
from fundlaunch.fulfilment.forms import read_choice, read_kind, read_personal
from fundlaunch.fulfilment.presets import preset
from fundlaunch.fulfilment.rows import Choice, ListKind, Personal, Totals


class Format(StrEnum):
    """The kind of file; the value is its ending."""

    CSV = "csv"
    XLSX = "xlsx"
    ZIP = "zip"

    @property
    def media_type(self) -> str:
        return {
            Format.CSV: "text/csv; charset=utf-8",
            Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format.ZIP: "application/zip",
        }[self]


@dataclass(frozen=True)
class Wanted:
    """A list of the campaign `slug` for `actor` (an e-mail address, or how the command line names itself)."""

    slug: str
    preset: AnyPreset
    format: Format
    choice: Choice
    actor: str
    personal: Personal = Personal.INCLUDED


@dataclass(frozen=True, slots=True)
class Written:
    """A list as it was written: lines below the header, the pledges in it, SHA-256 of the file in hex."""

    rows: int
    totals: Totals
    sha256: str


def read_format(name: str, kind: ListKind) -> Format:
    """The format of that name; raises BadInput. Only a backer list comes as a zip with one file for each tier."""
    formats = [*Format] if kind is ListKind.BACKERS else [Format.CSV, Format.XLSX]
    for known in formats:
        if name == known.value:
            return known
    raise BadInput(
        N_("The list “{kind}” cannot be written as “{name}”. Choose from: {known}."),
        field="format",
        kind=kind.value,
        name=name[:40],
        known=", ".join(formats),
    )


def read_wanted(
    slug: str,
    kind: str,
    actor: str,
    *,
    preset_name: str = "",
    format_name: str = Format.CSV.value,
    statuses: Sequence[str] = (),
    tier: str = "",
    country: str = "",
    personal: str = "",
) -> Wanted:
    """What an address of the studio or a command line asks for, in its own words; '' stands for what is usual.

    Raises NotFound for an unknown kind of list, BadInput for any other unknown word, with the words there are.
    """
    found = read_kind(kind)
    return Wanted(
        slug=slug,
        preset=preset(found, preset_name),
        format=read_format(format_name, found),
        choice=read_choice(found, statuses, tier, country),
        actor=actor,
        personal=read_personal(personal),
    )
