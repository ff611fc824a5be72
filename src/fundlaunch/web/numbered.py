"""Pages of a list that are numbered from 1 in the address: `?page=2`."""

from starlette.requests import Request

PAGE = "page"
MOST = 100_000
"""Beyond it nobody reads, and a database counts for nothing."""


def number_of(request: Request) -> int:
    """Which page is asked for; 1 for anything that is not a page's number."""
    typed = request.query_params.get(PAGE, "")
    return min(max(int(typed), 1), MOST) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 1


def neighbours(here: str, page: int, *, has_more: bool) -> tuple[str, str]:
    """The addresses of the page before and the page after; '' where there is none. `here` may have a query."""
    joint = "&" if "?" in here else "?"

    def at(number: int) -> str:
        return here if number == 1 else f"{here}{joint}{PAGE}={number}"

    return (at(page - 1) if page > 1 else ""), (at(page + 1) if has_more else "")
