"""campaigns in full"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


NEW_COLUMNS = {
    "campaign": (
        "country VARCHAR(2) NOT NULL DEFAULT ''",
        "category VARCHAR(40) NOT NULL DEFAULT ''",
        "tags JSON NOT NULL DEFAULT '[]'",
        (
            "funding VARCHAR(40) NOT NULL DEFAULT 'all_or_nothing' CONSTRAINT funding_known"
            " CHECK (funding IN ('all_or_nothing', 'flexible'))"
        ),
        "launch_at TIMESTAMP WITH TIME ZONE",
        "is_announced BOOLEAN NOT NULL DEFAULT FALSE",
        "followers INTEGER NOT NULL DEFAULT 0",
        "preview_key VARCHAR(64) NOT NULL DEFAULT ''",
        "approved_at TIMESTAMP WITH TIME ZONE",
        "percent BIGINT NOT NULL DEFAULT 0",
        "late_minor BIGINT NOT NULL DEFAULT 0 CONSTRAINT late_not_negative CHECK (late_minor >= 0)",
        "late_backers INTEGER NOT NULL DEFAULT 0",
        "offline_minor BIGINT NOT NULL DEFAULT 0 CONSTRAINT offline_not_negative CHECK (offline_minor >= 0)",
        "offline_backers INTEGER NOT NULL DEFAULT 0",
        "takes_late_pledges BOOLEAN NOT NULL DEFAULT FALSE",
    ),
    "item": ("options JSON NOT NULL DEFAULT '[]'",),
    "pledge": (
        (
            "origin VARCHAR(40) NOT NULL DEFAULT 'campaign' CONSTRAINT origin_known"
            " CHECK (origin IN ('campaign', 'late', 'offline'))"
        ),
        "refunded_minor BIGINT NOT NULL DEFAULT 0",
        "note_of_backer VARCHAR(1000) NOT NULL DEFAULT ''",
        "note_of_creator VARCHAR(1000) NOT NULL DEFAULT ''",
    ),
    "stretch_goal": (
        (
            "measure VARCHAR(40) NOT NULL DEFAULT 'money' CONSTRAINT measure_known"
            " CHECK (measure IN ('money', 'backers', 'orders'))"
        ),
        "item_id VARCHAR(26) REFERENCES item (id)",
        "unit_cost_minor BIGINT",
        "opens_tier_id VARCHAR(26) REFERENCES tier (id)",
    ),
    "tier": (
        "late_price_minor BIGINT",
        "ordered INTEGER NOT NULL DEFAULT 0",
        "secret_key VARCHAR(64) NOT NULL DEFAULT ''",
    ),
}
"""Plain SQL that both databases understand: a table that others refer to cannot be made anew on SQLite."""

NARROWS = ("category", "country", "currency")
INDEXES = {
    "campaign_announced": ["is_announced", "status", "launch_at", "id", *NARROWS],
    "campaign_country": ["country"],
    "campaign_ending": ["status", "deadline_at", "id", *NARROWS],
    "campaign_funded": ["status", "percent", "id", *NARROWS],
    "campaign_newest": ["status", "launched_at", "id", *NARROWS],
    "campaign_popular": ["status", "backers", "id", *NARROWS],
    "ix_campaign_launch_at": ["launch_at"],
}


def upgrade() -> None:
    op.create_table(
        "campaign_change",
        sa.Column("campaign_id", sa.String(26), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("field", sa.String(200), nullable=False),
        sa.Column("before", sa.String(2000), nullable=False),
        sa.Column("after", sa.String(2000), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id", "seq"),
    )
    op.create_table(
        "follower",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("campaign_id", sa.String(26), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "email_key", name="follower_once"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("follower_untold", "follower", ["campaign_id", "told_at"])

    op.create_table(
        "preview_remark",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("campaign_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_preview_remark_campaign_id", "preview_remark", ["campaign_id"])

    op.create_table(
        "campaign_words",
        sa.Column("campaign_id", sa.String(26), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "visitor_post",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("ip", sa.String(45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('follow', 'remark')", name="kind_known"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("visitor_post_by_email", "visitor_post", ["kind", "email_key", "created_at"])
    op.create_index("visitor_post_by_ip", "visitor_post", ["kind", "ip", "created_at"])
    op.create_index("ix_visitor_post_created_at", "visitor_post", ["created_at"])

    op.create_table(
        "refund",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("payment_id", sa.String(26), nullable=False),
        sa.Column("pledge_id", sa.String(26), nullable=False),
        sa.Column("campaign_id", sa.String(26), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("refund", sa.String(255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(500), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('intended', 'pending', 'succeeded', 'failed')", name="status_known"),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payment.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("refund"),
    )
    op.create_index("ix_refund_campaign_id", "refund", ["campaign_id"])
    op.create_index("ix_refund_payment_id", "refund", ["payment_id"])
    op.create_index("ix_refund_pledge_id", "refund", ["pledge_id"])
    op.create_index("refund_by_status", "refund", ["status", "due_at"])

    op.create_table(
        "add_on_tier",
        sa.Column("add_on_id", sa.String(26), nullable=False),
        sa.Column("tier_id", sa.String(26), nullable=False),
        sa.ForeignKeyConstraint(
            ["add_on_id"],
            ["tier.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"],
            ["tier.id"],
        ),
        sa.PrimaryKeyConstraint("add_on_id", "tier_id"),
    )
    op.create_table(
        "item_variant",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("item_id", sa.String(26), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(50), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("customs_value_minor", sa.BigInteger(), nullable=True),
        sa.Column("hs_code", sa.String(30), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", "sku"),
    )
    op.create_index("ix_item_variant_item_id", "item_variant", ["item_id"])

    op.create_table(
        "stretch_grant",
        sa.Column("goal_id", sa.String(26), nullable=False),
        sa.Column("tier_id", sa.String(26), nullable=False),
        sa.Column("item_id", sa.String(26), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"],
            ["stretch_goal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tier_id"],
            ["tier.id"],
        ),
        sa.PrimaryKeyConstraint("goal_id", "tier_id", "item_id"),
    )
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {_here(column)}")
    op.execute("ALTER TABLE stretch_goal RENAME COLUMN threshold_minor TO threshold")
    for name, indexed in INDEXES.items():
        op.create_index(name, "campaign", indexed)
    op.create_index("pledge_by_backer", "pledge", ["campaign_id", "email_key"])
    if not _is_sqlite():
        # SQLite does not look at the length of a text.
        op.alter_column("shipping_rate", "country", type_=sa.String(20))
    _fill()


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _here(column: str) -> str:
    """SQLite has its own name for the type of a time."""
    return column.replace("TIMESTAMP WITH TIME ZONE", "DATETIME") if _is_sqlite() else column


def _fill() -> None:
    """What the new columns are of campaigns that were there before."""
    op.execute("UPDATE campaign SET percent = pledged_minor * 100 / goal_minor")
    op.execute(
        """
        UPDATE tier SET ordered = COALESCE((
            SELECT SUM(pledge_line.quantity) FROM pledge_line JOIN pledge ON pledge.id = pledge_line.pledge_id
            WHERE pledge_line.tier_id = tier.id AND (pledge.status IN
            ('pledged', 'collected', 'errored', 'authentication_required', 'dropped') OR EXISTS (
                SELECT 1 FROM pledge_move WHERE pledge_move.pledge_id = pledge.id
                AND pledge_move.event = 'campaign_released'))), 0)
        """
    )
    campaign = sa.table("campaign", *(sa.column(name) for name in ("id", "creator_name", "place")),
                        sa.column("texts", sa.JSON()))  # fmt: skip
    found = sa.table("campaign_words", sa.column("campaign_id"), sa.column("words"))
    c = campaign.c
    for row in op.get_bind().execute(sa.select(c.id, c.texts, c.creator_name, c.place)).all():
        said = [text.get(name, "") for text in row.texts.values() for name in ("title", "blurb")]
        words = unicodedata.normalize("NFC", " ".join([*said, row.creator_name, row.place])).casefold()
        op.execute(sa.insert(found).values(campaign_id=row.id, words=words))
