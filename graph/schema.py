"""The schema object: the root, types only reached through interfaces, the configuration."""

from functools import cache
from typing import cast

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from graph.mutation import Mutation
from graph.query import Query
from graph.scalars import SCALARS
from graph.types.errors import (
    BusinessError,
    InputError,
    InsufficientPointsError,
    NotSupportedError,
    ProviderError,
)


def build_schema() -> strawberry.Schema:
    """The public schema."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[
            BusinessError,
            InputError,
            InsufficientPointsError,
            NotSupportedError,
            ProviderError,
        ],
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
    )


@cache
def graphql_schema() -> GraphQLSchema:
    """The same as graphql-core knows it: what documents are validated and run against."""
    return cast("GraphQLSchema", getattr(build_schema(), "_schema"))  # noqa: B009 - no public name


def printed() -> str:
    """The schema in the schema language, as schema.graphql holds it."""
    return build_schema().as_str().rstrip() + "\n"
