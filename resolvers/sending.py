"""One try on the wire, and which of four meanings its end has; never a fifth, never a guess."""

import asyncio
import time

from loyalty.errors import Declined, InvalidInput, LoyaltyError, OutcomeUnknown, Unavailable
from loyalty.outcomes import Done
from providers.writing import Sending, Write
from resolvers.courses import Course
from resolvers.defects import log_defect
from resolvers.office import Office, of_program

Refused = Declined | InvalidInput
Meaning = Done | Refused | Unavailable | OutcomeUnknown


async def sent(
    office: Office, course: Course, write: Write, *, again: bool, leave_by: float
) -> Meaning:
    """Send it once. Only a cancellation leaves here as an exception."""
    left = leave_by - office.clock()
    if left <= 0:
        return Unavailable("it could not be sent in time", program=course.program)
    wire = course.patience.wire
    margin = office.pace.seconds(office.pace.margin) / 2
    how = Sending(again=again, leave_by=leave_by, timeout=wire)
    began = time.perf_counter()
    meaning = await _meaning(course, write, how, left + wire + margin)
    answered = isinstance(meaning, Done | Declined | InvalidInput)
    course.account.pulse.beat(answered=answered, seconds=time.perf_counter() - began)
    return meaning


async def _meaning(course: Course, write: Write, how: Sending, patience: float) -> Meaning:
    try:
        async with asyncio.timeout(patience):
            return await course.writes.send(write, how)
    except (Declined, InvalidInput, Unavailable, OutcomeUnknown) as error:
        of_program(error, course.program)
        return error
    except TimeoutError:
        return _unknown(course)
    except LoyaltyError as error:
        log_defect(course.program, error)
        return _unknown(course)
    except Exception as defect:  # noqa: BLE001 - whatever it is, the write may have left
        log_defect(course.program, defect)
        return _unknown(course)


async def looked(office: Office, course: Course, write: Write) -> Done | LoyaltyError | None:
    """Ask the program whether the write is there: Done, None, or why that is not known."""
    margin = office.pace.seconds(office.pace.margin)
    try:
        async with asyncio.timeout(course.patience.wire + margin):
            return await course.writes.look(write, course.step.sent_at)
    except TimeoutError:
        return Unavailable("the program did not answer in time", program=course.program)
    except LoyaltyError as error:
        return of_program(error, course.program)
    except Exception as defect:  # noqa: BLE001 - an adapter's defect proves nothing
        log_defect(course.program, defect)
        return _unknown(course)


def _unknown(course: Course) -> OutcomeUnknown:
    return OutcomeUnknown("the program's answer was lost", program=course.program)
