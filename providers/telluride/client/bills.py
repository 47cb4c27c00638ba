"""A sale as it will be sent, and everything that can be refused of it before; sends nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from loyalty.commands import PostSale, Settlement
from loyalty.errors import ErrorCode, Unsupported
from loyalty.members import Attribute
from loyalty.operations import Operation
from loyalty.outcomes import Done, Posted
from loyalty.sales import LineType, SaleLine
from loyalty.sums import check_fineness, check_sums
from providers.telluride.client.baskets import Line, StoreFront, Till, tax_of, total_of
from providers.telluride.client.checks import Checks
from providers.telluride.client.orders import Fields, money, selling, taking_back
from providers.telluride.client.tenders import Paid, has_room
from providers.telluride.mapping.done import CODE
from providers.telluride.mapping.names import Name
from providers.writing import Beforehand, Job

_POST = Operation.TRANSACTION_POST
_LONGEST_PAIR = 30
_MOST = Decimal("9999999.99")


@dataclass(frozen=True, slots=True)
class Ready:
    """A sale as it will be sent: its lines in the caller's order, and its sums without tax."""

    member: str
    front: StoreFront
    goods: tuple[Line, ...]
    back: tuple[tuple[Line, Name, int], ...]
    rows: tuple[Fields, ...]
    redeem: Decimal | None
    operator: str

    @property
    def sums(self) -> Fields:
        """The sums of the call: what comes back counts against it."""
        back = [line for line, _, _ in self.back]
        return {
            "TransactionTotal": money(Decimal(total_of(self.goods)) - Decimal(total_of(back))),
            "TransactionTotalTax": money(Decimal(tax_of(self.goods)) - Decimal(tax_of(back))),
        }


