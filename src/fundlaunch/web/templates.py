"""Templates: one environment for each language, so that a macro knows its language without being told.

Pages get frozen views and these names: `_`, `ngettext`, the filters below, `asset(name)`, `accent_url(colour)`,
`link(path)`, `lang_url(language)`, `csrf_field`, `request_key()`, `language`, `base_url`, `is_debug`.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from fundlaunch import i18n
from fundlaunch.errors import FundLaunchError
from fundlaunch.money import EXPONENTS, percent_floored
from fundlaunch.settings import Settings
from fundlaunch.web import csrf, forms, headers, languages, resources
from fundlaunch.web.assets import Assets, accent_url
from fundlaunch.web.headers import Policy
from fundlaunch.web.sessions import SessionCookie


class Compiled(BytecodeCache):
    """What templates were compiled to, newest source only: the site and the stand-in's pages share it in one process.

    Environments of one language differ in values alone, which compiling does not look at.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = {language: Compiled() for language in i18n.LANGUAGES}


class Templates:
    """Renders pages and mail, from the project's own templates unless another folder is given.

    `demo` is what the ribbon of a demo says (templates/demo/ribbon.html); None anywhere else.
    """

    def __init__(self, settings: Settings, assets: Assets, folder: Path | None = None, *, demo: object = None) -> None:
        self._settings = settings
        self.assets = assets
        self._cookie = SessionCookie(settings.is_https)
        loader = FileSystemLoader(folder or resources.templates())
        self._environments = {language: _environment(language, loader, settings, assets) for language in i18n.LANGUAGES}
        for environment in self._environments.values():
            environment.globals["demo"] = demo

    def render(
        self, request: Request, name: str, /, status_code: int = 200, policy: Policy = Policy.FLOW, **views: object
    ) -> Response:
        """A page in the request's language. A PUBLIC page gets an ETag and answers 304; others are never kept."""
        language = languages.language_of(request)
        text = self._environments[language].get_template(name).render(self._of_request(request, policy) | views)
        response = Response(text, status_code, media_type="text/html")
        response.headers["Content-Language"] = language
        if policy is Policy.PUBLIC:
            response = _revalidated(request, response)
        return headers.marked(response, policy)

    def text(self, language: str, name: str, /, **views: object) -> str:
        """A text that belongs to no request, such as a mail."""
        return self._environments[language].get_template(name).render(views)

    def _of_request(self, request: Request, policy: Policy) -> dict[str, object]:
        value = "" if policy is Policy.PUBLIC else self._cookie.value(request)
        return {
            "path": request.url.path,
            "link": partial(languages.link, request),
            "lang_url": partial(languages.lang_url, request),
            "csrf_field": _hidden(csrf.FIELD, csrf.token(self._settings.secret_key, value)),
        }


def _hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value) if value else Markup()


def _request_key_field(value: str = "") -> Markup:
    """A fresh key, or `value` again where a page is shown a second time after a mistake."""
    return _hidden(forms.REQUEST_KEY, value or secrets.token_urlsafe(24))


def _revalidated(request: Request, response: Response) -> Response:
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:24]}"'
    if request.headers.get("if-none-match") == tag and response.status_code == 200:
        response = Response(status_code=304)
    response.headers["ETag"] = tag
    response.headers["Vary"] = "Accept-Language"
    return response


def _environment(language: str, loader: FileSystemLoader, settings: Settings, assets: Assets) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=select_autoescape(["html", "xml", "svg"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings.debug,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED[language],
    )
    # The i18n extension adds this method when it is loaded.
    environment.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(_filters(language))
    environment.globals.update(
        language=language,
        languages=i18n.LANGUAGE_NAMES,
        base_url=settings.base_url,
        is_debug=settings.debug,
        asset=assets.url,
        accent_url=accent_url,
        request_key_field=_request_key_field,
        percent_of=percent_floored,
        percent_sign=i18n.percent(0, language)[1:],
        money_parts=lambda amount: i18n.money_parts(amount, language, 0),
        money_parts_exact=lambda amount: i18n.money_parts(amount, language, EXPONENTS[amount.currency]),
        money_parts_short=lambda amount: i18n.money_parts(amount, language, i18n.decimals_of(amount)),
        currency_sign=lambda currency: i18n.currency_sign(currency, language),
        time_left=lambda now, ends_at: i18n.time_left(now, ends_at, language),
    )
    return environment


def _filters(language: str) -> dict[str, Callable[..., object]]:
    """What templates may write behind a bar; each knows its language."""
    spoken: dict[str, Callable[..., object]] = {
        "money": i18n.money,
        "money_headline": i18n.money_headline,
        "money_exact": i18n.money_exact,
        "number": i18n.number,
        "percent": i18n.percent,
        "month": i18n.month,
        "country": i18n.country,
        "listed": i18n.listed,
        "place": i18n.place,
    }
    zoned: dict[str, Callable[..., object]] = {
        "day": i18n.day,
        "day_short": i18n.day_short,
        "moment": i18n.moment,
        "moment_named": i18n.moment_named,
    }
    return (
        {name: partial(_in_language, function, language) for name, function in spoken.items()}
        | {name: partial(_in_zone, function, language) for name, function in zoned.items()}
        | {"ledger": i18n.ledger, "machine_time": i18n.machine_time, "sentence": partial(_sentence, language)}
    )


def _in_language(function: Callable[..., object], language: str, value: object) -> object:
    return function(value, language)


def _in_zone(function: Callable[..., object], language: str, when: datetime | date, zone: str = "UTC") -> object:
    return function(when, language, zone)


def _sentence(language: str, error: FundLaunchError) -> str:
    return i18n.sentence(language, error)
