"""All pages of the studio."""

from starlette.routing import Route

from fundlaunch.studio import (
    backer_pages,
    edit_pages,
    home_pages,
    list_pages,
    offer_pages,
    overview_pages,
    upload_pages,
)
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """The pages of the creator's studio; those of one reward come before those of a section, whose shape they fit."""
    return [
        *home_pages.routes(shell),
        *upload_pages.routes(shell),
        *offer_pages.routes(shell),
        *edit_pages.routes(shell),
        *overview_pages.routes(shell),
        *backer_pages.routes(shell),
        *list_pages.routes(shell),
    ]
