"""One program's conversation: token, envelope, pages, errors; no operation of its own."""

from base64 import b64encode
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from loyalty.errors import (
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    Unavailable,
    UpstreamWords,
)
from providers.exact_json import NotJson, parsed
from providers.fabric.mapping.refusals import Failure, Refusals, opened
from providers.fabric.mapping.tenant import Unreadable, WrongMember, tenant, uuid
from providers.fabric.profile import PROFILE, Upstream
from providers.fabric.settings import FabricSettings
from providers.fabric.wire.envelope import WireReply, WireRows
from providers.fabric.wire.token import WireToken, WireTokenRefusal
from providers.fabric.wire.values import WireObject
from providers.fan_out import FanOut
from providers.http import Call, Reply, Transport
from providers.port import Answer, Profile
from providers.scrubbing import oauth_error, scrubbed
from providers.tokens import Token, Tokens

T = TypeVar("T")
W = TypeVar("W", bound=WireReply)
R = TypeVar("R", bound=WireObject)

_REFUSING = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: a GET, or a POST where there is a body. Personal data, so never printed."""

    operation: Upstream
    path: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes | None = field(default=None, repr=False)


class Session:
    """What all operations of one program share."""

    def __init__(
        self,
        program: str,
        settings: FabricSettings,
        api: Transport,
        token: Transport,
        now: Callable[[], datetime],
    ) -> None:
        self.program = program
        self.settings = settings
        self.tenant = tenant(program, settings)
        self.now = now
        self.unmapped: Counter[tuple[str, str]] = Counter()
        self._api = api
        self._token = token
        self._refusals = Refusals(program, settings.assumptions)
        self._fan_out = FanOut(settings.max_connections, uuid)
        self._tokens = Tokens(self._granted, program=program)

    @property
    def profile(self) -> Profile:
        """What is known of fabric Loyalty."""
        return PROFILE

    async def ask(self, ask: Ask, shape: type[W]) -> W:
        """The answer in its shape; a token that is refused is renewed once, silently.

        Raises Unavailable, MemberNotFound, InvalidInput or Declined.
        """
        token = await self._tokens.current()
        answer = await self._answer(ask, token, shape)
        if _is_unauthorised(answer):
            self._tokens.reject(token)
            answer = await self._answer(ask, await self._tokens.current(), shape)
        if isinstance(answer, Failure):
            raise self._error(ask.operation, answer)
        return answer

    async def page(
        self, ask: Ask, shape: type[WireRows[R]], offset: int, size: int
    ) -> tuple[R, ...]:
        """The records from `offset` on, `size` of them at most."""
        counted = offset if self.settings.assumptions.limit_is_last_record else 0
        paging = {"offset": str(offset), "limit": str(counted + size)}
        paged = Ask(ask.operation, ask.path, {**ask.query, **paging}, ask.body)
        return (await self.ask(paged, shape)).rows

    async def pages(
        self, ask: Ask, shape: type[WireRows[R]], enough: Callable[[R], bool] | None = None
    ) -> list[R]:
        """All records: a page with fewer than asked for is the last (contract 14).

        Stops early after the page with a record for which `enough` is true.
        """
        found: list[R] = []
        size = self.settings.assumptions.page_size
        while True:
            rows = await self.page(ask, shape, len(found), size)
            if rows and list(rows) == found[-len(rows) :]:
                raise self.bad_response(ask.operation)  # the same page again: no way to the end
            found += rows
            if len(rows) < size or (enough is not None and any(enough(row) for row in rows)):
                return found

    async def each(
        self, keys: Sequence[str], ask: Callable[[str], Awaitable[T | None]]
    ) -> list[Answer[T]]:
        """One question for every profileId, a few at a time; errors are values."""
        return await self._fan_out.each(keys, ask)

    def member_key(self, key: str) -> str:
        """The profileId; raises MemberNotFound for a text that cannot be one."""
        profile_id = uuid(key)
        if profile_id is None:
            raise MemberNotFound("the program has no such member", program=self.program)
        return profile_id

    @contextmanager
    def reading(self, operation: Upstream) -> Generator[None]:
        """Turn an answer that makes no sense into PROVIDER_BAD_RESPONSE."""
        try:
            yield
        except WrongMember:
            raise self.bad_response(operation, "the provider answered about someone else") from None
        except Unreadable:
            raise self.bad_response(operation) from None

    def bad_response(
        self, operation: Upstream, text: str = "the provider's answer cannot be read"
    ) -> Unavailable:
        """The error for an answer without sense, counted."""
        self.unmapped[operation, "bad response"] += 1
        return Unavailable(
            f"{text}; try again", code=ErrorCode.PROVIDER_BAD_RESPONSE, program=self.program
        )

    async def _answer(self, ask: Ask, token: str, shape: type[W]) -> W | Failure:
        reply = await self._api.read(self._call(ask, token))
        with self.reading(ask.operation):
            return opened(reply.status, reply.body, shape)

    def _call(self, ask: Ask, token: str) -> Call:
        query = f"?{self._encoded(ask.query)}" if ask.query else ""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if ask.body is not None:
            headers["Content-Type"] = "application/json"
        return Call(
            operation=ask.operation,
            method="GET" if ask.body is None else "POST",
            url=f"{self.settings.base_url}{ask.path}{query}",
            headers=headers,
            body=ask.body,
        )

    def _encoded(self, query: Mapping[str, str]) -> str:
        try:
            return urlencode(query, quote_via=quote)
        except UnicodeEncodeError:  # half of a surrogate pair, which no wire can carry
            raise self.unsendable() from None

    def unsendable(self) -> InvalidInput:
        """The error for input that is no text."""
        return InvalidInput("a text has broken characters; send others", program=self.program)

    def _error(self, operation: Upstream, failure: Failure) -> LoyaltyError:
        error = self._refusals.error(operation, failure)
        self._count_unmapped(operation, failure, error)
        return error

    def _count_unmapped(self, operation: Upstream, failure: Failure, error: LoyaltyError) -> None:
        if error.code is ErrorCode.PROVIDER_ERROR:
            key = next((key for key, _ in failure.complaints), "")
            self.unmapped[operation, f"{failure.status} {scrubbed(key)}".strip()] += 1

    async def _granted(self) -> Token:
        """A new token (contract 2.3): Basic and a form, and never an Origin."""
        settings = self.settings
        pair = f"{settings.client_id}:{settings.client_secret.get_secret_value()}"
        form = {"grant_type": "client_credentials", "scope": settings.assumptions.token_scope}
        call = Call(
            operation=Upstream.TOKEN,
            method="POST",
            url=settings.token_url,
            headers={
                "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body=urlencode(form).encode(),
        )
        return self._token_of(await self._token.read(call))

    def _token_of(self, reply: Reply) -> Token:
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise self._token_refused(reply)
        try:
            wire = WireToken.model_validate(parsed(reply.body))
        except (ValidationError, NotJson):
            raise self.bad_response(Upstream.TOKEN) from None
        return Token(wire.access_token, wire.expires_in)

    def _token_refused(self, reply: Reply) -> Unavailable:
        try:
            native = WireTokenRefusal.model_validate(parsed(reply.body)).error
        except (ValidationError, NotJson):
            native = ""
        refuses = reply.status in _REFUSING
        text = "refuses our credentials; the operator must act" if refuses else "gives no token"
        return Unavailable(
            f"the provider {text}",
            code=ErrorCode.PROVIDER_CREDENTIALS if refuses else ErrorCode.PROVIDER_UNAVAILABLE,
            program=self.program,
            upstream=UpstreamWords(oauth_error(native) or None, http_status=reply.status),
        )


def _is_unauthorised(answer: object) -> bool:
    return isinstance(answer, Failure) and answer.status == HTTPStatus.UNAUTHORIZED


def next_second(moment: datetime) -> datetime:
    """The first whole second that is not before `moment`, where the calendar has one."""
    whole = moment.replace(microsecond=0)
    try:
        return whole if whole == moment else whole + timedelta(seconds=1)
    except OverflowError:
        return whole
