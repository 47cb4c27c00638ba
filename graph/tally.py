"""The count of the upstream calls that an operation will make; what a field asks is not here."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    SelectionNode,
)
from graphql.execution.values import (
    VariableValues,
    get_argument_values,
    get_directive_values,
)

from graph.context import Context
from graph.plans import RECORD, Step
from loyalty.refs import MemberRef
from providers.port import ReadsMembers
from resolvers.accounts import Account
from resolvers.paging import LARGEST, USUAL

Arguments: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom the fields of a selection are about.

    `together`: the members are asked for in one turn, so that one call may serve several.
    """

    members: tuple[MemberRef, ...] = ()
    programs: tuple[str, ...] = ()
    together: bool = False


NOBODY = Scope()


Rule: TypeAlias = Callable[["Tally", Step, Scope, Arguments], Scope]
"""Counts what a field asks about a scope, and tells whom the fields below it are about."""


class Tally:
    """Counts questions as the loaders of a request would."""

    def __init__(
        self,
        context: Context,
        variables: VariableValues,
        rules: Mapping[tuple[str, str], Rule],
    ) -> None:
        self.calls = 0
        self.entries = 0
        self._rules = rules
        self._context = context
        self._variables = variables
        self._asked: set[Hashable] = set()

    def run(self, steps: Iterable[Step], scope: Scope) -> None:
        """Count what the steps ask about the members and programs of the scope."""
        for step in steps:
            if not all(self._included(node) for node in step.conditions):
                continue
            rule = self._rules.get((step.parent, step.name))
            if rule is None:
                inner = Scope(scope.members, scope.programs)
            else:
                try:
                    arguments = get_argument_values(step.field, step.node, self._variables)
                except GraphQLError:
                    continue  # the executor meets the same error, and does not run the field
                inner = rule(self, step, scope, arguments)
            self.run(step.children, inner)

    def account(self, program: object) -> Account | None:
        """The account of a program's key."""
        return self._context.accounts.get(program) if isinstance(program, str) else None

    def accounts(self) -> list[Account]:
        """All of them."""
        return list(self._context.accounts)

    def now(self) -> datetime:
        """The instant of the request."""
        return self._context.now

    def reference(self, text: str) -> object:
        """What an id stands for."""
        return self._context.ids.reference(text)

    def ask(self, question: Hashable, calls: int = 1) -> None:
        """Count a question, unless it has been."""
        if question not in self._asked:
            self._asked.add(question)
            self.calls += calls

    def list_entries(self, scope: Scope, entries: int) -> None:
        """Count the entries of a list that is known to be long, for each whom it is shown for."""
        self.entries += entries * max(1, len(scope.members), len(scope.programs))

    def know(self, members: Iterable[MemberRef]) -> None:
        """Note that records came with another answer."""
        self._asked.update((RECORD, member) for member in members)

    def ask_members(self, scope: Scope, ability: type, question: Hashable, calls: int = 1) -> None:
        """Count a question about each member whose program has the ability."""
        for program, members in by_program(scope.members).items():
            account = self.account(program)
            if account is not None and isinstance(account.provider, ability):
                asked = {(question, member) for member in members} - self._asked
                self._asked |= asked
                self.calls += calls * len(asked)

    def ask_records(self, scope: Scope) -> None:
        """Count the calls for the members' records, in bulk where they are asked for together."""
        for program, members in by_program(scope.members).items():
            account = self.account(program)
            if account is None or not isinstance(account.provider, ReadsMembers):
                continue
            asked = {(RECORD, member) for member in members} - self._asked
            at_once = account.provider.profile.members_per_call if scope.together else 1
            self._asked |= asked
            self.calls += -(-len(asked) // at_once)

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not include or bool(include["if"])


def by_program(members: Iterable[MemberRef]) -> dict[str, list[MemberRef]]:
    """The members of each program."""
    found: dict[str, list[MemberRef]] = {}
    for member in members:
        found.setdefault(member.program, []).append(member)
    return found


def strangers(step: Step, program: str, count: int) -> tuple[MemberRef, ...]:
    """Members that will be found, under keys that no member has."""
    return tuple(MemberRef(program, f"\0{step.place}/{n}") for n in range(count))


def first_of(given: Arguments) -> int | None:
    """The size of a page; None where the field refuses it."""
    first = given.get("first")
    size = USUAL if first is None else int(first)
    return size if 1 <= size <= LARGEST else None
