"""What can be typed after `fundlaunch`. `run` names the module and function that carries a command out."""

import argparse
from typing import Any

from fundlaunch import __version__

KINDS = ("backers", "items", "picklist")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="fundlaunch", description="Crowdfunding campaigns on your own small machine.", allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"fundlaunch {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_serving(commands)
    _add_campaigns(commands)
    _add_money(commands)
    _add_operating(commands)
    return top


def _add_serving(commands: Any) -> None:
    demo = _add(commands, "demo", "running:demo", "start with invented campaigns, a stand-in for Stripe and no set-up")
    demo.add_argument("--fresh", action="store_true", help="throw the demo's data away and begin again")
    serve = _add(commands, "serve", "running:serve", "serve the pages and do the chores")
    serve.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")
    _add(commands, "work", "running:work", "do the chores only, beside other processes that serve")
    simulator = _add(commands, "simulator", "running:simulator", "run the local stand-in for Stripe alone")
    simulator.add_argument("--host", default="127.0.0.1", help="address to listen at (default 127.0.0.1)")
    simulator.add_argument("--port", type=int, default=12111, help="port to listen at (default 12111)")
    simulator.add_argument("--webhook", default="", metavar="URL", help="where its events are posted")
    simulator.add_argument("--webhook-secret", default="", metavar="SECRET", help="what they are signed with")
    simulator.add_argument("--file", default="", help="keep its books in this file")


def _add_campaigns(commands: Any) -> None:
    campaign = commands.add_parser("campaign", help="campaigns as files", allow_abbrev=False)
    verbs = campaign.add_subparsers(metavar="VERB", required=True)
    check = _add(verbs, "check", "campaigns:check", "name every mistake of a campaign file, by line")
    check.add_argument("file", metavar="FILE")
    apply = _add(verbs, "apply", "campaigns:apply", "create or update a campaign from its file")
    apply.add_argument("file", metavar="FILE")
    apply.add_argument("--owner", default="", metavar="EMAIL", help="the account that owns a new campaign")
    written = _add(verbs, "export", "campaigns:write", "write a campaign, with its pictures, into a folder as its file")
    written.add_argument("slug", metavar="SLUG")
    written.add_argument("--out", required=True, metavar="FOLDER", help="a new or empty folder")
    rehearse = _add(commands, "rehearse", "campaigns:rehearse", "run a whole campaign against a simulated clock")
    rehearse.add_argument("file", metavar="FILE")
    rehearse.add_argument("--pledges", required=True, metavar="CSV")
    rehearse.add_argument("--out", default="", metavar="DIR", help="where the lists and the database are left")
    rehearse.add_argument("--json", action="store_true")
    export = _add(commands, "export", "campaigns:export", "write a list of a campaign's backers, items or picks")
    export.add_argument("slug", metavar="SLUG")
    export.add_argument("kind", choices=KINDS)
    export.add_argument("--preset", default="", metavar="NAME", help="the shape of the list")
    export.add_argument("--out", required=True, metavar="FILE", help="ending in .csv, .xlsx or .zip")
    export.add_argument("--status", action="append", default=[], metavar="STATE", help="only pledges in this state")
    export.add_argument("--without-personal-data", action="store_true")


def _add_money(commands: Any) -> None:
    tick = _add(commands, "tick", "money:tick", "run every chore once")
    tick.add_argument("--now", default="", metavar="ISO", help="as if it were this instant, with its offset from UTC")
    collect = _add(commands, "collect", "money:collect", "charge a successful campaign's pledges until none is due")
    collect.add_argument("slug", metavar="SLUG")
    way = collect.add_mutually_exclusive_group()
    way.add_argument("--pause", action="store_true", help="stop charging after the charges under way")
    way.add_argument("--resume", action="store_true", help="charge again")
    _add(commands, "sweep", "money:sweep", "ask Stripe for what lost webhooks would have told")
    verify = _add(commands, "verify", "money:verify", "check the books: every invariant, counted")
    verify.add_argument("--json", action="store_true")


def _add_operating(commands: Any) -> None:
    _add(commands, "migrate", "operating:migrate", "bring the database to the newest schema")
    admin = commands.add_parser("admin", help="operators", allow_abbrev=False)
    verbs = admin.add_subparsers(metavar="VERB", required=True)
    create = _add(verbs, "create", "operating:create_admin", "make an account an operator's")
    create.add_argument("email", metavar="EMAIL")
    dev = commands.add_parser("dev", help="for development and tests", allow_abbrev=False)
    tools = dev.add_subparsers(metavar="VERB", required=True)
    seed = _add(tools, "seed", "operating:seed", "load campaigns and pledges from a file of JSON lines")
    seed.add_argument("file", metavar="FILE")


def _add(commands: Any, name: str, run: str, says: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says, allow_abbrev=False)
    command.set_defaults(run=run)
    return command
