"""Errors as data: the same codes that queries put into errors[].extensions.code."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

import strawberry

from graph.context import Info
from graph.principals import Scope
from graph.types.enums import ErrorCode, Operation, RetryAdvice
from graph.types.program import Program, program_of
from loyalty import errors, points
from loyalty.refs import MemberRef


@strawberry.type(description="The provider's own words, scrubbed of personal data.")
class UpstreamError:
    """What the provider said."""

    code: str | None = strawberry.field(description="Its code.")
    message: str | None = strawberry.field(description="Its text.")
    http_status: int | None = strawberry.field(description="The HTTP status of its answer.")


@strawberry.interface(
    description="What went wrong, as data. "
    "Queries put the same codes into errors[].extensions.code."
)
class LoyaltyError:
    """A failure that a client is told of."""

    code: ErrorCode = strawberry.field(description="What went wrong, for code to branch on.")
    message: str = strawberry.field(description="What went wrong and what to do, for developers.")
    field: list[str] | None = strawberry.field(
        description="The path of the input that it is about."
    )
    retry: RetryAdvice = strawberry.field(description="What to do next.")
    program: Program | None = strawberry.field(description="The program that it came from.")
    upstream: UpstreamError | None = strawberry.field(description="What the provider said.")


@strawberry.type(description="The input breaks a rule.")
class InputError(LoyaltyError):
    """Bad input."""


@strawberry.type(description="The program understood and refused.")
class BusinessError(LoyaltyError):
    """A refusal."""


@strawberry.type(description="The member has too few points.")
class InsufficientPointsError(LoyaltyError):
    """Too few points."""

    member: strawberry.Private[MemberRef | None]
    told: strawberry.Private[Decimal | None]
    asked: Decimal = strawberry.field(description="The points asked for.")

    @strawberry.field(
        description="The points that there were when it was refused. "
        "Where that is not known, those that there are now, if they can be read."
    )
    async def available(self, info: Info) -> Decimal | None:
        """What was told with the refusal, else the balance by a call."""
        if not info.context.principal.may(Scope.READ):
            return None
        if self.told is not None or self.member is None:
            return self.told
        balance = await info.context.loaders.balance(self.member)
        return balance.points if isinstance(balance, points.Balance) else None


@strawberry.type(description="The program cannot do this; nothing was sent.")
class NotSupportedError(LoyaltyError):
    """An operation that the program does not have."""

    operation: Operation = strawberry.field(description="What was asked for.")
    alternatives: list[Operation] = strawberry.field(description="What may serve instead.")


@strawberry.type(description="The program could not be asked, or its answer not be used.")
class ProviderError(LoyaltyError):
    """A failure on the provider's side."""

    retry_after_seconds: int | None = strawberry.field(
        description="When to try again, in seconds, where known."
    )


class _Shared(TypedDict):
    code: ErrorCode
    message: str
    field: list[str] | None
    retry: RetryAdvice
    program: Program | None
    upstream: UpstreamError | None


@dataclass(frozen=True, slots=True)
class Short:
    """Points that were asked of a member, for the error that says they are too few."""

    member: MemberRef | None
    asked: Decimal


def error_view(info: Info, error: errors.LoyaltyError, short: Short | None = None) -> LoyaltyError:
    """The view of an error; `short` is what was asked for, where points were."""
    upstream = error.upstream
    shared: _Shared = {
        "code": error.code,
        "message": error.message,
        "field": list(error.field) if error.field else None,
        "retry": error.retry,
        "program": program_of(info, error.program) if error.program else None,
        "upstream": UpstreamError(
            code=upstream.code, message=upstream.message, http_status=upstream.http_status
        )
        if upstream
        else None,
    }
    match error:
        case errors.Unsupported():
            return NotSupportedError(
                **shared, operation=error.operation, alternatives=list(error.alternatives)
            )
        case errors.Unavailable():
            after = error.retry_after
            return ProviderError(
                **shared, retry_after_seconds=None if after is None else round(after)
            )
        case errors.OutcomeUnknown():
            return ProviderError(**shared, retry_after_seconds=None)
        case errors.InvalidInput():
            return InputError(**shared)
        case _ if error.code is ErrorCode.INSUFFICIENT_POINTS:
            return _too_few(shared, error, short)
        case _:
            return BusinessError(**shared)


def _too_few(shared: _Shared, error: errors.LoyaltyError, short: Short | None) -> LoyaltyError:
    """The provider's own figures, else those of the input and of now."""
    member = None if short is None else short.member
    if isinstance(error, errors.InsufficientPoints):
        return InsufficientPointsError(
            **shared, member=member, told=error.available, asked=error.asked
        )
    if short is None:
        return BusinessError(**shared)
    return InsufficientPointsError(**shared, member=member, told=None, asked=short.asked)
