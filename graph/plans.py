"""Plans: which fields of an operation make programs be asked, found once a document.

A plan is the operation with all fragments opened and all fields left out that cost nothing; what
is left has a rule in budget.py, or leads to what has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

from graph.types.member import WITHOUT_RECORD

RECORD = "(record)"
"""Stands for all fields that a member's record tells: one question, however many there are."""

MUTATIONS = (
    *("postTransaction", "returnTransaction", "voidTransaction", "redeemPoints", "redeemVoucher"),
    *("captureRedemption", "voidRedemption", "authorizeRedemption", "claimVoucher"),
    *("adjustPoints", "activatePoints", "enrollMember", "updateMember", "migrateMember"),
    *("setAffinity", "requestReceiptUploads", "linkMembership", "unlinkMembership"),
)
"""The fields of the mutation root that make a program do something."""

ASKING = frozenset(
    {
        *(
            ("Query", name)
            for name in ("node", "nodes", "programs", "program", "member", "members")
        ),
        *(("Query", name) for name in ("memberByNumber", "findMembers", "memberList", "voucher")),
        *(("Query", name) for name in ("transaction", "redemption", "mobileUser", "quote")),
        ("Query", "operation"),
        *(("Mutation", name) for name in MUTATIONS),
        ("Transaction", "appliedVoucher"),
        ("Redemption", "voucher"),
        ("VoucherPayload", "voucher"),
        ("InsufficientPointsError", "available"),
        *(("Member", name) for name in (RECORD, "mergedInto", "balance", "vouchers", "offers")),
        *(("Member", name) for name in ("transactions", "activity", "affinities")),
        *(("Balance", name) for name in ("expiring", "expired", "redeemableAt")),
        *(("Program", name) for name in ("tiers", "adjustmentReasons", "pointTypes")),
        *(("Query", name) for name in ("viewer", "customer")),
        *(("Wallet", name) for name in ("worth", "nextExpiry", "usableVouchers")),
        ("Customer", "wallet"),
        ("CustomerPayload", "customer"),
        ("MobileUser", "member"),
        ("Program", "capabilities"),
        ("Provider", "capabilities"),
    }
)
"""The fields that have a price of their own, or that say whom the fields below them are about."""


@dataclass(frozen=True, slots=True)
class Step:
    """A field of a plan. `place` is its path in the answer; it runs if all `conditions` allow."""

    parent: str
    name: str
    place: str
    node: FieldNode
    field: GraphQLField
    conditions: tuple[SelectionNode, ...]
    children: tuple["Step", ...]


Plan: TypeAlias = tuple[Step, ...]


def plan(schema: GraphQLSchema, tree: DocumentNode, operation: OperationDefinitionNode) -> Plan:
    """The plan of an operation of a valid document."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return ()
    return tuple(_Planner(schema, tree).steps(root, operation.selection_set, "", ()))


class _Planner:
    """Opens what an operation selects."""

    def __init__(self, schema: GraphQLSchema, tree: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in tree.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def steps(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode | None,
        place: str,
        conditions: tuple[SelectionNode, ...],
    ) -> list[Step]:
        """The steps of a selection on an object: its record first, as the executor asks for it."""
        steps = self._found(parent, selection_set, place, conditions)
        return sorted(steps, key=lambda step: step.name != RECORD)

    def _found(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode | None,
        place: str,
        conditions: tuple[SelectionNode, ...],
    ) -> Iterator[Step]:
        """A record is told once, unless on a condition."""
        has_record = False
        for node, needed in self._fields(parent, selection_set, conditions):
            step = self._step(parent, node, place, needed)
            if step is None or (step.name == RECORD and has_record):
                continue
            has_record = has_record or (step.name == RECORD and not needed)
            yield step

    def _step(
        self,
        parent: GraphQLObjectType,
        node: FieldNode,
        place: str,
        conditions: tuple[SelectionNode, ...],
    ) -> Step | None:
        name = node.name.value
        field = parent.fields.get(name)
        if field is None:  # __typename and the schema's own fields
            return None
        here = f"{place}/{(node.alias or node.name).value}"
        children = tuple(
            step
            for target in self._objects(cast("GraphQLNamedType", get_named_type(field.type)))
            for step in self.steps(target, node.selection_set, here, ())
        )
        if parent.name == "Member" and name not in WITHOUT_RECORD and not children:
            name = RECORD
        if not children and (parent.name, name) not in ASKING:
            return None
        return Step(parent.name, name, here, node, field, conditions, children)

    def _objects(self, named: GraphQLNamedType) -> tuple[GraphQLObjectType, ...]:
        if isinstance(named, GraphQLObjectType):
            return (named,)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return tuple(self._schema.get_possible_types(named))
        return ()

    def _fields(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode | None,
        conditions: tuple[SelectionNode, ...],
    ) -> Iterator[tuple[FieldNode, tuple[SelectionNode, ...]]]:
        for node in selection_set.selections if selection_set else ():
            needed = (*conditions, node) if node.directives else conditions
            match node:
                case FieldNode():
                    yield node, needed
                case InlineFragmentNode():
                    condition = node.type_condition
                    if condition is None or self._is(parent, condition.name.value):
                        yield from self._fields(parent, node.selection_set, needed)
                case FragmentSpreadNode():
                    fragment = self._fragments[node.name.value]
                    if self._is(parent, fragment.type_condition.name.value):
                        yield from self._fields(parent, fragment.selection_set, needed)
                case _:
                    pass

    def _is(self, parent: GraphQLObjectType, type_name: str) -> bool:
        named = self._schema.get_type(type_name)
        if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            return self._schema.is_sub_type(named, parent)
        return type_name == parent.name
