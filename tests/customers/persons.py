"""What persons do: show a code of the app, link a membership, look at their wallet."""

from typing import Any
from uuid import uuid4

from graph.principals import Kind
from sandbox.onerewards.codes import Codes
from tests.graph.world import Answer, Json, World

APP_USERS = {"everywhere": "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be", "linked": "MU-004804"}
"""The personas of kopi who have its app."""

CUSTOMER = """id memberships { linkedAt method verified member { id program { key } name } }"""
PAYLOAD = f"""
  status errors {{ code message field retry }}
  receipt {{ id replayed operation status errors {{ code field }} result {{ id __typename }} }}
  customer {{ {CUSTOMER} }}
"""
LINK = (
    f"mutation L($input: LinkMembershipInput!) {{ linkMembership(input: $input) {{ {PAYLOAD} }} }}"
)
UNLINK = (
    "mutation U($input: UnlinkMembershipInput!) { "
    f"unlinkMembership(input: $input) {{ {PAYLOAD} }} }}"
)


def auth_code(world: World, persona: str = "everywhere") -> str:
    """What the app of this persona shows now."""
    sandbox = world.sandbox
    company = sandbox.onerewards.companies[17]
    return Codes(sandbox.frame).mint(company, APP_USERS[persona]).code


def person(world: World, name: str) -> dict[str, str]:
    """The headers of a member-kind principal."""
    return world.signed_in(name, kind=Kind.MEMBER)


async def linking(
    world: World, member: str, *, headers: dict[str, str] | None = None, **asked: Any
) -> Answer:
    """The answer to linkMembership; an operator's word unless there is another proof."""
    usual = {"idempotencyKey": str(uuid4()), "memberId": member, "proof": {"operator": "till 3"}}
    return await world.query(LINK, {"input": {**usual, **asked}}, headers)


async def unlinking(
    world: World, member: str, *, headers: dict[str, str] | None = None, **asked: Any
) -> Answer:
    """The answer to unlinkMembership."""
    usual = {"idempotencyKey": str(uuid4()), "memberId": member}
    return await world.query(UNLINK, {"input": {**usual, **asked}}, headers)


async def linked(world: World, member: str, **more: Any) -> Json:
    """The customer, after a link that must be made."""
    answer = await linking(world, member, **more)
    assert answer.errors == [], answer.errors
    payload = answer.data["linkMembership"]
    assert (payload["status"], payload["errors"]) == ("SUCCEEDED", []), payload
    customer: Json = payload["customer"]
    return customer


def members_of(customer: Json) -> list[str]:
    return [each["member"]["id"] for each in customer["memberships"]]
