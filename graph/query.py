"""The root of every query: each field is one call into resolvers/."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Annotated, TypeVar, cast

import strawberry
from strawberry import UNSET

from graph import nodes
from graph.asking.handing_in import checked_key
from graph.asking.references import program_of
from graph.context import Info
from graph.types.customer import Customer
from graph.types.inputs import (
    MemberFilterInput,
    MemberLookupInput,
    QuoteInput,
    given,
    lookup,
    member_filter,
    outlet,
    sale_line,
    sale_totals,
)
from graph.types.ledgered import transaction_named
from graph.types.lookup import LookupResult, QuotePayload
from graph.types.member import Member, MemberConnection, MobileUser
from graph.types.money import After, First, Node
from graph.types.offers import Voucher
from graph.types.program import Program
from graph.types.receipt import OperationReceipt
from graph.types.redemption import Redemption
from graph.types.transaction import Transaction
from loyalty.errors import ErrorCode, InvalidInput, LoyaltyError, MemberNotFound
from loyalty.refs import (
    CustomerRef,
    MemberRef,
    OfferRef,
    PostedRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)
from loyalty.sales import SaleDraft
from resolvers import quotes
from resolvers.accounts import Account
from resolvers.members import account_named, find, list_members, mobile_user, ref_by_number
from resolvers.paging import LARGEST, Slice, page_request, sliced
from resolvers.routing import Listing

T = TypeVar("T")

Id = Annotated[strawberry.ID, strawberry.argument(description="An id that this API gave.")]
IdList = Annotated[
    list[strawberry.ID], strawberry.argument(description="Ids that this API gave; 100 at most.")
]
ProgramKey = Annotated[str, strawberry.argument(description="The program's key: Program.key.")]


@strawberry.type(description="Everything that can be asked.")
class Query:
    """The query root."""

    @strawberry.field(description="Anything that has an id; null if the id is not one of ours.")
    async def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - the contract's name
        """Whatever the id stands for."""
        return await nodes.node(info, _reference(info, id))

    @strawberry.field(description="The same for several ids, in their order.")
    async def nodes(self, info: Info, ids: IdList) -> list[Node | None]:
        """Whatever the ids stand for."""
        _not_too_many(ids)
        return await _each(nodes.node(info, _reference(info, id_)) for id_ in ids)

    @strawberry.field(
        description="The signed-in person; null until a membership was linked to them, and where "
        "the token is not a member's."
    )
    async def viewer(self, info: Info) -> Customer | None:
        """The person who asks."""
        return Customer.maybe(info, await info.context.people.viewer(info.context.asker))

    @strawberry.field(
        description="A person by id; null if there is none, or you may not see them. "
        "Another's needs the scope customers:read."
    )
    async def customer(self, info: Info, id: Id) -> Customer | None:  # noqa: A002 - the contract's name
        """One person."""
        reference = _reference(info, id)
        return await nodes.customer(info, reference) if isinstance(reference, CustomerRef) else None

    @strawberry.field(description="All programs, in the order of the configuration.")
    def programs(self, info: Info) -> list[Program]:
        """All programs."""
        return [Program.of(info, account) for account in info.context.accounts]

    @strawberry.field(description="The program of a key; null if there is none.")
    def program(
        self, info: Info, key: Annotated[str, strawberry.argument(description="Program.key.")]
    ) -> Program | None:
        """One program."""
        account = info.context.accounts.get(key)
        return None if account is None else Program.of(info, account)

    @strawberry.field(description="A member by id; null if there is none.")
    async def member(self, info: Info, id: Id) -> Member | None:  # noqa: A002 - the contract's name
        """One member."""
        return await _member(info, id)

    @strawberry.field(
        description="By a program's own number, without knowing our id; null if there is none."
    )
    async def member_by_number(
        self,
        info: Info,
        program: ProgramKey,
        number: Annotated[
            str, strawberry.argument(description="The member's number, as printed on a card.")
        ],
    ) -> Member | None:
        """One member, by the program's number."""
        context = info.context
        ref = await ref_by_number(context.accounts, context.loaders, program, number)
        return None if ref is None else await Member.proven(info, ref)

    @strawberry.field(
        description="Members by their ids, in their order; null for each that there is not."
    )
    async def members(self, info: Info, ids: IdList) -> list[Member | None]:
        """Several members."""
        _not_too_many(ids)
        return await _each(_member(info, id_) for id_ in ids)

    @strawberry.field(
        description="Looks in all programs named (default: all) at once; one result per program."
    )
    async def find_members(
        self,
        info: Info,
        by: Annotated[MemberLookupInput, strawberry.argument(description="What to search by.")],
        programs: Annotated[
            list[str] | None,
            strawberry.argument(description="Program keys; all programs if left out."),
        ] = UNSET,
    ) -> list[LookupResult]:
        """A search of programs."""
        context = info.context
        found = await find(context.accounts, context.loaders, lookup(by), given(programs))
        return [LookupResult.of(info, result) for result in found]

    @strawberry.field(description="Pages through a program's members, where it has a listing.")
    async def member_list(
        self,
        info: Info,
        program: ProgramKey,
        filter: Annotated[  # noqa: A002 - the contract's name
            MemberFilterInput | None,
            strawberry.argument(description="Which members; all if left out."),
        ] = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> MemberConnection | None:
        """A page of members."""
        account = account_named(info.context.accounts, program)
        where = member_filter(given(filter))
        if where is None:  # any of no numbers is nobody
            return MemberConnection.of(info, Slice((), (), has_next=False, has_previous=False))
        listing = Listing("members", (program, repr(where)))
        request = page_request(info.context.ids, listing, first, after or None)
        page = await list_members(account, info.context.loaders, where, request)
        return MemberConnection.of(info, sliced(info.context.ids, listing, request, page))

    @strawberry.field(description="A voucher by id; null if there is none.")
    async def voucher(self, info: Info, id: Id) -> Voucher | None:  # noqa: A002 - the contract's name
        """One voucher."""
        reference = _reference(info, id)
        return await nodes.voucher(info, reference) if isinstance(reference, VoucherRef) else None

    @strawberry.field(description="A transaction by id; null if there is none.")
    async def transaction(self, info: Info, id: Id) -> Transaction | None:  # noqa: A002 - the contract's name
        """One transaction."""
        reference = _reference(info, id)
        if not isinstance(reference, TransactionRef | PostedRef):
            return None
        return await transaction_named(info, reference)

    @strawberry.field(description="A redemption by id; null if there is none.")
    async def redemption(self, info: Info, id: Id) -> Redemption | None:  # noqa: A002 - the contract's name
        """One redemption."""
        reference = _reference(info, id)
        return (
            await nodes.redemption(info, reference)
            if isinstance(reference, RedemptionRef)
            else None
        )

    @strawberry.field(
        description="What became of a mutation whose answer was lost; null if you never used the "
        "key. Only who sent the mutation can see it."
    )
    async def operation(
        self,
        info: Info,
        idempotency_key: Annotated[
            str, strawberry.argument(description="The key that it was sent with.")
        ],
    ) -> OperationReceipt | None:
        """A receipt."""
        key = checked_key(idempotency_key)
        context = info.context
        found = None if key is None else await context.desk.operation(context.caller, key)
        return nodes.receipt(info, found)

    @strawberry.field(description="A user of a program's own app; null if there is none.")
    async def mobile_user(
        self,
        info: Info,
        program: ProgramKey,
        id: Annotated[str, strawberry.argument(description="The provider's id of the app user.")],  # noqa: A002
    ) -> MobileUser | None:
        """One app user."""
        account = account_named(info.context.accounts, program)
        user = await mobile_user(account, id)
        if user is None:
            return None
        return MobileUser(
            program_key=program,
            id=user.id,
            name=user.name,
            phone=user.phone,
            email=user.email,
            birth_date=user.birth_date,
        )

    @strawberry.field(
        description="What a sale would earn and could take in points, without recording it."
    )
    async def quote(
        self,
        info: Info,
        input: Annotated[QuoteInput, strawberry.argument(description="The sale.")],  # noqa: A002
    ) -> QuotePayload:
        """A quote, or why there is none."""
        try:
            account, member = _quoted(info, input)
            draft = SaleDraft(
                member=member,
                outlet=outlet(input.outlet),
                lines=tuple(sale_line(line) for line in input.lines),
                totals=sale_totals(given(input.totals)),
            )
            return QuotePayload.of(info, await quotes.quote(account, draft))
        except LoyaltyError as error:
            return QuotePayload.refused(info, error)


def _reference(info: Info, text: str) -> object:
    """What an id of a configured program stands for; None for any other text."""
    reference = info.context.ids.reference(text)
    if reference is None or isinstance(reference, OfferRef):
        return None
    program = program_of(reference)
    return reference if program is None or info.context.accounts.get(program) else None


async def _each(asked: Iterable[Awaitable[T]]) -> list[T]:
    """All at once; one that fails is an error at its own place, and the others are whole."""
    return cast("list[T]", await asyncio.gather(*asked, return_exceptions=True))


async def _member(info: Info, text: str) -> Member | None:
    reference = _reference(info, text)
    return await Member.seen(info, reference) if isinstance(reference, MemberRef) else None


def _quoted(info: Info, asked: QuoteInput) -> tuple[Account, MemberRef | None]:
    """The program and member of a quote."""
    member_id, program = given(asked.member_id), given(asked.program)
    if (member_id is None) == (program is None):
        msg = "give exactly one of memberId and program"
        raise InvalidInput(msg, field=("input",))
    if program is not None:
        return account_named(info.context.accounts, program, "input", "program"), None
    reference = _reference(info, member_id or "")
    account = (
        info.context.accounts.get(reference.program) if isinstance(reference, MemberRef) else None
    )
    if account is None or not isinstance(reference, MemberRef):
        msg = "there is no such member"
        raise MemberNotFound(msg, field=("input", "memberId"))
    return account, reference


def _not_too_many(ids: list[strawberry.ID]) -> None:
    if len(ids) > LARGEST:
        msg = f"`ids` holds {len(ids)}; at most {LARGEST} may be asked for at once"
        raise InvalidInput(msg, code=ErrorCode.LIMIT_EXCEEDED, field=("ids",))
