"""Money, freshness and page information: the small types that others are made of."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from graph.scalars import CurrencyCode
from graph.types.enums import DataSource
from loyalty import money
from resolvers.paging import Slice

First = Annotated[
    int | None, strawberry.argument(description="How many entries, 1 to 100; 20 if left out.")
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Continue after this cursor: pageInfo.endCursor of the page before."
    ),
]


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """What has a public id."""

    id: strawberry.ID = strawberry.field(
        description="Opaque, stable, and valid for node(id). Never parse it."
    )


@strawberry.type(description="Where a page of a list stands. Lists are read forward only.")
class PageInfo:
    """The place of a page in its list."""

    has_next_page: bool = strawberry.field(
        description="Whether there is, or may be, more after this page."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether this page was asked for with a cursor."
    )
    start_cursor: str | None = strawberry.field(description="The cursor of the first entry.")
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last entry: pass it as `after` for the next page."
    )

    @classmethod
    def of(cls, page: Slice[object]) -> Self:
        """The place of a page."""
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )


@strawberry.type(description="An exact amount of money.")
class Money:
    """An amount in a currency."""

    amount: Decimal = strawberry.field(
        description="The amount in whole currency units, as an exact decimal."
    )
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")

    @classmethod
    def of(cls, value: money.Money) -> Self:
        """The view of a value."""
        return cls(amount=value.amount, currency=CurrencyCode(value.currency))

    @classmethod
    def maybe(cls, value: money.Money | None) -> Self | None:
        """The view of a value that may be unknown."""
        return None if value is None else cls.of(value)


@strawberry.type(description="Where a figure came from and how old it is.")
class Freshness:
    """The source and age of a figure."""

    source: DataSource = strawberry.field(description="Where it came from.")
    fetched_at: datetime = strawberry.field(description="When the program said so.")

    @classmethod
    def live(cls, fetched_at: datetime) -> Self:
        """A figure read from the program for this request."""
        return cls(source=DataSource.LIVE, fetched_at=fetched_at)
