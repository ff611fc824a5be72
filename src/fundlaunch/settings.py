"""Settings: read once from the environment, frozen, refused when dangerous.

Every setting is FUNDLAUNCH_<NAME>, or FUNDLAUNCH_<NAME>_FILE with the path of a file that holds the value (for
secrets). DATABASE_URL and PORT are also understood without the prefix.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from fundlaunch.clock import Clock, OffsetClock, RealClock
from fundlaunch.errors import N_, Misconfigured

STRIPE_API = "https://api.stripe.com"
PREFIX = "FUNDLAUNCH_"
UNPREFIXED = ("DATABASE_URL", "PORT")
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")


@dataclass(frozen=True)
class Settings:
    """What the operator decided.

    `base_url` has no slash at its end (unset: this machine at `port`); `clock` is '' for the machine's clock.
    """

    database_url: str = ""
    base_url: str = ""
    secret_key: str = field(default="", repr=False)
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    stripe_secret_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = STRIPE_API
    stripe_rate_per_second: int = 0
    lease_seconds: int = 120
    limits: str = "on"
    review: str = "off"
    trusted_proxies: str = ""
    mail_url: str = ""
    log_format: str = "text"
    clock: str = ""
    debug: bool = False

    @property
    def is_live(self) -> bool:
        """True with a live key of the payment provider: real cards, real money."""
        return self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @property
    def uses_stripe(self) -> bool:
        """False when no key is set: then the local simulator stands in."""
        return bool(self.stripe_secret_key)

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """One secret, or two during a rotation."""
        return tuple(part.strip() for part in self.stripe_webhook_secret.split(",") if part.strip())

    @property
    def rate_per_second(self) -> int:
        """Calls a second to each endpoint of the provider (STRIPE.md: 25/s allowed; 20 live, 10 test)."""
        return self.stripe_rate_per_second or (20 if self.is_live else 10)

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy names it; SQLite in the data folder unless one is given."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'fundlaunch.sqlite3'}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url[len(plain) :]
        return url

    def real_clock(self) -> Clock:
        """The machine's clock, or one that starts where the setting CLOCK says (an instant or an offset)."""
        if not self.clock:
            return RealClock()
        return OffsetClock(_offset(self.clock, datetime.now(UTC)))


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; raises Misconfigured with one sentence for the first that is wrong."""
    values: dict[str, object] = {}
    for name, kind in (
        ("database_url", str), ("base_url", str), ("secret_key", str), ("data_dir", Path), ("host", str),
        ("port", int), ("stripe_secret_key", str), ("stripe_webhook_secret", str), ("stripe_api_base", str),
        ("stripe_rate_per_second", int), ("lease_seconds", int), ("limits", str), ("review", str),
        ("trusted_proxies", str), ("mail_url", str), ("log_format", str), ("clock", str), ("debug", bool),
    ):  # fmt: skip
        raw = _raw(environment, name.upper())
        if raw:
            values[name] = _typed(name, raw, kind)
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was made with its own field's type above
    settings = _completed(settings)
    _refuse_danger(settings)
    return settings


def _raw(environment: Mapping[str, str], name: str) -> str:
    if path := environment.get(f"{PREFIX}{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(
                N_("{name}_FILE points at {path}, which cannot be read ({reason})."),
                name=PREFIX + name,
                path=path,
                reason=getattr(error, "strerror", "") or "unreadable",
            ) from None
    value = environment.get(PREFIX + name, "")
    if not value and name in UNPREFIXED:
        value = environment.get(name, "")
    return value.strip()


def _typed(name: str, raw: str, kind: type) -> object:
    shown = PREFIX + name.upper()
    if kind is bool:
        if raw.lower() not in {"0", "1", "true", "false", "yes", "no"}:
            raise Misconfigured(N_("{name} is “{value}”; write 1 or 0."), name=shown, value=raw)
        return raw.lower() in {"1", "true", "yes"}
    if kind is int:
        if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
            raise Misconfigured(N_("{name} is “{value}”; write a whole number."), name=shown, value=raw)
        return int(raw)
    return kind(raw)


def _completed(settings: Settings) -> Settings:
    from dataclasses import replace

    if not settings.secret_key and not settings.uses_stripe:
        # Without real money a key of the moment is enough; forms opened before a restart have to be opened again.
        settings = replace(settings, secret_key=secrets.token_urlsafe(32))
    base_url = settings.base_url or f"http://127.0.0.1:{settings.port}"
    return replace(settings, base_url=base_url.rstrip("/"), stripe_api_base=settings.stripe_api_base.rstrip("/"))


def _refuse_danger(settings: Settings) -> None:
    address = urlsplit(settings.base_url)
    if address.scheme not in {"http", "https"} or not address.netloc or address.path:
        raise Misconfigured(N_("FUNDLAUNCH_BASE_URL must look like https://fund.example.org, without a path."))
    if not 0 < settings.port < 65536:
        raise Misconfigured(N_("FUNDLAUNCH_PORT is {port}; choose one from 1 to 65535."), port=settings.port)
    if settings.database_url and not _is_database(settings.database_url):
        raise Misconfigured(
            N_("FUNDLAUNCH_DATABASE_URL must look like {postgres} or {sqlite}."),
            postgres="postgresql://user:password@host/name",
            sqlite="sqlite:////folder/fundlaunch.sqlite3",
        )
    if settings.log_format not in {"text", "json"}:
        raise Misconfigured(N_("FUNDLAUNCH_LOG_FORMAT is text or json."))
    if settings.limits not in {"on", "off"}:
        raise Misconfigured(N_("FUNDLAUNCH_LIMITS is on or off."))
    if settings.review not in {"on", "off"}:
        raise Misconfigured(N_("FUNDLAUNCH_REVIEW is on or off."))
    if settings.clock:
        _offset(settings.clock, datetime.now(UTC))
    if settings.uses_stripe:
        _refuse_danger_with_stripe(settings)


def _is_database(url: str) -> bool:
    """Of a kind and shape that can be opened; nothing is opened. The address itself is never shown: it may hold a
    password."""
    if not url.startswith(DATABASES):
        return False
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _refuse_danger_with_stripe(settings: Settings) -> None:
    if len(settings.secret_key) < 32:
        raise Misconfigured(N_("FUNDLAUNCH_SECRET_KEY needs at least 32 characters when Stripe is used."))
    if not settings.webhook_secrets:
        raise Misconfigured(N_("FUNDLAUNCH_STRIPE_WEBHOOK_SECRET is empty: no webhook could be trusted. Set it."))
    if not settings.is_live:
        return
    for wrong, sentence in (
        (bool(settings.clock), N_("FUNDLAUNCH_CLOCK cannot be set together with a live key.")),
        (settings.debug, N_("FUNDLAUNCH_DEBUG cannot be on together with a live key.")),
        (not settings.is_https, N_("A live key needs an https FUNDLAUNCH_BASE_URL.")),
        (settings.limits == "off", N_("FUNDLAUNCH_LIMITS cannot be off together with a live key.")),
        (settings.stripe_api_base != STRIPE_API, N_("A live key is only ever sent to Stripe's own address.")),
    ):
        if wrong:
            raise Misconfigured(sentence)


def _offset(clock: str, now: datetime) -> timedelta:
    """'+3d', '-12h', '+90m', '+10s', or an instant such as 2026-12-11T18:00:00+00:00."""
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    if clock[0] in "+-" and clock[1:-1].isdigit() and clock[-1] in units:
        step = timedelta(**{units[clock[-1]]: int(clock[1:-1])})
        return step if clock[0] == "+" else -step
    try:
        instant = datetime.fromisoformat(clock)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Misconfigured(
            N_("FUNDLAUNCH_CLOCK is “{value}”; write an offset such as +3d or an instant such as {example}."),
            value=clock,
            example="2026-12-11T18:00:00+00:00",
        )
    return instant - now
