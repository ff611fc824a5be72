"""`verify`: the invariants of money, stock and time, each one SQL question that must find nothing (TRUST section 1).

Every check names itself, counts how many rows it looked at, and lists offenders. The SQL is plain and runs on both
databases; times are bound, never computed in SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Session

from fundlaunch.database import UtcDateTime

FIRST = 10
"""Offenders shown by id; the count is of all."""

HOLDING = "('preauth', 'pledged', 'errored', 'authentication_required', 'collected')"
COUNTING = "('pledged', 'collected', 'errored', 'authentication_required', 'dropped')"
COUNTED = f"""(pledge.origin = 'campaign' AND (pledge.status IN {COUNTING} OR EXISTS (
    SELECT 1 FROM pledge_move WHERE pledge_move.pledge_id = pledge.id AND pledge_move.event = 'campaign_released')))"""
"""What the public total is the sum of: a campaign that is over keeps the total of those whom it let go."""
APART = "pledge.campaign_id = campaign.id AND pledge.origin <> 'campaign'"
"""Late pledges and those entered by hand come and go after the freeze; lists hold them, the total does not."""
WAITING = "('intended', 'open')"
OVER = "('failed', 'canceled', 'suspended')"
ENDED = """JOIN campaign ON campaign.id = pledge.campaign_id JOIN (
    SELECT campaign_id, MAX(at) AS at FROM campaign_move GROUP BY campaign_id
) ended ON ended.campaign_id = campaign.id"""
WHOLE = (
    '"statuses"_ ["authentication_required", "collected", "dropped", "errored", "pledged"], "tier"_ "", "country"_ ""'
)
"""How the choice of a whole backer list is kept; `_` stands for the colon, which would be taken for a bound name."""


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant: `offenders` selects one id for each violation, `rows` counts what was looked at."""

    id: str
    says: str
    offenders: str
    rows: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: how many offenders, the first of them, how many rows were looked at."""

    count: int
    first: tuple[str, ...]
    checked: int


CHECKS = (
    Check(
        "S1",
        "claimed units are the units of the pledges that hold them, and never more than there are",
        f"""
        SELECT tier.id FROM tier LEFT JOIN (
            SELECT pledge_line.tier_id AS tier_id, SUM(pledge_line.quantity) AS units
            FROM pledge_line JOIN pledge ON pledge.id = pledge_line.pledge_id
            WHERE pledge.status IN {HOLDING} GROUP BY pledge_line.tier_id
        ) held ON held.tier_id = tier.id
        WHERE tier.claimed <> COALESCE(held.units, 0) OR tier.claimed < 0 OR tier.claimed > tier.quantity
        UNION ALL
        SELECT pledge.id FROM pledge_line JOIN tier ON tier.id = pledge_line.tier_id
        JOIN pledge ON pledge.id = pledge_line.pledge_id
        WHERE pledge.status IN {HOLDING} AND pledge_line.quantity > tier.limit_per_backer
        """,
        "SELECT COUNT(*) FROM tier",
    ),
    Check(
        "S2",
        "a hold knows its end, and none is fifteen minutes over it without an open checkout",
        f"""
        SELECT id FROM pledge WHERE status = 'preauth' AND (hold_expires_at IS NULL OR (hold_expires_at < :hold_over
        AND NOT EXISTS (SELECT 1 FROM checkout WHERE checkout.pledge_id = pledge.id AND checkout.status IN {WAITING})))
        """,
        "SELECT COUNT(*) FROM pledge WHERE status = 'preauth'",
    ),
    Check(
        "M3",
        "at most one payment of a pledge succeeded or may still succeed, and collected means exactly one",
        """
        SELECT pledge_id FROM payment WHERE status <> 'canceled' GROUP BY pledge_id HAVING COUNT(*) > 1
        UNION ALL
        SELECT pledge.id FROM pledge LEFT JOIN payment ON payment.pledge_id = pledge.id
        AND payment.status = 'succeeded'
        WHERE (pledge.status = 'collected' AND pledge.origin <> 'offline' AND payment.id IS NULL)
        OR (payment.id IS NOT NULL AND (pledge.origin = 'offline' OR pledge.status NOT IN ('collected', 'canceled')
        OR payment.amount_minor <> pledge.collected_minor OR payment.amount_minor <> pledge.total_minor
        OR payment.currency <> pledge.currency))
        """,
        "SELECT COUNT(*) FROM payment",
    ),
    Check(
        "M4",
        "what was given back is the sum of the refunds, not more than was taken, whole if canceled, sent in a day",
        """
        SELECT pledge.id FROM pledge LEFT JOIN (
            SELECT pledge_id, SUM(CASE WHEN status = 'succeeded' THEN amount_minor ELSE 0 END) AS back,
            SUM(CASE WHEN status IN ('pending', 'succeeded') THEN amount_minor ELSE 0 END) AS sent,
            SUM(CASE WHEN status <> 'failed' THEN amount_minor ELSE 0 END) AS meant FROM refund GROUP BY pledge_id
        ) given ON given.pledge_id = pledge.id
        WHERE pledge.origin <> 'offline' AND (pledge.refunded_minor <> COALESCE(given.back, 0)
        OR COALESCE(given.sent, 0) > pledge.collected_minor
        OR (pledge.status = 'canceled' AND COALESCE(given.meant, 0) < pledge.collected_minor))
        UNION ALL
        SELECT refund.id FROM refund JOIN payment ON payment.id = refund.payment_id WHERE payment.status <> 'succeeded'
        OR payment.pledge_id <> refund.pledge_id OR payment.currency <> refund.currency
        OR (refund.status = 'intended' AND refund.created_at < :day_ago)
        """,
        "SELECT COUNT(*) FROM pledge WHERE collected_minor > 0",
    ),
    Check(
        "M5",
        "a pledge's total is its lines, shipping and bonus",
        """
        SELECT pledge.id FROM pledge LEFT JOIN (
            SELECT pledge_id, SUM(quantity * unit_price_minor) AS goods, SUM(shipping_minor) AS sending
            FROM pledge_line GROUP BY pledge_id
        ) line ON line.pledge_id = pledge.id
        WHERE pledge.total_minor <> pledge.lines_minor + pledge.shipping_minor + pledge.bonus_minor
        OR pledge.lines_minor <> COALESCE(line.goods, 0) OR pledge.shipping_minor <> COALESCE(line.sending, 0)
        """,
        "SELECT COUNT(*) FROM pledge",
    ),
    Check(
        "P1",
        "every completed checkout belongs to a confirmed pledge, to a released card, or to money that was taken",
        """
        SELECT checkout.id FROM checkout JOIN pledge ON pledge.id = checkout.pledge_id
        WHERE checkout.status = 'complete' AND checkout.purpose = 'save_card' AND (
            pledge.status IN ('preauth', 'expired') OR (pledge.status = 'canceled' AND pledge.payment_method <> ''
            AND NOT EXISTS (SELECT 1 FROM promise WHERE promise.key = 'release_card:' || pledge.payment_method)))
        UNION ALL
        SELECT checkout.id FROM checkout JOIN pledge ON pledge.id = checkout.pledge_id
        WHERE checkout.status = 'complete' AND checkout.purpose <> 'save_card' AND (
            pledge.status NOT IN ('collected', 'canceled') OR NOT EXISTS (
            SELECT 1 FROM payment WHERE payment.id = checkout.payment_id AND payment.status = 'succeeded'))
        """,
        "SELECT COUNT(*) FROM checkout WHERE status = 'complete'",
    ),
    Check(
        "P3",
        "an unfunded, canceled or stopped campaign keeps neither money nor cards for more than a day",
        f"""
        SELECT payment.id FROM payment JOIN campaign ON campaign.id = payment.campaign_id
        WHERE campaign.status IN {OVER} AND payment.status = 'succeeded' AND campaign.funding = 'all_or_nothing'
        AND (campaign.status = 'failed' OR campaign.frozen_at IS NULL)
        UNION ALL
        SELECT pledge.id FROM pledge {ENDED} WHERE campaign.status IN {OVER} AND pledge.origin <> 'offline'
        AND pledge.collected_minor > 0 AND ended.at < :day_ago AND COALESCE(pledge.ended_at, ended.at) < :day_ago
        AND pledge.collected_minor > (SELECT COALESCE(SUM(refund.amount_minor), 0) FROM refund
            WHERE refund.pledge_id = pledge.id AND refund.status IN ('pending', 'succeeded'))
        UNION ALL
        SELECT pledge.id FROM pledge {ENDED}
        LEFT JOIN promise ON promise.key = 'release_card:' || pledge.payment_method
        WHERE campaign.status IN {OVER} AND pledge.payment_method <> '' AND promise.kept_at IS NULL
        AND ended.at < :day_ago AND COALESCE(pledge.ended_at, ended.at) < :day_ago
        """,
        f"""SELECT COUNT(*) FROM pledge JOIN campaign ON campaign.id = pledge.campaign_id
        WHERE campaign.status IN {OVER}""",
    ),
    Check(
        "P4",
        "after the freeze nothing was pledged or changed, no checkout was left unread, and charges came on their side",
        f"""
        SELECT pledge.id FROM pledge JOIN campaign ON campaign.id = pledge.campaign_id
        WHERE pledge.origin = 'campaign'
        AND (pledge.confirmed_at > campaign.frozen_at OR pledge.changed_at > campaign.frozen_at)
        UNION ALL
        SELECT checkout.id FROM checkout JOIN campaign ON campaign.id = checkout.campaign_id
        JOIN pledge ON pledge.id = checkout.pledge_id WHERE campaign.frozen_at IS NOT NULL
        AND pledge.origin = 'campaign' AND checkout.purpose <> 'fix_payment' AND checkout.status IN {WAITING}
        UNION ALL
        SELECT payment.id FROM payment JOIN campaign ON campaign.id = payment.campaign_id
        JOIN pledge ON pledge.id = payment.pledge_id
        WHERE CASE WHEN pledge.origin = 'campaign' AND campaign.funding = 'flexible'
            THEN payment.created_at > campaign.frozen_at
            ELSE campaign.frozen_at IS NULL OR payment.created_at < campaign.frozen_at END
        """,
        "SELECT COUNT(*) FROM campaign WHERE frozen_at IS NOT NULL",
    ),
    Check(
        "P6",
        "one form made one pledge, one backer number stands for one backer",
        """
        SELECT MIN(id) FROM pledge GROUP BY campaign_id, request_key HAVING COUNT(*) > 1
        UNION ALL
        SELECT MIN(id) FROM pledge WHERE backer_number IS NOT NULL
        GROUP BY campaign_id, backer_number HAVING COUNT(*) > 1
        """,
        "SELECT COUNT(*) FROM pledge",
    ),
    Check(
        "C1",
        "the public total is the sum of the pledges that count, ordered units are theirs, stretch goals follow them",
        f"""
        SELECT campaign.id FROM campaign LEFT JOIN (
            SELECT campaign_id, SUM(total_minor) AS money, COUNT(*) AS heads FROM pledge
            WHERE {COUNTED} GROUP BY campaign_id
        ) sums ON sums.campaign_id = campaign.id
        WHERE campaign.pledged_minor <> COALESCE(sums.money, 0) OR campaign.backers <> COALESCE(sums.heads, 0)
        OR campaign.percent <> campaign.pledged_minor * 100 / campaign.goal_minor
        UNION ALL
        SELECT tier.id FROM tier LEFT JOIN (
            SELECT pledge_line.tier_id AS tier_id, SUM(pledge_line.quantity) AS units
            FROM pledge_line JOIN pledge ON pledge.id = pledge_line.pledge_id
            WHERE {COUNTED} GROUP BY pledge_line.tier_id
        ) sums ON sums.tier_id = tier.id
        WHERE tier.ordered <> COALESCE(sums.units, 0)
        UNION ALL
        SELECT stretch_goal.id FROM stretch_goal JOIN campaign ON campaign.id = stretch_goal.campaign_id
        WHERE (stretch_goal.reached_at IS NOT NULL) <> (stretch_goal.threshold <= CASE stretch_goal.measure
            WHEN 'money' THEN campaign.pledged_minor WHEN 'backers' THEN campaign.backers
            ELSE (SELECT COALESCE(SUM(tier.ordered * tier_item.quantity), 0) FROM tier_item
                JOIN tier ON tier.id = tier_item.tier_id WHERE tier_item.item_id = stretch_goal.item_id) END)
        OR stretch_goal.reached_at > campaign.frozen_at
        """,
        "SELECT COUNT(*) FROM campaign",
    ),
    Check(
        "C3",
        "late pledges and those entered by hand are counted apart, each as the sum of its own",
        f"""
        SELECT campaign.id FROM campaign LEFT JOIN (
            SELECT campaign_id,
            SUM(CASE WHEN origin = 'late' THEN total_minor ELSE 0 END) AS late_money,
            SUM(CASE WHEN origin = 'late' THEN 1 ELSE 0 END) AS late_heads,
            SUM(CASE WHEN origin = 'offline' THEN total_minor ELSE 0 END) AS offline_money,
            SUM(CASE WHEN origin = 'offline' THEN 1 ELSE 0 END) AS offline_heads
            FROM pledge WHERE status IN {COUNTING} GROUP BY campaign_id
        ) sums ON sums.campaign_id = campaign.id
        WHERE campaign.late_minor <> COALESCE(sums.late_money, 0)
        OR campaign.late_backers <> COALESCE(sums.late_heads, 0)
        OR campaign.offline_minor <> COALESCE(sums.offline_money, 0)
        OR campaign.offline_backers <> COALESCE(sums.offline_heads, 0)
        """,
        "SELECT COUNT(*) FROM campaign",
    ),
    Check(
        "X1",
        "a backer list has one row for each pledge asked for, and after the freeze the whole one holds the total",
        f"""
        SELECT export_batch.id FROM export_batch JOIN campaign ON campaign.id = export_batch.campaign_id
        WHERE export_batch.kind = 'backers' AND export_batch.sha256 <> '' AND (
            export_batch.rows <> export_batch.pledges OR export_batch.currency <> campaign.currency
            OR (campaign.status = 'successful' AND export_batch.at >= campaign.frozen_at
                AND CAST(export_batch.choice AS TEXT) LIKE '%{WHOLE}%'
                AND (export_batch.pledges < campaign.backers OR export_batch.amount_minor < campaign.pledged_minor
                OR export_batch.pledges > campaign.backers + (SELECT COUNT(*) FROM pledge WHERE {APART})
                OR export_batch.amount_minor > campaign.pledged_minor
                + (SELECT COALESCE(SUM(total_minor), 0) FROM pledge WHERE {APART}))))
        """,
        "SELECT COUNT(*) FROM export_batch",
    ),
)


def verify(session: Session, now: datetime) -> dict[str, Found]:
    """Run every check on one snapshot; by the invariant's id. `session` is one of `database.reading()`."""
    times = {"hold_over": now - timedelta(minutes=15), "day_ago": now - timedelta(hours=24)}
    return {check.id: _run(session, check, times) for check in CHECKS}


def _run(session: Session, check: Check, times: Mapping[str, datetime]) -> Found:
    statement = text(check.offenders)
    used = {name: at for name, at in times.items() if f":{name}" in check.offenders}
    bound = statement.bindparams(*(bindparam(name, type_=UtcDateTime) for name in used))
    offenders = session.connection().execute(bound, used).scalars().all()
    checked = session.connection().execute(text(check.rows)).scalar_one()
    return Found(len(offenders), tuple(str(offender) for offender in offenders[:FIRST]), int(checked))
