"""What works with a program: what its adapter can do, and what our own record does beside it."""

from loyalty.operations import Capability, Operation, SupportLevel
from providers import port
from providers.write_abilities import PostsSales

_FROM_THE_LEDGER = Capability(
    Operation.TRANSACTION_LIST,
    SupportLevel.EMULATED,
    note="from our own record: what was changed through this API, and nothing else",
)


def capabilities(provider: port.Provider) -> tuple[Capability, ...]:
    """Every operation; a program that keeps its history to itself has ours."""
    ours = isinstance(provider, PostsSales) and not isinstance(provider, port.ListsTransactions)
    return tuple(
        _FROM_THE_LEDGER if ours and each.operation is Operation.TRANSACTION_LIST else each
        for each in port.capabilities(provider)
    )
