"""The command `fundlaunch`. Only the parser is loaded for --help; a command loads what it needs when it runs."""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from fundlaunch import errors
from fundlaunch.cli.parser import parser

DONE, REFUSED, WRONG_USAGE, OUT_OF_REACH = 0, 1, 2, 3
"""Exit codes of the contract: done; refused or violations found; wrong usage; provider or database out of reach."""

CODES = ((errors.OutOfReach, OUT_OF_REACH), (errors.Misconfigured, WRONG_USAGE))
"""The one table from errors to exit codes; every other error was a refusal."""

INTERRUPTED = 130
YOUNG_OBJECTS = 50_000


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run one command; gives its exit code. Errors are one line on standard error that says what to do."""
    chosen = parser().parse_args(arguments)
    # Loading makes many lasting objects; looking through them again and again would be a sixth of a start.
    gc.set_threshold(YOUNG_OBJECTS)
    module, _, function = chosen.run.partition(":")
    try:
        return int(getattr(import_module(f"fundlaunch.cli.{module}"), function)(chosen, environment) or DONE)
    except errors.FundLaunchError as error:
        return _say(error, next((code for kind, code in CODES if isinstance(error, kind)), REFUSED))
    except BrokenPipeError:
        # Whoever read our lines has seen enough; Python would complain once more when it closes the pipe.
        sys.stdout = sys.stderr
        return DONE
    except OSError as error:
        return _say(
            f"{error.strerror or error} ({error.filename or 'no file'}). Check that it may be written.", REFUSED
        )
    except KeyboardInterrupt:
        return _say("Stopped. What was done is kept; run the same command again to go on.", INTERRUPTED)


def _say(problem: object, code: int) -> int:
    print(f"fundlaunch: {problem}", file=sys.stderr)
    return code
