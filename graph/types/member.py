"""Members: one membership of one program, read in one wave."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.principals import Scope
from graph.scalars import Json
from graph.types.balance import Balance, From, To, balance_of, period
from graph.types.enums import AffinityStatus, MemberStatus
from graph.types.inputs import BasketInput, basket
from graph.types.money import After, First, Freshness, Node, PageInfo
from graph.types.offers import OfferConnection, VoucherConnection
from graph.types.program import Program, program_of
from graph.types.raw import RAW, raw_of
from graph.types.tier import MemberTier
from graph.types.transaction import Activity, TransactionConnection
from graph.waves import selected, start
from loyalty import members
from loyalty.errors import InvalidInput
from loyalty.refs import MemberRef
from resolvers.loaders import Failed, opened
from resolvers.members import account_named, member_of_mobile_user
from resolvers.paging import Slice, cut, page_request, sliced
from resolvers.routing import Listing
from resolvers.rows import Rows

ASKED_APART = ("balance", "vouchers", "offers", "transactions", "activity", "affinities")
"""Fields that have calls of their own: they leave together with the record's."""

WITHOUT_RECORD = {"__typename", "id", "program", *ASKED_APART}
"""Fields that can be told without the member's record."""

HISTORY = timedelta(days=90)


@strawberry.type(description="A free pair of the program's.")
class Attribute:
    """An attribute."""

    key: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="A member's link to an affiliated programme.")
class Affinity:
    """An affinity."""

    code: str = strawberry.field(description="The affiliation's code.")
    status: AffinityStatus = strawberry.field(description="The state of the link.")
    starts_at: datetime | None = strawberry.field(description="In force from.")
    ends_at: datetime | None = strawberry.field(description="In force until; null if open-ended.")


