"""The fixed cast of the tests: invented people at addresses that nobody can own (example.org)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a story: `country` is an ISO 3166 code, `language` a language of the pages."""

    name: str
    email: str
    country: str
    language: str


# Creators
NOA = Person("Noa Lindqvist", "noa@example.org", "SE", "en")
HARU = Person("강하루", "haru@example.org", "KR", "ko")

# Backers
MINA = Person("Mina Okafor", "mina@example.org", "US", "en")
TEO = Person("Teo Varga", "teo@example.org", "DE", "en")
JIWOO = Person("박지우", "jiwoo@example.org", "KR", "ko")
SAOIRSE = Person("Saoirse Quill", "saoirse@example.org", "IE", "en")
RAFA = Person("Rafa Montoya", "rafa@example.org", "BR", "en")
BACKERS = (MINA, TEO, JIWOO, SAOIRSE, RAFA)

# The one who runs the site
ODA = Person("Oda Brandt", "oda@example.org", "NL", "en")


def crowd(count: int) -> list[Person]:
    """`count` backers with distinct addresses, for tests of numbers."""
    return [Person(f"Backer {n}", f"backer-{n}@example.org", "US", "en") for n in range(1, count + 1)]
