"""The errors a person may meet, each with one sentence that says what is wrong and what to do.

FundLaunchError
├── Refused                     the person who asked can change something
│   ├── BadInput                a value does not fit (names its field)
│   │   └── BadAmount
│   ├── NotFound                nothing there, or nothing this person may know of
│   ├── NotAllowed              signed in, but not for this
│   ├── SignInNeeded
│   ├── TooMany                 a limit on tries was reached; later is fine
│   └── Conflict                the world moved on between page and post
│       ├── SoldOut
│       ├── CampaignClosed
│       ├── IllegalMove         a life cycle has no such step
│       └── StaleForm           somebody else changed it meanwhile
├── Misconfigured               a setting or the command line is wrong (nothing was started)
└── OutOfReach                  try again later; nothing was lost
    ├── DatabaseOutOfReach
    └── ProviderOutOfReach
        ├── ProviderBusy        too many calls at once: nothing was done, go slower
        └── AnswerUnclear       the call may or may not have been carried out: look it up

HTTP status codes for these stand in one table in app.py, exit codes in one table in cli.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate later"
    """Mark a sentence for translation without translating it here."""
    return message


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with the values of its {fields}, in English until it is translated."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


class Sentences(tuple[Said, ...]):
    """Sentences that fill a field of another one; they are translated with it."""

    __slots__ = ()

    def __str__(self) -> str:
        return " ".join(map(str, self))


class FundLaunchError(Exception):
    """An error with a sentence: `sentence` is the English message, `values` fills its {fields}."""

    def __init__(self, sentence: str, **values: object) -> None:
        self.sentence = sentence
        self.values: Mapping[str, object] = values
        super().__init__(sentence.format(**values))


class Refused(FundLaunchError):
    """What was asked cannot be done as asked."""


class BadInput(Refused):
    """A value does not fit; `field` names the form field or file key it belongs to ('' for the whole)."""

    def __init__(self, sentence: str, *, field: str = "", **values: object) -> None:
        self.field = field
        super().__init__(sentence, **values)


class BadAmount(BadInput):
    """A typed amount of money that cannot be read or is out of range."""


class NotFound(Refused):
    """Nothing of that name, or nothing that this person may know of."""


class NotAllowed(Refused):
    """The person is known, and the role does not cover this."""


class SignInNeeded(Refused):
    """The page belongs to somebody; sign in first."""


class TooMany(Refused):
    """A limit on tries was reached; waiting helps."""


class Conflict(Refused):
    """The world moved on between the page and the post."""


class SoldOut(Conflict):
    """Fewer units are left than were asked for."""


class CampaignClosed(Conflict):
    """The campaign takes no pledges, changes or cancellations now."""


class IllegalMove(Conflict):
    """A life cycle has no such step from where it stands."""


class StaleForm(Conflict):
    """Somebody changed the same thing meanwhile; the fresh state must be looked at first."""


class Misconfigured(FundLaunchError):
    """A setting is missing, malformed or dangerous; the program does not start."""


class OutOfReach(FundLaunchError):
    """Something this program needs does not answer; try again later."""


class DatabaseOutOfReach(OutOfReach):
    """The database does not answer or is not there."""


class ProviderOutOfReach(OutOfReach):
    """The payment provider did not answer, or answered that it did nothing: safe to try again."""


class ProviderBusy(ProviderOutOfReach):
    """The payment provider answered 429 and did nothing: slow down. `retry_after_seconds` is 0 when it named none."""

    def __init__(self, sentence: str, *, retry_after_seconds: int = 0, **values: object) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(sentence, **values)


class AnswerUnclear(ProviderOutOfReach):
    """The payment provider may or may not have carried the call out: look the object up first."""
