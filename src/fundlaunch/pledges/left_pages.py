"""The provider's pages of pledges that were given up for another choice (`choosing_anew`), after that was committed."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlmodel import col, select

from fundlaunch.database import Database
from fundlaunch.errors import OutOfReach
from fundlaunch.payments.gateway import Gateway
from fundlaunch.payments.states import CheckoutState
from fundlaunch.payments.tables import Checkout
from fundlaunch.pledges.endings import end_checkout
from fundlaunch.pledges.learning import learn_or_log
from fundlaunch.pledges.tables import Pledge


def end_pages(database: Database, gateway: Gateway, pledge_ids: Iterable[str], now: datetime) -> None:
    """Expire the provider's pages of pledges that were given up. While it is out of reach they end by themselves.

    A card that was saved there meanwhile is turned away or taken by the same rules as after any hold that ended.
    """
    with database.reading() as session:
        open_pages = session.exec(
            select(Checkout, Pledge.customer)
            .join(Pledge, col(Pledge.id) == Checkout.pledge_id)
            .where(col(Checkout.pledge_id).in_(list(pledge_ids)))
            .where(col(Checkout.status).in_([CheckoutState.INTENDED, CheckoutState.OPEN]))
        ).all()
    for checkout, customer in open_pages:
        try:
            learn_or_log(database, partial(end_checkout, gateway, checkout, customer), now)
        except OutOfReach:
            return
