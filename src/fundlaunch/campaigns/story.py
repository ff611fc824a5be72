"""A story in Markdown as HTML that may stand in a page: CommonMark and tables, no HTML of the creator, sanitised last.

Raw HTML is shown as the text it is. Pictures are only those brought with the story; films are only ours to frame:
a line `::video <link>` becomes a link that a script turns into the player after a click.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from fundlaunch import i18n
from fundlaunch.campaigns import video
from fundlaunch.errors import N_, BadInput

LIMIT_BYTES = 50_000
TOP_LEVEL = 3
"""Headings of a story begin at h3: h1 is the campaign's title, h2 the word "Story"."""

HEADINGS_LIMIT = 100
EMBED = "::video "
EMBED_HOSTS = ("https://www.youtube-nocookie.com/embed/", "https://player.vimeo.com/video/")

LINKS = ("http://", "https://", "mailto:", "#")
"""How a link may begin; one without a host would lead into this site's own pages."""

_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "img", "figure", "figcaption"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "class", "data-embed", "data-title"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "ol": {"start"},
    **{f"h{level}": {"id"} for level in range(TOP_LEVEL, 7)},
    "th": {"class"},
    "td": {"class"},
    "table": {"class"},
    "figcaption": {"class"},
}
_CLASSES = {"video", "n", "table", "caption"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
_NOT_IN_ANCHORS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents; `level` 1 is the highest of a story."""

    anchor: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story ready for a page."""

    html: Markup
    headings: tuple[Heading, ...]


def render(text: str, pictures: Mapping[str, Sequence[Any]], language: str = i18n.FALL_BACK) -> Story:
    """The HTML of a story. `pictures` is {name in the text: (media name, width, height)}; `language` is for our words.

    Raises BadInput above 50 kB. A picture that was not brought, or an unknown film, leaves its words in the text.
    """
    if len(text.encode("utf-8")) > LIMIT_BYTES:
        raise BadInput(N_("The story is too long: at most {limit} kB fit."), field="story", limit=LIMIT_BYTES // 1000)
    tokens = _MARKDOWN.parse(text)
    headings = _mark_headings(tokens)
    _place_films(tokens, language)
    _place_pictures(tokens, pictures)
    _mark_tables(tokens)
    raw = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return Story(Markup(_sanitised(raw)), headings)  # noqa: S704 - sanitised by the line it stands in


def pictures_in(text: str) -> list[str]:
    """Names of the pictures a story asks for, in order and once each."""
    names: list[str] = []
    for token in _MARKDOWN.parse(text[:LIMIT_BYTES]):
        for child in token.children or ():
            name = str(child.attrs.get("src", ""))
            if child.type == "image" and name not in names:
                names.append(name)
    return names


def films_in(text: str) -> list[str]:
    """The links of a story's ::video lines."""
    tokens = _MARKDOWN.parse(text[:LIMIT_BYTES])
    return [
        token.content.strip().removeprefix(EMBED).strip()
        for before, token in pairwise(tokens)
        if before.type == "paragraph_open" and token.content.startswith(EMBED) and "\n" not in token.content
    ]


def _mark_headings(tokens: list[Token]) -> tuple[Heading, ...]:
    """Move headings below the page's own and give each an anchor of its own."""
    found: list[Heading] = []
    taken: set[str] = set()
    for n, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        level = max(int(token.tag[1]) - 2, 0)
        token.tag = f"h{min(TOP_LEVEL + level, 6)}"
        if token.type == "heading_open" and len(found) < HEADINGS_LIMIT:
            title = _words(tokens[n + 1])
            anchor = _anchor(title, taken)
            token.attrSet("id", anchor)
            found.append(Heading(anchor, title, level + 1))
    return tuple(found)


def _words(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in {"text", "code_inline", "image"})


def _anchor(title: str, taken: set[str]) -> str:
    stem = "s-" + (_NOT_IN_ANCHORS.sub("-", unicodedata.normalize("NFC", title).casefold()).strip("-")[:60] or "part")
    anchor, n = stem, 1
    while anchor in taken:
        n += 1
        anchor = f"{stem}-{n}"
    taken.add(anchor)
    return anchor


def _place_films(tokens: list[Token], language: str) -> None:
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.content.startswith(EMBED) and "\n" not in token.content:
            _place_film(token, token.content.removeprefix(EMBED).strip(), language)


def _place_film(token: Token, link: str, language: str) -> None:
    """Put our own link in place of the line; an unknown link stays the text it is."""
    try:
        film = video.parse(link)
    except BadInput:
        return
    if film.provider is video.Provider.OWN:
        return
    label = i18n.translate(language, N_("Play the film from {provider}"), provider=film.name)
    html = Markup('<a class="video" href="{}" data-embed="{}" data-title="{}">{}</a>').format(
        film.watch_url, film.embed_url, label, label
    )
    made = Token("html_inline", "", 0)
    made.content = str(html)
    token.children = [made]


def _place_pictures(tokens: list[Token], pictures: Mapping[str, Sequence[Any]]) -> None:
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        children = token.children or []
        for child in children:
            if child.type == "image":
                _place_picture(child, pictures)
        if before.type == "paragraph_open" and len(children) == 1 and children[0].type == "image":
            before.tag = after.tag = "figure"
            caption = children[0].attrs.pop("title", "")
            if caption:
                made = Token("html_inline", "", 0)
                made.content = f'<figcaption class="caption">{escape(caption)}</figcaption>'
                children.append(made)


def _place_picture(image: Token, pictures: Mapping[str, Sequence[Any]]) -> None:
    found = pictures.get(str(image.attrs.get("src", "")))
    if found is None:
        image.type, image.children = "text", None
        return
    name, width, height = found
    image.attrs.update({"src": f"/media/{name}", "width": int(width), "height": int(height), "loading": "lazy"})


def _mark_tables(tokens: list[Token]) -> None:
    """Columns aligned to the right hold figures; alignment is a class, since the page allows no styles."""
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table")
        if token.type in {"th_open", "td_open"}:
            style = str(token.attrs.pop("style", ""))
            if style.endswith("right"):
                token.attrSet("class", "n")


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    del tag
    if attribute == "class":
        return value if value in _CLASSES else None
    if attribute == "src":
        return value if value.startswith("/media/") else None
    if attribute == "href":
        return value if value.lower().startswith(LINKS) else None
    if attribute == "data-embed":
        return value if value.startswith(EMBED_HOSTS) else None
    return value
