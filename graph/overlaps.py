"""How many pairs of fields share a place in the answer, which is what validation compares."""

from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_Place = tuple[int, str]


def overlaps(tree: DocumentNode) -> int:
    """The pairs of all definitions.

    Opens every fragment wherever it is spread: only for a document whose selections are bounded.
    """
    fragments = {
        node.name.value: node
        for node in tree.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    count = _Count(fragments)
    for place, node in enumerate(tree.definitions):
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode):
            count.add(node.selection_set, -1 - place)
    return count.pairs


@dataclass(slots=True)
class _Count:
    """Places are numbered as they are met; a definition's own is a negative number."""

    fragments: dict[str, FragmentDefinitionNode]
    pairs: int = 0
    _numbers: dict[_Place, int] = field(default_factory=dict[_Place, int])
    _fields: dict[_Place, int] = field(default_factory=dict[_Place, int])

    def add(self, selection_set: SelectionSetNode | None, parent: int) -> None:
        """Count what is selected at a place."""
        for node in selection_set.selections if selection_set else ():
            match node:
                case FieldNode():
                    place = parent, (node.alias or node.name).value
                    already = self._fields.get(place, 0)
                    self.pairs += already
                    self._fields[place] = already + 1
                    self.add(
                        node.selection_set, self._numbers.setdefault(place, len(self._numbers))
                    )
                case InlineFragmentNode():
                    self.add(node.selection_set, parent)
                case FragmentSpreadNode():
                    fragment = self.fragments.get(node.name.value)
                    self.add(fragment.selection_set if fragment else None, parent)
                case _:
                    pass
