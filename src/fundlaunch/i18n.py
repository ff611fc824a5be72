"""English and Korean: messages by gettext, figures and dates by Babel.

Languages are ISO 639 codes, "en" and "ko". Amounts come as Money, instants as aware datetimes with the name of the
time zone they are shown in (IANA, such as "Asia/Seoul"). Nothing here reads the clock.
"""

import gettext
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal, get_currency_symbol

from fundlaunch.errors import N_, FundLaunchError, Sentences
from fundlaunch.money import EXPONENTS, Money

LANGUAGES = ("en", "ko")
LANGUAGE_NAMES = {"en": "English", "ko": "한국어"}
FALL_BACK = "en"
DOMAIN = "fundlaunch"
LOCALES = Path(__file__).parent / "locales"
ACCEPT_LANGUAGE_LIMIT = 20
"""Choices of an Accept-Language header that are looked at; browsers send fewer than ten."""

MINUS = "−"
NO_BREAK_SPACE = "\u00a0"
BEHIND = {("ko", "KRW"): "원"}
"""Currencies whose sign stands behind the figure, by language."""

Plural = tuple[str, str]
"""A sentence for one and a sentence for many, marked by NN_."""

_REGIONS = {
    "eu": "EU", "europe": "150", "north-america": "003", "south-america": "005", "asia": "142", "africa": "002",
    "oceania": "009",
}  # fmt: skip
"""Our short names of regions (campaigns.regions) as the names of places have them (UN M49)."""

_DAY = {"en": "d MMMM y", "ko": "y년 M월 d일"}
_DAY_SHORT = {"en": "d MMM", "ko": "M월 d일"}
_MONTH = {"en": "MMMM y", "ko": "y년 M월"}
_MOMENT = {"en": "EEEE d MMMM y, HH:mm", "ko": "y년 M월 d일(EEE) HH:mm"}


@lru_cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one language; English is the language of the source and needs none."""
    if language == FALL_BACK:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALES, [language])


def translate(language: str, message: str, **values: object) -> str:
    """`message` in `language`, its {fields} filled with `values`; sentences among them are translated, too."""
    found = translations(language).gettext(message) if message else message
    for name, value in values.items():
        if isinstance(value, Sentences):
            values[name] = " ".join(translate(language, one.sentence, **one.values) for one in value)
    return found.format(**values) if values else found


def NN_(one: str, many: str) -> Plural:  # noqa: N802 - named after N_, gettext's "translate later"
    """Mark a pair of sentences for translation; {count} in them is the figure that decides."""
    return (one, many)


def translate_plural(language: str, plural: Plural, count: int, **values: object) -> str:
    """The one of `plural` (made by NN_) that `count` asks for; {count} becomes the figure as `language` writes it."""
    found = translations(language).ngettext(*plural, count)
    return found.format(count=number(count, language), **values)


def sentence(language: str, error: FundLaunchError) -> str:
    """What an error says to a person, in `language`."""
    return translate(language, error.sentence, **error.values)


def negotiated(accept_language: str) -> str:
    """The language a browser's Accept-Language header asks for (RFC 9110, 12.5.4), English if none of ours."""
    best, best_weight = FALL_BACK, 0.0
    for choice in accept_language[:500].split(",")[:ACCEPT_LANGUAGE_LIMIT]:
        tag, _, parameter = choice.partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    value = value.strip()
    return float(value) if value.replace(".", "", 1).isdigit() and value.isascii() and len(value) <= 5 else 0.0


@dataclass(frozen=True, slots=True)
class MoneyParts:
    """A sum in three parts for large type: what stands before the figure, the figure, what stands behind it."""

    before: str
    figure: str
    after: str

    @property
    def is_long(self) -> bool:
        """From nine characters on a sum steps down one size."""
        return len(self.figure) >= 9


def money_parts(amount: Money, language: str, decimals: int) -> MoneyParts:
    """The parts of `amount` with exactly `decimals` digits behind the point; digits beyond are cut, never rounded."""
    minus = MINUS if amount.minor < 0 else ""
    figure = _figure(amount, decimals)
    if behind := BEHIND.get((language, amount.currency)):
        return MoneyParts("", minus + figure, behind)
    symbol = get_currency_symbol(amount.currency, "en_US")
    return MoneyParts(minus + symbol + (NO_BREAK_SPACE if symbol[-1].isalpha() else ""), figure, "")


def decimals_of(amount: Money) -> int:
    """None for a whole amount, else as many as its currency has."""
    exponent = EXPONENTS[amount.currency]
    return 0 if amount.minor % 10**exponent == 0 else exponent


def currency_sign(currency: str, language: str) -> MoneyParts:
    """What stands before or behind a figure of `currency`; its own figure is empty."""
    parts = money_parts(Money(0, currency), language, 0)
    return MoneyParts(parts.before, "", parts.after)


def money(amount: Money, language: str) -> str:
    """For running text: '$312,480', '$4.50', '168,000원'; decimals only where there are cents."""
    return _joined(money_parts(amount, language, decimals_of(amount)))


def money_headline(amount: Money, language: str) -> str:
    """For totals in large type: whole units, cents cut: '$312,480'."""
    return _joined(money_parts(amount, language, 0))


def money_exact(amount: Money, language: str) -> str:
    """To the cent, with its sign: '$624.00', '168,000원'; for what is charged."""
    return _joined(money_parts(amount, language, EXPONENTS[amount.currency]))


