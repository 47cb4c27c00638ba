"""Handing a mutation in: may they, is the key a key, does the input make sense; then the desk."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from graph.asking.references import References
from graph.context import Context
from graph.principals import Scope
from graph.types.checks import INPUT
from loyalty.commands import Command
from loyalty.errors import LoyaltyError
from resolvers.receipts import Told

CommandT = TypeVar("CommandT", bound=Command)

_KEY = re.compile(r"[A-Za-z0-9._:-]{16,128}")


@dataclass(frozen=True, slots=True)
class Handed:
    """What the desk told; `command` is None where the input made no sense."""

    told: Told
    command: Command | None = None


async def hand_in(
    context: Context,
    scope: Scope,
    key: str,
    read: Callable[[References], CommandT],
    do: Callable[[CommandT], Awaitable[Told]] | None = None,
) -> Handed:
    """What became of it. Whatever is wrong with it is a value: nothing is recorded then.

    `do` hands it to the desk, where more than the scope is to be looked at.
    """
    try:
        context.require(scope)
        check_key(context, key)
        command = read(References(context.accounts, context.ids))
    except LoyaltyError as error:
        return Handed(Told(None, (error,)))
    if do is None:
        told = await context.desk.do(context.caller, key, command, context.trace_id)
    else:
        told = await do(command)
    # Whatever this request has read of the member may be older than the change.
    context.loaders.forget()
    return Handed(told, command)


def check_key(context: Context, key: str) -> None:
    """Raise InvalidInput for what is no key, and for a header that names another one."""
    place = INPUT.at("idempotencyKey")
    if not _KEY.fullmatch(key):
        raise place.refused("must be 16 to 128 letters, digits and . _ : - (a UUID will do)")
    if context.header_key is not None and context.header_key != key:
        raise place.refused("is not what the header Idempotency-Key says: send one of them")


def checked_key(key: str) -> str | None:
    """The key of a question about an operation; None for what can be nobody's key."""
    return key if _KEY.fullmatch(key) else None
