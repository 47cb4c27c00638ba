"""Documents: parsed, bounded and validated once each, then remembered by their text."""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from graph.limits import Limits, excess

_MOST_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document before it runs: its syntax tree, or why it cannot run."""

    tree: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    def operation_type(self, name: str | None) -> OperationType | None:
        """The type of the operation that would run; None if the name picks none."""
        found = [
            node
            for node in (self.tree.definitions if self.tree else ())
            if isinstance(node, OperationDefinitionNode)
            and (name is None or (node.name is not None and node.name.value == name))
        ]
        return found[0].operation if len(found) == 1 else None


class Documents:
    """The latest `capacity` documents; a hostile one is refused before validation can be slow."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, capacity: int = 512) -> None:
        self._schema = schema
        self._limits = limits
        self._capacity = capacity
        self._known: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        """The document of a text."""
        document = self._known.get(text)
        if document is None:
            document = self._known[text] = self._read(text)
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(text)
        return document

    def _read(self, text: str) -> Document:
        try:
            tree = parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            return Document(None, (error,))
        too_much = excess(tree, self._limits)
        if too_much is not None:
            return Document(None, (too_much,))
        errors = validate(self._schema, tree, max_errors=_MOST_ERRORS)
        return Document(None if errors else tree, tuple(errors))
