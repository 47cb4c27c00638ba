"""Links between people and memberships: inputs as commands."""

from graph.asking.references import References
from graph.types.checks import INPUT, WORDS, maybe_text
from graph.types.customer_inputs import LinkMembershipInput, UnlinkMembershipInput
from graph.types.inputs import given
from loyalty.commands import LinkMembership, UnlinkMembership
from resolvers.customers import Asker

_AT = INPUT.at("customerId")


def link_membership(
    references: References, who: Asker, asked: LinkMembershipInput
) -> LinkMembership:
    """linkMembership; GraphQL's @oneOf has seen to it that there is one proof."""
    at = INPUT.at("proof")
    customer = given(asked.customer_id)
    return LinkMembership(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        customer=None if customer is None else references.customer(_AT, customer),
        own=customer is None and who.is_person,
        auth_code=maybe_text(at.at("authCode"), asked.proof.auth_code, WORDS),
        operator=maybe_text(at.at("operator"), asked.proof.operator),
    )


def unlink_membership(
    references: References, who: Asker, asked: UnlinkMembershipInput
) -> UnlinkMembership:
    """The same the other way: unlinkMembership."""
    customer = given(asked.customer_id)
    return UnlinkMembership(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        customer=None if customer is None else references.customer(_AT, customer),
        own=customer is None and who.is_person,
    )
