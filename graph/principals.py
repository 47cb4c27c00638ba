"""Principals: who asks, of what kind they are, what they may do; how it is proven is auth.py's."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of client asks."""

    MEMBER = "member"
    TILL = "till"
    SUPPORT = "support"
    DEVELOPER = "developer"


class Scope(StrEnum):
    """One thing that a principal may do."""

    READ = "read"
    TRANSACTIONS_WRITE = "transactions:write"
    REDEMPTIONS_WRITE = "redemptions:write"
    MEMBERS_WRITE = "members:write"
    POINTS_ADJUST = "points:adjust"
    REDEMPTION_CODE = "redemption:code"
    PROVIDER_RAW = "provider:raw"
    OPERATIONS_SETTLE = "operations:settle"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"


_TILL = frozenset(
    {
        Scope.READ,
        Scope.TRANSACTIONS_WRITE,
        Scope.REDEMPTIONS_WRITE,
        Scope.MEMBERS_WRITE,
        Scope.REDEMPTION_CODE,
    }
)

USUAL: dict[Kind, frozenset[Scope]] = {
    Kind.MEMBER: frozenset({Scope.READ}),
    Kind.TILL: _TILL,
    Kind.SUPPORT: _TILL | {Scope.POINTS_ADJUST, Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE},
    Kind.DEVELOPER: frozenset(Scope),
}
"""What a principal of a kind may do where its token names no scopes."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a token speaks for."""

    issuer: str
    subject: str
    kind: Kind
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Whether it may do that."""
        return scope in self.scopes

    def name(self, key: bytes) -> str:
        """An opaque name, the same for ever under one key: what records call their owner."""
        text = f"{len(self.issuer)}:{self.issuer}{self.subject}".encode()
        return hmac.new(key, b"loyalty-graph/principal/1" + text, hashlib.sha256).hexdigest()