@strawberry.type(description="One membership of one program.")
class Member(Node):
    """A member as clients see it. `record` is None only while no field of it is asked for."""

    ref: strawberry.Private[MemberRef]
    record: strawberry.Private[members.Member | Failed | None] = None

    @property
    def told(self) -> members.Member:
        """The record; raises what reading it failed with."""
        record = opened(self.record)
        if record is None:  # selected() decides that it is loaded; this is a defect of ours
            msg = "a member's record was read without having been asked for"
            raise LookupError(msg)
        return record

    @strawberry.field(description="The program it is a membership of.")
    def program(self, info: Info) -> Program:
        """The program."""
        return program_of(info, self.ref.program)

    @strawberry.field(description="The member's number, as people know it.")
    def number(self) -> str | None:
        """The number."""
        return self.told.number

    @strawberry.field(description="The state of the membership.")
    def status(self) -> MemberStatus | None:
        """The status."""
        return self.told.status

    @strawberry.field(description="The program's own word for the status.")
    def native_status(self) -> str | None:
        """The provider's word."""
        return self.told.native_status

    @strawberry.field(description="The membership that absorbed this one.")
    async def merged_into(
        self, info: Info
    ) -> Annotated["Member", strawberry.lazy("graph.types.member")] | None:
        """The survivor of a merge."""
        survivor = self.told.merged_into
        return None if survivor is None else await Member.seen(info, survivor)

    @strawberry.field(description="The whole name.")
    def name(self) -> str | None:
        """The name."""
        return self.told.name

    @strawberry.field(description="The given name, where the program keeps it apart.")
    def given_name(self) -> str | None:
        """The given name."""
        return self.told.given_name

    @strawberry.field(description="The family name, where the program keeps it apart.")
    def family_name(self) -> str | None:
        """The family name."""
        return self.told.family_name

    @strawberry.field(description="The e-mail address.")
    def email(self) -> str | None:
        """The e-mail address."""
        return self.told.email

    @strawberry.field(description="The phone number, as the program writes it.")
    def phone(self) -> str | None:
        """The phone number."""
        return self.told.phone

    @strawberry.field(description="The date of birth.")
    def birth_date(self) -> date | None:
        """The date of birth."""
        return self.told.birth_date

    @strawberry.field(description="The gender, in the program's words.")
    def gender(self) -> str | None:
        """The gender."""
        return self.told.gender

    @strawberry.field(description="The preferred language, in the program's words.")
    def language(self) -> str | None:
        """The language."""
        return self.told.language

    @strawberry.field(description="When the membership began.")
    def joined_at(self) -> datetime | None:
        """The begin of the membership."""
        return self.told.joined_at

    @strawberry.field(description="The tier; null if the member has none.")
    def tier(self) -> MemberTier | None:
        """The tier."""
        tier = self.told.tier
        return None if tier is None else MemberTier.of(tier)

    @strawberry.field(description="Free pairs of the program's; null if it has none.")
    def attributes(self) -> list[Attribute] | None:
        """The attributes."""
        found = self.told.attributes
        return None if found is None else [Attribute(key=a.key, value=a.value) for a in found]

    @strawberry.field(description="Where the fields above came from, and how old they are.")
    def freshness(self) -> Freshness | None:
        """The age of the record."""
        return Freshness.live(self.told.fetched_at)

    @strawberry.field(description=f"The provider's own record, unshaped. {RAW}")
    def raw(self, info: Info) -> Json | None:
        """The record as it came."""
        return raw_of(info, self.told.raw)

    @strawberry.field(description="The points.")
    async def balance(self, info: Info) -> Balance | None:
        """The balance."""
        return await balance_of(info, self.ref)

    @strawberry.field(description="What the member has; null if the program keeps no vouchers.")
    async def vouchers(
        self,
        info: Info,
        usable_now: Annotated[
            bool | None,
            strawberry.argument(description="Only what can (true) or cannot (false) be used now."),
        ] = UNSET,
        spending: Annotated[
            Decimal | None,
            strawberry.argument(
                description="The bill to test minimum spends against; not tested if left out."
            ),
        ] = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> VoucherConnection | None:
        """The vouchers."""
        bill = spending if isinstance(spending, Decimal) else None
        if bill is not None and bill < 0:
            msg = "`spending` must not be negative"
            raise InvalidInput(msg, field=("spending",))
        listing = Listing(
            "vouchers", (*_of(self.ref), str(usable_now or ""), str(usable_now is False), f"{bill}")
        )
        request = page_request(info.context.ids, listing, first, after or None)
        found = opened(await info.context.loaders.vouchers(self.ref, bill))
        if found is None:
            return None
        if isinstance(usable_now, bool):
            found = tuple(v for v in found if v.usable is not None and v.usable.now is usable_now)
        page = cut(found, lambda voucher: voucher.ref.code, request)
        return VoucherConnection.of(info, sliced(info.context.ids, listing, request, page))

    @strawberry.field(
        description="What the member could get; null if not told (some programs need a basket)."
    )
    async def offers(
        self,
        info: Info,
        basket_: Annotated[
            BasketInput | None,
            strawberry.argument(name="basket", description="What is about to be bought."),
        ] = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> OfferConnection | None:
        """The offers."""
        asked = basket(basket_) if basket_ else None
        listing = Listing("offers", (*_of(self.ref), repr(asked)))
        request = page_request(info.context.ids, listing, first, after or None)
        found = opened(await info.context.loaders.offers(self.ref, asked))
        if found is None:
            return None
        page = cut(found, lambda offer: f"{offer.kind.value}/{offer.code}", request)
        return OfferConnection.of(info, sliced(info.context.ids, listing, request, page))

    @strawberry.field(
        description="The history, newest first; the last 90 days where no period is given."
    )
    async def transactions(
        self,
        info: Info,
        from_: From = UNSET,
        to: To = UNSET,
        first: First = 20,
        after: After = UNSET,
    ) -> TransactionConnection | None:
        """The history."""
        asked = period(from_, to)
        listing = Listing(
            "transactions", (*_of(self.ref), f"{asked.starts_at}", f"{asked.ends_at}")
        )
        request = page_request(info.context.ids, listing, first, after or None)
        if asked.starts_at is None:
            asked = period((asked.ends_at or info.context.now) - HISTORY, asked.ends_at)
        context = info.context
        rows = Rows(context.accounts, context.loaders, context.desk)
        found = await rows.page(self.ref, asked, request)
        if found is None:
            return None
        return TransactionConnection.of(info, sliced(info.context.ids, listing, request, found))

    @strawberry.field(description="Totals of a period; null if the program cannot tell.")
    async def activity(
        self,
        info: Info,
        from_: Annotated[
            datetime, strawberry.argument(name="from", description="The first instant.")
        ],
        to: Annotated[datetime, strawberry.argument(description="The last instant.")],
    ) -> Activity | None:
        """The totals."""
        period(from_, to)
        found = opened(await info.context.loaders.activity(self.ref, from_, to))
        if found is None:
            return None
        return Activity(
            from_=found.starts_at,
            to=found.ends_at,
            opening=found.opening,
            earned=found.earned,
            redeemed=found.redeemed,
            expired=found.expired,
            closing=found.closing,
        )

    @strawberry.field(description="Links to affiliated programmes; null if the program has none.")
    async def affinities(self, info: Info) -> list[Affinity] | None:
        """The links."""
        found = opened(await info.context.loaders.affinities(self.ref))
        if found is None:
            return None
        return [
            Affinity(code=a.code, status=a.status, starts_at=a.starts_at, ends_at=a.ends_at)
            for a in found
        ]

    @classmethod
    def at(cls, info: Info, ref: MemberRef) -> "Member":
        """The view of a member of whom nothing has been read."""
        return cls(id=strawberry.ID(info.context.ids.of(ref)), ref=ref)

    @classmethod
    async def seen(cls, info: Info, ref: MemberRef) -> "Member | None":
        """The member with all that the selection needs under way; None if there is none.

        Whether it exists is told by the record, or by the balance where no field of the record is
        selected; a selection of neither is not worth a call of its own.
        """
        member = await cls.existing(info, ref)
        if member.record is None and "record" in _needs(info):
            return None
        if "balance" in _needs(info) and await info.context.loaders.knows_no_balance(ref):
            return None
        return member

    @classmethod
    async def proven(cls, info: Info, ref: MemberRef) -> "Member | None":
        """The same, but its record is always asked for: a number may be anybody's guess."""
        record = info.context.loaders.member(ref)
        member = await cls.existing(info, ref)
        found = await record
        if found is None:
            return None
        member.record = found
        return member

    @classmethod
    async def existing(cls, info: Info, ref: MemberRef) -> "Member":
        """The same for a member that must exist, since something of theirs does."""
        info.context.require(Scope.READ)
        member = cls.at(info, ref)
        record = info.context.loaders.member(ref) if "record" in _needs(info) else None
        start(info, "Member", member, ASKED_APART)
        if record is not None:
            member.record = await record
        return member

    @classmethod
    def known(cls, info: Info, record: members.Member) -> "Member":
        """The view of a member whose record came with another answer."""
        member = cls.at(info, record.ref)
        member.record = record
        return member


def _of(ref: MemberRef) -> tuple[str, str]:
    return ref.program, ref.key


def _needs(info: Info) -> set[str]:
    """What tells whether the member exists: its record, or else its balance."""
    names = selected(info, "Member").keys()
    if not names <= WITHOUT_RECORD:
        return {"record"}
    return {"balance"} if "balance" in names else set()


@strawberry.type(description="A member in a list.")
class MemberEdge:
    """An entry of a list of members."""

    cursor: str = strawberry.field(description="Where the list goes on after this entry.")
    node: Member = strawberry.field(description="The member.")


@strawberry.type(description="A page of members.")
class MemberConnection:
    """A page of members."""

    edges: list[MemberEdge] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Member] = strawberry.field(description="The members alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @classmethod
    def of(cls, info: Info, page: Slice[members.Member]) -> "MemberConnection":
        """The view of a page."""
        nodes: Sequence[Member] = [Member.known(info, record) for record in page.entries]
        edges = [MemberEdge(cursor=c, node=n) for c, n in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=list(nodes), page_info=PageInfo.of(page))


@strawberry.type(description="A user of a provider's own app, member or not yet.")
class MobileUser:
    """An app user as clients see it."""

    program_key: strawberry.Private[str]
    id: str = strawberry.field(description="The provider's id of the app user.")
    name: str | None = strawberry.field(description="The name.")
    phone: str | None = strawberry.field(description="The phone number.")
    email: str | None = strawberry.field(description="The e-mail address.")
    birth_date: date | None = strawberry.field(description="The date of birth.")

    @strawberry.field(description="The member that this user is; null if not yet one.")
    async def member(self, info: Info) -> Member | None:
        """The member, by a search."""
        account = account_named(info.context.accounts, self.program_key)
        ref = await member_of_mobile_user(account, info.context.loaders, self.id)
        return None if ref is None else await Member.seen(info, ref)
