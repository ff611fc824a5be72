"""All pages of the studio."""

from starlette.routing import Route

from fundlaunch.studio import (
    backer_pages,
    backer_sheet_pages,
    before_pages,
    by_hand_pages,
    edit_pages,
    ending_pages,
    history_pages,
    home_pages,
    item_pages,
    launch_pages,
    list_pages,
    offer_pages,
    overview_pages,
    review_pages,
    shipping_pages,
    stretch_pages,
    upload_pages,
)
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """The pages of the creator's studio; those of one thing come before those of a section, which look alike."""
    return [
        *home_pages.routes(shell),
        *upload_pages.routes(shell),
        *item_pages.routes(shell),
        *stretch_pages.routes(shell),
        *shipping_pages.routes(shell),
        *offer_pages.routes(shell),
        *edit_pages.routes(shell),
        *overview_pages.routes(shell),
        *launch_pages.routes(shell),
        *ending_pages.routes(shell),
        *history_pages.routes(shell),
        *review_pages.routes(shell),
        *before_pages.routes(shell),
        *backer_pages.routes(shell),
        *by_hand_pages.routes(shell),
        *backer_sheet_pages.routes(shell),
        *list_pages.routes(shell),
    ]
