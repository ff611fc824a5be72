"""What a creator should do next, in the order in which it comes due."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fundlaunch.campaigns.launch_check import Point
from fundlaunch.campaigns.rules import Phase, zone
from fundlaunch.errors import N_
from fundlaunch.i18n import NN_, Plural
from fundlaunch.studio.overview import Overview

NEARLY_GONE = 10
"""A reward is nearly gone when at most a tenth of it is left."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `what` and `why` are English messages, `values` fills their {fields}: amounts as Money,
    times on the campaign's clocks; of a pair of them `count` decides.

    `end` is the end of an address below the campaign's studio ('' for none), `link` the word it is reached by.
    """

    what: str | Plural
    why: str | Plural
    end: str = ""
    link: str = ""
    is_done: bool = False
    values: dict[str, Any] = field(default_factory=dict)


def next_steps(view: Overview, points: tuple[Point, ...], failing: int, without_address: int) -> tuple[Step, ...]:
    """`points` is a draft's check-list; `failing` pledges wait for a card, `without_address` for an address."""
    if view.phase is Phase.DRAFT:
        return tuple(_before_launch(view, points))
    if view.phase in {Phase.LIVE, Phase.LAST_DAY}:
        return tuple(_while_live(view))
    if view.phase is Phase.FINAL_COUNT:
        return (Step(N_("Wait for the final count"), N_("The last open checkouts are read. It takes some minutes.")),)
    if view.is_successful:
        return tuple(_after_success(view, failing, without_address))
    return tuple(_after_the_end(view))


def _before_launch(view: Overview, points: tuple[Point, ...]) -> Iterator[Step]:
    missing = [point for point in points if point.blocks and not point.is_done]
    if missing:
        yield Step(
            N_("Finish the launch check-list"),
            NN_(
                "{count} of its points stands in the way of the launch.",
                "{count} of its points stand in the way of the launch.",
            ),
            "/launch",
            N_("See what is missing"),
            values={"count": len(missing)},
        )
    yield Step(
        N_("Look at the page as backers will"),
        N_("Only the people of this campaign see it before the launch."),
        "preview",
        N_("Open the preview"),
    )
    if view.launch_at is None:
        yield Step(N_("Launch"), N_("From then on people can pledge."), "/launch", N_("Go to the launch"))
        return
    yield Step(
        N_("The clock launches it"),
        N_("{time}. From then on people can pledge."),
        "/launch",
        N_("Change the time"),
        values={"time": view.launch_at.astimezone(zone(view.timezone))},
    )


def _while_live(view: Overview) -> Iterator[Step]:
    if not view.backers:
        yield Step(
            N_("Tell the first people yourself"),
            N_("A campaign that starts with friends and followers is found by others."),
            "preview",
            N_("Open the page to share it"),
        )
    for line in view.tiers:
        if line.quantity is not None and 0 < line.quantity - line.taken <= max(line.quantity // NEARLY_GONE, 1):
            yield Step(
                N_("“{title}” is nearly gone"),
                N_("{left} of {quantity} left. It closes by itself; its quantity may be raised."),
                f"/edit/{'add-ons' if line.is_add_on else 'rewards'}/{line.slug}",
                N_("See the reward"),
                values={"title": line.title, "left": line.quantity - line.taken, "quantity": line.quantity},
            )
    yield Step(
        N_("Answer questions where everybody can read them"),
        N_("Questions can be changed at any time."),
        "/edit/faq",
        N_("Edit the questions"),
    )
    yield Step(
        N_("At the deadline cards are charged"),
        N_("By itself, if the goal is reached then. Backers whose card fails have a week to mend it."),
    )


def _after_success(view: Overview, failing: int, without_address: int) -> Iterator[Step]:
    if view.standing.waiting:
        yield Step(N_("Cards are being charged"), N_("{amount} still to charge. Nothing to do for you."),
                   values={"amount": view.standing.waiting})  # fmt: skip
    if failing:
        yield Step(
            N_("Help those whose card failed"),
            NN_(
                "{count} backer was written to, with a link that mends the payment; you can copy it for them.",
                "{count} backers were written to. Each has a link that mends the payment; you can copy it for them.",
            ),
            "/backers?state=recovery",
            N_("See who they are"),
            values={"count": failing},
        )
    if without_address:
        yield Step(
            NN_("Wait for {count} address", "Wait for {count} addresses"),
            N_("Backers give them on the page of their pledge."),
            "/backers?address=missing",
            N_("See who they are"),
            values={"count": without_address},
        )
    yield Step(
        N_("Take out the lists"),
        N_("Who backed, what to pack, and where it goes."),
        "/lists",
        N_("To the lists"),
    )


def while_submitted(*, is_approved: bool) -> tuple[Step, ...]:
    """What is left to do with a campaign that was handed to the operator."""
    if is_approved:
        return (Step(N_("Launch"), N_("It has been approved."), "/launch", N_("Go to the launch")),)
    return (
        Step(
            N_("Wait for the answer of the operator"),
            N_("It is looked at before its launch, and stays as it is until then. The answer comes by mail."),
            "/launch",
            N_("See how it stands"),
        ),
    )


def _after_the_end(view: Overview) -> Iterator[Step]:
    if view.pays_back:
        yield Step(
            N_("What was collected was paid back") if view.is_settled else N_("What was collected is being paid back"),
            N_("No further card is charged, and every backer is told."),
            is_done=view.is_settled,
        )
        return
    yield Step(
        N_("Every card was released") if view.is_settled else N_("Cards are being released"),
        N_("Nobody was charged, and every backer is told so."),
        is_done=view.is_settled,
    )
    yield Step(
        N_("Begin again with what you learned"),
        N_("Many campaigns reach their goal the second time."),
        "new",
        N_("New campaign"),
    )
