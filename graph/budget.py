"""Budget: how many upstream calls an operation will make, known before the first one is sent.

The figure is an upper bound of what is planned: the answers of the request's loaders are counted
as they are remembered, so that the same question twice is one call. What nobody can know before is
not in it: retries, tokens, how many members a search finds (a number is assumed), and the look
that the answer about a merged member may cost.
"""

from collections.abc import Mapping

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from graph.context import Context
from graph.limits import LimitExceeded, refusal
from graph.plans import Plan
from graph.prices import PRICES
from graph.root_prices import ROOTS
from graph.tally import NOBODY, Rule, Tally

RULES: Mapping[tuple[str, str], Rule] = {**ROOTS, **PRICES}
"""What each field of plans.ASKING asks, and whom the fields below it are about."""


ENTRIES = 5_000
"""How many entries of long lists an answer may hold."""


def upstream_calls(context: Context, plan: Plan, variables: VariableValues) -> int:
    """How many calls the operation will make at most; LimitExceeded if its answer is too long."""
    if not plan:
        return 0
    tally = Tally(context, variables, RULES)
    tally.run(plan, NOBODY)
    if tally.entries > ENTRIES:
        raise LimitExceeded(
            f"the answer would list up to {tally.entries} capabilities; the limit is {ENTRIES}: "
            "ask for them once a program, not with every member"
        )
    return tally.calls


def over_budget(calls: int, limit: int) -> GraphQLError | None:
    """The refusal of an operation that would make more calls than the limit; None if it is fine."""
    if calls <= limit:
        return None
    return refusal(
        f"this operation would make up to {calls} upstream calls; the limit `upstream_calls` is "
        f"{limit}: ask for fewer members at once, or for fewer of their fields"
    )
