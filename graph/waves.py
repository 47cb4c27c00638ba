"""One wave: what a selection needs of the programs is asked for before anything is awaited.

GraphQL resolves a parent before its children, so a member that is awaited first would cost every
query a round trip. `start` runs the resolvers of named child fields early; their answers wait in
the request's loaders, where the executor's own, later call finds them.
"""

import asyncio
import inspect
from collections.abc import Iterable
from typing import TypeAlias, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
)
from graphql.execution.values import get_argument_values, get_directive_values

from graph.context import Context, Info
from loyalty.errors import LoyaltyError

ResolveInfo: TypeAlias = GraphQLResolveInfo[Context]

_running: set[asyncio.Future[object]] = set()


def selected(info: Info, type_name: str) -> dict[str, list[FieldNode]]:
    """The fields of an object type that the current field's selection asks for.

    Field name -> its nodes, one list for each response key (aliases) joined; @skip and @include
    are honoured, fragments opened.
    """
    raw = _raw(info)
    context: Context = info.context
    # All nodes: a fragment's field may be the first of several fields that were merged with it.
    known = (tuple(id(node) for node in raw.field_nodes), type_name)
    found = context.selections.get(known)
    if found is None:
        found = context.selections[known] = {}
        type_names = _names(raw, type_name)
        for node in raw.field_nodes:
            _collect(raw, node.selection_set, type_names, found)
    return found


def start(info: Info, type_name: str, source: object, fields: Iterable[str]) -> None:
    """Run the resolvers of those `fields` of `source` that are selected, without waiting."""
    wanted = selected(info, type_name)
    raw = _raw(info)
    parent = raw.schema.get_type(type_name)
    if not isinstance(parent, GraphQLObjectType):
        return
    for name in fields:
        for node in wanted.get(name, ()):
            _start_field(raw, parent, source, name, node)


def _raw(info: Info) -> ResolveInfo:
    """GraphQL's own account of the field; strawberry keeps it to itself."""
    return cast("ResolveInfo", getattr(info, "_raw_info"))  # noqa: B009 - it is no public name


def _start_field(
    raw: ResolveInfo, parent: GraphQLObjectType, source: object, name: str, node: FieldNode
) -> None:
    field = parent.fields[name]
    if field.resolve is None:
        return
    key = node.alias.value if node.alias else name
    child = raw._replace(
        field_name=name,
        field_nodes=[node],
        return_type=field.type,
        parent_type=parent,
        path=raw.path.add_key(key, parent.name),
    )
    try:
        arguments = get_argument_values(field, node, raw.variable_values)
        result = field.resolve(source, child, **arguments)
    except (GraphQLError, LoyaltyError):
        return  # the executor's own call meets the same error, and reports it with its path
    if inspect.isawaitable(result):
        running = asyncio.ensure_future(result)
        _running.add(running)
        running.add_done_callback(_finished)


def _finished(running: asyncio.Future[object]) -> None:
    _running.discard(running)
    if not running.cancelled():
        running.exception()  # looked at here; the executor's own call reports it


def _names(raw: ResolveInfo, type_name: str) -> set[str]:
    """The type's name, and those of its interfaces: the conditions under which it is meant."""
    named = raw.schema.get_type(type_name)
    interfaces = named.interfaces if isinstance(named, GraphQLObjectType) else ()
    return {type_name, *(interface.name for interface in interfaces)}


def _collect(
    raw: ResolveInfo,
    selection_set: SelectionSetNode | None,
    type_names: set[str],
    found: dict[str, list[FieldNode]],
) -> None:
    for node in selection_set.selections if selection_set else ():
        if not _included(raw, node):
            continue
        match node:
            case FieldNode():
                found.setdefault(node.name.value, []).append(node)
            case InlineFragmentNode():
                condition = node.type_condition
                if condition is None or condition.name.value in type_names:
                    _collect(raw, node.selection_set, type_names, found)
            case FragmentSpreadNode():
                fragment = raw.fragments[node.name.value]
                if fragment.type_condition.name.value in type_names:
                    _collect(raw, fragment.selection_set, type_names, found)
            case _:
                pass


def _included(raw: ResolveInfo, node: SelectionNode) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, raw.variable_values)
    if skip and skip["if"]:
        return False
    include = get_directive_values(GraphQLIncludeDirective, node, raw.variable_values)
    return not include or bool(include["if"])