def ledger(amount: Money) -> str:
    """To the cent, without a sign: '−12,499.20', '21,840,000'; for columns that name the currency at their head."""
    return (MINUS if amount.minor < 0 else "") + _figure(amount, EXPONENTS[amount.currency])


def _joined(parts: MoneyParts) -> str:
    return parts.before + parts.figure + parts.after


def _figure(amount: Money, decimals: int) -> str:
    whole, _, cents = amount.plain().lstrip("-").partition(".")
    return f"{int(whole):,}" + (f".{cents[:decimals]}" if decimals else "")


def number(value: int, language: str) -> str:
    """A count with its thousands set apart: '1,178'."""
    return format_decimal(value, locale=language).replace("-", MINUS)


def percent(whole_percent: int, language: str) -> str:
    """A percentage that was already floored (money.percent_floored): '742 %', '742%'; never clipped."""
    return f"{number(whole_percent, language)}{'' if language == 'ko' else NO_BREAK_SPACE}%"


def day(when: datetime | date, language: str, zone: str = "UTC") -> str:
    """'11 December 2026', '2026년 12월 11일'."""
    return format_date(_local(when, zone), _DAY[language], locale=language)


def day_short(when: datetime | date, language: str, zone: str = "UTC") -> str:
    """'11 Dec', '12월 11일'; where the year is plain."""
    return format_date(_local(when, zone), _DAY_SHORT[language], locale=language)


def month(when: date, language: str) -> str:
    """'May 2027', '2027년 5월'; for deliveries."""
    return format_date(when, _MONTH[language], locale=language)


def moment(when: datetime, language: str, zone: str) -> str:
    """'Friday 11 December 2026, 18:00' on the clocks of `zone`; use `moment_named` where the zone is not plain."""
    return format_datetime(when, _MOMENT[language], tzinfo=ZoneInfo(zone), locale=language)


def moment_named(when: datetime, language: str, zone: str) -> str:
    """'Friday 11 December 2026, 18:00 in Shanghai': an instant with the place whose clocks show it."""
    if zone in {"UTC", "Etc/UTC"}:
        return moment(when, language, "UTC") + " UTC"
    pattern = N_("{moment} in {place}")
    return translate(language, pattern, moment=moment(when, language, zone), place=place(zone, language))


def machine_time(when: datetime, zone: str = "UTC") -> str:
    """For the datetime attribute of <time>: '2026-12-11T18:00+08:00'."""
    return when.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def place(zone: str, language: str) -> str:
    """The city a time zone is named after: 'Seoul', '서울'."""
    return str(get_timezone_location(ZoneInfo(zone), locale=language, return_city=True))


def _local(when: datetime | date, zone: str) -> date:
    return when.astimezone(ZoneInfo(zone)).date() if isinstance(when, datetime) else when


def country(code: str, language: str) -> str:
    """The name of an ISO 3166 country or of a region such as `eu` or `asia`, or its code where it has none."""
    return str(Locale(language).territories.get(_REGIONS.get(code, code), code))


def countries(codes: Sequence[str], language: str) -> list[tuple[str, str]]:
    """(code, name) sorted by name; Korean names sort by their letters, English ones without regard to accents."""
    return sorted(((code, country(code, language)) for code in codes), key=lambda pair: _sort_key(pair[1]))


def _sort_key(name: str) -> str:
    return name.replace("Å", "A").replace("Ç", "C").replace("é", "e").casefold()


def listed(items: Sequence[str], language: str) -> str:
    """'red, black and blue'."""
    return format_list(list(items), locale="en_GB" if language == "en" else language)


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How long something still runs: '18' over 'days left' (Korean: '18' + '일' over '남은 기간'), and as a phrase."""

    figure: str
    counter: str
    label: str
    phrase: str


@dataclass(frozen=True, slots=True)
class _Unit:
    shown_from: timedelta
    length: timedelta
    label: Plural
    phrase: Plural
    counters: Mapping[str, str]


_UNITS = (
    _Unit(
        shown_from=timedelta(days=2),
        length=timedelta(days=1),
        label=NN_("day left", "days left"),
        phrase=NN_("{count} day left", "{count} days left"),
        counters={"ko": "일"},
    ),
    _Unit(
        shown_from=timedelta(hours=1),
        length=timedelta(hours=1),
        label=NN_("hour left", "hours left"),
        phrase=NN_("{count} hour left", "{count} hours left"),
        counters={"ko": "시간"},
    ),
    _Unit(
        shown_from=timedelta(),
        length=timedelta(minutes=1),
        label=NN_("minute left", "minutes left"),
        phrase=NN_("{count} minute left", "{count} minutes left"),
        counters={"ko": "분"},
    ),
)


def time_left(now: datetime, ends_at: datetime, language: str) -> TimeLeft:
    """Whole days from two days on, then whole hours, then whole minutes; nought once it is over."""
    left = max(ends_at - now, timedelta())
    unit = next(unit for unit in _UNITS if left >= unit.shown_from)
    count = left // unit.length
    return TimeLeft(
        figure=number(count, language),
        counter=unit.counters.get(language, ""),
        label=translate_plural(language, unit.label, count),
        phrase=translate_plural(language, unit.phrase, count),
    )


def texts_in(texts: Mapping[str, Mapping[str, str]], language: str, main_language: str) -> dict[str, str]:
    """The texts of a campaign in `language`, each missing or empty one taken from its main language."""
    own = texts.get(language, {})
    return dict(texts.get(main_language, {})) | {name: text for name, text in own.items() if text}
