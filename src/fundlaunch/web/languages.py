"""Which language a request is answered in, and addresses that carry the choice.

Public pages set no cookie: `?lang=` travels on links, and so does `?ref=`, the tag of where a visitor came from.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

from fundlaunch import i18n

_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


def language_of(request: Request) -> str:
    """`?lang=`, else the signed-in account's own (`request.state.language`), else Accept-Language, else English."""
    asked = request.query_params.get("lang", "")
    if asked in i18n.LANGUAGES:
        return asked
    own = getattr(request.state, "language", "")
    if own in i18n.LANGUAGES:
        return str(own)
    return i18n.negotiated(request.headers.get("accept-language", ""))


def referral_of(request: Request) -> str:
    """The tag of `?ref=`, or '' if there is none of a tag's shape."""
    tag = request.query_params.get("ref", "")
    return tag if _TAG.fullmatch(tag) else ""


def carried(request: Request) -> dict[str, str]:
    """`lang` and `ref` of the present page, for links and for forms that are sent by GET."""
    found = {}
    if (language := request.query_params.get("lang", "")) in i18n.LANGUAGES:
        found["lang"] = language
    if tag := referral_of(request):
        found["ref"] = tag
    return found


def link(request: Request, path: str) -> str:
    """`path` of this site with `?lang=` and `?ref=` of the present page carried along."""
    return _with_query(path, carried(request))


def lang_url(request: Request, language: str) -> str:
    """The present page in `language`."""
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    return _with_query(request.url.path, query | {"lang": language})


def _with_query(path: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    joined = urlencode({**more, **query})
    return parts.path + (f"?{joined}" if joined else "") + (f"#{parts.fragment}" if parts.fragment else "")
