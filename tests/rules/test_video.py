"""Links of pitch videos: exactly the known forms of two hosts, and own files."""

import csv
from pathlib import Path

import pytest

from fundlaunch.campaigns.video import Provider, Video, parse
from fundlaunch.errors import BadInput

BUNNY = "aqz-KE-bpKQ"


def links(shared_data: Path, expect: str) -> list[dict[str, str]]:
    """Rows of the real list with what is expected of them."""
    text = (shared_data / "video/links.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["expect"] == expect]


def test_every_real_link_of_one_film_is_read(shared_data: Path) -> None:
    rows = links(shared_data, "accept")
    assert len(rows) > 30
    for row in rows:
        assert parse(row["url"]) == Video(Provider(row["provider"]), row["video_id"], row["vimeo_hash"]), row["url"]


def test_every_real_link_of_something_else_is_refused(shared_data: Path) -> None:
    rows = links(shared_data, "reject")
    assert len(rows) > 100
    for row in rows:
        with pytest.raises(BadInput):
            parse(row["url"])


@pytest.mark.parametrize(
    ("link", "video"),
    [
        (f"https://www.youtube.com/watch?v={BUNNY}&t=42s", Video(Provider.YOUTUBE, BUNNY)),
        (f"https://youtu.be/{BUNNY}?si=x", Video(Provider.YOUTUBE, BUNNY)),
        (f"  https://m.youtube.com/shorts/{BUNNY}/ ", Video(Provider.YOUTUBE, BUNNY)),
        (f"https://www.youtube-nocookie.com/embed/{BUNNY}?rel=0", Video(Provider.YOUTUBE, BUNNY)),
        (f"WWW.YouTube.com/watch?v={BUNNY}", Video(Provider.YOUTUBE, BUNNY)),
        ("https://vimeo.com/1084537", Video(Provider.VIMEO, "1084537")),
        ("https://vimeo.com/144579403/ec02229140", Video(Provider.VIMEO, "144579403", "ec02229140")),
        ("https://player.vimeo.com/video/144579403?h=ec02229140", Video(Provider.VIMEO, "144579403", "ec02229140")),
        ("media:0a1b2c.webm", Video(Provider.OWN, "0a1b2c.webm")),
    ],
)
def test_a_link_is_kept_as_provider_and_id(link: str, video: Video) -> None:
    assert parse(link) == video


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://www.youtube.com/embed/live_stream?channel=UC1",
        "https://www.youtube.com/embed/videoseries?list=PL1",
        f"https://www.youtube.com.evil.example/watch?v={BUNNY}",
        f"https://evil-youtube.com/watch?v={BUNNY}",
        f"https://www.youtube.com@evil.example/watch?v={BUNNY}",
        f"https://evil.example@www.youtube.com/watch?v={BUNNY}",
        f"https://www.youtube.com:443/watch?v={BUNNY}",
        f"https://www.youtube.com./watch?v={BUNNY}",
        f"https://www.youtube.com\\@evil.example/watch?v={BUNNY}",
        f"https://www.yоutube.com/watch?v={BUNNY}",
        f"https://www.youtube.com/watch?v={BUNNY}&v=___________",
        f"https://www.youtube.com/watch?v={BUNNY}%0a",
        f"https://www.youtube.com/wat\nch?v={BUNNY}",
        f"https://www.youtube.com/redirect?q=https://youtu.be/{BUNNY}",
        f"https://www.youtube.com/embed/{BUNNY}/../x",
        f"ftp://www.youtube.com/watch?v={BUNNY}",
        f"javascript:alert(1)//www.youtube.com/watch?v={BUNNY}",
        f"data:text/html,https://youtu.be/{BUNNY}",
        "https://player.vimeo.com/video/1084537?h=<script>",
        "https://vimeo.com/1084537/notahash",
        "https://vimeo.com/" + "1" * 300,
        "media:../secret.webm",
        "media:x.svg",
    ],
)
def test_a_link_of_another_shape_is_refused_with_what_is_accepted(link: str) -> None:
    with pytest.raises(BadInput, match=r"youtube\.com/watch.*vimeo\.com.*WebM or MP4") as refused:
        parse(link)
    assert refused.value.field == "video"


def test_frames_come_from_the_hosts_for_privacy() -> None:
    assert parse(f"https://youtu.be/{BUNNY}").embed_url == (
        f"https://www.youtube-nocookie.com/embed/{BUNNY}?autoplay=1&rel=0"
    )
    assert parse("https://vimeo.com/144579403/ec02229140").embed_url == (
        "https://player.vimeo.com/video/144579403?h=ec02229140&dnt=1&autoplay=1"
    )
    assert parse("media:0a1b2c.webm").embed_url == "/media/0a1b2c.webm"


def test_a_link_can_be_read_again_from_the_address_it_is_watched_at() -> None:
    for video in (Video(Provider.YOUTUBE, BUNNY), Video(Provider.VIMEO, "144579403", "ec02229140")):
        assert parse(video.watch_url) == video
        assert parse(video.embed_url) == video
