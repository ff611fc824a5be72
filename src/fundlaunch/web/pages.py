"""The pages of the house itself: assets, and in debug mode the style guide."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fundlaunch.web import assets, styleguide
from fundlaunch.web.headers import Policy
from fundlaunch.web.shell import Shell


def routes(shell: Shell) -> list[Route]:
    """/assets/..., and /styleguide where debug is on."""

    def show_styleguide(request: Request) -> Response:
        return shell.templates.render(request, "styleguide.html", policy=Policy.PUBLIC, **styleguide.views())

    found = [Route(f"{assets.PREFIX}{{path:path}}", shell.templates.assets.respond)]
    if shell.settings.debug:
        found.append(Route("/styleguide", show_styleguide))
    return found
