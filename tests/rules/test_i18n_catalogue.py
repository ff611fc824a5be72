"""The Korean catalogue: fresh, whole, and with the same placeholders as the source."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "src" / "fundlaunch" / "locales" / "ko" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "NN_": (1, 2)}
BRACES = re.compile(r"\{[^{}]*\}")
PERCENTS = re.compile(r"%\(\w+\)[sd]|%%")


def korean() -> Catalog:
    with (FOLDER / "fundlaunch.po").open("rb") as file:
        return read_po(file, locale="ko", domain="fundlaunch")


def extracted() -> set[str]:
    """Every message of the source; of a plural its first form."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        # Babel left this one function without types.
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def messages() -> Iterator[Message]:
    return (message for message in korean() if message.id)


def texts_of(message: Message) -> list[str]:
    """Every Korean form of a message."""
    return list(message.string) if isinstance(message.string, (list, tuple)) else [message.string or ""]


def sources_of(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, (list, tuple)) else [message.id]


def placeholders(text: str) -> set[str]:
    return set(BRACES.findall(text)) | set(PERCENTS.findall(text))


def test_the_compiled_catalogue_is_fresh() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, korean())
    assert (FOLDER / "fundlaunch.mo").read_bytes() == compiled.getvalue()


def test_every_message_of_the_source_is_in_the_catalogue() -> None:
    assert extracted() - {sources_of(message)[0] for message in messages()} == set()


def test_nothing_is_translated_that_nobody_says() -> None:
    assert {sources_of(message)[0] for message in messages()} - extracted() == set()


def test_every_message_has_its_korean() -> None:
    assert [message.id for message in messages() if message.fuzzy or not all(texts_of(message))] == []


def test_every_korean_sentence_keeps_the_placeholders() -> None:
    wrong = [
        message.id
        for message in messages()
        for text in texts_of(message)
        if text and placeholders(text) != placeholders(sources_of(message)[-1])
    ]
    assert wrong == []


@pytest.mark.parametrize(("one", "other"), [("{name} left", "{nom} left"), ("%(n)s left", "left"), ("50 %%", "50")])
def test_a_lost_placeholder_is_found(one: str, other: str) -> None:
    assert placeholders(one) != placeholders(other)
