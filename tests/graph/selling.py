"""Sales as an app sends them: one that each program of the sandbox takes, and how to send any."""

import itertools
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.graph.world import Answer, Json, World

PROGRAMS = ("kopi", "syw", "northshore")
OUTLETS = {"kopi": "HQ", "syw": "00001", "northshore": "ONLINE"}

COMMON = """
  status
  errors {
    __typename code message field retry program { key }
    ... on InsufficientPointsError { asked available }
    ... on NotSupportedError { operation alternatives }
  }
  warnings { code message }
  receipt { id idempotencyKey operation status replayed program { key } result { id __typename } }
"""

TRANSACTION = """
  transaction {
    id kind status nativeId document { id number } total { amount currency }
    lines { sequence quantity subtotal { amount } }
    payments { method amount { amount } }
    effect { earned redeemed adjusted }
    reverses { id } reversedBy { id }
  }
  member { id balance { points } }
"""

REDEMPTION = """
  redemption { id status points worth { amount } voucher { code status } member { id } }
  member { id balance { points } }
"""

SELECTED = {
    "Transaction": TRANSACTION,
    "Redemption": REDEMPTION,
    "Member": "member { id number name email phone status tier { tier { code } } }",
    "Voucher": "voucher { id code status } member { id }",
    "Authorization": "authorization expiresAt mobileUser member { id }",
    "ReceiptUploads": "uploads { receiptId url method headers { key value } expiresAt }",
}
MUTATIONS = {
    "postTransaction": ("PostTransactionInput", "Transaction"),
    "returnTransaction": ("ReturnTransactionInput", "Transaction"),
    "voidTransaction": ("VoidTransactionInput", "Transaction"),
    "adjustPoints": ("AdjustPointsInput", "Transaction"),
    "redeemPoints": ("RedeemPointsInput", "Redemption"),
    "redeemVoucher": ("RedeemVoucherInput", "Redemption"),
    "captureRedemption": ("RedemptionActionInput", "Redemption"),
    "voidRedemption": ("RedemptionActionInput", "Redemption"),
    "authorizeRedemption": ("AuthorizeRedemptionInput", "Authorization"),
    "claimVoucher": ("ClaimVoucherInput", "Voucher"),
    "activatePoints": ("ActivatePointsInput", "Member"),
    "enrollMember": ("EnrollMemberInput", "Member"),
    "updateMember": ("UpdateMemberInput", "Member"),
    "migrateMember": ("MigrateMemberInput", "Member"),
    "setAffinity": ("SetAffinityInput", "Member"),
    "requestReceiptUploads": ("ReceiptUploadsInput", "ReceiptUploads"),
}
"""Mutation -> the type of its input, and what its payload is about."""

_numbers = itertools.count(1)


def key() -> str:
    """A key that was never used."""
    return str(uuid4())


def document(name: str, selected: str | None = None) -> str:
    """The document of a mutation."""
    input_type, about = MUTATIONS[name]
    fields = COMMON + SELECTED[about] if selected is None else selected
    return f"mutation M($input: {input_type}!) {{ {name}(input: $input) {{ {fields} }} }}"


async def sent(world: World, name: str, asked: Json, **headers: str) -> Answer:
    """The answer to a mutation, whatever it is; a key of its own unless there is one."""
    asked = {"idempotencyKey": key(), **asked}
    return await world.query(document(name), {"input": asked}, headers)


async def told(world: World, name: str, asked: Json) -> Json:
    """The payload of a mutation; nothing of it may be in errors[]."""
    answer = await sent(world, name, asked)
    assert answer.errors == [], answer.errors
    payload: Json = answer.data[name]
    return payload


async def done(world: World, name: str, asked: Json) -> Json:
    """The payload of a mutation that must succeed."""
    payload = await told(world, name, asked)
    assert (payload["status"], payload["errors"]) == ("SUCCEEDED", []), payload
    return payload


async def refused(world: World, name: str, asked: Json) -> Json:
    """The only error of a mutation that must be refused, with nothing changed upstream."""
    before = effects(world)
    payload = await told(world, name, asked)
    assert payload["status"] == "REJECTED", payload
    assert effects(world) == before
    [error] = payload["errors"]
    found: Json = error
    return found


def effects(world: World, program: str | None = None) -> list[Any]:
    """What really changed in the sandbox's worlds."""
    from tests.graph.world import UPSTREAMS  # noqa: PLC0415

    upstream = None if program is None else UPSTREAMS[program]
    return world.sandbox.frame.books.effects(upstream)


async def points(world: World, member: str) -> Decimal:
    """A member's balance, as the graph tells it."""
    data = await world.data(
        "query B($id: ID!) { member(id: $id) { balance { points } } }", {"id": member}
    )
    return Decimal(data["member"]["balance"]["points"])


def sale(world: World, program: str, persona: str = "rich", **changes: Any) -> Json:
    """The input of a sale of two lines, 3 x 10.00 and 1 x 25.00, that the program takes."""
    number = next(_numbers)
    asked: Json = {
        "memberId": world.member_id(program, persona),
        "document": {"id": f"INV-{number:05d}"},
        "occurredAt": world.now.isoformat(),
        "outlet": {"code": OUTLETS[program]},
        "lines": [
            line("COFFEE", "3", "10.00"),
            line("BEANS", "1", "25.00"),
        ],
        "totals": {"gross": "55.00", "final": "55.00"},
        "payments": [{"method": "CARD", "amount": "55.00"}],
    }
    if program == "kopi":
        asked["points"] = {"collect": "55"}
    return {**asked, **changes}


def line(code: str, quantity: str, price: str, **changes: Any) -> Json:
    """A line without tax and discount."""
    subtotal = f"{Decimal(quantity) * Decimal(price):.2f}"
    return {
        "productCode": code,
        "division": "1",
        "description": code.title(),
        "quantity": quantity,
        "unitPrice": price,
        "subtotal": subtotal,
        **changes,
    }
