"""migrate, admin create, dev seed."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from fundlaunch import migrations
from fundlaunch.cli.standing import read_settings
from fundlaunch.database import Database
from fundlaunch.serving import opened


def migrate(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Bring the database to the newest schema."""
    del chosen
    settings = read_settings(environment)
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url)
    try:
        changed = migrations.upgrade(database)
    finally:
        database.dispose()
    print(f"The schema is at {migrations.head()}." if changed else "Nothing to do: the schema is the newest.")
    return 0


def create_admin(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Make an account an operator's; it signs in by mail like everybody."""
    from fundlaunch.people.accounts import create_operator
    from fundlaunch.people.actions import make_link

    settings = read_settings(environment)
    now = settings.real_clock().now()
    with opened(settings) as database, database.transaction() as session:
        create_operator(session, chosen.email, now)
        token = make_link(session, chosen.email, now)
    print(f"{chosen.email} is an operator. Sign in within 15 minutes: {settings.base_url}/sign-in/link/{token}")
    return 0


def seed(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Load campaigns and pledges from JSON lines."""
    from fundlaunch.seeding import seed_file

    settings = read_settings(environment)
    with opened(settings) as database:
        loaded = seed_file(database, Path(chosen.file), settings, settings.real_clock().now())
    print(f"Loaded {loaded.campaigns} campaigns and {loaded.pledges} pledges.")
    return 0
