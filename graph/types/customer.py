"""Customers: a person, the memberships that are theirs, and what these are worth together."""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from graph.context import Info
from graph.types.balance import ExpiringPoints
from graph.types.enums import described
from graph.types.money import Money, Node
from graph.types.owner import MemberOf, owner
from graph.types.program import Program, program_of
from graph.waves import selected
from loyalty import customers
from loyalty.commands import LinkMembership, UnlinkMembership
from loyalty.customers import LinkMethod
from loyalty.outcomes import OperationStatus
from loyalty.refs import CustomerRef, MemberRef
from resolvers.receipts import Receipt
from resolvers.wallets import Figure, wallet

_FIGURES: Mapping[str, Figure] = {
    "worth": Figure.WORTH,
    "nextExpiry": Figure.NEXT_EXPIRY,
    "usableVouchers": Figure.USABLE_VOUCHERS,
}


described(
    LinkMethod,
    "How it was shown that a membership is a person's.",
    {
        "AUTH_CODE": "By a one-time code of the program's own app.",
        "TRUSTED_IDENTITY": "By an identity that the issuer of the token vouches for.",
        "OPERATOR": "By a person at a till or in support, who says so.",
        "IMPORT": "By a list that was brought over from elsewhere.",
    },
)


@strawberry.type(description="A membership that is a person's.")
class Membership:
    """A link between a person and a membership."""

    ref: strawberry.Private[MemberRef]
    linked_at: datetime = strawberry.field(description="When it was linked.")
    method: LinkMethod = strawberry.field(
        description="How it was shown that the membership is theirs."
    )
    verified: bool = strawberry.field(
        description="Whether it was shown, by a code or by an operator's word; false after IMPORT."
    )

    @strawberry.field(description="The membership itself, without asking whether it still exists.")
    async def member(self, info: Info) -> MemberOf:
        """The member."""
        return await owner(info, self.ref)

    @classmethod
    def of(cls, value: customers.Membership) -> "Membership":
        """The view of a value."""
        return cls(
            ref=value.member,
            linked_at=value.linked_at,
            method=value.method,
            verified=value.verified,
        )


@strawberry.type(
    description="What all memberships of a person are worth together, as far as it can be known."
)
class Wallet:
    """What all memberships are worth."""

    worth: list[Money] = strawberry.field(
        description="The worth of all spendable points, one sum a currency."
    )
    next_expiry: ExpiringPoints | None = strawberry.field(
        description="The points that will be lost first, where any program tells."
    )
    usable_vouchers: int | None = strawberry.field(
        description="How many vouchers can be used now; null if no program here keeps vouchers."
    )
    complete: bool = strawberry.field(
        description="False while any program could not be read, or tells no worth: "
        "the figures are then what the others have."
    )
    missing: list[Program] = strawberry.field(
        description="The programs that are not in the figures."
    )

    @classmethod
    def of(cls, info: Info, value: customers.Wallet) -> "Wallet":
        """The view of a value."""
        expiry = value.next_expiry
        return cls(
            worth=[Money.of(worth) for worth in value.worth],
            next_expiry=None if expiry is None else ExpiringPoints.of(expiry),
            usable_vouchers=value.usable_vouchers,
            complete=value.complete,
            missing=[program_of(info, program) for program in value.missing],
        )


@strawberry.type(description="A person, with memberships in any number of programs.")
class Customer(Node):
    """A customer as clients see it."""

    value: strawberry.Private[customers.Customer]

    memberships: list[Membership] = strawberry.field(
        description="The memberships that are theirs, oldest link first."
    )

    @strawberry.field(
        description="Money worth per currency; complete is false while any program could not be "
        "read. Points of two programs are never added."
    )
    async def wallet(self, info: Info) -> Wallet:
        """The wallet, by the calls that the selected figures need."""
        context = info.context
        asked = {_FIGURES[name] for name in selected(info, "Wallet") if name in _FIGURES}
        members = [each.member for each in self.value.memberships]
        return Wallet.of(info, await wallet(context.accounts, context.loaders, members, asked))

    @classmethod
    def of(cls, info: Info, value: customers.Customer) -> "Customer":
        """The view of a value, with the memberships in programs that are configured."""
        accounts = info.context.accounts
        return cls(
            id=strawberry.ID(info.context.ids.of(CustomerRef(value.id))),
            value=value,
            memberships=[
                Membership.of(each)
                for each in value.memberships
                if accounts.get(each.member.program) is not None
            ],
        )

    @classmethod
    def maybe(cls, info: Info, value: customers.Customer | None) -> "Customer | None":
        """The view of a value that may not be there."""
        return None if value is None else cls.of(info, value)


async def customer_told(info: Info, receipt: Receipt) -> Customer | None:
    """The person that a link was about, once it is made."""
    command = receipt.command
    if receipt.status is not OperationStatus.SUCCEEDED:
        return None
    if not isinstance(command, LinkMembership | UnlinkMembership):
        return None
    context = info.context
    return Customer.maybe(info, await context.people.customer_of(context.asker, command))
