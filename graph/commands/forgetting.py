"""Forgetting a person from the command line: asks first, and says what was erased."""

from dataclasses import dataclass

import typer

from graph.app import utc_now
from graph.commands.ledgers import with_ledger, with_programs
from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail, say
from graph.settings import Settings, key_bytes
from ledger.journal import Journal
from loyalty.errors import LoyaltyError
from loyalty.refs import CustomerRef, MemberRef
from resolvers.accounts import Accounts
from resolvers.forgetting import Forgotten, forget_customer, forget_member
from resolvers.loaders import Loaders
from resolvers.members import ref_by_number
from resolvers.routing import Ids


@dataclass(frozen=True, slots=True)
class Named:
    """How somebody is named on the command line: exactly one of three ways.

    `native`: the number is the provider's own id, so that the program need not be asked.
    """

    program: str | None = None
    number: str | None = None
    member_id: str | None = None
    customer_id: str | None = None
    native: bool = False


def forget(settings: Settings, named: Named, *, sure: bool) -> None:
    """Erase what is personal; ends with 1 where something had to be left."""
    whom = _whom(settings, named)
    if not sure and not typer.confirm(f"Erase {_words(whom, named)} from the ledger for ever?"):
        fail(["nothing was erased"], TROUBLE)

    async def work(journal: Journal) -> Forgotten | None:
        if isinstance(whom, CustomerRef):
            return await forget_customer(journal, whom.key, utc_now())
        return await forget_member(journal, whom, utc_now())

    forgotten = with_ledger(settings, work)
    if forgotten is None:
        fail(["--customer: there is no such customer, or no more"], TROUBLE)
    _tell(forgotten)


def _tell(forgotten: Forgotten) -> None:
    say(
        f"Erased: {_count(forgotten.links, 'link')}, {_count(forgotten.customers, 'customer')}, "
        f"personal data of {_count(forgotten.operations, 'operation')}. The figures stay."
    )
    if forgotten.left:
        left = _count(forgotten.left, "operation")
        then = "run `loyalty-graph reconcile` (or settle by hand), then forget again"
        fail([f"{left} of theirs not over yet, and left whole: {then}"], TROUBLE)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _words(whom: MemberRef | CustomerRef, named: Named) -> str:
    if isinstance(whom, CustomerRef):
        return "this customer, with every membership,"
    number = "" if named.number is None else f" {named.number}"
    return f"the membership{number} of {whom.program}"


def _whom(settings: Settings, named: Named) -> MemberRef | CustomerRef:
    ways = (named.number, named.member_id, named.customer_id)
    if sum(way is not None for way in ways) != 1 or (named.number is None) != (
        named.program is None
    ):
        fail(["give PROGRAM and NUMBER, or --member-id, or --customer"], BAD_CONFIGURATION)
    ids = Ids([key_bytes(key) for key in settings.server.id_keys])
    if named.customer_id is not None:
        found = ids.reference(named.customer_id)
        if not isinstance(found, CustomerRef):
            fail(["--customer: this is no customer's id of this installation"], BAD_CONFIGURATION)
        return found
    if named.member_id is not None:
        member = ids.member(named.member_id)
        if member is None:
            fail(["--member-id: this is no member's id of this installation"], BAD_CONFIGURATION)
        return member
    return _numbered(settings, named.program or "", named.number or "", native=named.native)


def _numbered(settings: Settings, program: str, number: str, *, native: bool) -> MemberRef:
    """The member with a number; a program that is asked for it may not know them any more."""
    if native:
        return MemberRef(program, number)

    async def work(_: Journal, accounts: Accounts) -> MemberRef | LoyaltyError | None:
        try:
            return await ref_by_number(accounts, Loaders(accounts), program, number)
        except LoyaltyError as error:
            return error

    found = with_programs(settings, work)
    if not isinstance(found, MemberRef):
        told = "it knows nobody by this number" if found is None else found.message
        fail([f"{program}: {told}; with --native-id NUMBER is the provider's own id"], TROUBLE)
    return found
