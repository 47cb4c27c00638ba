"""What a document may ask for at most by its shape alone; what it costs upstream is budget.py's.

Checked before validation, whose rules are quadratic in places: one lexical look that nothing deep
or long passes, then one walk that visits every fragment once, however often it is spread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Lexer,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Source,
    TokenKind,
)

from graph.overlaps import overlaps
from loyalty.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request; what is counted is counted with all fragments opened.

    `introspection_lists` is how often `fields`, `inputFields`, `interfaces` and `possibleTypes`
    may be nested below `__schema` and `__type`, where `depth` does not count.
    `mutation_fields` is how many changes one mutation may make: each has its own key and its own
    end. `overlaps` is how many pairs of fields may share a place in the answer: validation compares
    them one by one.
    """

    body_bytes: int = 64 * 1024
    variables_bytes: int = 32 * 1024
    variables_depth: int = 10
    tokens: int = 1000
    nesting: int = 40
    depth: int = 10
    introspection_lists: int = 2
    introspection_depth: int = 20
    aliases: int = 30
    root_fields: int = 40
    selections: int = 1000
    overlaps: int = 2000
    mutation_fields: int = 1
    operations: int = 20
    directives: int = 20
    directives_per_node: int = 3
    upstream_calls: int = 250


class LimitExceeded(Exception):
    """A document that breaks a limit; the text names the limit and the remedy."""


def refusal(message: str) -> GraphQLError:
    """The one error of a request that breaks a limit."""
    return GraphQLError(message, extensions={"code": ErrorCode.LIMIT_EXCEEDED.value})


def check_text(text: str, limits: Limits) -> None:
    """Raise LimitExceeded for too many tokens or brackets; what is not GraphQL is left to parse."""
    if len(text) > limits.body_bytes:
        _exceeded("body_bytes", limits.body_bytes, "the document is longer")
    if text.count("#") > limits.tokens:  # comments are no tokens, but are read like them
        _exceeded("tokens", limits.tokens, "the document has more comments than that")
    lexer = Lexer(Source(text))
    count = nesting = 0
    while (kind := lexer.advance().kind) is not TokenKind.EOF:
        count += 1
        if count > limits.tokens:
            _exceeded("tokens", limits.tokens, "the document is longer than that")
        if kind in _OPENING:
            nesting += 1
            if nesting > limits.nesting:
                _exceeded("nesting", limits.nesting, "brackets are nested deeper than that")
        elif kind in _CLOSING:
            nesting -= 1


_OPENING = {TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L}
_CLOSING = {TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R}


def check_variables(variables: Mapping[str, object] | None, limits: Limits) -> None:
    """Raise LimitExceeded for variables that are too deep or too large."""
    if not variables:
        return
    level: list[object] = list(variables.values())
    for _ in range(limits.variables_depth):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            break
    else:
        _exceeded("variables_depth", limits.variables_depth, "the variables are nested deeper")
    if len(orjson.dumps(variables)) > limits.variables_bytes:
        _exceeded("variables_bytes", limits.variables_bytes, "the variables are larger")


def _inner(value: object) -> Sequence[object]:
    match value:
        case dict():
            return list(cast("dict[str, object]", value).values())
        case list():
            return cast("list[object]", value)
        case _:
            return ()


