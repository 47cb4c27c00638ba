"""The payload of the mutations that link memberships to people, and take them away again."""

import strawberry

from graph.context import Info
from graph.types.customer import Customer, customer_told
from graph.types.payloads import MutationPayload


@strawberry.type(description="What became of a link between a person and a membership.")
class CustomerPayload(MutationPayload):
    """A link."""

    @strawberry.field(
        description="The person, with the memberships as they are now; null where nothing was "
        "linked, and where a membership was taken from a person who was not named."
    )
    async def customer(self, info: Info) -> Customer | None:
        """The customer."""
        receipt = self.told.receipt
        return None if receipt is None else await customer_told(info, receipt)
