"""One record of the ledger told again as a transaction; pure, without any read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ledger.journal import OPEN, Record, State
from loyalty.commands import (
    AdjustPoints,
    Command,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnSale,
    Tender,
    VoidRedemption,
    VoidSale,
)
from loyalty.money import Money, rounded
from loyalty.operations import Operation
from loyalty.outcomes import CautionCode, Done
from loyalty.refs import MemberRef, PostedRef, RedemptionRef, TransactionRef, VoucherRef
from loyalty.sales import (
    LineType,
    Payment,
    SaleLine,
    Transaction,
    TransactionKind,
    TransactionLine,
    TransactionStatus,
)
from resolvers.records import command_of, result_of
from resolvers.standing import GONE

Name = TransactionRef | PostedRef
"""What a transaction is called: by its provider, or by us."""

UNDOING = (
    Operation.TRANSACTION_RETURN.value,
    Operation.TRANSACTION_VOID.value,
    Operation.REDEMPTION_VOID.value,
)
_VOIDING = frozenset({Operation.TRANSACTION_VOID.value, Operation.REDEMPTION_VOID.value})


@dataclass(frozen=True, slots=True)
class Company:
    """What a record is told together with: the operations about it, and the one that it undoes.

    `beside` are all operations about that one.
    """

    about: Sequence[Record] = ()
    original: Record | None = None
    beside: Sequence[Record] = ()

    @property
    def undoing(self) -> tuple[Record, ...]:
        """What has taken it back, in part or whole."""
        return tuple(r for r in self.about if r.kind in UNDOING and r.state is State.CONFIRMED)

    def void_of_its_sale(self, record: Record) -> Record | None:
        """The void that undid a return together with its sale."""
        if record.kind != Operation.TRANSACTION_RETURN.value:
            return None
        for later in self.beside:
            if later.kind == Operation.TRANSACTION_VOID.value and later.state is State.CONFIRMED:
                done = result_of(later).done
                return None if done and record.id in done.standing else later
        return None


def retold(record: Record, company: Company, currency: str, now: datetime) -> Transaction | None:
    """The transaction that an operation made; None where it made none, or is erased."""
    command, original = command_of(record), company.original
    if command is None or record.member is None or record.state in GONE:
        return None
    done = result_of(record).done or Done()
    bare = Transaction(
        ref=name_of(record, MemberRef(record.program, record.member)),
        kind=done.kind or _kind(command),
        status=_status(record, command, company),
        occurred_at=_occurred_at(record, command),
        fetched_at=now,
        native_id=done.native_id,
        posted_at=done.posted_at,
        effect=done.effect,
        awards=done.awards,
        operation=record.id,
        parts=done.parts,
    )
    sold = None if original is None else command_of(original)
    return _filled(bare, command, sold, currency)


def completed(theirs: Transaction, ours: Transaction | None) -> Transaction:
    """A provider's transaction, with what it does not tell taken from our record.

    The document is the one that was handed in: what it is called upstream may be a name of ours.
    Where the provider lists it in parts, its effect is that of all of them, and the amounts of one
    part are not the whole's.
    """
    if ours is None:
        return theirs
    amounts = ours if ours.parts else theirs
    return replace(
        theirs,
        kind=ours.kind,
        document=ours.document,
        outlet=theirs.outlet or ours.outlet,
        total=amounts.total or ours.total,
        tax=amounts.tax or ours.tax,
        discount=amounts.discount or ours.discount,
        lines=theirs.lines or ours.lines,
        payments=theirs.payments or ours.payments,
        awards=theirs.awards or ours.awards,
        effect=ours.effect if ours.parts else theirs.effect or ours.effect,
        native_id=theirs.native_id or ours.native_id,
        status=ours.status if theirs.status in _WORSE_KNOWN else theirs.status,
    )


_WORSE_KNOWN = frozenset({TransactionStatus.POSTED, TransactionStatus.UNKNOWN})
"""What a program says that does not know of our voids and returns."""


# ---------------------------------------------------------------------- what a record tells


def name_of(record: Record, member: MemberRef) -> Name:
    """What its provider calls it, or else our operation."""
    done = result_of(record).done
    named = None if done is None else done.transaction
    return named or PostedRef(member, record.id)


def _kind(command: Command) -> TransactionKind:
    match command:
        case PostSale(lines=lines) if any(line.type in _BACK for line in lines):
            return TransactionKind.EXCHANGE
        case PostSale():
            return TransactionKind.PURCHASE
        case ReturnSale() | VoidSale():
            return TransactionKind.RETURN
        case AdjustPoints() | VoidRedemption():
            return TransactionKind.ADJUSTMENT
        case RedeemPoints() | RedeemVoucher():
            return TransactionKind.REDEMPTION
        case _:
            return TransactionKind.OTHER


_BACK = frozenset({LineType.RETURN, LineType.TRADE_IN})


def _occurred_at(record: Record, command: Command) -> datetime:
    match command:
        case PostSale() | ReturnSale():
            return command.occurred_at
        case _:
            return record.created_at


def _status(record: Record, command: Command, company: Company) -> TransactionStatus:
    if record.state in OPEN:
        return TransactionStatus.SETTLING
    if record.state is State.NEEDS_REVIEW:
        return TransactionStatus.UNDER_REVIEW
    undoing = company.undoing
    is_voided = any(later.kind in _VOIDING for later in undoing)
    if is_voided or company.void_of_its_sale(record) is not None:
        return TransactionStatus.VOIDED
    if not undoing:
        return TransactionStatus.POSTED
    back = _quantities_back(undoing)
    if isinstance(command, PostSale) and _all_back(command.lines, back):
        return TransactionStatus.VOIDED
    return TransactionStatus.PARTLY_REVERSED


def _quantities_back(returns: Sequence[Record]) -> Mapping[int, Decimal]:
    back: defaultdict[int, Decimal] = defaultdict(Decimal)
    for record in returns:
        command = command_of(record)
        for part in command.lines if isinstance(command, ReturnSale) else ():
            back[part.sequence] += part.quantity
    return back


def _all_back(lines: Sequence[SaleLine], back: Mapping[int, Decimal]) -> bool:
    return all(
        back.get(sequence, Decimal(0)) >= _quantity(line)
        for sequence, line in enumerate(lines, start=1)
        if line.type in {LineType.NORMAL, LineType.OTHER}
    )


def _quantity(line: SaleLine) -> Decimal:
    return Decimal(1) if line.quantity is None else abs(line.quantity)


# ---------------------------------------------------------------------- what a command tells


def _filled(
    bare: Transaction, command: Command, sold: Command | None, currency: str
) -> Transaction:
    match command:
        case PostSale():
            return _sale(bare, command, currency)
        case ReturnSale():
            return replace(
                bare,
                document=command.document,
                outlet=command.outlet,
                lines=tuple(_returned(command, sold, currency)) or None,
                payments=_payments(command.refunds, currency),
                description=command.reason,
            )
        case RedeemPoints() | RedeemVoucher():
            return replace(bare, document=command.document, outlet=command.outlet)
        case AdjustPoints():
            return replace(
                bare, document=command.document, outlet=command.outlet, description=command.reason
            )
        case _:
            return bare


def _sale(bare: Transaction, sale: PostSale, currency: str) -> Transaction:
    totals = sale.totals
    return replace(
        bare,
        document=sale.document,
        outlet=sale.outlet,
        total=Money(totals.final, currency),
        tax=Money(totals.tax, currency),
        discount=None if totals.discount is None else Money(totals.discount, currency),
        lines=tuple(
            _line(sequence, line, currency) for sequence, line in enumerate(sale.lines, start=1)
        ),
        payments=_payments(sale.payments, currency),
    )


def _line(sequence: int, line: SaleLine, currency: str) -> TransactionLine:
    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    return TransactionLine(
        sequence=sequence,
        type=line.type,
        subtotal=Money(line.subtotal, currency),
        product_id=line.product_id,
        product_code=line.product_code,
        description=line.description,
        quantity=line.quantity,
        unit_price=money(line.unit_price),
        discount=money(line.discount),
        subtotal_ex_tax=money(line.subtotal_ex_tax),
    )


def _returned(
    command: ReturnSale, sold: Command | None, currency: str
) -> Iterator[TransactionLine]:
    """The lines that came back, each with its share of what it was sold for."""
    if not isinstance(sold, PostSale):
        return
    for sequence, part in enumerate(command.lines, start=1):
        line = sold.lines[part.sequence - 1]
        share = part.quantity / _quantity(line)
        yield replace(
            _line(sequence, line, currency),
            type=LineType.RETURN,
            quantity=part.quantity,
            subtotal=rounded(line.subtotal * share, currency),
            discount=None,
            subtotal_ex_tax=None,
        )


def _payments(tenders: Sequence[Tender] | None, currency: str) -> tuple[Payment, ...] | None:
    if tenders is None:
        return None
    return tuple(
        Payment(
            method=tender.method,
            amount=Money(tender.amount, currency),
            description=tender.description,
        )
        for tender in tenders
    )


def redemptions_of(command: Command) -> tuple[RedemptionRef, ...]:
    """The redemptions made beforehand that paid for a sale."""
    if not isinstance(command, PostSale):
        return ()
    return tuple(RedemptionRef(command.member, operation) for operation in command.redemptions)


def applied_voucher(command: Command, done: Done | None) -> VoucherRef | None:
    """The voucher that was used, unless its program refused it."""
    match command:
        case RedeemVoucher():
            return command.voucher
        case PostSale() if command.voucher is not None and done is not None:
            refused = any(c.code is CautionCode.VOUCHER_NOT_APPLIED for c in done.cautions)
            return None if refused else command.voucher.voucher
        case _:
            return None
