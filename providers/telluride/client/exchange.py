"""One exchange with Telluride: headers, token, the one silent repeat, and what the answer says."""

import asyncio
import random as _random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from time import monotonic
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import orjson

from loyalty.errors import LoyaltyError, OutcomeUnknown, Unavailable, UpstreamWords
from providers.deadline import deadline_in
from providers.http import Call, Reply, Transport, no_verdict
from providers.telluride.mapping import refusals
from providers.telluride.mapping.refusals import Outcome
from providers.telluride.profile.apis import Api, path
from providers.telluride.profile.literals import BY_HTTP_STATUS, REMEDIES, Remedy
from providers.telluride.wire.shapes import Answer, Unreadable, json_of
from providers.tokens import Tokens
from providers.writing import Request, Sending

A = TypeVar("A", bound=Answer)

Body = Mapping[str, object]

_LITERALS = tuple((literal, literal.encode()) for literal in REMEDIES)
_SHORTEST_WAIT, _LONGEST_WAIT = 0.05, 0.4


@dataclass(frozen=True, slots=True)
class Heard(Generic[A]):
    """A readable answer, and what it says of itself."""

    answer: A
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the program's APIs are, and as whom it calls them."""

    program: str
    base_url: str
    client_id: str
    zone: ZoneInfo


