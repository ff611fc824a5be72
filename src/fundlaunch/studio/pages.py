"""All pages of the studio."""

from starlette.routing import Route

from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """The pages of the creator's studio."""
    del shell
    return []
