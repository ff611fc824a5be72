"""A campaign written into a folder and applied again is the same campaign, to the last mark."""

import json
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fundlaunch.campaigns.campaign_export import FILE, export
from fundlaunch.campaigns.campaign_file import check, inspect, prepare
from fundlaunch.campaigns.draft import CampaignDraft, CampaignText, ItemDraft, Picture, TierDraft, TierText
from fundlaunch.campaigns.faults import faults
from fundlaunch.campaigns.file_table import clean_lines
from fundlaunch.campaigns.file_writing import Beside, written
from fundlaunch.campaigns.media import keep_film, keep_picture
from fundlaunch.campaigns.story import films_in, pictures_in
from fundlaunch.errors import BadInput, Conflict
from fundlaunch.web.forms import clean
from tests.drafts import drafts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAMP = CampaignDraft("lamp", "USD", 800_000, {"en": CampaignText("Lamp")})


@dataclass(frozen=True)
class Media:
    """A media folder with two pictures and a film in it."""

    folder: Path
    pictures: tuple[Picture, ...]
    film: str


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    folder = tmp_path_factory.mktemp("media")
    source = folder.with_name("film.webm")
    source.write_bytes(b"\x1a\x45\xdf\xa3" + b"a film")
    pictures = tuple(keep_picture(png(colour), folder) for colour in ("#a05020", "#20a050"))
    return Media(folder, pictures, keep_film(source, folder))


def png(colour: str) -> bytes:
    made = BytesIO()
    Image.new("RGB", (8, 6), colour).save(made, "PNG")
    return made.getvalue()


def returned(draft: CampaignDraft, media_dir: Path, folder: Path) -> CampaignDraft:
    """The draft that an export gives on a site that has none of its pictures."""
    export(draft, media_dir, folder / "export")
    return prepare(folder / "export" / FILE, folder / "media", NOW)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_is_exported_comes_back_the_same(data: st.DataObject, media: Media) -> None:
    draft = data.draw(drafts(media=media.pictures))
    assert faults(draft, NOW) == []
    with tempfile.TemporaryDirectory() as folder:
        assert returned(draft, media.folder, Path(folder)) == draft
        assert check(Path(folder) / "export" / FILE, NOW) == []


def test_naughty_strings_come_back_the_same_wherever_they_stand(shared_data: Path) -> None:
    naughty = json.loads((shared_data / "text" / "blns.json").read_text(encoding="utf-8"))
    assert len(naughty) > 400
    for start in range(0, len(naughty), 50):
        draft = with_texts(naughty[start : start + 50])
        assert faults(draft, NOW) == []
        loaded, mistakes = inspect(written(draft, Beside()), None, NOW)
        assert mistakes == []
        assert loaded is not None
        assert loaded.draft == draft


def with_texts(naughty: list[str]) -> CampaignDraft:
    """A campaign with every text wherever a person can write one."""
    lines = [clean(clean(text)[:100]) or "-" for text in naughty]
    several = [clean_lines(text[:300]) or "-" for text in naughty]
    told = "\n\n".join(text for text in several if not pictures_in(text) and not films_in(text))
    tiers = [
        TierDraft(f"tier-{n}", {"en": TierText(line, text), "ko": TierText(line)}, 5_000)
        for n, (line, text) in enumerate(zip(lines, several, strict=True))
    ]
    text = CampaignText(lines[0], lines[1], clean_lines(told), "", tuple(zip(lines, several, strict=True)))
    items = tuple(ItemDraft(f"item-{n}", f"SKU-{n}", {"en": line}) for n, line in enumerate(lines))
    tags = tuple(dict.fromkeys(line.replace(",", "")[:20].strip().casefold() or "-" for line in lines[:10]))
    return replace(LAMP, texts={"en": text, "ko": text}, tiers=tuple(tiers), items=items, place=lines[2], tags=tags)


def test_the_example_campaigns_come_back_the_same(project_root: Path, tmp_path: Path) -> None:
    for example in sorted((project_root / "examples").iterdir()):
        site = tmp_path / example.name
        draft = prepare(example / FILE, site / "first", NOW)
        assert returned(draft, site / "first", site) == draft
        assert sorted(file.name for file in (site / "media").iterdir()) == sorted(
            file.name for file in (site / "first").iterdir()
        )


def test_an_own_film_and_pictures_lie_beside_the_file_under_names_that_do_not_clash(
    media: Media, tmp_path: Path
) -> None:
    one, two = media.pictures
    story = f"![shown]({one.media_name})\n\n![more](story.en.md)"
    draft = replace(
        LAMP,
        texts={"en": CampaignText("Lamp", story=story, risks="None.")},
        video=f"media:{media.film}",
        poster=one.media_name,
        pictures={one.media_name: two, "story.en.md": one},
        tiers=(TierDraft("one", {"en": TierText("One")}, 5_000, picture=two.media_name),),
    )
    assert returned(draft, media.folder, tmp_path) == draft
    assert {file.name for file in (tmp_path / "export").iterdir()} == {
        *(FILE, "2-story.en.md", "risks.en.md", "story.en.md", media.film),
        *(one.media_name, f"2-{one.media_name}", two.media_name),
    }


def test_an_export_is_written_for_people_to_read() -> None:
    told = 'It said "glow".\nAnd it did.'
    tier = TierDraft("one", {"en": TierText("One lamp", told)}, 5_000, items={"lamp": 1})
    draft = replace(LAMP, tiers=(tier,), items=(ItemDraft("lamp", "LAMP-1", {"en": "Lamp"}),))
    assert written(draft, Beside()) == (
        "# A FundLaunch campaign; docs/campaign-files.md tells the keys.\n"
        'slug = "lamp"\nlanguage = "en"\nlanguages = ["en"]\ncurrency = "USD"\ngoal = "8000.00"\n'
        'duration_days = 30\ntimezone = "UTC"\naccent = "#2347c5"\ntitle.en = "Lamp"\n\n'
        '[[items]]\nslug = "lamp"\nsku = "LAMP-1"\nname.en = "Lamp"\n\n'
        '[[tiers]]\nslug = "one"\ntitle.en = "One lamp"\n'
        'description.en = """\nIt said \\"glow\\".\nAnd it did."""\n'
        'price = "50.00"\nitems.lamp = 1\n'
    )


def test_nothing_is_written_over(tmp_path: Path, media: Media) -> None:
    export(LAMP, media.folder, tmp_path)
    with pytest.raises(Conflict, match="is not empty"):
        export(LAMP, media.folder, tmp_path)


def test_a_picture_that_is_gone_is_named_and_nothing_is_written(tmp_path: Path, media: Media) -> None:
    with pytest.raises(BadInput, match=r"“gone\.webp” is missing"):
        export(replace(LAMP, poster="gone.webp"), media.folder, tmp_path / "export")
    assert not (tmp_path / "export").exists()
