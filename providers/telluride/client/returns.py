"""Taking a sale back, in part or whole: an earning of what comes back, with its originals (5.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from loyalty.commands import AdjustPoints, PostSale, ReturnedPart, ReturnSale, VoidSale
from loyalty.errors import ErrorCode, LoyaltyError
from loyalty.outcomes import Caution, CautionCode, Done, Posted
from loyalty.points import PointsState
from loyalty.sales import LineType, Outlet, PointsEffect
from loyalty.sums import check_tenders
from providers.telluride.client.adjustments import Adjustments
from providers.telluride.client.baskets import Line, Till, tax_of, total_of
from providers.telluride.client.checks import Checks, given, outlet_words, told
from providers.telluride.client.orders import Fields, Orders, money, taking_back
from providers.telluride.client.sent import Deed, Note, Sent
from providers.telluride.client.tenders import Tenders, tenders
from providers.telluride.mapping.done import CODE
from providers.telluride.mapping.names import Name
from providers.telluride.settings import TellurideSettings
from providers.writing import Finished, Job, Next, Write

_ZERO = Decimal(0)
_ONE = Decimal(1)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a sale as it was sent, how many pieces it was, and how many are back."""

    line: Line
    quantity: Decimal
    back: Decimal

    @property
    def left(self) -> Decimal:
        """How many can still come back."""
        return self.quantity - self.back

    def part(self, quantity: Decimal) -> Line:
        """So many of them, after those that are back: all parts together are the line."""

        def share(amount: Decimal) -> Decimal:
            return self._upto(amount, self.back + quantity) - self._upto(amount, self.back)

        whole = quantity == quantity.to_integral_value()
        return replace(
            self.line,
            quantity=int(quantity) if whole else 1,
            before=share(self.line.before),
            after=share(self.line.after),
            tax=share(self.line.tax),
        )

    def _upto(self, amount: Decimal, quantity: Decimal) -> Decimal:
        return (amount * quantity / self.quantity).quantize(_CENT, rounding=ROUND_HALF_UP)