def check_shape(tree: DocumentNode, limits: Limits) -> None:
    """Raise LimitExceeded for the first limit that the document breaks."""
    _Walk(tree, limits).check()
    pairs = overlaps(tree)
    if pairs > limits.overlaps:
        _exceeded("overlaps", limits.overlaps, f"{pairs} pairs of fields share a place")


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection holds with its fragments opened; depths count from the selection itself."""

    selections: int = 0
    aliases: int = 0
    roots: int = 0
    effects: int = 0
    depth: int = 0
    introspection_depth: int = 0
    introspection_lists: int = 0

    def beside(self, other: "_Size") -> "_Size":
        """Both in one selection set."""
        return _Size(
            self.selections + other.selections,
            self.aliases + other.aliases,
            self.roots + other.roots,
            self.effects + other.effects,
            max(self.depth, other.depth),
            max(self.introspection_depth, other.introspection_depth),
            max(self.introspection_lists, other.introspection_lists),
        )

    def below(self, field: FieldNode) -> "_Size":
        """All of it under a field."""
        name = field.name.value
        introspective = name in _INTROSPECTION
        return _Size(
            self.selections + 1,
            self.aliases + (field.alias is not None),
            1,
            not name.startswith("__"),
            1 if introspective else self.depth + 1,
            self.depth if introspective else self.introspection_depth,
            self.introspection_lists + (name in _INTROSPECTION_LISTS),
        )


_NOTHING = _Size()
_ONE_MORE = _Size(selections=1)
_INTROSPECTION = {"__schema", "__type"}
_INTROSPECTION_LISTS = {"fields", "inputFields", "interfaces", "possibleTypes"}


class _Walk:
    """One walk over a document; a fragment's size is worked out once."""

    def __init__(self, tree: DocumentNode, limits: Limits) -> None:
        self._tree = tree
        self._limits = limits
        self._directives = 0
        self._fragments = {
            node.name.value: node
            for node in tree.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}
        self._open: set[str] = set()

    def check(self) -> None:
        operations = [n for n in self._tree.definitions if isinstance(n, OperationDefinitionNode)]
        if len(operations) > self._limits.operations:
            _exceeded("operations", self._limits.operations, "the document holds more operations")
        for operation in operations:
            self._count_directives(operation)
            for variable in operation.variable_definitions or ():
                self._count_directives(variable)
        sizes = [self._set(operation.selection_set) for operation in operations]
        whole = [*sizes, *(self._fragment(name) for name in self._fragments)]
        total = sum(size.selections for size in whole)
        self._check("selections", total, "selects {} fields and fragments")
        for operation, size in zip(operations, sizes, strict=True):
            self._check_operation(operation, size)

    def _check_operation(self, operation: OperationDefinitionNode, size: _Size) -> None:
        if operation.operation is OperationType.MUTATION:
            self._check("mutation_fields", size.effects, "makes {} changes")
        self._check("aliases", size.aliases, "has {} aliases")
        self._check("depth", size.depth, "is {} levels deep")
        self._check("introspection_lists", size.introspection_lists, "nests {} lists of the schema")
        self._check("introspection_depth", size.introspection_depth, "asks {} levels of the schema")
        self._check("root_fields", size.roots, "has {} fields at its root")

    def _check(self, name: str, found: int, told: str) -> None:
        limit: int = getattr(self._limits, name)
        if found > limit:
            _exceeded(name, limit, f"the document {told.format(_shown(found))}")

    def _set(self, selection_set: SelectionSetNode | None) -> _Size:
        size = _NOTHING
        for node in selection_set.selections if selection_set else ():
            self._count_directives(node)
            match node:
                case FieldNode():
                    size = size.beside(self._set(node.selection_set).below(node))
                case InlineFragmentNode():
                    size = size.beside(self._set(node.selection_set)).beside(_ONE_MORE)
                case FragmentSpreadNode():
                    size = size.beside(self._fragment(node.name.value)).beside(_ONE_MORE)
                case _:
                    pass
        return size

    def _fragment(self, name: str) -> _Size:
        """The size of a fragment; one that is not defined is validation's to refuse."""
        node = self._fragments.get(name)
        if node is None:
            return _NOTHING
        if name not in self._sizes:
            if name in self._open:
                _exceeded("depth", self._limits.depth, f"the fragment {name!r} contains itself")
            if len(self._open) >= self._limits.nesting:
                _exceeded("nesting", self._limits.nesting, "fragments are nested deeper than that")
            self._open.add(name)
            self._count_directives(node)
            self._sizes[name] = self._set(node.selection_set)
            self._open.remove(name)
        return self._sizes[name]

    def _count_directives(self, node: Node) -> None:
        found = len(getattr(node, "directives", None) or ())
        self._check("directives_per_node", found, "has {} directives at one place")
        self._directives += found
        self._check("directives", self._directives, "has {} directives")


_MOST_SHOWN = 1_000_000


def _shown(found: int) -> str:
    """A figure as text; fan-out makes some of hundreds of digits."""
    return f"{found}" if found <= _MOST_SHOWN else f"over {_MOST_SHOWN}"


def _exceeded(name: str, limit: int, told: str) -> NoReturn:
    message = f"{told}; the limit `{name}` is {limit}: ask for less at once"
    raise LimitExceeded(message)
