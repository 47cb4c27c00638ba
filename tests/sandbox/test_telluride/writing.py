"""Requests that write, and where their answers and effects are; asserts nothing of its own."""

from typing import Any

from .conftest import Desk, status_of

EARN, REDEMPTION, BONUS = "ProcessEarn", "ProcessRedemption", "PostExternalBonus"
CREATE, LINK = "CreateMember", "UpdateMemberAffinitySubscriptions"
KEY = "00001/001/4711/2025-01-15T10:05:00"
"""The five values of the contract's example, as the books of effects write them."""

Status = tuple[str, str]


def line(number: int = 1, amount: str = "20.00", division: str = "1", **more: object) -> Any:
    return {
        "LineNumber": str(number), "ItemType": "1", "Division": division, "ItemNumber": "20001",
        "Quantity": "1", "DollarValuePreDisc": amount, "DollarValuePostDisc": amount, **more,
    }  # fmt: skip


def back(number: int = 1, amount: str = "20.00", original: str = "4711", **more: object) -> Any:
    """A returned line of the example sale."""
    named: dict[str, object] = {
        "ItemType": "2", "OriginalLineNumber": str(number), "OriginalStoreNumber": "00001",
        "OriginalRegisterNumber": "001", "OriginalTransactionNumber": original,
        "OriginalTransactionDate": "2025-01-15", "OriginalTransactionTime": "10:05:00",
    }  # fmt: skip
    return line(number, amount, **{**named, **more})


def earn(desk: Desk, *lines: Any, persona: str = "everywhere", **changes: object) -> Any:
    items = {"LineItems": {"LineItem": list(lines)}} if lines else {}
    fields = {"EarnFlag": "E", "MemberNumber": desk.number(persona), **items, **changes}
    answer = desk.call(EARN, fields)
    reply = answer["ProcessEarnResult"]["ProcessEarnReply"][0]
    return reply | {"outcome": status_of(EARN, answer)}


def redeem(
    desk: Desk, points: object = 5000, persona: str = "everywhere", **changes: object
) -> Any:
    asked = {"RedemptionPoints": str(points), "RedemptionDollarValue": "absent"}
    answer = desk.call(
        REDEMPTION, {"Function": "R", "MemberNumber": desk.number(persona), **asked, **changes}
    )
    return answer | {"outcome": status_of(REDEMPTION, answer)}


def void(desk: Desk, code: str, persona: str = "everywhere", **changes: object) -> Any:
    """The smallest void of the contract."""
    body: dict[str, object] = {
        "Function": "V", "RequestorID": "LGPH", "MemberNumber": desk.number(persona),
        "MessageVersion": "12", "RegisterNumber": "001", "TransactionDate": "2025-01-15",
        "TransactionTime": "10:20:00", "OrderStoreNumber": "00001", "PickUpStoreNumber": "00001",
        "TransactionNumber": 4712, "OrderId": "ORD-1001", "AuthorizationCode": code,
        "RedemptionPoints": "5000", "AssociateID": "WEB", "LineItems": [], **changes,
    }  # fmt: skip
    answer = desk.post(REDEMPTION, body).json()
    return answer | {"outcome": status_of(REDEMPTION, answer)}


def bonus(desk: Desk, points: object = "2500", persona: str = "everywhere", **more: object) -> Any:
    fields = {"MemberNumber": desk.number(persona), "PointsToAdd": points, **more}
    answer = desk.call(BONUS, fields)
    return answer | {"outcome": status_of(BONUS, answer)}


def create(desk: Desk, **changes: object) -> Any:
    """Somebody nobody knows, unless the changes say otherwise."""
    fields = {"EmailAddress": "new@example.com", "PhoneNumbers": phones("3125550999")}
    answer = desk.call(CREATE, {**fields, **changes})
    reply = answer["CreateMemberResult"]["GetMemberLookupReply"][0]
    return reply | {"outcome": status_of(CREATE, answer)}


def phones(*numbers: str, kind: str = "M") -> Any:
    entries = [
        {"PhoneType": kind, "PreferredPhoneType": "Y", "PhoneNumber": number} for number in numbers
    ]
    return {"Phone": entries}


def link(desk: Desk, *entries: Any, persona: str = "everywhere", **changes: object) -> Status:
    fields: dict[str, object] = {"memberNumber": desk.number(persona)}
    if entries:
        fields["affinities"] = list(entries)
    return status_of(LINK, desk.call(LINK, {**fields, **changes}))


def rows(desk: Desk, persona: str = "everywhere") -> list[Any]:
    """Activity of the day the tests live in, newest first."""
    window = {"StartDTTM": "2025-01-15T00:00:00", "EndDTTM": "2025-12-31T00:00:00"}
    answer = desk.call("GetMemberActivityDetail", {"MemberNumber": desk.number(persona), **window})
    return answer["TransactionDetails"].get("TransactionDetail", [])


def deltas(desk: Desk, **wanted: str) -> list[tuple[str, int]]:
    return [(effect["kind"], int(effect["delta"])) for effect in desk.effects(**wanted)]


def sound(desk: Desk) -> None:
    """The effects add up to what the members hold."""
    assert desk.state.audit() == []
