"""Buying a token with a signed assertion (contract 2.4); who holds it is another's concern."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

import orjson

from loyalty.errors import Unavailable, UpstreamWords
from providers.http import Call, Reply, Transport
from providers.scrubbing import oauth_error
from providers.telluride.assertion import assertion
from providers.telluride.mapping import refusals
from providers.telluride.settings import TellurideSettings
from providers.telluride.wire.grants import WireGrant
from providers.telluride.wire.shapes import Unreadable, json_of
from providers.tokens import Token

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_REFUSALS = frozenset({
    HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN,
})  # fmt: skip


class Grants:
    """The program's way to its token endpoint."""

    def __init__(
        self,
        program: str,
        settings: TellurideSettings,
        transport: Transport,
        now: Callable[[], datetime],
    ) -> None:
        self._program = program
        self._settings = settings
        self._key = settings.key
        self._transport = transport
        self._now = now

    async def token(self) -> Token:
        """A new token; raises Unavailable, with PROVIDER_CREDENTIALS where it is refused."""
        reply = await self._transport.read(self._call())
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable(
                "the provider issues no tokens at the moment; try again",
                program=self._program,
                upstream=UpstreamWords(http_status=reply.status),
            )
        wire = self._wire(reply)
        if wire.error is not None or reply.status in _REFUSALS:
            literal = oauth_error(wire.error or "")
            raise refusals.credentials(self._program, literal, reply.status)
        return self._bought(wire, reply.status)

    def _call(self) -> Call:
        settings = self._settings
        signed = assertion(
            client_id=settings.client_id,
            audience=settings.audience or settings.token_url,
            key=self._key,
            now=self._now(),
            alg=settings.jwt_alg,
            encoding=settings.jwt_encoding,
        )
        body = orjson.dumps({"grant_type": GRANT_TYPE, "assertion": signed})
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return Call("token", "POST", settings.token_url, headers, body)

    def _wire(self, reply: Reply) -> WireGrant:
        try:
            return WireGrant.decoded(json_of(reply.body), self._settings.zone)
        except Unreadable as unreadable:
            if reply.status >= HTTPStatus.BAD_REQUEST:
                return WireGrant()
            raise self._bad(unreadable.where, reply.status) from None

    def _bought(self, wire: WireGrant, status: int) -> Token:
        """The token, with its lifetime by the provider's own two figures: no clock counts."""
        value = wire.access_token
        if value is None or wire.expires is None or wire.issued is None:
            raise self._bad("a token comes with access_token, exp and iss", status)
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise self._bad("the token cannot be sent in a header", status)
        lifetime = (wire.expires - wire.issued) / 1000
        if lifetime <= 0:
            raise self._bad("the token has expired before it was issued", status)
        return Token(value, lifetime)

    def _bad(self, what: str, status: int) -> Unavailable:
        return refusals.bad_answer(self._program, what, UpstreamWords(http_status=status))
