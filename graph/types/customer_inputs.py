"""Inputs of links between people and memberships; their meaning is in graph/asking/customers.py."""

import strawberry
from strawberry import UNSET

from graph.types.sale_inputs import KEY

_CUSTOMER = (
    "Whose it is: Customer.id. Left out it is you, where the token is a member's; "
    "else whoever has the membership"
)


@strawberry.input(one_of=True, description="How it is shown that the membership is this person's.")
class MembershipProofInput:
    """A proof."""

    auth_code: str | None = strawberry.field(
        default=UNSET,
        description="The one-time code that the program's own app shows. It is used up.",
    )
    operator: str | None = strawberry.field(
        default=UNSET,
        description="Who vouches for it, at a till or in support. Needs the scope customers:write.",
    )


@strawberry.input(description="A membership becomes a person's.")
class LinkMembershipInput:
    """A link."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="The membership: Member.id.")
    customer_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description=f"{_CUSTOMER}, or a new customer."
    )
    proof: MembershipProofInput = strawberry.field(description="How it is shown.")


@strawberry.input(description="A membership is no longer a person's.")
class UnlinkMembershipInput:
    """The end of a link."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="The membership: Member.id.")
    customer_id: strawberry.ID | None = strawberry.field(default=UNSET, description=f"{_CUSTOMER}.")
