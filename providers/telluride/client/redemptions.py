"""Points turned into value, and given back (ProcessRedemption R and V)."""

from loyalty.commands import RedeemPoints, VoidRedemption
from loyalty.errors import ErrorCode
from loyalty.operations import Operation
from loyalty.outcomes import Caution, Redeemed, RedemptionStatus
from loyalty.sales import LineType
from providers.telluride.client.baskets import Line, Till
from providers.telluride.client.checks import Checks, given, outlet_words, told
from providers.telluride.client.orders import Fields, Orders, money, order_id
from providers.telluride.client.sent import Note
from providers.telluride.mapping.done import CODE
from providers.writing import Job, Next

_NOTE = Note(member=("input", "memberId"), amount=("input", "amount"))


class Redemptions:
    """The scripts of redeemPoints and voidRedemption."""

    def __init__(self, checks: Checks, orders: Orders, till: Till) -> None:
        self._checks = checks
        self._orders = orders
        self._till = till

    async def redeem(self, job: Job[RedeemPoints, None]) -> Next:
        """The next step: one redemption, of the member's own points."""
        command, checks = job.command, self._checks
        member = checks.member(command.member, "memberId")
        self._check_supported(command)
        points = checks.redeemed(command)
        lines = self._lines(command)
        operator = checks.operator(command.operator)
        order = order_id(None if command.document is None else command.document.id)
        if job.steps:
            return told(job.steps[0].outcome, self._cautions(command, order))
        name = await self._orders.redemption_name(job.ticket, self._till.front(command.outlet))
        fields: Fields = {
            "RedemptionPoints": f"{points:f}",
            "RedemptionDollarValue": money(checks.worth(points)),
            "AssociateID": operator,
            **order,
        }
        rows = [line.redeeming() for line in lines]
        return self._orders.redeem(member, name, rows, fields, _NOTE)

    async def void(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        """The next step: one void, by the redemption's code."""
        command, target, checks = job.command, job.target, self._checks
        place = "redemptionId"
        if target.status is RedemptionStatus.VOIDED:
            message = "the redemption was voided before"
            raise checks.declined(message, ErrorCode.ALREADY_VOIDED, place)
        code = target.done.native.get(CODE)
        if code is None:
            message = "the provider never told the code by which it can be voided; ask its operator"
            raise checks.declined(message, ErrorCode.NOT_VOIDABLE, place)
        operator = checks.operator(command.operator)
        if job.steps:
            cautions = checks.not_sent([given("reason", command.reason)])
            return told(job.steps[0].outcome, cautions)
        front = self._till.front(target.command.outlet)
        name = await self._orders.redemption_name(job.ticket, front)
        known = target.done.transaction
        member = command.member.key if known is None else known.member.key
        points = f"{target.done.points or 0:f}"
        note = Note(member=("input", place), amount=("input", place))
        return self._orders.void(member, name, code, points, operator, note)

    def _check_supported(self, command: RedeemPoints) -> None:
        if command.hold:
            message = "this program cannot hold points; they are spent at once"
            raise self._checks.unsupported(
                message,
                Operation.REDEMPTION_HOLD,
                "hold",
                alternatives=(Operation.POINTS_REDEEM, Operation.REDEMPTION_VOID),
            )
        if command.authorization is not None:
            message = "this program knows no authorizations"
            raise self._checks.unsupported(message, Operation.POINTS_REDEEM, "authorization")

    def _lines(self, command: RedeemPoints) -> tuple[Line, ...]:
        """The goods that the points pay for: the provider wants to know them."""
        sold = command.lines or ()
        for place, line in enumerate(sold):
            if line.type not in {LineType.NORMAL, LineType.DISCOUNT}:
                message = "points pay for goods; their lines are goods and discounts"
                raise self._checks.unsupported(
                    message, Operation.POINTS_REDEEM, "lines", str(place), "type"
                )
            if line.subtotal < 0 and line.type is LineType.NORMAL:
                message = "goods cost nothing or more"
                raise self._checks.invalid(message, "lines", str(place), "subtotal")
        goods = tuple(line.rounded for line in self._till.goods(sold))
        if not goods:
            message = "this program redeems points for goods; give the lines they pay for"
            raise self._checks.invalid(message, "lines")
        return goods

    def _cautions(self, command: RedeemPoints, order: Fields) -> tuple[Caution, ...]:
        document = command.document
        return self._checks.not_sent([
            given("document.id", None if document is None or order else document.id),
            given("document.number", None if document is None else document.number),
            *outlet_words(command.outlet),
            given("note", command.note),
        ])  # fmt: skip
