"""The link of a pitch video: read by exact host and id, never fetched, never put into a page as it came.

What is kept of a link is the provider and the id (for Vimeo also the private hash); addresses are built from these.
An own film is `media:<name>`, a file of the media folder. Forms of links as YouTube's and Vimeo's own share dialogs
and players write them (https://developers.google.com/youtube/player_parameters,
https://help.vimeo.com/hc/en-us/articles/12426199699985).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from fundlaunch.errors import N_, BadInput

LINK_LIMIT = 300
"""Characters of a link; the longest that the share dialogs write have less than half."""

OWN_FILE = "media:"

_YOUTUBE_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_YOUTUBE_PRIVACY_HOSTS = frozenset({"youtube-nocookie.com", "www.youtube-nocookie.com"})
_YOUTUBE_FOLDERS = frozenset({"embed", "shorts", "live", "v"})
_YOUTUBE_PLAYERS = frozenset({"live_stream", "videoseries"})
"""Words of the player's own that look like an id of eleven characters, but play whatever their parameters name."""

_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_VIMEO_ID = re.compile(r"[0-9]{5,12}", re.ASCII)
_VIMEO_HASH = re.compile(r"[0-9a-f]{6,20}", re.ASCII)
_MEDIA_NAME = re.compile(r"[0-9a-z][0-9a-z_-]{0,80}\.(?:webm|mp4)", re.ASCII)
_PLAIN = re.compile(r"[!-~]+", re.ASCII)


class Provider(StrEnum):
    YOUTUBE = "youtube"
    VIMEO = "vimeo"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Video:
    """A film. `id` is the provider's, or the name of an own file; `hash` is Vimeo's for unlisted films, else ''."""

    provider: Provider
    id: str
    hash: str = ""

    @property
    def name(self) -> str:
        """The provider's name as it is written; '' for an own file."""
        return {Provider.YOUTUBE: "YouTube", Provider.VIMEO: "Vimeo", Provider.OWN: ""}[self.provider]

    @property
    def watch_url(self) -> str:
        """Where the film is seen without FundLaunch; for an own file its place on this site."""
        if self.provider is Provider.YOUTUBE:
            return f"https://www.youtube.com/watch?v={self.id}"
        if self.provider is Provider.VIMEO:
            return f"https://vimeo.com/{self.id}" + (f"/{self.hash}" if self.hash else "")
        return f"/media/{self.id}"

    @property
    def embed_url(self) -> str:
        """The frame that plays at once, at the provider's host for privacy; for an own file its place on this site."""
        if self.provider is Provider.YOUTUBE:
            return f"https://www.youtube-nocookie.com/embed/{self.id}?" + urlencode({"autoplay": 1, "rel": 0})
        if self.provider is Provider.VIMEO:
            private = {"h": self.hash} if self.hash else {}
            return f"https://player.vimeo.com/video/{self.id}?" + urlencode({**private, "dnt": 1, "autoplay": 1})
        return self.watch_url

    @property
    def media_type(self) -> str:
        """The type of an own file; '' for a provider's film."""
        return f"video/{self.id.rpartition('.')[2]}" if self.provider is Provider.OWN else ""


def parse(link: str, *, field: str = "video") -> Video:
    """The film that a link names; raises BadInput with what is accepted.

    Links of one film at youtube.com, youtu.be, youtube-nocookie.com, vimeo.com and player.vimeo.com, with or without
    https:// in front, and `media:<name>` of an own WebM or MP4 file.
    """
    text = link.strip()
    if text.startswith(OWN_FILE) and _MEDIA_NAME.fullmatch(text, len(OWN_FILE)):
        return Video(Provider.OWN, text.removeprefix(OWN_FILE))
    address = _split(text)
    video = _youtube(address) or _vimeo(address) if address is not None else None
    if video is None:
        raise BadInput(
            N_(
                "“{link}” is not the link of one film. Use one of YouTube (https://www.youtube.com/watch?v=…, "
                "https://youtu.be/…) or Vimeo (https://vimeo.com/…), or bring your own WebM or MP4 file."
            ),
            field=field,
            link=text[:80],
        )
    return video


def _split(text: str) -> SplitResult | None:
    if len(text) > LINK_LIMIT or not _PLAIN.fullmatch(text) or "\\" in text:
        return None
    try:
        address = urlsplit(text if "//" in text.partition("?")[0] else f"https://{text}")
        port = address.port
    except ValueError:
        return None
    if address.scheme not in {"http", "https"} or port is not None or "@" in address.netloc or ":" in address.netloc:
        return None
    return address


def _parts(address: SplitResult) -> list[str]:
    return address.path.removeprefix("/").removesuffix("/").split("/")


def _only(address: SplitResult, name: str) -> str:
    """The one value of a parameter; '' if it is missing or stands there twice."""
    found = parse_qs(address.query).get(name, [])
    return found[0] if len(found) == 1 else ""


def _youtube(address: SplitResult) -> Video | None:
    match (address.netloc.lower(), _parts(address)):
        case (host, ["watch"]) if host in _YOUTUBE_HOSTS:
            found = _only(address, "v")
        case (host, [folder, name]) if host in _YOUTUBE_HOSTS and folder in _YOUTUBE_FOLDERS:
            found = name
        case (host, ["embed", name]) if host in _YOUTUBE_PRIVACY_HOSTS:
            found = name
        case ("youtu.be", [name]):
            found = name
        case _:
            return None
    if not _YOUTUBE_ID.fullmatch(found) or found in _YOUTUBE_PLAYERS:
        return None
    return Video(Provider.YOUTUBE, found)


def _vimeo(address: SplitResult) -> Video | None:
    match (address.netloc.lower(), _parts(address)):
        case ("vimeo.com" | "www.vimeo.com", [name]):
            found, private = name, _only(address, "h")
        case ("vimeo.com" | "www.vimeo.com", [name, unlisted]):
            found, private = name, unlisted
        case ("player.vimeo.com", ["video", name]):
            found, private = name, _only(address, "h")
        case _:
            return None
    if not _VIMEO_ID.fullmatch(found) or (private and not _VIMEO_HASH.fullmatch(private)):
        return None
    return Video(Provider.VIMEO, found, private)
