"""The schema as a document: every part of it is described, and the printed copy is the real one."""

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from graph.schema import build_schema, printed

from .rooms import HOUSE

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b")


def _schema() -> GraphQLSchema:
    return build_schema()._schema  # pyright: ignore[reportPrivateUsage] - it has no other way out


def _parts(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """A type and all that is in it: (coordinate, description)."""
    yield kind.name, kind.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.description
            for argument, details in field.args.items():
                yield f"{kind.name}.{name}({argument}:)", details.description
    elif isinstance(kind, GraphQLInputObjectType):
        for name, member in kind.fields.items():
            yield f"{kind.name}.{name}", member.description
    elif isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            yield f"{kind.name}.{name}", value.description


def _all_parts(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for kind in schema.type_map.values():
        if not (is_introspection_type(kind) or is_specified_scalar_type(kind)):
            yield from _parts(kind)
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description


def test_every_part_of_the_schema_is_described() -> None:
    parts = list(_all_parts(_schema()))
    assert parts
    assert [where for where, words in parts if not (words or "").strip()] == []


def test_no_description_is_unfinished() -> None:
    assert [
        where for where, words in _all_parts(_schema()) if _UNFINISHED.search(words or "")
    ] == []


def test_the_printed_schema_is_the_real_one() -> None:
    assert printed() == (HOUSE / "schema.graphql").read_text(), "run scripts/schema"
