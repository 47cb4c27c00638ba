"""What a record of the journal says, in the words of the house."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast

import orjson

from ledger.journal import OPEN, Record, StepRecord
from loyalty.commands import Command
from loyalty.errors import Declined, ErrorCode, LoyaltyError, OutcomeUnknown, RetryAdvice
from loyalty.operations import Operation
from loyalty.outcomes import Done, RedemptionStatus
from loyalty.refs import TransactionRef, VoucherRef
from providers.writing import Step, Write
from resolvers.keeping import kept, told
from resolvers.receipts import STATUS, Receipt
from resolvers.secrecy import is_over, rejoined, whole


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an operation."""

    done: Done | None = None
    errors: tuple[LoyaltyError, ...] = ()


def kept_result(result: Result) -> bytes:
    """A result as bytes; its secrets are kept elsewhere."""
    return kept((result.done, result.errors))


def result_of(record: Record) -> Result:
    """What came of it, without what was secret."""
    return Result() if record.result is None else read_result(record.result)


def read_result(data: bytes) -> Result:
    """A result from its bytes."""
    done, errors = cast("tuple[Done | None, tuple[LoyaltyError, ...]]", told(data, tuple))
    return Result(done, errors)


def command_of(record: Record) -> Command | None:
    """What was asked, without secrets; None once it was erased."""
    return told(record.command, cast("type[Command]", object)) if record.command else None


def whole_command(record: Record) -> Command | None:
    """What was asked, with its secret as long as the operation is open."""
    command = command_of(record)
    return None if command is None else whole(command, record.secret)


def write_of(step: StepRecord) -> Write | None:
    """The write of a step, the very bytes; None once it was blanked."""
    return None if step.request is None else told(step.request, Write)


def outcome_of(step: StepRecord) -> Done | LoyaltyError | None:
    """What came of a step; None until it is over."""
    if step.outcome is None:
        return None
    return cast("Done | LoyaltyError", told(step.outcome, object))


def steps_over(record: Record) -> tuple[Step, ...]:
    """The steps of an open operation that are over, oldest first."""
    over: list[Step] = []
    for step in record.steps:
        write, outcome = write_of(step), outcome_of(step)
        if write is not None and outcome is not None:
            over.append(Step(write, outcome))
    return tuple(over)


def step_under_way(record: Record) -> StepRecord | None:
    """The step that is not over, if the last one is not."""
    if not record.steps or record.steps[-1].outcome is not None:
        return None
    return record.steps[-1]


def receipt_of(record: Record, now: datetime, *, replayed: bool) -> Receipt | None:
    """The record as its owner sees it; None once what was asked is erased."""
    command = command_of(record)
    if command is None:
        return None
    result = result_of(record)
    done, errors = result.done, result.errors
    if done is not None:
        done = rejoined(done, record.result_secret, record.secret_until, now)
        if is_over(done, record.secret_until, now) and record.kind == _AUTHORIZE:
            errors = (*errors, _expired(record.program))
    if record.state in OPEN:
        done, errors = None, ()
    return Receipt(
        operation=record.id,
        key=record.key,
        kind=Operation(record.kind),
        program=record.program,
        status=STATUS[record.state],
        replayed=replayed,
        started_at=record.created_at,
        finished_at=None if record.state in OPEN else record.finished_at,
        command=command,
        done=done,
        errors=errors,
        cautions=() if done is None else done.cautions,
        trace_id=record.trace_id,
        target=record.target,
    )


_AUTHORIZE = Operation.REDEMPTION_AUTHORIZE.value


def under_review(program: str) -> OutcomeUnknown:
    """What a client is told when no machine can tell."""
    return OutcomeUnknown(
        "it may or may not have happened, and the program cannot tell: a person will look",
        program=program,
    )


def _expired(program: str) -> Declined:
    return Declined(
        "the right to redeem is over; ask the member for a fresh code, with a new key",
        code=ErrorCode.AUTHORIZATION_EXPIRED,
        retry=RetryAdvice.AFTER_CHANGE,
        program=program,
    )


def native_of(done: Done) -> str | None:
    """The text by which the result is found again from what its provider calls it."""
    if done.redemption is RedemptionStatus.HELD and done.voucher is not None:
        return native_voucher(done.voucher)
    return None if done.transaction is None else native_transaction(done.transaction)


def native_transaction(ref: TransactionRef) -> str:
    """A transaction's name at its provider, as one text."""
    return orjson.dumps(["t", ref.member.key, *ref.key]).decode()


def native_voucher(ref: VoucherRef) -> str:
    """A voucher's name at its provider, as one text: a digest, as the code alone may pay."""
    name = orjson.dumps([ref.member.program, ref.member.key, ref.code])
    return orjson.dumps(["v", sha256(name).hexdigest()]).decode()


def shown_name(native: str | None) -> str | None:
    """What an operator may see of such a text: a transaction's name, without its member."""
    kind, *name = orjson.loads(native) if native else ("",)
    return "/".join(name[1:]) if kind == "t" else None
