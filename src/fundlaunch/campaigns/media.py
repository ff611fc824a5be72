"""Pictures and films that people bring: looked at, made anew or refused, kept in the media folder under their own hash.

A picture is decoded and encoded again, so that nothing but its pixels is kept (no metadata, no second file behind the
picture). One that is bare already, as those kept here are, stays as it is: what was exported comes back the same. SVG
is refused: it is a document that can carry scripts. A film is kept as it is, recognised by its first bytes, and served
only as what it was recognised for.
"""

import hashlib
import os
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from fundlaunch.campaigns.draft import Picture
from fundlaunch.errors import N_, BadInput

PICTURE_LIMIT_BYTES = 20_000_000
FILM_LIMIT_BYTES = 200_000_000
PIXELS_LIMIT = 40_000_000
WIDEST_PIXELS = 1920
TALLEST_PIXELS = PIXELS_LIMIT // WIDEST_PIXELS
QUALITY = 84
FORMATS = ("PNG", "JPEG", "WEBP")
NAME_LENGTH = 32

_PICTURE_CHUNKS = frozenset({b"VP8X", b"ALPH", b"VP8 ", b"VP8L"})
_PLAIN_FLAGS = (b"\x00", b"\x10")
"""Nothing said, or only that it has an alpha channel."""

_WEBM = b"\x1a\x45\xdf\xa3"
_MP4_BRAND_AT = slice(4, 8)


def keep_picture(content: bytes, media_dir: Path, *, field: str = "picture") -> Picture:
    """Put a picture into the media folder as WebP, at most 1,920 pixels wide; raises BadInput."""
    image = open_picture(content, field=field)
    if not is_bare(content) or image.width > WIDEST_PIXELS or image.height > TALLEST_PIXELS:
        image = ImageOps.exif_transpose(image)
        image.thumbnail((WIDEST_PIXELS, TALLEST_PIXELS))
        made = BytesIO()
        mode = "RGBA" if image.has_transparency_data else "RGB"
        image.convert(mode).save(made, "WEBP", quality=QUALITY, method=4)
        content = made.getvalue()
    name = f"{_digest(content)}.webp"
    if not (media_dir / name).exists():
        _write(media_dir / name, content)
    return Picture(name, *image.size)


def is_bare(content: bytes) -> bool:
    """True for a WebP of one still picture with nothing beside it: no metadata, no animation, nothing behind its end.

    The container is told in https://developers.google.com/speed/webp/docs/riff_container.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or _length(content, 4) != len(content) - 8:
        return False
    at, chunks = 12, []
    while at < len(content):
        chunks.append(content[at : at + 4])
        if chunks[-1] == b"VP8X" and content[at + 8 : at + 9] not in _PLAIN_FLAGS:
            return False
        length = _length(content, at + 4)
        at += 8 + length + length % 2
    return at == len(content) and len(chunks) == len(set(chunks)) and set(chunks) <= _PICTURE_CHUNKS


def _length(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "little")


def open_picture(content: bytes, *, field: str = "picture") -> Image.Image:
    """The decoded picture; raises BadInput if it is none, is too large, or is of another kind."""
    if len(content) > PICTURE_LIMIT_BYTES:
        raise BadInput(
            N_("This picture is too large: at most {limit} MB fit."),
            field=field,
            limit=PICTURE_LIMIT_BYTES // 1_000_000,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(content), formats=FORMATS)
            if image.width * image.height > PIXELS_LIMIT:
                raise BadInput(
                    N_("This picture has too many pixels: at most {limit} million fit."),
                    field=field,
                    limit=PIXELS_LIMIT // 1_000_000,
                )
            image.load()
    # Decoders of damaged files raise whatever they stumble over.
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise BadInput(
            N_("This is not a picture in PNG, JPEG or WebP. Save it as one of these."), field=field
        ) from error
    return image


def keep_film(source: Path, media_dir: Path, *, field: str = "video") -> str:
    """Copy a film into the media folder and give its name there; raises BadInput."""
    ending = film_ending(source, field=field)
    with source.open("rb") as film:
        name = f"{hashlib.file_digest(film, 'sha256').hexdigest()[:NAME_LENGTH]}.{ending}"
    target = media_dir / name
    if not target.exists():
        _write(target, source.read_bytes())
    return name


def film_ending(source: Path, *, field: str = "video") -> str:
    """'webm' or 'mp4' by the file's first bytes; raises BadInput."""
    if source.stat().st_size > FILM_LIMIT_BYTES:
        raise BadInput(
            N_("This film is too large: at most {limit} MB fit. Bring a smaller one, or use YouTube or Vimeo."),
            field=field,
            limit=FILM_LIMIT_BYTES // 1_000_000,
        )
    with source.open("rb") as film:
        start = film.read(12)
    if start.startswith(_WEBM):
        return "webm"
    if start[_MP4_BRAND_AT] == b"ftyp":
        return "mp4"
    raise BadInput(N_("This is not a film in WebM or MP4. Save it as one of these."), field=field)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:NAME_LENGTH]


def _write(target: Path, content: bytes) -> None:
    """Write beside, then rename: nobody ever sees half a file. The name tells apart writers of the same one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(target)
