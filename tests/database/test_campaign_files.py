"""Campaign files and the database: what a draft says is kept and given back, and a file goes on after the launch."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fundlaunch.campaigns import actions, campaign_file, draft_rows, queries
from fundlaunch.campaigns.campaign_export import FILE, export
from fundlaunch.campaigns.draft import CampaignDraft
from fundlaunch.database import Database
from fundlaunch.errors import BadInput
from tests.drafts import drafts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AFTER = NOW + timedelta(days=40)

LAMP = """slug = "lamp"
creator = "Noa Lindqvist"
currency = "USD"
goal = "500"
duration_days = 20
title = "A lamp"
blurb = "It glows."
story = "It glows well."

[[faq]]
question = "Why?"
answer = "Because."

[[tiers]]
slug = "one"
title = "One lamp"
price = "50"
delivery = "2027-05"
"""


def read(database: Database, slug: str) -> CampaignDraft:
    with database.reading() as session:
        return draft_rows.read(session, queries.by_slug(session, slug))


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """A number for every campaign, so that none takes another's address."""
    return count()


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(draft=drafts())
def test_whatever_a_draft_says_is_kept_and_given_back(
    database: Database, numbers: Iterator[int], draft: CampaignDraft
) -> None:
    named = replace(draft, slug=f"campaign-{next(numbers)}")
    with database.transaction() as session:
        actions.create(session, named, None, NOW)
    assert read(database, named.slug) == named


def test_a_campaign_that_ended_is_exported_and_applied_with_a_new_answer(database: Database, tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(LAMP, encoding="utf-8")
    with database.transaction() as session:
        campaign_file.apply(session, file, None, tmp_path, NOW)
        actions.launch(session, "lamp", "noa", NOW)
    before = read(database, "lamp")
    (written, *_) = export(before, tmp_path, tmp_path / "export")
    assert any("lies in the past" in mistake.sentence for mistake in campaign_file.check(written, AFTER))
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace("Because.", "It is dark."), encoding="utf-8")
    with database.transaction() as session:
        campaign_file.apply(session, written, None, tmp_path, AFTER)
    after = read(database, "lamp")
    assert after.main_text.faq == (("Why?", "It is dark."),)
    assert replace(after, texts=before.texts) == before
    written.write_text(text.replace("It glows well.", "x").replace('price = "50.00"', 'price = "40"'), encoding="utf-8")
    with pytest.raises(BadInput, match="The campaign has ended") as refused, database.transaction() as session:
        campaign_file.apply(session, written, None, tmp_path, AFTER)
    assert refused.value.field == "tiers.0.price"


def test_a_deadline_that_is_past_keeps_a_new_campaign_out(database: Database, tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(LAMP.replace("duration_days = 20", "deadline = 2026-11-01T10:00:00"), encoding="utf-8")
    with pytest.raises(BadInput, match="lies in the past") as refused, database.transaction() as session:
        campaign_file.apply(session, file, None, tmp_path, NOW)
    assert refused.value.field == "deadline"
