"""Style sheets, scripts and icons under names that carry a hash of their content, so that browsers keep them for good.

Everything is read once, at the start: the style sheets become one file in the order of their layers, the scripts
another. A campaign's accent colour is a style sheet made from the colour itself.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from fundlaunch.errors import N_, NotFound
from fundlaunch.web import accent, headers, resources

PREFIX = "/assets/"
LAYERS = "@layer tokens, base, ui, pages;\n"
HASH_CHARACTERS = 12
IMMUTABLE = "public, max-age=31536000, immutable"

_ACCENT_NAME = re.compile(r"accent/([0-9a-f]{6})\.[0-9a-f]{12}\.css")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its address below /assets/, its type, and its bytes plain and compressed."""

    address: str
    media_type: str
    plain: bytes
    compressed: bytes


class Assets:
    """All files of one folder, ready to be sent. `url` answers with the hashed address of a file's plain name."""

    def __init__(self, folder: Path) -> None:
        self._by_name = {name: _asset(name, content) for name, content in _contents(folder).items()}
        self._by_address = {asset.address: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """'/assets/app.1a2b3c4d5e6f.css' for 'app.css'; KeyError for a name that is not there."""
        return PREFIX + self._by_name[name].address

    def respond(self, request: Request) -> Response:
        """The file an address names; the route's {path:path} is the part behind /assets/."""
        address = request.path_params["path"]
        asset = self._by_address.get(address) or _accent_asset(address)
        if asset is None:
            raise NotFound(N_("There is no file of this name. Reload the page that asked for it."))
        packed = "gzip" in request.headers.get("accept-encoding", "") and len(asset.compressed) < len(asset.plain)
        response = Response(asset.compressed if packed else asset.plain, media_type=asset.media_type)
        response.headers["Cache-Control"] = IMMUTABLE
        response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        return headers.marked(response, headers.Policy.ASSET)


def accent_url(colour: str) -> str:
    """The address of the style sheet that sets a campaign's accent, '#rrggbb'."""
    return PREFIX + _accent(colour).address


def _contents(folder: Path) -> Mapping[str, bytes]:
    styles = sorted((folder / "css").glob("*.css"))
    scripts = sorted((folder / "js").glob("*.js"))
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    found["app.css"] = (LAYERS + "".join(_squeezed(path) for path in styles)).encode()
    found["app.js"] = "".join(path.read_text(encoding="utf-8") for path in scripts).encode()
    return found


def _squeezed(path: Path) -> str:
    """A style sheet without its comments and indentation; nothing cleverer, so that what is read is what is sent."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def _asset(name: str, content: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:HASH_CHARACTERS]
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(f"{stem}.{digest}.{ending}", media_type, content, gzip.compress(content, 9, mtime=0))


def _accent(colour: str) -> Asset:
    kept = accent.written(colour)
    return _asset(f"accent/{kept.lstrip('#')}.css", accent.style_sheet(kept).encode())


def _accent_asset(address: str) -> Asset | None:
    match = _ACCENT_NAME.fullmatch(address)
    made = _accent(f"#{match[1]}") if match else None
    return made if made and made.address == address else None


def installed() -> Assets:
    """The assets that came with the package."""
    return Assets(resources.assets())
