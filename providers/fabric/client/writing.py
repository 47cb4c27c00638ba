"""Sending changes, and looking for them: which answers prove what; no operation of its own."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from time import monotonic
from typing import TypeVar

import orjson
from pydantic import ValidationError

from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    OutcomeUnknown,
    RetryAdvice,
    Unavailable,
    UpstreamWords,
)
from loyalty.outcomes import Done
from providers.deadline import deadline_in
from providers.exact_json import NotJson, parsed
from providers.fabric.client.places import Places
from providers.fabric.mapping import verdicts
from providers.fabric.mapping.bodies import Body, encoded
from providers.fabric.mapping.refusals import Failure, opened
from providers.fabric.mapping.tenant import Unreadable
from providers.fabric.profile import Upstream
from providers.fabric.wire.envelope import WireReply
from providers.fabric.wire.values import WireObject
from providers.http import Call, Reply, no_verdict
from providers.writing import Doubt, Patience, Request, Sending, Write

W = TypeVar("W", bound=WireReply)
A = TypeVar("A", bound=WireObject)

_JUST_NOW = timedelta(minutes=1)
_CERTAIN = frozenset({ErrorCode.INVALID_INPUT, ErrorCode.TOTALS_DO_NOT_ADD_UP})
"""Refusals that no first delivery of the same request can have caused."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the answer to one operation is read, how its effect is found, how a refusal is told.

    `told` may say more of a refusal, or OutcomeUnknown where the refusal itself is doubtful.
    `repeats`: a repeat may be answered with success whoever did it first, and is looked up.
    """

    read: Callable[[Write, Reply], Done]
    find: Callable[[Write, datetime], Awaitable[Done | None]]
    told: Callable[[Write, LoyaltyError], Awaitable[LoyaltyError]]
    repeats: bool = False


class Writer(Places):
    """Writes."""

    @property
    def patience(self) -> Patience:
        """The settings' numbers."""
        return self.settings.patience

    async def send(self, write: Write, how: Sending) -> Done:
        """Send it once, or twice where the first token was refused.

        A refusal is compared with what the provider shows: the network may deliver a request
        twice, and then the second delivery is refused because of the first.
        """
        kind = self._kind(write)
        reply = await self._delivered(write, how)
        try:
            done = kind.read(write, reply)
            return await self._verified(kind, write) if how.again and kind.repeats else done
        except (Declined, InvalidInput) as refusal:
            certain = refusal.code in _CERTAIN or isinstance(refusal, MemberNotFound)
            if not how.again and certain:
                raise
            found = await self._found_after_all(kind, write)
            if found is not None:
                return found
            if how.again:
                raise self.unclear("a repeat was refused, which proves nothing") from None
            raise await self._told(kind, write, refusal) from None

    async def look(self, write: Write, sent_at: datetime) -> Done | None:
        """The effect of the write, if it can be seen."""
        try:
            return await self._kind(write).find(write, sent_at)
        except MemberNotFound:
            return None
        except (Declined, InvalidInput) as refusal:
            raise Unavailable(
                "the provider did not let us look; try later",
                code=ErrorCode.PROVIDER_ERROR,
                program=self.program,
                upstream=refusal.upstream,
            ) from None

    # ------------------------------------------------------------------ for the abilities

    @abstractmethod
    def kinds(self) -> Mapping[str, Kind]:
        """Every operation that can be sent, by Write.name."""
        return {}

    def write(
        self,
        operation: Upstream,
        path: str,
        body: Body,
        doubt: Doubt,
        *,
        method: str = "POST",
        reference: str | None = None,
        serial: str | None = None,
        note: str | None = None,
    ) -> Write:
        """A step made ready; raises InvalidInput for a text that is none."""
        try:
            request = Request(method=method, path=path, body=encoded(body))
        except orjson.JSONEncodeError:
            raise self.unsendable() from None
        return Write(
            name=operation,
            request=request,
            doubt=doubt,
            reference=reference,
            serial=serial,
            note=note,
        )

    def reads(
        self, operation: Upstream, shape: type[W], made: Callable[[Write, W], Done]
    ) -> Callable[[Write, Reply], Done]:
        """A reader of answers in this shape; what `made` finds Unreadable is no success."""

        def read(write: Write, reply: Reply) -> Done:
            past = no_verdict(self.program, reply)
            if past is not None:
                raise past
            try:
                answer = opened(reply.status, reply.body, shape)
                if not isinstance(answer, Failure) and verdicts.is_success(answer):
                    return made(write, answer)
            except Unreadable:
                raise self.senseless(operation) from None
            if isinstance(answer, Failure) and verdicts.is_refusal(answer):
                raise self._refusal(operation, answer)
            raise self.senseless(operation)

        return read

    def asked(self, write: Write, shape: type[A]) -> A:
        """What a write asks for, read from its own bytes."""
        return shape.model_validate(parsed(write.request.body or b"{}"))

    def unclear(self, text: str) -> OutcomeUnknown:
        """The error for what may or may not have happened."""
        return OutcomeUnknown(text, program=self.program)

    def senseless(self, operation: Upstream) -> OutcomeUnknown:
        """The error for an answer that proves neither success nor refusal, counted."""
        self.unmapped[operation, "bad response"] += 1
        return self.unclear("the provider's answer proves neither success nor refusal")

    async def as_told(self, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        """The refusal as it is: a Kind.told for operations without more to say."""
        del write
        return refusal

    # ------------------------------------------------------------------ one try

    @cached_property
    def _table(self) -> Mapping[str, Kind]:
        return self.kinds()

    def _kind(self, write: Write) -> Kind:
        return self._table[write.name]

    async def _delivered(self, write: Write, how: Sending) -> Reply:
        """The answer; a token that is refused was looked at before anything else, and is renewed.

        Raises Unavailable where nothing was taken in, OutcomeUnknown where something may have been.
        """
        for _ in range(2):
            token = await self._entry(how)
            call = self._written(write, token)
            reply = await self._api.write(call, leave_by=how.leave_by, timeout=how.timeout)
            if not _is_turned_away(reply):
                return reply
            self._tokens.reject(token)
        raise Unavailable(
            "the provider refuses our credentials; the operator must act",
            code=ErrorCode.PROVIDER_CREDENTIALS,
            retry=RetryAdvice.NEVER,
            program=self.program,
            upstream=UpstreamWords(http_status=HTTPStatus.UNAUTHORIZED),
        )

    async def _entry(self, how: Sending) -> str:
        with deadline_in(max(0.0, how.leave_by - monotonic())):
            return await self._tokens.current()

    def _written(self, write: Write, token: str) -> Call:
        return Call(
            operation=write.name,
            method=write.request.method,
            url=f"{self.settings.base_url}{write.request.path}",
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "Content-Type": "application/json",
                **write.request.headers,
            },
            body=write.request.body,
        )

    def _refusal(self, operation: Upstream, failure: Failure) -> LoyaltyError:
        error = self._refusals.refused(operation, failure)
        if error.field is not None and error.field[0] != "input":
            error.field = ("input", *error.field)
        self._count_unmapped(operation, failure, error)
        return error

    async def _found_after_all(self, kind: Kind, write: Write) -> Done | None:
        try:
            return await kind.find(write, self.now() - _JUST_NOW)
        except MemberNotFound:
            return None
        except (Unavailable, Declined, InvalidInput):
            raise self.unclear("a refusal could not be compared with what is there") from None

    async def _verified(self, kind: Kind, write: Write) -> Done:
        found = await self._found_after_all(kind, write)
        if found is None:
            raise self.unclear("a repeat succeeded, and somebody else may have been first")
        return found

    async def _told(self, kind: Kind, write: Write, refusal: LoyaltyError) -> LoyaltyError:
        try:
            return await kind.told(write, refusal)
        except (Unavailable, Declined, InvalidInput):
            return refusal


def _is_turned_away(reply: Reply) -> bool:
    """The documented 401 alone: `detail`, outside of the envelope (contract 3.2)."""
    if reply.status != HTTPStatus.UNAUTHORIZED:
        return False
    try:
        return verdicts.is_detail(parsed(reply.body))
    except (NotJson, ValidationError):
        return False
