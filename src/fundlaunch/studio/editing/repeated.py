"""Rows of a form that are added, moved and taken away by buttons, without a script and with all that was typed.

A row's fields are named '<prefix>.<n>.<field>', n from 0 on without a gap.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fundlaunch.errors import N_, BadInput
from fundlaunch.web.forms import Form

BUTTON = "row"
_ASKED = re.compile(r"(add|remove|up|down):([a-z0-9._]{1,40})(?::([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of rows. `kept` are fields that a person does not see: a row is blank if all others are.

    `parts` are fields that a row need not have, such as those of a table of its own: they move with it.
    """

    prefix: str
    fields: tuple[str, ...]
    most: int
    kept: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """Every field name that a page with this table may send."""
        return {self.name(n, field) for n in range(self.most) for field in self._all}

    @property
    def _all(self) -> tuple[str, ...]:
        return (*self.fields, *self.kept, *self.parts)

    def name(self, n: int, field: str) -> str:
        return f"{self.prefix}.{n}.{field}"

    def count(self, form: Form) -> int:
        """How many rows a form has."""
        n = 0
        while n < self.most and any(self.name(n, field) in form for field in self._all):
            n += 1
        return n

    def is_blank(self, form: Form, n: int) -> bool:
        return not any(form.typed(self.name(n, field)).strip() for field in (*self.fields, *self.parts))

    def without_blanks(self, form: Form) -> Form:
        """The form with its blank rows left out, so that a row's number is its place in the draft."""
        return self.in_order(form, [n for n in range(self.count(form)) if not self.is_blank(form, n)])

    def in_order(self, form: Form, order: Sequence[int]) -> Form:
        """The form with only these rows, in this order."""
        own = self.names
        pairs = [(name, value) for name in form if name not in own for value in form.chosen(name)]
        for place, n in enumerate(order):
            pairs += [
                (self.name(place, field), form.typed(self.name(n, field)))
                for field in self._all
                if self.name(n, field) in form
            ]
        return Form(pairs)

    def with_one_more(self, form: Form) -> Form:
        """The form with a blank row at the end; raises BadInput if there are as many as fit."""
        n = self.count(form)
        if n >= self.most:
            raise BadInput(N_("There are too many of these: at most {most} fit."), field=self.prefix, most=self.most)
        pairs = [(name, value) for name in form for value in form.chosen(name)]
        longer = Form([*pairs, *((self.name(n, field), "") for field in self.fields)])
        longer.errors.update(form.errors)
        return longer


def rearranged(form: Form, tables: Sequence[Rows]) -> Form | None:
    """The form after the row button that was pressed; None if it was another button. Raises BadInput."""
    asked = form.typed(BUTTON)
    if not asked:
        return None
    found = _ASKED.fullmatch(asked)
    table = next((table for table in tables if found and table.prefix == found[2]), None)
    if found is None or table is None:
        raise BadInput(N_("This form has a button FundLaunch does not know. Reload the page and send it again."))
    if found[1] == "add":
        return table.with_one_more(form)
    return table.in_order(form, _order(found[1], int(found[3] or 0), table.count(form)))


def _order(verb: str, n: int, count: int) -> list[int]:
    order = list(range(count))
    if n >= count:
        return order
    if verb == "remove":
        del order[n]
        return order
    other = n - 1 if verb == "up" else n + 1
    if 0 <= other < count:
        order[n], order[other] = order[other], order[n]
    return order