class Exchange:
    """The program's calls; the token is sent raw in a header of its own (contract 1.3)."""

    def __init__(
        self,
        address: Address,
        api: Transport,
        tokens: Tokens,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.unmapped: Counter[tuple[str, str]] = Counter()
        self._address = address
        self._api = api
        self._tokens = tokens
        self._sleep = sleep
        self._random = random

    async def read(self, api: Api, body: Body, answer: type[A]) -> A | None:
        """The answer of a successful call, None where there is no such member; raises the rest."""
        heard = await self.ask(api, body, answer)
        if heard.outcome.code is None:
            return heard.answer
        if heard.outcome.says_no_member:
            return None
        raise self.error(heard.outcome)

    async def ask(self, api: Api, body: Body, answer: type[A]) -> Heard[A]:
        """The answer with its outcome, whatever that is.

        Read in the order of contract 8: the account's refusals, then the status of this API, and
        the data only by who asked. Raises Unavailable where there is no outcome to be read.
        """
        encoded = orjson.dumps(body)

        async def once(token: str) -> Reply:
            return await self._api.read(self._call(api, path(api), encoded, token))

        reply, parsed = await self._let_in(once, _refusal)
        heard = self._heard(api, reply, parsed, answer)
        if isinstance(heard, str):
            raise self._senseless(reply, heard)
        return heard

    async def write(self, api: Api, request: Request, answer: type[A], how: Sending) -> Heard[A]:
        """The answer to a write; only what is documented is believed (contract 5.6).

        Raises Unavailable where nothing was looked at: it never left us, or the account was
        refused by one of the seven literals. OutcomeUnknown where no outcome can be read.
        """
        body = request.body or b""
        shown = ""

        async def once(token: str) -> Reply:
            nonlocal shown
            shown = token
            call = self._call(api, request.path, body, token)
            return await self._api.write(call, leave_by=how.leave_by, timeout=how.timeout)

        def refusal(reply: Reply, parsed: object) -> str | None:
            return _refusal_of_write(reply, parsed, body)

        reply, parsed = await self._let_in(once, refusal, how.leave_by)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.reject(shown)
        verdict = no_verdict(self._address.program, reply)
        if verdict is not None:
            raise verdict
        heard = self._heard(api, reply, parsed, answer)
        if isinstance(heard, str):
            self._api.unusable()
            raise self.unknown(heard, UpstreamWords(http_status=reply.status))
        return heard

    def unknown(self, what: str, words: UpstreamWords | None = None) -> OutcomeUnknown:
        """A write that may or may not be done; `what` says why, and no value."""
        return OutcomeUnknown(
            f"whether the provider has done it cannot be told: {what}",
            program=self._address.program,
            upstream=words,
        )

    def _heard(self, api: Api, reply: Reply, parsed: object, answer: type[A]) -> Heard[A] | str:
        """The answer with its outcome, or why there is none."""
        if isinstance(parsed, Unreadable):
            return parsed.where
        try:
            decoded = answer.decoded(parsed, self._address.zone)
        except Unreadable as unreadable:
            return unreadable.where
        outcome = refusals.outcome(api, decoded.told, reply.status)
        if outcome is None:
            return "the status is missing"
        if outcome.code is None and reply.status >= HTTPStatus.BAD_REQUEST:
            return "a success with an HTTP status of failure"
        if not outcome.known:
            self.unmapped[api.value, outcome.words.code or ""] += 1
        return Heard(decoded, outcome)

    def error(self, outcome: Outcome) -> LoyaltyError:
        """The outcome as an error of this program."""
        return refusals.error(self._address.program, outcome)

    async def _let_in(
        self,
        once: Callable[[str], Awaitable[Reply]],
        refusal: Callable[[Reply, object], str | None],
        leave_by: float = inf,
    ) -> tuple[Reply, object]:
        """The reply and its JSON once the account was let in; asked twice at most (contract 2.5).

        A refusal of the account comes before any processing, so that asking again is safe. A token
        that does not come until `leave_by` comes too late: Unavailable.
        """
        literal, status = "", 0
        for attempt in range(2):
            with deadline_in(leave_by - monotonic()):
                token = await self._tokens.current()
            reply = await once(token)
            parsed = _parsed(reply.body)
            found = refusal(reply, parsed)
            if found is None:
                return reply, parsed
            literal, status = found, reply.status
            match REMEDIES[literal]:
                case Remedy.NEW_TOKEN:
                    self._tokens.reject(token)
                case Remedy.WAIT if attempt == 0:
                    await self._sleep(self._pause())
                case Remedy.OPERATOR | Remedy.WAIT:
                    break
        raise self._kept_out(literal, status)

    def _call(self, api: Api, below: str, body: bytes, token: str) -> Call:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "client_id": self._address.client_id,
            "access_token": token,
        }
        return Call(api.value, "POST", self._address.base_url + below, headers, body)

    def _pause(self) -> float:
        return _SHORTEST_WAIT + (_LONGEST_WAIT - _SHORTEST_WAIT) * self._random()

    def _kept_out(self, literal: str, status: int) -> Unavailable:
        if REMEDIES[literal] is Remedy.WAIT:
            return Unavailable(
                "the provider cannot check who is calling; try again",
                program=self._address.program,
                upstream=UpstreamWords(literal, None, status),
            )
        return refusals.credentials(self._address.program, literal, status)

    def _senseless(self, reply: Reply, what: str) -> Unavailable:
        """No outcome to be read: a passing fault when the server says so, else a bad answer."""
        words = UpstreamWords(http_status=reply.status)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unavailable(
                "the provider has a passing fault; try again",
                program=self._address.program,
                upstream=words,
            )
        return refusals.bad_answer(self._address.program, what, words)


def _parsed(body: bytes) -> object:
    try:
        return json_of(body)
    except Unreadable as unreadable:
        return unreadable


def _refusal(reply: Reply, parsed: object) -> str | None:
    """The literal by which the account is refused; looked for in a few members, or in raw text."""
    return _literal(reply, parsed) or BY_HTTP_STATUS.get(reply.status)


def _refusal_of_write(reply: Reply, parsed: object, sent: bytes) -> str | None:
    """The same for a write: said outright, and not an echo of ours or the rest of a broken answer.

    A bare 401 or 403 is no proof that nothing was done: that holds for the literals alone (2.5).
    """
    if isinstance(parsed, Unreadable) and reply.body.lstrip()[:1] in {b"{", b"["}:
        return None
    literal = _literal(reply, parsed)
    return None if literal is None or literal.encode() in sent else literal


def _literal(reply: Reply, parsed: object) -> str | None:
    present = [literal for literal, raw in _LITERALS if raw in reply.body]
    if present and isinstance(parsed, Unreadable):
        return present[0]
    said = tuple(refusals.sayings(parsed)) if present else ()
    return next((name for name in present if any(name in text for text in said)), None)
