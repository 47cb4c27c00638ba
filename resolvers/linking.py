"""The scripts of links: what is asked of a program before one is made, and what then changes.

A link is ours; the program is asked only whose a one-time code is, as a step of the same operation,
since asking uses the code up. What changes is told as data, to be made in the commit that ends the
operation.
"""

from datetime import datetime

from ledger.customers import Link, LinkChange, Refusal, Unlink
from ledger.journal import Change, Record, State
from loyalty.commands import AuthorizeRedemption, Command, LinkMembership, UnlinkMembership
from loyalty.customers import LinkMethod
from loyalty.errors import Declined, ErrorCode, LoyaltyError, RetryAdvice, Unavailable, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Done
from providers.write_abilities import AuthorizesRedemptions
from providers.writing import Finished, Job, Next, Patience, Sending, Write
from resolvers.records import Result, kept_result

CODE = ("input", "proof", "authCode")
_MEMBER = ("input", "memberId")
_CUSTOMER = ("input", "customerId")


async def link_membership(provider: object, job: Job[LinkMembership, None]) -> Next:
    """The next step: whose the code is, where there is one; see providers/writing.py."""
    command = job.command
    if command.operator is not None:
        return Finished(done=Done(member=command.member))
    if not isinstance(provider, AuthorizesRedemptions):
        msg = "this program gives its members no one-time codes; link by an operator's word"
        raise Unsupported(
            msg,
            operation=Operation.REDEMPTION_AUTHORIZE,
            field=CODE,
            program=command.member.program,
        )
    asked = AuthorizeRedemption(program=command.member.program, code=command.auth_code or "")
    try:
        shown = await provider.authorize_redemption(
            Job(command=asked, target=None, ticket=job.ticket, steps=job.steps)
        )
    except LoyaltyError as error:
        raise placed(error) from None
    return shown if isinstance(shown, Write) else _judged(shown, command)


def _judged(shown: Finished, command: LinkMembership) -> Finished:
    """Whether the code was this member's; the right to redeem that came with it is dropped."""
    if shown.done is None:
        return shown
    if shown.done.member == command.member:
        return Finished(done=Done(member=command.member))
    msg = "the code is not this member's, and is used up now: ask the member for a fresh one"
    wrong = Declined(
        msg,
        code=ErrorCode.AUTHORIZATION_INVALID,
        field=CODE,
        retry=RetryAdvice.AFTER_CHANGE,
        program=command.member.program,
    )
    return Finished(error=wrong)


def placed(error: LoyaltyError) -> LoyaltyError:
    """An error about a code, at the code's place in this mutation's input."""
    if error.field == ("input", "code"):
        error.field = CODE
    return error


async def unlink_membership(_: object, job: Job[UnlinkMembership, None]) -> Next:
    """There is no step: the link is ours alone."""
    return Finished(done=Done(member=job.command.member))


class NothingToWrite:
    """Stands for the port of writes of a program that has none: links can be made all the same."""

    @property
    def patience(self) -> Patience:
        """There is nothing to wait for."""
        return Patience(wire=0.0, processing=0.0, read_lag=0.0, replay_is_safe=True, review=0.0)

    async def send(self, write: Write, how: Sending) -> Done:  # noqa: ARG002 - see Writes
        """Never asked: a link has no step. If it were, nothing would have left."""
        raise Unavailable("a link sends nothing to its program")

    async def look(self, write: Write, sent_at: datetime) -> Done | None:  # noqa: ARG002 - see Writes
        """Nothing was ever sent."""
        return None


NOTHING_TO_WRITE = NothingToWrite()


def links_of(command: Command, record: Record, at: datetime) -> LinkChange | None:
    """What the commit that ends an operation well changes of the links; the same whenever asked."""
    match command:
        case LinkMembership() | UnlinkMembership():
            return _change_of(command, operation=record.id, scope=record.scope, at=at)
        case _:
            return None


def unlinked(record: Record, change: Change, refusal: Refusal) -> Change:
    """The end of an operation whose links could not be changed: it is refused."""
    error = refused(refusal, record.program)
    return Change(
        state=State.FAILED,
        why=f"refused: {refusal.value}",
        step=change.step,
        result=kept_result(Result(None, (error,))),
        final=True,
        reopen=change.reopen,
        actor=change.actor,
    )


def _change_of(
    command: LinkMembership | UnlinkMembership, *, operation: str, scope: str, at: datetime
) -> LinkChange:
    owner = scope if command.own else None
    if isinstance(command, UnlinkMembership):
        return Unlink(member=command.member, customer=command.customer, owner=owner)
    by_operator = command.operator is not None
    return Link(
        member=command.member,
        customer=command.customer,
        owner=owner,
        fresh=operation,
        at=at,
        method=LinkMethod.OPERATOR if by_operator else LinkMethod.AUTH_CODE,
        verified=True,
    )


def refused(refusal: Refusal, program: str) -> LoyaltyError:
    """What a client is told of links that stay as they are; whose another's is, nobody learns."""
    error = _REFUSED[refusal]
    return Declined(
        error.message, code=error.code, field=error.field, retry=error.retry, program=program
    )


_REFUSED = {
    Refusal.NO_CUSTOMER: Declined(
        "there is no such customer",
        code=ErrorCode.NOT_FOUND,
        field=_CUSTOMER,
        retry=RetryAdvice.AFTER_CHANGE,
    ),
    Refusal.TAKEN: Declined(
        "this membership is linked already, and not to this customer: unlink it there first",
        code=ErrorCode.FORBIDDEN,
        field=_MEMBER,
        retry=RetryAdvice.AFTER_CHANGE,
    ),
    Refusal.FULL: Declined(
        "this customer has as many memberships as there may be: unlink one first",
        code=ErrorCode.LIMIT_EXCEEDED,
        field=_CUSTOMER,
        retry=RetryAdvice.AFTER_CHANGE,
    ),
    Refusal.NOT_LINKED: Declined(
        "this membership is not linked to this customer",
        code=ErrorCode.NOT_FOUND,
        field=_MEMBER,
        retry=RetryAdvice.AFTER_CHANGE,
    ),
}
