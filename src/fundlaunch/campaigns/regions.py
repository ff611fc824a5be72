"""Regions of countries for shipping rates: the continents as the United Nations count them, and the European Union.

Source: UN M49 (https://unstats.un.org/unsd/methodology/m49/). Of our own: Cyprus lies in Europe with the rest
of the Union, Kosovo and Taiwan (not in M49) in Europe and Asia, Ascension and Tristan da Cunha in Africa like Saint
Helena, and Antarctica in Oceania, from where its parcels go. The Union is its 27 member states; their territories with
a code of their own (such as RE or GP) are not in it, as its customs and postage are not theirs.
"""

from collections.abc import Mapping

EUROPEAN_UNION = "eu"

_MEMBERS: Mapping[str, str] = {
    EUROPEAN_UNION: "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
    "europe": (
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME "
        "MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK"
    ),
    "north-america": (
        "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC "
        "TT US VC VG VI"
    ),
    "south-america": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    "asia": (
        "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK "
        "PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
    ),
    "africa": (
        "AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW "
        "MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TF TG TN TZ UG YT ZA ZM ZW"
    ),
    "oceania": "AQ AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
}

REGIONS: Mapping[str, frozenset[str]] = {slug: frozenset(codes.split()) for slug, codes in _MEMBERS.items()}
"""Countries (ISO 3166-1 alpha-2) by region, in the order in which a rate is looked for: the Union, then continents."""


def regions_of(country: str) -> tuple[str, ...]:
    """The regions of a country, the nearest first; () for a code nobody knows."""
    return tuple(slug for slug, countries in REGIONS.items() if country in countries)
