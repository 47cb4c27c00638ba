"""What one request may reach: who asks, the programs, the desk, ids, its own memory of answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import strawberry
from graphql import FieldNode

from graph.principals import Kind, Principal, Scope
from loyalty.errors import ErrorCode, LoyaltyError
from resolvers.accounts import Accounts
from resolvers.callers import Caller
from resolvers.customers import Asker, People
from resolvers.desk import Desk
from resolvers.loaders import Loaders
from resolvers.routing import Ids

Selection: TypeAlias = tuple[tuple[int, ...], str]
"""The nodes of a field, by identity, and the type that is selected on."""


@dataclass(slots=True)
class Context:
    """One a request; `now` stands still, so that a question asked twice is the same question.

    `caller` is what records know `principal` by; `header_key` is the Idempotency-Key header.
    """

    accounts: Accounts
    ids: Ids
    loaders: Loaders
    now: datetime
    trace_id: str
    principal: Principal
    caller: Caller
    desk: Desk
    people: People
    header_key: str | None = None
    selections: dict[Selection, dict[str, list[FieldNode]]] = field(
        default_factory=dict[Selection, dict[str, list[FieldNode]]]
    )

    @property
    def asker(self) -> Asker:
        """What whoever asks may see and change of customers."""
        return Asker(
            caller=self.caller,
            is_person=self.principal.kind is Kind.MEMBER,
            sees_all=self.principal.may(Scope.CUSTOMERS_READ),
            links_all=self.principal.may(Scope.CUSTOMERS_WRITE),
        )

    def require(self, scope: Scope) -> None:
        """Raise FORBIDDEN unless whoever asks may do that."""
        if not self.principal.may(scope):
            msg = f"your token lacks the scope {scope.value}"
            raise LoyaltyError(msg, code=ErrorCode.FORBIDDEN)


Info: TypeAlias = strawberry.Info[Context, None]
