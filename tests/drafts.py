"""Random drafts for property tests: whole campaigns without a fault, with texts as odd as people write them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fundlaunch.campaigns.categories import CATEGORIES
from fundlaunch.campaigns.draft import (
    CampaignDraft,
    CampaignText,
    ItemDraft,
    ItemOption,
    OptionValue,
    Picture,
    StretchDraft,
    TierDraft,
    TierText,
    VariantDraft,
)
from fundlaunch.campaigns.file_table import clean_lines
from fundlaunch.campaigns.item_faults import choices
from fundlaunch.campaigns.regions import REGIONS
from fundlaunch.campaigns.rules import ELSEWHERE, Rate
from fundlaunch.campaigns.states import Funding, Measure, Shipping
from fundlaunch.campaigns.story import films_in, pictures_in
from fundlaunch.i18n import LANGUAGES
from fundlaunch.money import MINIMUM_CHARGE_MINOR, MOST_PLEDGE_MINOR
from fundlaunch.web.forms import clean

Thing = TypeVar("Thing")

ODD = (
    'He said "yes"', "\\", "'''", '"""', '""""', "a = 1 # no", "[[tiers]]", "{en}", "story.en.md", "한국어 🛹",
    "e\u0301", "👩‍👩‍👧", "\ttabs\tand  spaces ", "\u2028line", "\u00a0", "ﷺ", "true", "2026-01-01", "$&<>", "a\\nb",
    '\\"',
)  # fmt: skip

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Seoul", "Pacific/Chatham")
PLACES = ("DE", "KR", "US", "GB", *REGIONS)
SLUG = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
DEADLINES = st.datetimes(datetime.fromisoformat("2027-05-01T00:00"), datetime.fromisoformat("2027-08-01T00:00"))
LAUNCHES = st.datetimes(datetime.fromisoformat("2027-01-01T00:00"), datetime.fromisoformat("2027-02-28T00:00"))


@dataclass(frozen=True)
class Mouth:
    """How people of these drafts speak: in which languages, and which odd lines besides those of this file."""

    languages: tuple[str, ...]
    naughty: tuple[str, ...] = ()

    def line(self, limit: int, *, least: int = 0) -> SearchStrategy[str]:
        """A line of text as forms and files keep it."""
        typed = st.sampled_from(ODD + self.naughty) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
        return typed.map(lambda text: clean(clean(text)[:limit])).filter(lambda text: len(text) >= least)

    def lines(self, limit: int) -> SearchStrategy[str]:
        """A text of several lines as forms and files keep it."""
        several = st.lists(self.line(limit), max_size=3).map("\n".join)
        return several.map(lambda text: clean_lines(text[:limit]))

    def story(self) -> SearchStrategy[str]:
        """A story that shows nothing which lies elsewhere."""
        return self.lines(500).filter(lambda text: not pictures_in(text) and not films_in(text))

    def each(self, texts: SearchStrategy[Thing]) -> SearchStrategy[dict[str, Thing]]:
        """A text in the first language, and perhaps in the others."""
        first, *others = self.languages
        return st.fixed_dictionaries({first: texts}, optional=dict.fromkeys(others, texts))

    def names(self) -> SearchStrategy[dict[str, str]]:
        return self.each(self.line(60, least=1))


def slugs(most: int, *, least: int = 0) -> SearchStrategy[list[str]]:
    """Different short names."""
    return st.lists(SLUG, min_size=least, max_size=most, unique=True)


@st.composite
def options(draw: DrawFn, mouth: Mouth) -> tuple[ItemOption, ...]:
    """Up to two options of up to three values."""
    found = []
    for slug in draw(slugs(2)):
        values = [OptionValue(value, draw(mouth.names())) for value in draw(slugs(3, least=1))]
        found.append(ItemOption(slug, draw(mouth.names()), tuple(values)))
    return tuple(found)


@st.composite
def items(draw: DrawFn, mouth: Mouth, slug: str) -> ItemDraft:
    """An item with every variant that its options make."""
    found = draw(options(mouth))
    grams, minor, count = (
        st.none() | st.integers(0, 9999),
        st.none() | st.integers(0, 10**12),
        st.none() | st.integers(1, 99),
    )
    made = [
        VariantDraft(f"{slug}'\"\\ #{n}", choice, draw(grams), draw(minor), draw(mouth.line(9)), draw(count))
        for n, choice in enumerate(choices(found) if found else [])
    ]
    return ItemDraft(
        slug=slug,
        sku=f"{slug}!",
        names=draw(mouth.names()),
        weight_grams=draw(st.integers(0, 99_999)),
        customs_value_minor=draw(st.integers(0, 10**14)),
        hs_code=draw(mouth.line(30)),
        options=found,
        variants=tuple(draw(st.permutations(made))),
    )


@st.composite
def rates(draw: DrawFn, shipping: Shipping) -> dict[str, Rate]:
    """Rates that fit a way of shipping."""
    minor = st.integers(0, 30_000)
    rate = st.builds(Rate, minor, minor) | minor.map(lambda each: Rate(each, each))
    if shipping is Shipping.WORLDWIDE:
        return {**draw(st.dictionaries(st.sampled_from(PLACES), rate, max_size=3)), ELSEWHERE: draw(rate)}
    return draw(st.dictionaries(st.sampled_from(PLACES), rate, min_size=1, max_size=3)) if shipping.is_sent else {}


@st.composite
def tiers(
    draw: DrawFn,
    mouth: Mouth,
    slug: str,
    currency: str,
    brings: Sequence[str],
    goes_with: Sequence[str],
    media: Sequence[str],
) -> TierDraft:
    """A tier, or with `goes_with` an add-on that may be limited to some of those."""
    price = st.integers(MINIMUM_CHARGE_MINOR[currency], MOST_PLEDGE_MINOR[currency])
    texts = draw(mouth.each(st.builds(TierText, mouth.line(60, least=1), mouth.lines(300))))
    shipping = draw(st.sampled_from(Shipping))
    units = st.integers(1, 1000)
    only = draw(st.lists(st.sampled_from(goes_with), unique=True)) if goes_with else []
    return TierDraft(
        slug=slug,
        texts=texts,
        price_minor=draw(price),
        late_price_minor=draw(st.none() | price),
        quantity=draw(st.none() | st.integers(1, 10**6)),
        limit_per_backer=draw(units),
        starts_at=draw(st.none() | LAUNCHES),
        ends_at=draw(st.none() | DEADLINES),
        closed=draw(st.booleans()),
        secret_key=draw(st.from_regex(r"[A-Za-z0-9-]{0,20}", fullmatch=True)),
        featured=draw(st.booleans()),
        delivery=draw(st.sampled_from(["", "2027-05"])),
        shipping=shipping,
        rates=draw(rates(shipping)),
        items=draw(st.dictionaries(st.sampled_from(brings), units, max_size=3)) if brings else {},
        tiers=tuple(one for one in goes_with if one in only),
        picture=draw(st.sampled_from(["", *media])),
    )


@st.composite
def goals(draw: DrawFn, mouth: Mouth, slug: str, things: Sequence[str], offers: Sequence[str]) -> StretchDraft:
    """A stretch goal that may grant things to offers; what it opens is left to the caller."""
    measure = draw(st.sampled_from(Measure if things else [Measure.MONEY, Measure.BACKERS]))
    grants: SearchStrategy[dict[str, dict[str, int]]] = st.just({})
    if things and offers:
        granted = st.dictionaries(st.sampled_from(things), st.integers(1, 9), min_size=1, max_size=2)
        grants = st.dictionaries(st.sampled_from(offers), granted, max_size=2)
    return StretchDraft(
        slug=slug,
        titles=draw(mouth.names()),
        threshold=draw(st.integers(1, 10**8)),
        measure=measure,
        item=draw(st.sampled_from(things)) if measure is Measure.ORDERS else "",
        grants=draw(grants),
        opens=draw(st.sampled_from(["", *offers[:1]])) if measure is Measure.MONEY else "",
        unit_cost_minor=draw(st.none() | st.integers(0, 10**9)),
    )


def texts(mouth: Mouth) -> SearchStrategy[dict[str, CampaignText]]:
    """The campaign's own texts."""
    asked = st.tuples(mouth.line(200, least=1), mouth.lines(300).filter(bool))
    return mouth.each(
        st.builds(
            CampaignText,
            mouth.line(90, least=1),
            mouth.line(300),
            mouth.story(),
            mouth.story(),
            st.lists(asked, max_size=3).map(tuple),
        )
    )


