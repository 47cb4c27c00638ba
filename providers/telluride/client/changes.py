"""The writing half of a program behind the port: every ability to change something."""

from datetime import datetime

from loyalty.commands import (
    AdjustPoints,
    EnrolMember,
    PostSale,
    RedeemPoints,
    ReturnSale,
    SetAffinity,
    VoidRedemption,
    VoidSale,
)
from loyalty.outcomes import Done, Posted, Redeemed
from providers.telluride.client.adjustments import Adjustments
from providers.telluride.client.baskets import Till
from providers.telluride.client.bills import Bills
from providers.telluride.client.checks import Checks
from providers.telluride.client.desk import Desk
from providers.telluride.client.enrolments import Enrolments
from providers.telluride.client.holders import Holders
from providers.telluride.client.looking import Looker
from providers.telluride.client.orders import Orders
from providers.telluride.client.pasts import Pasts
from providers.telluride.client.people import People
from providers.telluride.client.points import Points
from providers.telluride.client.redemptions import Redemptions
from providers.telluride.client.returns import Returns
from providers.telluride.client.sales import Sales
from providers.telluride.client.sending import Sender
from providers.telluride.settings import TellurideSettings
from providers.writing import Beforehand, Job, Next, Patience, Sending, Write


class Changes:
    """Scripts of the mutations, and their way out and back."""

    def __init__(
        self, settings: TellurideSettings, desk: Desk, people: People, pasts: Pasts, points: Points
    ) -> None:
        program = desk.account.program
        checks, orders = Checks(program, settings), Orders(settings)
        till = Till(program, settings, ("input",))
        holders = Holders(desk)
        self._settings = settings
        self._looker = Looker(desk, people, pasts, holders)
        self._sender = Sender(desk, people, points, self._looker)
        self._sales = Sales(settings, checks, orders, Bills(checks, till))
        self._adjustments = Adjustments(checks, orders, till)
        self._returns = Returns(settings, checks, orders, till, self._adjustments)
        self._redemptions = Redemptions(checks, orders, till)
        self._enrolments = Enrolments(settings, checks, orders, till, holders)

    @property
    def patience(self) -> Patience:
        """How long doubt about a write lasts."""
        return self._settings.patience

    async def send(self, write: Write, how: Sending) -> Done:
        """Send a write once."""
        return await self._sender.send(write, how)

    async def look(self, write: Write, sent_at: datetime) -> Done | None:
        """The effect of a write, where the provider shows it; the write itself tells its time."""
        del sent_at
        return await self._looker.look(write)

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        """The next step of a sale."""
        return await self._sales.post(job)

    async def return_sale(self, job: Job[ReturnSale, Posted]) -> Next:
        """The next step of a return."""
        return await self._returns.give_back(job)

    async def void_sale(self, job: Job[VoidSale, Posted]) -> Next:
        """The next step of a sale's void."""
        return await self._returns.void(job)

    async def redeem_points(self, job: Job[RedeemPoints, None]) -> Next:
        """The next step of a redemption."""
        return await self._redemptions.redeem(job)

    async def void_redemption(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        """The next step of a redemption's void."""
        return await self._redemptions.void(job)

    async def adjust_points(self, job: Job[AdjustPoints, None]) -> Next:
        """The next step of a posting of points."""
        return await self._adjustments.adjust(job)

    async def enrol_member(self, job: Job[EnrolMember, None]) -> Next:
        """The next step of an enrolment."""
        return await self._enrolments.enrol(job)

    async def set_affinity(self, job: Job[SetAffinity, None]) -> Next:
        """The next step of a link to an affiliated programme."""
        return await self._adjustments.link(job)
