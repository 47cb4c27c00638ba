"""One call to OneRewards and what its answer means; which call to make is not decided here."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode

import orjson
from pydantic import SecretStr

from loyalty.errors import ErrorCode
from providers.http import Call, Reply, Transport
from providers.onerewards.client.routes import Route
from providers.onerewards.mapping.refusals import bad_answer, error, fitting, normalised
from providers.onerewards.profile import Upstream
from providers.onerewards.wire.model import BadAnswer
from providers.onerewards.wire.refusals import is_page, refusal_words

T = TypeVar("T")


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
    """Calls below one address with one key.

    `unmapped` counts what no table knows: (operation, native code, normalised text).
    """

    def __init__(
        self,
        program: str,
        root: str,
        keys: Keys,
        routes: Mapping[Upstream, Route],
        api: Transport,
    ) -> None:
        self.program = program
        self.unmapped: Counter[tuple[str, str, str]] = Counter()
        self._root = root
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
        reply = await self._api.read(self._call(operation, query or {}, body))
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            self._check_refusal(operation, reply)
            return None
        try:
            return meaning(reply.body)
        except BadAnswer:
            raise bad_answer(self.program, reply.status) from None

    def _call(self, operation: Upstream, query: Mapping[str, str], body: object) -> Call:
        route = self._routes[operation]
        url = f"{self._root}/{route.path}"
        if query:
            url = f"{url}?{urlencode(query)}"
        if body is None:
            return Call(operation.value, route.method, url, self._headers)
        headers = {**self._headers, "Content-Type": "application/json"}
        return Call(operation.value, route.method, url, headers, orjson.dumps(body))

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
