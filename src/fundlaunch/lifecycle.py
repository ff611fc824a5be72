"""A life as one table: which event leads from which state to which."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from fundlaunch.errors import N_, IllegalMove

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


class Lifecycle(Generic[State, Event]):
    """The permitted moves of one kind of thing; everything not in the table is refused."""

    def __init__(
        self,
        name: str,
        moves: Mapping[tuple[State, Event], State],
        *,
        harmless: Iterable[tuple[State, Event]] = (),
    ) -> None:
        self.name = name
        self.moves = dict(moves)
        self.harmless = frozenset(harmless)

    def move(self, state: State, event: Event) -> State:
        """The state after `event`; the same state for a harmless repeat; raises IllegalMove otherwise."""
        if (state, event) in self.moves:
            return self.moves[(state, event)]
        if (state, event) in self.harmless:
            return state
        raise IllegalMove(
            N_("A {name} that is “{state}” cannot take the step “{event}”. Reload the page to see where it stands."),
            name=self.name,
            state=state.value,
            event=event.value,
        )

    def allows(self, state: State, event: Event) -> bool:
        """True if the event moves this state on (a harmless repeat does not)."""
        return (state, event) in self.moves

    def is_repeat(self, state: State, event: Event) -> bool:
        return (state, event) in self.harmless

    def markdown(self) -> str:
        """The table as Markdown, in the order it was written, for the documentation."""
        rows = [f"| {start} | {event} | {end} |" for (start, event), end in self.moves.items()]
        rows += [f"| {state} | {event} | {state} (repeat) |" for state, event in sorted(self.harmless)]
        return "\n".join([f"**{self.name}**", "", "| from | event | to |", "|---|---|---|", *rows])
