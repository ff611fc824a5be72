"""Pages carry no inline code or style, which the content security policy would refuse anyway.

Letters (templates/mail) bring their style along, since a mail program fetches no style sheet; they carry no code.
"""

import re

import pytest

from tests.project.tree import ROOT, named

INLINE = {
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a script without a source": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "a handler attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}


def test_no_template_has_inline_code_or_style() -> None:
    found = {
        f"{named(path)}: {name}"
        for path in (ROOT / "templates").rglob("*.html")
        if path.parent.name != "mail"
        for name in inline_in(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_letter_has_inline_code() -> None:
    found = {
        f"{named(path)}: {name}"
        for path in (ROOT / "templates" / "mail").glob("*.html")
        for name in inline_in(path.read_text(encoding="utf-8")) - {"a style element"}
    }
    assert found == set()


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("<style>p {}</style>", "a style element"),
        ('<p style="color: red">', "a style attribute"),
        ("<script>go()</script>", "a script without a source"),
        ('<button type="button" onclick="go()">', "a handler attribute"),
        ('<a href="javascript:go()">', "a script address"),
    ],
)
def test_inline_code_is_found(markup: str, name: str) -> None:
    assert inline_in(markup) == {name}


def test_plain_markup_is_left_alone() -> None:
    assert (
        inline_in('<link rel="stylesheet" href="/a.css"><script type="module" src="/a.js"></script><p data-on="x">')
        == set()
    )


def inline_in(markup: str) -> set[str]:
    return {name for name, pattern in INLINE.items() if pattern.search(markup)}
