"""Reads of the time line: every move and change for the campaign's own people, and what everybody may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup
from sqlalchemy import func, literal, select, union_all
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from fundlaunch import i18n
from fundlaunch.campaigns import story, wording
from fundlaunch.campaigns.life import TAKEN_BACK
from fundlaunch.campaigns.states import CampaignEvent
from fundlaunch.campaigns.tables import (
    Campaign,
    CampaignChange,
    CampaignMove,
    CampaignRevision,
    Item,
    StretchGoal,
    Tier,
)
from fundlaunch.database import table
from fundlaunch.errors import N_, NotFound

CHANGE, MOVE, REVISION = table(CampaignChange), table(CampaignMove), table(CampaignRevision)

PAGE = 50
"""Lines on one page of a time line."""

SHOWN = 5
"""Public changes on the campaign's own page; the rest have a page of theirs."""

REVISED = frozenset({"story", "risks"})
"""Fields whose earlier text is a page of its own; titles and the rest fit into the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One move or one changed field, in the page's language; '' in `before` or `after` for nothing there.

    `earlier` numbers the revision that holds the text before, 0 for none. Of a move `before` and `after` are ''.
    """

    what: str
    before: str
    after: str
    reason: str = ""
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one person did at one moment."""

    at: datetime
    actor: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """One page of a time line, the newest first. Pages are numbered from 1; `total` counts lines."""

    occasions: tuple[Occasion, ...]
    page: int
    total: int
    size: int = PAGE

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a campaign's longer texts were until a change."""

    title: str
    until_at: datetime
    story: Markup
    risks: Markup
    language: str


def time_line(session: Session, campaign: Campaign, language: str, page: int) -> TimeLine:
    """Moves and changes together; for the campaign's own people and the operator."""
    moves = select(
        MOVE.c.at, MOVE.c.actor, literal(1).label("is_move"), MOVE.c.seq, MOVE.c.event.label("field"),
        MOVE.c.before, MOVE.c.after, MOVE.c.reason,
    ).where(MOVE.c.campaign_id == campaign.id)  # fmt: skip
    changes = select(
        CHANGE.c.at, CHANGE.c.actor, literal(0).label("is_move"), CHANGE.c.seq, CHANGE.c.field,
        CHANGE.c.before, CHANGE.c.after, literal("").label("reason"),
    ).where(CHANGE.c.campaign_id == campaign.id)  # fmt: skip
    both = union_all(moves, changes).subquery()
    newest = select(both).order_by(both.c.at.desc(), both.c.is_move.desc(), both.c.seq.desc())
    connection = session.connection()
    total = connection.execute(select(func.count()).select_from(both)).scalar_one()
    rows = connection.execute(newest.limit(PAGE).offset((page - 1) * PAGE)).all()
    names, kept = _names(session, campaign, language), _revisions(session, campaign.id)
    lines = [
        (row.at, wording.actor(language, row.actor),
         _move(language, row.field, row.reason) if row.is_move
         else _change(language, row.field, row.before, row.after, names, kept.get(row.at, 0)))
        for row in rows
    ]  # fmt: skip
    return TimeLine(_occasions(lines), page, int(total))


def since_launch(session: Session, campaign: Campaign, language: str, page: int = 1, size: int = PAGE) -> TimeLine:
    """What everybody may see: public fields that changed since the launch, without who did it."""
    mine = (col(CampaignChange.campaign_id) == campaign.id, col(CampaignChange.is_live))
    total = session.exec(select_rows(func.count()).select_from(CampaignChange).where(*mine)).one()
    if not total:
        return TimeLine((), page, 0, size)
    statement = select_rows(CampaignChange).where(*mine).order_by(col(CampaignChange.seq).desc())
    rows = session.exec(statement.limit(size).offset((page - 1) * size)).all()
    names, kept = _names(session, campaign, language), _revisions(session, campaign.id)
    lines = [
        (row.at, "", _change(language, row.field, row.before, row.after, names, kept.get(row.at, 0))) for row in rows
    ]
    return TimeLine(_occasions(lines), page, total, size)


