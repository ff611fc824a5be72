"""A backer's pages: choosing, reviewing, the way to the checkout and back, and the pledge's own pages."""

from starlette.routing import Route

from fundlaunch.pledges import choice_pages, manage_pages, return_pages
from fundlaunch.pledges.checkout import Desk
from fundlaunch.web.shell import Shell


def routes(shell: Shell, desk: Desk) -> list[Route]:
    """/campaigns/{slug}/pledge and everything below /pledges/{token}, except the address."""
    return [*choice_pages.routes(shell, desk), *return_pages.routes(shell, desk), *manage_pages.routes(shell, desk)]
