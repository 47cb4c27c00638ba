"""How an operation ends: the changes that close it, and what is told of each end."""

from copy import copy
from dataclasses import replace
from datetime import datetime

from ledger.journal import Change, State
from loyalty.commands import AuthorizeRedemption, LinkMembership
from loyalty.errors import Declined, ErrorCode, LoyaltyError, RetryAdvice
from loyalty.outcomes import Done
from providers.writing import Finished
from resolvers.courses import Course
from resolvers.keeping import kept
from resolvers.linking import links_of, placed
from resolvers.records import Result, kept_result, native_of, under_review
from resolvers.secrecy import parted


def finished(
    course: Course, end: Finished, outcome: Done | LoyaltyError | None, now: datetime
) -> Change:
    """The change that ends an operation as its script says; `outcome` is the last step's.

    It is kept without its secret, which the script alone needed.
    """
    step = None
    if outcome is not None:
        told = parted(outcome, now).done if isinstance(outcome, Done) else outcome
        step = replace(course.step, outcome=kept(told))
    error = None if end.error is None else _at_home(end.error, course.program)
    if end.done is None and error is not None:
        state = State.COMPENSATED if end.reversed_ else State.FAILED
        return Change(
            state=state,
            why=f"{_WHY[state]}: {error.code.value}",
            step=step,
            result=kept_result(Result(None, (error,))),
            final=True,
        )
    done = end.done or Done()
    errors = () if error is None else (error,)
    apart = parted(done, now)
    return Change(
        state=State.CONFIRMED,
        why="done",
        step=step,
        native=native_of(done),
        member=_new_member(course, done),
        result=kept_result(Result(apart.done, errors)),
        result_secret=apart.secret,
        secret_until=apart.until,
        final=True,
        links=links_of(course.command, course.record, now),
    )


_WHY = {State.COMPENSATED: "taken back", State.FAILED: "refused"}


def refused(course: Course, error: LoyaltyError) -> Change:
    """The first step was refused: there is no effect, and there will be none."""
    if isinstance(course.command, LinkMembership):
        placed(error)
    return Change(
        state=State.FAILED,
        why=f"refused: {error.code.value}",
        step=replace(course.step, outcome=kept(error)),
        result=kept_result(Result(None, (_at_home(error, course.program),))),
        final=True,
    )


def unsent(course: Course, error: LoyaltyError) -> Change:
    """Given up before anything left: the same key may ask again, and brings its secret along.

    What the provider never saw names nothing there: the reference is free. Whoever is refused at
    this point (Declined) was overtaken by somebody else between two looks, who may yet fail.
    """
    error = _advised(error) if isinstance(error, Declined) else with_the_same_key(error)
    step = replace(course.step, sends=0, reference=None) if course.record.steps else None
    return Change(
        state=State.UNSENT,
        why=f"not sent: {error.code.value}",
        step=step,
        result=kept_result(Result(None, (_at_home(error, course.program),))),
        final=True,
    )


def with_the_same_key(error: LoyaltyError) -> LoyaltyError:
    """The error of what never left: its key is free, whatever an operator must do before."""
    return _advised(error) if error.retry is RetryAdvice.NEVER else error


def _advised(error: LoyaltyError) -> LoyaltyError:
    """A copy, as others may have been told the same one, of a read."""
    advised = copy(error)
    advised.retry = RetryAdvice.SAME_KEY_LATER
    return advised


def missing(program: str) -> Declined:
    """Nothing is there, and nothing can come any more."""
    return Declined(
        "the program's answer was lost, and it has no record of it: it did not happen; "
        "ask anew with another key",
        code=ErrorCode.PROVIDER_TIMEOUT,
        retry=RetryAdvice.AFTER_CHANGE,
        program=program,
    )


def absent(course: Course, why: str) -> Change:
    """The first step is missing. Its request stays, for later looks."""
    error = missing(course.program)
    return Change(
        state=State.FAILED,
        why=why,
        step=replace(course.step, outcome=kept(error)),
        result=kept_result(Result(None, (error,))),
    )


def used_up(course: Course) -> Change:
    """A one-time code whose answer was lost: no points moved, and only a fresh code helps."""
    error = Declined(
        "the answer was lost and the code may be used up: ask the member for a fresh code, "
        "with a new key",
        code=ErrorCode.AUTHORIZATION_INVALID,
        retry=RetryAdvice.AFTER_CHANGE,
        program=course.program,
    )
    return Change(
        state=State.FAILED,
        why="answer lost: a one-time code is not sent twice",
        step=replace(course.step, outcome=kept(error)),
        result=kept_result(Result(None, (error,))),
        final=True,
    )


def reviewed(program: str, why: str) -> Change:
    """No machine can tell: a person must look, and what was sent is kept for that."""
    return Change(
        state=State.NEEDS_REVIEW,
        why=why,
        result=kept_result(Result(None, (under_review(program),))),
    )


def hopeless(course: Course) -> Change | None:
    """The end of what nothing can tell about; None where a person must look."""
    is_code = isinstance(course.command, AuthorizeRedemption | LinkMembership)
    return used_up(course) if is_code and course.is_first else None


def _new_member(course: Course, done: Done) -> str | None:
    """Whose operation it is, where that was not known when it began."""
    if course.record.member is not None or done.member is None:
        return None
    return done.member.key if done.member.program == course.program else None


def _at_home(error: LoyaltyError, program: str) -> LoyaltyError:
    error.program = error.program or program
    return error
