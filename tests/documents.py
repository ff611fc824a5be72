"""The part of ARCHITECTURE.md that is made from the code: `python -m tests.documents` writes it anew."""

from fundlaunch.campaigns.states import CAMPAIGN
from fundlaunch.payments.states import CHECKOUT, PAYMENT, REFUND
from fundlaunch.pledges.states import PLEDGE
from tests.project.tree import ROOT

PAGE = ROOT / "ARCHITECTURE.md"
START, END = "<!-- life cycles -->", "<!-- /life cycles -->"
TABLES = tuple(life.markdown() for life in (CAMPAIGN, PLEDGE, PAYMENT, CHECKOUT, REFUND))


def with_tables(page: str) -> str:
    """The page with the tables of every life between its two marks; ValueError if a mark is missing."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page needs {START} and {END}, in this order")
    return "\n\n".join([before + START, *TABLES, END + after])


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
