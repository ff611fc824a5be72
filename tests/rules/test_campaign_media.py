"""Pictures are made anew or refused; films are known by their first bytes."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from fundlaunch.campaigns.media import film_ending, is_bare, keep_film, keep_picture, open_picture
from fundlaunch.errors import BadInput


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **extra: object) -> bytes:
    made = BytesIO()
    Image.new(mode, size, "#a05020").save(made, kind, **extra)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_webp_under_its_own_hash(kind: str, tmp_path: Path) -> None:
    content = picture(kind)
    kept = keep_picture(content, tmp_path)
    assert (kept.width, kept.height) == (40, 30)
    assert keep_picture(content, tmp_path) == kept
    assert [file.name for file in tmp_path.iterdir()] == [kept.media_name]
    with Image.open(tmp_path / kept.media_name) as image:
        assert image.format == "WEBP"


def test_nothing_but_the_pixels_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    content = picture("JPEG", exif=exif) + b"<script>alert(1)</script>"
    assert b"where I live" in content
    kept = (tmp_path / keep_picture(content, tmp_path).media_name).read_bytes()
    assert b"where I live" not in kept
    assert b"script" not in kept


def test_a_picture_that_was_kept_once_stays_the_same_when_it_is_kept_again(tmp_path: Path) -> None:
    for mode in ("RGB", "RGBA"):
        first = keep_picture(picture("PNG", mode=mode), tmp_path / "one")
        content = (tmp_path / "one" / first.media_name).read_bytes()
        assert keep_picture(content, tmp_path / "two") == first
        assert (tmp_path / "two" / first.media_name).read_bytes() == content


def frames() -> bytes:
    made = BytesIO()
    first = Image.new("RGB", (40, 30), "#a05020")
    first.save(made, "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 30), "#20a050")])
    return made.getvalue()


WEBP = picture("WEBP")
PADDED = WEBP + b"<script>alert(1)</script> "
LONGER = (len(PADDED) - 8).to_bytes(4, "little")


@pytest.mark.parametrize(
    "content",
    [
        picture("WEBP", exif=b"Exif\0\0where I live"),
        picture("WEBP", icc_profile=b"a profile"),
        frames(),
        PADDED,
        PADDED[:4] + LONGER + PADDED[8:],
        WEBP[:-2],
        picture("PNG"),
    ],
    ids=["metadata", "colour profile", "animation", "behind the end", "a chunk of its own", "cut off", "another kind"],
)
def test_a_webp_with_more_in_it_than_one_picture_is_not_bare(content: bytes) -> None:
    assert is_bare(WEBP)
    assert not is_bare(content)


def test_a_webp_with_something_hidden_in_it_is_made_anew(tmp_path: Path) -> None:
    kept = keep_picture(PADDED, tmp_path)
    assert b"script" not in (tmp_path / kept.media_name).read_bytes()


def test_a_wide_picture_is_made_smaller(tmp_path: Path) -> None:
    kept = keep_picture(picture("PNG", (4000, 1000)), tmp_path)
    assert (kept.width, kept.height) == (1920, 480)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"GIF89a" + b"\0" * 40, "not a picture"),
        (picture("BMP"), "not a picture"),
        (picture("PNG")[:60], "not a picture"),
        (picture("PNG", (8000, 5001), "1"), "too many pixels"),
        (b"\x89PNG" + b"0" * 20_000_001, "too large"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        open_picture(content)


def test_a_film_is_kept_under_its_own_hash(tmp_path: Path, project_root: Path) -> None:
    film = project_root / "examples/damyang/film.webm"
    name = keep_film(film, tmp_path)
    assert name.endswith(".webm")
    assert keep_film(film, tmp_path) == name
    assert (tmp_path / name).read_bytes() == film.read_bytes()
    assert film.stat().st_size <= 300_000


@pytest.mark.parametrize("start", [b"", b"<html>", b"RIFF\0\0\0\0WEBP"])
def test_what_is_no_film_is_refused_whatever_its_name(start: bytes, tmp_path: Path) -> None:
    file = tmp_path / "film.webm"
    file.write_bytes(start)
    with pytest.raises(BadInput, match="not a film in WebM or MP4"):
        film_ending(file)


def test_an_mp4_is_known_by_its_brand(tmp_path: Path) -> None:
    file = tmp_path / "film.dat"
    file.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0")
    assert film_ending(file) == "mp4"
