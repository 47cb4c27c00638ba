"""Documents: parsed, bounded and validated once each, then remembered by their text."""

from collections import OrderedDict
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from graph.limits import LimitExceeded, Limits, check_shape, check_text, refusal
from graph.plans import Plan, plan

MOST_ERRORS = 10
_REMEMBERED_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of a document before it runs: its syntax tree, and why it cannot run if so.

    `plans` say per operation, by the identity of its node, what it will ask the programs.
    """

    tree: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    plans: dict[int, Plan] = field(default_factory=dict[int, Plan])

    @property
    def runnable(self) -> DocumentNode:
        """The syntax tree of a document without errors."""
        if self.tree is None or self.errors:
            msg = "a document with errors was about to run"
            raise LookupError(msg)
        return self.tree

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation that would run; None if the name picks none."""
        found = self._named(name)
        return found[0] if len(found) == 1 else None

    def kinds(self, name: str | None) -> set[OperationType]:
        """What kinds of operation the name may mean, even if the document cannot run."""
        return {node.operation for node in self._named(name)}

    def _named(self, name: str | None) -> list[OperationDefinitionNode]:
        return [
            node
            for node in (self.tree.definitions if self.tree else ())
            if isinstance(node, OperationDefinitionNode)
            and (name is None or (node.name is not None and node.name.value == name))
        ]


class Documents:
    """The latest documents that are valid; a hostile one is refused before validation can be slow.

    Bounded by number and by the length of all texts, for a syntax tree is some 150 times as large
    as its text. What cannot run is not remembered: to refuse it again is cheap.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits, capacity: int = 512) -> None:
        self._schema = schema
        self._limits = limits
        self._capacity = capacity
        self._characters = 0
        self._known: OrderedDict[str, Document] = OrderedDict()

    def get(self, text: str) -> Document:
        """The document of a text."""
        document = self._known.get(text)
        if document is not None:
            self._known.move_to_end(text)
            return document
        document = self._read(text)
        if not document.errors:
            self._remember(text, document)
        return document

    def _remember(self, text: str, document: Document) -> None:
        self._known[text] = document
        self._characters += len(text)
        while len(self._known) > self._capacity or self._characters > _REMEMBERED_CHARACTERS:
            forgotten, _ = self._known.popitem(last=False)
            self._characters -= len(forgotten)

    def _read(self, text: str) -> Document:
        try:
            check_text(text, self._limits)
            tree = parse(text)
        except LimitExceeded as exceeded:
            return Document(None, (refusal(str(exceeded)),))
        except GraphQLError as error:
            return Document(None, (error,))
        return self._checked(tree)

    def _checked(self, tree: DocumentNode) -> Document:
        try:
            check_shape(tree, self._limits)
        except LimitExceeded as exceeded:
            return Document(tree, (refusal(str(exceeded)),))
        errors = validate(self._schema, tree, max_errors=MOST_ERRORS)
        if errors:
            return Document(tree, tuple(errors[:MOST_ERRORS]))
        return Document(tree, plans=_plans(self._schema, tree))


def _plans(schema: GraphQLSchema, tree: DocumentNode) -> dict[int, Plan]:
    return {
        id(node): plan(schema, tree, node)
        for node in tree.definitions
        if isinstance(node, OperationDefinitionNode)
    }
