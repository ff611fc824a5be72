"""The words of the time line: what was kept as plain texts, as people of a language read it."""

from dataclasses import replace

import pytest

from fundlaunch.campaigns import launch_check, wording
from fundlaunch.campaigns.draft import CampaignText
from fundlaunch.studio.editing.section import main_first
from tests.stage import NOW
from tests.studio import whole_draft

NAMES = {"items.stick": "Sticker", "tiers.one": "One board", "tiers.crew": "For a crew", "add_ons.one": "One bag"}


@pytest.mark.parametrize(
    ("field", "text", "english", "korean"),
    [
        ("launch_at", "2026-12-01 09:00", "Tuesday 1 December 2026, 09:00", "2026년 12월 1일(화) 09:00"),
        ("tiers.one.ends_at", "2026-12-01 09:00", "Tuesday 1 December 2026, 09:00", "2026년 12월 1일(화) 09:00"),
        ("tiers.one.delivery", "2027-05", "May 2027", "2027년 5월"),
        ("country", "KR", "South Korea", "대한민국"),
        ("category", "design", "Design", "디자인"),
        ("language", "ko", "한국어", "한국어"),
        ("tiers.one", "One board, 45000 KRW", "One board, ₩45,000", "One board, 45,000원"),
        ("tiers.one.price", "49.50 USD", "$49.50", "$49.50"),
        ("tiers.one.rates", "KR 3000 KRW + 1000 KRW", "South Korea ₩3,000 + ₩1,000", "대한민국 3,000원 + 1,000원"),
        ("tiers.one.rates", "* 9.90 USD + 0.00 USD", "everywhere else $9.90 + $0", "그 밖의 모든 나라 $9.90 + $0"),
        ("tiers.one.items", "stick × 2", "Sticker × 2", "Sticker × 2"),
        ("stretch_goals.more.grants", "crew: stick × 1", "For a crew: Sticker × 1", "For a crew: Sticker × 1"),
        ("stretch_goals.more.opens", "crew", "For a crew", "For a crew"),
        ("tiers.order", "crew, one", "For a crew, One board", "For a crew, One board"),
        ("tiers.one.closed", "", "no", "아니요"),
        ("deadline", "", "", ""),
    ],
)
def test_what_a_field_held_is_said_in_the_language_of_the_page(
    field: str, text: str, english: str, korean: str
) -> None:
    assert wording.value("en", field, text, NAMES) == english
    assert wording.value("ko", field, text, NAMES) == korean


@pytest.mark.parametrize("title", ["Lamp, 30 ABC", "Model 12.345 USD", "2026-12-01 09:00", "stick × 2"])
def test_a_title_that_looks_like_a_figure_stays_as_it_was_typed(title: str) -> None:
    assert wording.value("ko", "tiers.one", title, NAMES) == title
    assert wording.value("ko", "title.en", title, NAMES) == title


def test_what_is_gone_keeps_its_short_name() -> None:
    assert wording.value("en", "tiers.one.items", "rope × 2", NAMES) == "rope × 2"


def test_texts_are_asked_for_in_the_main_language_first() -> None:
    assert main_first("ko") == ["ko", "en"]
    assert main_first("en") == ["en", "ko"]


def test_only_a_second_language_can_be_unfinished() -> None:
    draft = whole_draft()
    bare = replace(draft, texts={draft.language: replace(draft.main_text, story="")})
    begun = replace(draft, texts={draft.language: draft.main_text, "ko": CampaignText(title="밤길")})
    done = {
        name: next(point.is_done for point in launch_check.check_list(one, NOW) if point.key == "languages")
        for name, one in {"bare": bare, "begun": begun}.items()
    }
    assert done == {"bare": True, "begun": False}
