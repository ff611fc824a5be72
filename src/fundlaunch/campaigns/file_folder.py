"""The files beside a campaign file: texts, pictures and films, found by plain name and never outside the folder."""

import re
from pathlib import Path

from fundlaunch.campaigns import media
from fundlaunch.campaigns.bounds import STORY_LIMIT_BYTES, nearest
from fundlaunch.campaigns.file_table import clean_lines
from fundlaunch.errors import N_, BadInput

NAME = re.compile(r"[\w][\w .-]{0,99}")
TEXT_ENDING = ".md"
FILM_ENDINGS = (".webm", ".mp4")


class Folder:
    """Where the campaign file lies; None for a text that came without a folder, which can name no files."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def text(self, name: str) -> str:
        """A text in UTF-8 of at most 50 kB; raises BadInput."""
        path = self.find(name)
        if path.stat().st_size > STORY_LIMIT_BYTES:
            raise BadInput(
                N_("“{name}” is too long: at most {limit} kB fit."), name=name, limit=STORY_LIMIT_BYTES // 1000
            )
        content = path.read_bytes()
        try:
            return clean_lines(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise BadInput(
                N_("“{name}” is not text in UTF-8 (line {line}). Save it as UTF-8."), name=name, line=line
            ) from error

    def picture(self, name: str) -> bytes:
        """The bytes of a picture, which is looked at first; raises BadInput."""
        path = self.find(name)
        if path.stat().st_size > media.PICTURE_LIMIT_BYTES:
            raise BadInput(
                N_("“{name}” is too large: at most {limit} MB fit."),
                name=name,
                limit=media.PICTURE_LIMIT_BYTES // 1_000_000,
            )
        content = path.read_bytes()
        media.open_picture(content)
        return content

    def film(self, name: str) -> Path:
        """The path of a film, whose first bytes are looked at; raises BadInput."""
        path = self.find(name)
        media.film_ending(path)
        return path

    def find(self, name: str) -> Path:
        """The path of a file right in the folder; raises BadInput, with a name that was perhaps meant."""
        if self._path is None:
            raise BadInput(N_("“{name}” cannot be found: this text came without files beside it."), name=name[:60])
        path = self._path / name
        if not NAME.fullmatch(name) or path.is_symlink():
            raise BadInput(
                N_("“{name}” must be the plain name of a file beside the campaign file, without folders."),
                name=name[:60],
            )
        if not path.is_file():
            near = nearest(name, (found.name for found in self._path.iterdir() if found.is_file()))
            raise BadInput(
                N_("There is no file “{name}” beside the campaign file.{near}"),
                name=name[:60],
                near=f" Did you mean “{near}”?" if near else "",
            )
        return path
