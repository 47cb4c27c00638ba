"""How much of a sale is left to come back, line by line."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from ledger.journal import Journal, Record, State
from loyalty.commands import PostSale, ReturnSale
from loyalty.errors import InvalidInput
from loyalty.operations import Operation
from loyalty.outcomes import Posted
from loyalty.refs import MemberRef
from loyalty.sales import LineType, SaleLine
from resolvers.records import command_of
from resolvers.standing import GONE

_ONE = Decimal(1)
_AHEAD = timedelta(days=1)
"""How far another server's clock may be ahead."""
_RETURNABLE = (LineType.NORMAL, LineType.OTHER)


async def check_return(journal: Journal, command: ReturnSale, sale: Posted, now: datetime) -> None:
    """Refuse a return of more than was sold and not brought back; InvalidInput names the line."""
    posted = sale.command
    if not isinstance(posted, PostSale):
        msg = "it is no sale, so nothing of it can come back; void it instead"
        raise InvalidInput(msg, field=("input", "transactionId"))
    if not command.lines:
        msg = "name at least one line that comes back"
        raise InvalidInput(msg, field=("input", "lines"))
    back = await _brought_back(journal, sale, command.transaction.member, now)
    for index, part in enumerate(command.lines):
        place = ("input", "lines", str(index))
        _check_part(posted, part.sequence, part.quantity, back, place)
        back[part.sequence] = back.get(part.sequence, Decimal(0)) + part.quantity


async def check_exchange(
    journal: Journal,
    command: PostSale,
    originals: Mapping[str, Posted],
    now: datetime,
    own: str | None,
) -> None:
    """The same for the lines of a sale that take something back."""
    back = {
        name: await _brought_back(journal, sale, command.member, now, own)
        for name, sale in originals.items()
    }
    for index, line in enumerate(command.lines):
        operation = None if line.returns is None else line.returns.operation
        if line.returns is None or operation is None or operation not in originals:
            continue
        place = ("input", "lines", str(index))
        original, so_far = originals[operation].command, back[operation]
        if not isinstance(original, PostSale):
            msg = "it is no sale, so nothing of it can come back"
            raise InvalidInput(msg, field=(*place, "returns"))
        sequence, quantity = line.returns.sequence, _quantity(line)
        _check_part(original, sequence, quantity, so_far, place)
        so_far[sequence] = so_far.get(sequence, Decimal(0)) + quantity


async def is_exchanged(journal: Journal, sale: Posted, now: datetime, own: str | None) -> bool:
    """Whether something of a sale came back with a later one, which stands."""
    later = await sales_since(journal, sale.command.member, sale.began_at, now, own)
    return any(True for exchange in later for _ in _exchanged(exchange, sale.operation))


def _check_part(
    sale: PostSale,
    sequence: int,
    quantity: Decimal,
    back: Mapping[int, Decimal],
    place: tuple[str, ...],
) -> None:
    if not 1 <= sequence <= len(sale.lines):
        msg = f"the sale has lines 1 to {len(sale.lines)}, and no line {sequence}"
        raise InvalidInput(msg, field=(*place, "sequence"))
    line = sale.lines[sequence - 1]
    if line.type not in _RETURNABLE:
        msg = f"line {sequence} is a {line.type.value} line; only what was sold can come back"
        raise InvalidInput(msg, field=(*place, "sequence"))
    if quantity <= 0:
        msg = "the quantity that comes back must be more than zero"
        raise InvalidInput(msg, field=(*place, "quantity"))
    left = max(Decimal(0), _quantity(line) - back.get(sequence, Decimal(0)))
    if quantity > left:
        msg = f"of line {sequence} there are {left:f} left to come back, not {quantity:f}"
        raise InvalidInput(msg, field=(*place, "quantity"))


def _quantity(line: SaleLine) -> Decimal:
    return _ONE if line.quantity is None else abs(line.quantity)


async def _brought_back(
    journal: Journal, sale: Posted, member: MemberRef, now: datetime, own: str | None = None
) -> dict[int, Decimal]:
    """Quantities that came back of a sale, by line: by returns, and by exchanges."""
    back: dict[int, Decimal] = {}
    for undone in sale.undone:
        for part in undone.command.lines if undone.command else ():
            back[part.sequence] = back.get(part.sequence, Decimal(0)) + part.quantity
    for exchange in await sales_since(journal, member, sale.began_at, now, own):
        for sequence, quantity in _exchanged(exchange, sale.operation):
            back[sequence] = back.get(sequence, Decimal(0)) + quantity
    return back


def _exchanged(command: PostSale, operation: str) -> Iterator[tuple[int, Decimal]]:
    for line in command.lines:
        if line.returns is not None and line.returns.operation == operation:
            yield line.returns.sequence, _quantity(line)


async def sales_since(
    journal: Journal, member: MemberRef, since: datetime, now: datetime, own: str | None
) -> list[PostSale]:
    """The member's sales since then that refer to something earlier, but those that were voided."""
    found: list[PostSale] = []
    kinds = (Operation.TRANSACTION_POST.value,)
    for record in await journal.history(
        member.program, member.key, kinds, starts_at=since, ends_at=now + _AHEAD
    ):
        command = command_of(record)
        if record.id == own or record.state in GONE or not isinstance(command, PostSale):
            continue
        refers = command.redemptions or any(line.returns for line in command.lines)
        if refers and not await _is_voided(journal, record):
            found.append(command)
    return found


async def _is_voided(journal: Journal, record: Record) -> bool:
    return any(
        later.kind == Operation.TRANSACTION_VOID.value and later.state is State.CONFIRMED
        for later in await journal.about(record.id)
    )
