"""The small run of benchmarks/tiers.py: real campaigns with all their tiers, written as files, applied and shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.tiers import EXPECTED, FILE, Kept, Past, differences, opened, read, replay, totals, violations


@pytest.fixture(scope="module")
def past() -> list[Past]:
    """Three invented campaigns: many tiers of one price, an odd title, and a currency without cents."""
    price = Kept(2_500, 2, 5_000)
    return [
        Past("campaign-1", 'Everything "at once" — 100 % <b>', "Blurb", "Uppsala", "USD", 100_000, (price,) * 100),
        Past("campaign-2", "종이 등 🏮 'lamp'", "등", "Seoul", "KRW", 100_000, (Kept(20_000, 3, 60_000),)),
        Past("campaign-3", "[[tiers]] = \\", "Blurb", "", "EUR", 100_000, (Kept(50, 1, 50), Kept(50, 4, 200))),
    ]


def test_tiers_keep_their_sums_and_stand_on_the_page(past: list[Past], tmp_path: Path) -> None:
    site = opened(tmp_path)
    shown = replay(site, past, tmp_path)
    assert list(differences(past, shown)) == []
    assert violations(site.database) == []
    assert totals(past, shown) == (1, 100, 200, 500_000)
    site.database.dispose()


def test_a_tier_that_lost_a_backer_is_found(past: list[Past], tmp_path: Path) -> None:
    site = opened(tmp_path)
    (_, two, _), shown = past, replay(site, past[1:2], tmp_path)
    missed = replace(two, tiers=(Kept(20_000, 4, 80_000),))
    assert list(differences([missed], shown)) == [
        f"campaign-2: tier 1 is {Kept(20_000, 3, 60_000)}, not {Kept(20_000, 4, 80_000)}"
    ]
    site.database.dispose()


def test_some_real_campaigns_keep_the_sums_of_their_tiers(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "campaigns" / FILE.name
    assert file.with_name(EXPECTED).is_file()
    real = read(file)
    assert len(real) == 410
    largest = max(real, key=lambda one: len(one.tiers))
    few = [replace(largest, tiers=tuple(replace(tier, backers=0, value_minor=0) for tier in largest.tiers))]
    few += [
        replace(one, tiers=tuple(Kept(tier.price_minor, 1, tier.price_minor) for tier in one.tiers))
        for one in sorted(real, key=lambda one: len(one.tiers))[:3]
    ]
    site = opened(tmp_path)
    assert list(differences(few, replay(site, few, tmp_path))) == []
    site.database.dispose()