def missed_launch(session: Session, campaign_id: str, language: str) -> str:
    """When the last launch by the clock came to nothing, on the campaign's clocks; '' if somebody chose anew since."""
    c = CHANGE.c
    last = select(c.actor, c.before, c.after).where(c.campaign_id == campaign_id, c.field == "launch_at")
    row = session.connection().execute(last.order_by(c.seq.desc()).limit(1)).one_or_none()
    is_missed = row is not None and row.actor == "clock" and not row.after
    return wording.value(language, "launch_at", row.before, {}) if row is not None and is_missed else ""


def returned_because(session: Session, campaign_id: str) -> str:
    """Why the operator gave a campaign back, while that is the last that happened to it; else ''."""
    m = MOVE.c
    last = select(m.event, m.reason).where(m.campaign_id == campaign_id).order_by(m.seq.desc()).limit(1)
    row = session.connection().execute(last).one_or_none()
    is_theirs = row is not None and row.event == CampaignEvent.RETURNED and row.reason != TAKEN_BACK
    return row.reason if row is not None and is_theirs else ""


def earlier(session: Session, campaign: Campaign, seq: int, language: str) -> Earlier:
    """The texts of one revision; raises NotFound."""
    row = session.get(CampaignRevision, (campaign.id, seq))
    if row is None:
        raise NotFound(N_("There is no earlier text of this number."))
    texts = i18n.texts_in(row.texts, language, campaign.language)
    return Earlier(
        title=texts.get("title") or campaign.slug,
        until_at=row.until_at,
        story=story.render(texts.get("story", ""), campaign.pictures, language).html,
        risks=story.render(texts.get("risks", ""), campaign.pictures, language).html,
        language=language if language in row.texts else campaign.language,
    )


def _occasions(lines: list[tuple[datetime, str, Line]]) -> tuple[Occasion, ...]:
    return tuple(
        Occasion(at, actor, tuple(line for _, _, line in group))
        for (at, actor), group in groupby(lines, key=lambda one: (one[0], one[1]))
    )


def _move(language: str, event: str, reason: str) -> Line:
    said = i18n.translate(language, reason) if reason == TAKEN_BACK else reason
    return Line(i18n.translate(language, wording.MOVES.get(event, event)), "", "", said)


def _change(language: str, field: str, before: str, after: str, names: Mapping[str, str], revision: int) -> Line:
    return Line(
        wording.label(language, field, names),
        wording.value(language, field, before, names),
        wording.value(language, field, after, names),
        earlier=revision if field.partition(".")[0] in REVISED else 0,
    )


def _names(session: Session, campaign: Campaign, language: str) -> dict[str, str]:
    """Titles of what still is there, by the first two parts of its path."""
    found: dict[str, str] = {}
    for tier in session.exec(select_rows(Tier).where(Tier.campaign_id == campaign.id)):
        kind = "tiers" if tier.kind.value == "base" else "add_ons"
        found[f"{kind}.{tier.slug}"] = i18n.texts_in(tier.texts, language, campaign.language).get("title", tier.slug)
    for item in session.exec(select_rows(Item).where(Item.campaign_id == campaign.id)):
        found[f"items.{item.slug}"] = i18n.texts_in(item.texts, language, campaign.language).get("name", item.slug)
    for goal in session.exec(select_rows(StretchGoal).where(StretchGoal.campaign_id == campaign.id)):
        title = i18n.texts_in(goal.texts, language, campaign.language).get("title", goal.slug)
        found[f"stretch_goals.{goal.slug}"] = title
    return found


def _revisions(session: Session, campaign_id: str) -> dict[datetime, int]:
    rows = session.connection().execute(
        select(REVISION.c.until_at, REVISION.c.seq).where(REVISION.c.campaign_id == campaign_id)
    )
    return {row.until_at: row.seq for row in rows}
