"""What one request may reach: the programs, ids, and its own memory of answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import strawberry
from graphql import FieldNode

from resolvers.accounts import Accounts
from resolvers.loaders import Loaders
from resolvers.routing import Ids

Selection: TypeAlias = tuple[tuple[int, ...], str]
"""The nodes of a field, by identity, and the type that is selected on."""


@dataclass(slots=True)
class Context:
    """One a request; `now` stands still, so that a question asked twice is the same question."""

    accounts: Accounts
    ids: Ids
    loaders: Loaders
    now: datetime
    trace_id: str
    selections: dict[Selection, dict[str, list[FieldNode]]] = field(
        default_factory=dict[Selection, dict[str, list[FieldNode]]]
    )


Info: TypeAlias = strawberry.Info[Context, None]
