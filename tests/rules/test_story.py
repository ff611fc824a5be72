"""A story in Markdown becomes HTML that may stand in a page, whatever its creator wrote."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fundlaunch.campaigns.story import LIMIT_BYTES, Heading, films_in, pictures_in, render
from fundlaunch.errors import BadInput

PICTURES = {"wheel.webp": ["0a1b.webp", 1600, 1000]}
ALLOWED = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("img", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"),
}


def test_headings_stand_below_the_page_s_own_and_make_a_table_of_contents() -> None:
    story = render("# One\n\n## Two *words*\n\n### Three\n\n## 왜 대나무인가\n\n## Two words", {})
    assert story.headings == (
        Heading("s-one", "One", 1),
        Heading("s-two-words", "Two words", 1),
        Heading("s-three", "Three", 2),
        Heading("s-왜-대나무인가", "왜 대나무인가", 1),
        Heading("s-two-words-2", "Two words", 1),
    )
    assert '<h3 id="s-two-words">Two <em>words</em></h3>' in story.html
    assert '<h4 id="s-three">Three</h4>' in story.html


def test_a_picture_that_was_brought_is_shown_with_its_size_and_caption() -> None:
    story = render('![The wheel](wheel.webp "Cut open")', PICTURES)
    assert story.html.strip() == (
        '<figure><img src="/media/0a1b.webp" alt="The wheel" width="1600" height="1000" loading="lazy">'
        '<figcaption class="caption">Cut open</figcaption></figure>'
    )


@pytest.mark.parametrize("source", ["https://evil.example/x.png", "//evil.example/x", "/media/other.webp", "data:x"])
def test_a_picture_that_was_not_brought_leaves_only_its_words(source: str) -> None:
    html = render(f"before ![what it shows]({source}) after", PICTURES).html
    assert "<img" not in html
    assert "what it shows" in html


def test_a_film_is_a_link_that_loads_nothing_by_itself() -> None:
    html = render("::video https://youtu.be/aqz-KE-bpKQ", {}).html
    assert '<a class="video" href="https://www.youtube.com/watch?v=aqz-KE-bpKQ"' in html
    assert 'data-embed="https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ?autoplay=1&amp;rel=0"' in html
    assert "<iframe" not in html


def test_an_unknown_film_stays_the_text_it_is() -> None:
    assert render("::video https://evil.example/x", {}).html == "<p>::video https://evil.example/x</p>\n"


def test_tables_keep_columns_of_figures_without_styles() -> None:
    html = render("| part | USD |\n|---|--:|\n| wheel | 241.00 |", {}).html
    assert '<table class="table">' in html
    assert '<td class="n">241.00</td>' in html
    assert "style" not in html


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe src=https://evil.example></iframe>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<svg/onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "![x](javascript:alert(1))",
        '![x" onerror="alert(1)](wheel.webp "y\\" onload=\\"alert(1)")',
        "<!-- --><style>*{display:none}</style>",
        "[x]: javascript:alert(1)\n\n[x]",
        "# <b onclick=alert(1)>x</b>",
        "::video javascript:alert(1)",
        "| <script>x</script> |\n|---|\n| <img src=x onerror=y> |",
    ],
)
def test_nothing_that_runs_comes_through(evil: str) -> None:
    assert_harmless(str(render(evil, PICTURES).html))


def test_html_is_shown_as_the_text_it_is() -> None:
    assert render("<b>bold</b>", {}).html == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_naughty_strings_come_out_harmless(shared_data: Path) -> None:
    for text in json.loads((shared_data / "text/blns.json").read_text(encoding="utf-8")):
        for shape in (
            text,
            f"# {text}",
            f"[x]({text})",
            f"![{text}](wheel.webp)",
            f"::video {text}",
            f"| a |\n|---|\n| {text} |",
        ):
            assert_harmless(str(render(shape, PICTURES).html))


def test_the_check_for_harm_finds_what_it_should() -> None:
    with pytest.raises(AssertionError):
        assert_harmless("<script>x</script>")
    with pytest.raises(AssertionError):
        assert_harmless('<img src="/media/x" onerror="y">')
    with pytest.raises(AssertionError):
        assert_harmless('<a href="javascript:x">x</a>')


def test_a_story_above_its_limit_is_refused_and_deep_nesting_is_bounded() -> None:
    with pytest.raises(BadInput, match="at most 50 kB"):
        render("x" * (LIMIT_BYTES + 1), {})
    assert render("> " * 20_000 + "deep", {}).html.count("<blockquote>") <= 20
    assert_harmless(str(render("[" * 20_000, {}).html))


def test_what_a_story_asks_for_is_listed() -> None:
    text = "![a](one.webp) ![b](two.webp)\n\n![c](one.webp)\n\n::video https://youtu.be/aqz-KE-bpKQ\n\n`::video x`"
    assert pictures_in(text) == ["one.webp", "two.webp"]
    assert films_in(text) == ["https://youtu.be/aqz-KE-bpKQ"]


class Harmless(HTMLParser):
    """Only known elements, no handlers or styles, links only to the web and mail, pictures only of the media folder."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in {"style", "srcdoc", "formaction"}
            assert name != "src" or str(value).startswith("/media/")
            assert name != "href" or str(value).lower().startswith(("http://", "https://", "mailto:", "#"))


def assert_harmless(html: str) -> None:
    Harmless().feed(html)