@st.composite
def drafts(draw: DrawFn, naughty: tuple[str, ...] = (), media: tuple[Picture, ...] = ()) -> CampaignDraft:
    """A whole campaign; `media` are the pictures that lie in the media folder."""
    mouth = Mouth(tuple(draw(st.permutations(LANGUAGES))), naughty)
    names = tuple(picture.media_name for picture in media)
    currency = draw(st.sampled_from(sorted(MINIMUM_CHARGE_MINOR)))
    offers = draw(slugs(5))
    base, extra = offers[:3], offers[3:]
    things = draw(slugs(3))
    tags = st.lists(mouth.line(30, least=1).filter(lambda tag: "," not in tag), max_size=5, unique_by=str.casefold)
    opening = [draw(goals(mouth, slug, things, offers)) for slug in draw(slugs(3))]
    return CampaignDraft(
        slug=draw(SLUG),
        currency=currency,
        goal_minor=draw(st.integers(1, 10**15 - 1)),
        texts=draw(texts(mouth)),
        language=mouth.languages[0],
        creator_name=draw(mouth.line(100)),
        place=draw(mouth.line(100)),
        country=draw(st.sampled_from(["", "SE", "KR"])),
        category=draw(st.sampled_from(["", *CATEGORIES])),
        tags=tuple(draw(tags)),
        accent=draw(st.sampled_from(["#2347c5", "#b4561e"])),
        video=draw(st.sampled_from(["", "https://vimeo.com/144579403"])),
        poster=draw(st.sampled_from(["", *names])),
        poster_alt=draw(st.just({}) | mouth.each(mouth.line(100))),
        pictures=draw(st.dictionaries(st.sampled_from(["wheel", "a b.png", "story.en.md"]), st.sampled_from(media)))
        if media
        else {},
        duration_days=draw(st.integers(1, 60)),
        deadline=draw(st.none() | DEADLINES),
        launch_at=draw(st.none() | LAUNCHES),
        funding=draw(st.sampled_from(Funding)),
        timezone=draw(st.sampled_from(ZONES)),
        takes_plain_pledges=draw(st.booleans()),
        items=tuple(draw(items(mouth, slug)) for slug in things),
        tiers=tuple(draw(tiers(mouth, slug, currency, things, (), names)) for slug in base),
        add_ons=tuple(draw(tiers(mouth, slug, currency, things, base, names)) for slug in extra),
        stretch_goals=tuple(goal for goal in opening if not goal.opens or goal is opening[0]),
    )