class Bills:
    """Makes sales ready; what it refuses is told from the top of the input."""

    def __init__(self, checks: Checks, till: Till) -> None:
        self._checks = checks
        self._till = till

    def ready(self, job: Job[PostSale, Beforehand]) -> Ready:
        """The sale, checked; raises before anything is sent."""
        command, checks = job.command, self._checks
        member = checks.member(command.member, "memberId")
        self._check_supported(command)
        for place, line in enumerate(command.lines):
            self._check_line(line, place)
        check_fineness(command.lines, command.totals, command.payments, checks.currency)
        check_sums(command.lines, command.totals, command.payments)
        goods = tuple(line.rounded for line in self._till.goods(command.lines))
        back = tuple(self._back(job, command.lines))
        redeem = None
        if command.redeem is not None:
            redeem = checks.points(command.redeem, "points", "redeem")
        if not goods and (redeem is not None or not back):
            raise checks.invalid("a sale has at least one line of goods", "lines")
        if not has_room(command.payments, self.redemptions(job, redeem, None)):
            message = "a redemption pays for a part: name it among the payments, as POINTS"
            raise checks.invalid(message, "payments")
        return Ready(
            member=member,
            front=self._till.front(command.outlet),
            goods=goods,
            back=back,
            rows=tuple(self._rows(command.lines, goods, back)),
            redeem=redeem,
            operator=checks.operator(command.operator),
        )

    def _check_supported(self, command: PostSale) -> None:
        """What has no place at the provider and would change what is owed."""
        if command.collect is not None:
            message = "this program works out the points itself; leave collect out"
            raise self._checks.invalid(message, "points", "collect")
        refused = next(self._refused(command), None)
        if refused is not None:
            raise refused

    def _refused(self, command: PostSale) -> Iterator[Unsupported]:
        unsupported = self._checks.unsupported
        if command.voucher is not None:
            yield unsupported("this program has no vouchers", _POST, "voucher")
        if command.authorization is not None:
            yield unsupported("this program knows no authorizations", _POST, "authorization")
        if command.settlement is Settlement.PENDING:
            yield unsupported("points count at once here", _POST, "settlement")

    def _check_line(self, line: SaleLine, place: int) -> None:
        where = ("lines", str(place))
        if line.type in {LineType.TRADE_IN, LineType.OTHER}:
            message = "this program takes goods, discounts and returns only"
            raise self._checks.unsupported(message, _POST, *where, "type")
        amounts = (line.subtotal, line.discount, line.tax, line.subtotal_ex_tax)
        negative = any(amount is not None and amount < 0 for amount in amounts)
        if line.type is LineType.NORMAL and negative:
            message = "goods cost nothing or more; what comes back is a RETURN line"
            raise self._checks.invalid(message, *where, "subtotal")
        if any(amount is not None and abs(amount) > _MOST for amount in amounts):
            raise self._checks.invalid(f"an amount is at most {_MOST}", *where, "subtotal")
        for number, pair in enumerate(line.attributes):
            if max(len(pair.key), len(pair.value)) > _LONGEST_PAIR or not pair.key:
                message = f"a line's attribute has at most {_LONGEST_PAIR} characters here"
                raise self._checks.invalid(message, *where, "attributes", str(number))

    def _back(
        self, job: Job[PostSale, Beforehand], lines: Sequence[SaleLine]
    ) -> Iterable[tuple[Line, Name, int]]:
        """The lines that come back, each with the sale and the line that it was sold by."""
        for place, line in enumerate(lines):
            if line.type is not LineType.RETURN:
                continue
            where = ("lines", str(place), "returns")
            if line.returns is None:
                raise self._checks.invalid("say which line of which sale comes back", *where)
            sold = job.target.originals.get(line.returns.operation or "")
            name = _origin(line, sold)
            if name is None or (sold is not None and not _has_line(sold, line.returns.sequence)):
                message = "the program knows no such line; give the id of the sale, and the line"
                raise self._checks.invalid(message, *where, code=ErrorCode.TRANSACTION_NOT_FOUND)
            yield self._till.line(_plain(line), place).rounded, name, line.returns.sequence

    def _rows(
        self,
        lines: Sequence[SaleLine],
        goods: Sequence[Line],
        back: Sequence[tuple[Line, Name, int]],
    ) -> Iterable[Fields]:
        """The lines on the wire, numbered by their place in the sale."""
        rows: dict[int, Fields] = {
            line.number: selling(line, _pairs(lines[line.number - 1].attributes)) for line in goods
        }
        for line, name, sequence in back:
            rows[line.number] = taking_back(line, line.number, name, sequence)
        return (rows[number] for number in sorted(rows))

    def redemptions(
        self, job: Job[PostSale, Beforehand], redeem: Decimal | None, redeemed: Done | None
    ) -> tuple[Paid, ...]:
        """The redemptions that pay for a part: those made beforehand, and the sale's own."""
        made = tuple(self._paid(each.done) for each in job.target.redemptions)
        if redeem is None:
            return made
        own = Paid(None, self._checks.worth(redeem)) if redeemed is None else self._paid(redeemed)
        return (*made, own)

    def _paid(self, done: Done) -> Paid:
        worth = done.worth.amount if done.worth else self._checks.worth(done.points or Decimal(0))
        return Paid(done.native.get(CODE), worth)


def _origin(line: SaleLine, sold: Posted | None) -> Name | None:
    """The name of the sale that the line takes something back of."""
    if sold is not None:
        return Name.of(sold.done.native)
    native = None if line.returns is None else line.returns.native
    return None if native is None else Name.of_key(native.key)


def _has_line(sold: Posted, sequence: int) -> bool:
    if not isinstance(sold.command, PostSale):
        return False
    lines = sold.command.lines
    return 1 <= sequence <= len(lines) and lines[sequence - 1].type is LineType.NORMAL


def _plain(line: SaleLine) -> SaleLine:
    """The line with magnitudes, whatever signs the caller gave it."""

    def size(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else abs(amount)

    return replace(
        line,
        subtotal=abs(line.subtotal),
        quantity=size(line.quantity),
        discount=size(line.discount),
        tax=size(line.tax),
        subtotal_ex_tax=size(line.subtotal_ex_tax),
    )


def _pairs(attributes: Sequence[Attribute]) -> tuple[Mapping[str, object], ...]:
    return tuple(
        {"LineAttributeKey": pair.key, "LineAttributeValue": pair.value} for pair in attributes
    )
