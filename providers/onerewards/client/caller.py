"""One call to OneRewards and what its answer means; which call to make is not decided here."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from loyalty.errors import ErrorCode, LoyaltyError, UpstreamWords
from providers.http import Call, Reply, Transport, no_verdict
from providers.onerewards.client.routes import Route
from providers.onerewards.mapping.refusals import (
    bad_answer,
    error,
    fitting,
    is_passing,
    native_words,
    normalised,
    unknown,
)
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.model import BadAnswer
from providers.onerewards.wire.refusals import is_page, refusal_words
from providers.onerewards.wire.written import written
from providers.writing import Request, Sending

T = TypeVar("T")

_SAYS_WHY = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
    }
)
"""The refusals that the vendor documents (contract 1.6); 429 is known before."""


class Refused(Exception):
    """A documented refusal of a change; what it is to the caller depends on the change.

    `about` is the field of the input that it is about, where its code alone does not tell.
    """

    def __init__(self, code: ErrorCode, words: UpstreamWords, about: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.words = words
        self.about = about


@dataclass(frozen=True, slots=True)
class Keys:
    """The two halves of an API key record (contract 1.2)."""

    api_key: SecretStr
    key_id: SecretStr

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {
            "API-Key": self.api_key.get_secret_value(),
            "Key-ID": self.key_id.get_secret_value(),
            "Accept": "application/json",
        }


class Caller:
    """Calls to one address with one key; `below` is the part of every path that names the company.

    `unmapped` counts what no table knows: (operation, native code, normalised text).
    """

    def __init__(
        self,
        program: str,
        address: str,
        keys: Keys,
        routes: Mapping[Upstream, Route],
        api: Transport,
        below: str = "",
    ) -> None:
        self.program = program
        self.unmapped: Counter[tuple[str, str, str]] = Counter()
        self._address = address
        self._below = below
        self._headers = keys.headers()
        self._routes = routes
        self._api = api

    async def read(
        self,
        operation: Upstream,
        meaning: Callable[[bytes], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T | None:
        """What the answer means; None when the provider says that it does not exist.

        Raises Unavailable or Declined.
        """
        request = self.request(operation, query=query, body=body)
        reply = await self._api.read(self._call(operation, request))
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            self._check_refusal(operation, reply)
            return None
        try:
            return meaning(reply.body)
        except BadAnswer:
            raise bad_answer(self.program, reply.status) from None

    def request(
        self,
        operation: Upstream,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        named: str = "",
    ) -> Request:
        """The request, ready to be sent and to be kept; `named` is a last part of the path.

        Raises InvalidInput for texts that no JSON can hold.
        """
        route = self._routes[operation]
        path = f"{self._below}{route.path}"
        if named:
            path = f"{path}/{quote(named, safe='')}"
        if query:
            path = f"{path}?{urlencode(query)}"
        if body is None:
            return Request(method=route.method, path=path)
        headers = {"Content-Type": "application/json"}
        return Request(
            method=route.method, path=path, headers=headers, body=written(body, self.program)
        )

    async def write(self, operation: Upstream, request: Request, how: Sending) -> Reply:
        """The answer to a change that the provider says it made.

        Raises Refused for its refusals, and as Transport.write does.
        """
        reply = await self._api.write(
            self._call(operation, request), leave_by=how.leave_by, timeout=how.timeout
        )
        if (verdict := no_verdict(self.program, reply)) is not None:
            raise verdict
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return reply
        raise self._refusal(operation, reply)

    def _call(self, operation: Upstream, request: Request) -> Call:
        url = f"{self._address}/{request.path}"
        headers = {**self._headers, **request.headers}
        return Call(operation.value, request.method, url, headers, request.body)

    def _refusal(self, operation: Upstream, reply: Reply) -> LoyaltyError | Refused:
        """What a 4xx means for a change; of a page for people, or an undocumented one, nothing."""
        words = native_words(reply.status, reply.body)
        if reply.status not in _SAYS_WHY or is_page(reply.body):
            return unknown(self.program, words)
        row = fitting(operation, reply.status, reply.body)
        if row is None or row.meaning is None:
            self._count(operation, reply)
            return Refused(ErrorCode.PROVIDER_ERROR, words)
        if is_passing(row.meaning):
            return error(row.meaning, self.program, reply.status, reply.body)
        return Refused(row.meaning, words, row.about)

    def _check_refusal(self, operation: Upstream, reply: Reply) -> None:
        """Raise what the refusal means, unless it means that there is no such thing.

        A page for people is not the vendor's 404: something in between says it knows no such path.
        """
        if reply.status == HTTPStatus.NOT_FOUND and is_page(reply.body):
            raise bad_answer(self.program, reply.status)
        row = fitting(operation, reply.status, reply.body)
        if row is None:
            self._count(operation, reply)
            raise error(ErrorCode.PROVIDER_ERROR, self.program, reply.status, reply.body)
        if row.meaning is not None:
            raise error(row.meaning, self.program, reply.status, reply.body)

    def _count(self, operation: Upstream, reply: Reply) -> None:
        text = normalised(refusal_words(reply.body) or "")
        self.unmapped[operation.value, str(reply.status), text] += 1
