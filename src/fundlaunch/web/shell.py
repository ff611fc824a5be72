"""The shell: what every page needs, handed to each domain's `routes(shell, ...)`."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fundlaunch.clock import Clock
from fundlaunch.database import Database
from fundlaunch.errors import N_, NotAllowed
from fundlaunch.settings import Settings
from fundlaunch.web import csrf
from fundlaunch.web.forms import Endpoint, Form
from fundlaunch.web.sessions import SessionCookie
from fundlaunch.web.templates import Templates


@dataclass(frozen=True)
class Shell:
    """Settings, database, clock and templates of this process."""

    settings: Settings
    database: Database
    clock: Clock
    templates: Templates

    @property
    def cookie(self) -> SessionCookie:
        return SessionCookie(self.settings.is_https)

    def signed(self, endpoint: Endpoint) -> Endpoint:
        """The same endpoint, behind a check that the form carries its session's token; raises NotAllowed."""

        def checked(request: Request, form: Form) -> Response:
            if not csrf.matches(self.settings.secret_key, self.cookie.value(request), form.typed(csrf.FIELD)):
                raise NotAllowed(N_("This form was opened in another session. Reload the page and send it again."))
            return endpoint(request, form)

        return checked