class Returns:
    """The scripts of returnTransaction and voidTransaction."""

    def __init__(
        self,
        settings: TellurideSettings,
        checks: Checks,
        orders: Orders,
        till: Till,
        adjustments: Adjustments,
    ) -> None:
        self._settings = settings
        self._checks = checks
        self._orders = orders
        self._till = till
        self._adjustments = adjustments

    async def give_back(self, job: Job[ReturnSale, Posted]) -> Next:
        """The next step of a return: one earning."""
        command = job.command
        parts = self._wanted(job)
        check_tenders("refunds", command.refunds, self._checks.currency)
        refunds = tenders(self._settings, command.refunds, back=True)
        if job.steps:
            return told(job.steps[0].outcome, self._cautions(command, refunds))
        note = Note(member=_sale(), amount=("input", "lines"))
        return await self._back(job, parts, command.outlet, command.operator, refunds, note)

    async def void(self, job: Job[VoidSale, Posted]) -> Next:
        """The next step of a void: what is left comes back, then the points it redeemed."""
        sale = job.target.command
        if isinstance(sale, AdjustPoints):
            return await self._adjustments.take_back(job, sale)
        left = self._left(job.target, sale)
        code = self._code(job.target, sale)
        parts = [(sold, sold.left) for sold in left if sold.left > 0]
        done = {Sent.of(step.write).deed: step.outcome for step in job.steps}
        if not done and not parts and code is None:
            message = "everything of this sale was given back before"
            raise self._checks.declined(message, ErrorCode.ALREADY_VOIDED, "transactionId")
        if not done and parts:
            operator = job.command.operator
            note = Note(member=_sale(), amount=_sale())
            return await self._back(job, parts, None, operator, Tenders({}), note)
        if code is not None and Deed.VOID not in done:
            return await self._redemption_back(job, sale, code)
        return _undone(done, self._void_cautions(job.command, sale))

    # ------------------------------------------------------------------ what comes back

    def _wanted(self, job: Job[ReturnSale, Posted]) -> list[tuple[Sold, Decimal]]:
        """The lines asked for with their quantities; raises before anything is sent."""
        command, checks, sale = job.command, self._checks, job.target.command
        checks.member(command.transaction.member, "transactionId")
        if command.take_back is not None:
            message = "this program works out the points itself; leave takeBackPoints out"
            raise checks.invalid(message, "takeBackPoints")
        if isinstance(sale, AdjustPoints):
            message = "points that were adjusted have no lines; void the adjustment instead"
            raise checks.declined(message, ErrorCode.NOT_VOIDABLE, "transactionId")
        if not command.lines:
            raise checks.invalid("say which lines come back", "lines")
        left = {sold.line.number: sold for sold in self._left(job.target, sale)}
        return list(self._parts(command.lines, left))

    def _parts(
        self, wanted: Sequence[ReturnedPart], left: Mapping[int, Sold]
    ) -> Iterable[tuple[Sold, Decimal]]:
        seen: set[int] = set()
        for place, part in enumerate(wanted):
            where = ("lines", str(place))
            sold = left.get(part.sequence)
            if sold is None or part.sequence in seen:
                message = "lines are goods of the sale, counted from 1, each named once"
                raise self._checks.invalid(message, *where, "sequence")
            if not 0 < part.quantity <= sold.left:
                message = f"of this line {sold.left:f} can come back"
                raise self._checks.invalid(message, *where, "quantity")
            seen.add(part.sequence)
            yield sold, part.quantity

    def _left(self, posted: Posted, sale: PostSale) -> list[Sold]:
        """The goods of the sale, with what is back of them."""
        if any(line.type is LineType.RETURN for line in sale.lines):
            message = "this sale took something back itself, which cannot be undone"
            raise self._checks.declined(message, ErrorCode.NOT_VOIDABLE, "transactionId")
        back: dict[int, Decimal] = {}
        for undone in posted.undone:
            for part in () if undone.command is None else undone.command.lines:
                back[part.sequence] = back.get(part.sequence, _ZERO) + part.quantity
        return [
            Sold(
                line.rounded,
                _ONE if (sold := sale.lines[line.number - 1].quantity) is None else sold,
                back.get(line.number, _ZERO),
            )
            for line in self._till.goods(sale.lines)
        ]

    async def _back(
        self,
        job: Job[ReturnSale, Posted] | Job[VoidSale, Posted],
        parts: Sequence[tuple[Sold, Decimal]],
        outlet: Outlet | None,
        operator: str | None,
        refunds: Tenders,
        note: Note,
    ) -> Write:
        posted = job.target
        origin = Name.of(posted.done.native)
        if origin is None:
            message = "what the provider knows this sale by is not recorded"
            raise self._checks.declined(message, ErrorCode.NOT_VOIDABLE, "transactionId")
        lines = [(sold.part(quantity), sold.line.number) for sold, quantity in parts]
        goods = [line for line, _ in lines]
        command = job.command
        at = command.occurred_at if isinstance(command, ReturnSale) else job.ticket.began_at
        front = self._till.front(posted.command.outlet if outlet is None else outlet)
        name = await self._orders.sale_name(job.ticket, front, at)
        fields: Fields = {
            "TransactionTotal": money(-Decimal(total_of(goods))),
            "TransactionTotalTax": money(-Decimal(tax_of(goods))),
            "AssociateID": self._checks.operator(operator),
            **refunds.fields,
            "LineItems": {
                "LineItem": [
                    taking_back(line, number, origin, sequence)
                    for number, (line, sequence) in enumerate(lines, 1)
                ]
            },
        }
        return self._orders.earn(_member(posted), name, fields, note)

    # ------------------------------------------------------------------ the points it redeemed

    def _code(self, posted: Posted, sale: PostSale) -> str | None:
        """The code of the redemption that the sale made itself; None where it made none."""
        if sale.redeem is None:
            return None
        code = posted.done.native.get(CODE)
        if code is None:
            message = "the provider never told the code by which its redemption can be undone"
            raise self._checks.declined(message, ErrorCode.NOT_VOIDABLE, "transactionId")
        return code

    async def _redemption_back(
        self, job: Job[VoidSale, Posted], sale: PostSale, code: str
    ) -> Write:
        name = await self._orders.redemption_name(job.ticket, self._till.front(sale.outlet))
        points = f"{job.target.done.points or sale.redeem or 0:f}"
        operator = self._checks.operator(job.command.operator)
        return self._orders.void(_member(job.target), name, code, points, operator, Note())

    # ------------------------------------------------------------------ what is told

    def _cautions(self, command: ReturnSale, refunds: Tenders) -> tuple[Caution, ...]:
        return self._checks.not_sent([
            given("document.number", command.document.number),
            *outlet_words(command.outlet),
            given("reason", command.reason),
            *(f"the refund by {method} (the setting tender_types has no code for it)"
              for method in refunds.unnamed),
        ])  # fmt: skip

    def _void_cautions(self, command: VoidSale, sale: PostSale) -> tuple[Caution, ...]:
        stay = Caution(
            CautionCode.OTHER,
            "redemptions made before the sale stay; void each of them by voidRedemption",
        )
        kept = (stay,) if sale.redemptions else ()
        return (*self._checks.not_sent([given("reason", command.reason)]), *kept)


def _sale() -> tuple[str, ...]:
    return ("input", "transactionId")


def _member(posted: Posted) -> str:
    """The number that the sale was booked under: a merged member's is the survivor's."""
    known = posted.done.transaction
    return posted.command.member.key if known is None else known.member.key


def _undone(done: Mapping[Deed, Done | LoyaltyError], cautions: Sequence[Caution]) -> Finished:
    """The return and the redemption's void as one; the goods are back, whatever became of it."""
    returned, given_back = done.get(Deed.EARN), done.get(Deed.VOID)
    if returned is None or isinstance(returned, LoyaltyError) or given_back is None:
        return told(returned or given_back or Done(), cautions)
    if isinstance(given_back, LoyaltyError):
        stay = Caution(
            CautionCode.OTHER,
            "the sale was taken back, but the points it redeemed could not be given back;"
            " the program's operator must do it",
        )
        return told(returned, (*cautions, stay))
    effect = returned.effect or PointsEffect(state=PointsState.AVAILABLE)
    points = given_back.points or Decimal(0)
    after = given_back.effect.balance_after if given_back.effect else None
    both = replace(
        returned,
        parts=() if given_back.transaction is None else (given_back.transaction,),
        points=given_back.points,
        worth=given_back.worth,
        effect=replace(effect, adjusted=effect.adjusted + points, balance_after=after),
    )
    return told(both, cautions)
