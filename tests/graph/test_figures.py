"""The main query over three programs, each figure of each persona against the sandbox's books."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from sandbox.app import build
from sandbox.fabric.tenant import GOLD, SILVER
from tests.graph.world import NOW, UPSTREAMS, Json, World

MAIN = """query Main($program: String!, $number: String!, $basket: BasketInput) {
  memberByNumber(program: $program, number: $number) {
    number name status
    tier { tier { code name } }
    balance {
      points worth { amount currency } pending restricted
      expiring { points expiresAt precision }
    }
    vouchers(spending: "0", first: 100) {
      nodes { code status usable { now reasons } } pageInfo { hasNextPage }
    }
    offers(basket: $basket, first: 100) { nodes { code } pageInfo { hasNextPage } }
    transactions(from: "2024-01-01T00:00:00Z", first: 100) {
      nodes { nativeId nativeKind occurredAt effect { earned redeemed adjusted } }
      pageInfo { hasNextPage }
    }
  }
}"""
BASKET = {"outlet": "ONLINE", "lines": [{"productCode": "X", "quantity": 1, "unitPrice": 40}]}
PERSONAS = [
    pytest.param(program, persona.number, id=f"{program}-{persona.key}")
    for program, upstream in UPSTREAMS.items()
    for persona in build(now=NOW).worlds[upstream].personas
]
STATUSES = {
    "active": "ACTIVE",
    "inactive": "INACTIVE",
    "A": "ACTIVE",
    "I": "INACTIVE",
    "S": "SUSPENDED",
    "P": "PENDING",
    "O": "MERGED",
    "R": "REPLACED",
    "Enabled": "ACTIVE",
}
REASONS = {
    "usable": (),
    "not_yet": ("NOT_STARTED",),
    "expired": ("EXPIRED",),
    "below_minimum": ("BELOW_MINIMUM_SPEND",),
    "birthday": ("NOT_BIRTHDAY",),
    "wrong_day": ("WRONG_DAY",),
    "wrong_time": ("WRONG_TIME",),
    "used": ("ALREADY_USED",),
    "cancelled": ("OTHER",),
    "reversed": ("ALREADY_USED",),
}
"""The books' word for a voucher's state -> the first reason why it cannot be used."""

RULES = {tier.rule: str(tier.rule_id) for tier in (SILVER, GOLD)}
"""The books' name of a tier's discount -> its id on the wire."""


async def main(world: World, program: str, number: str) -> Json:
    basket = BASKET if program == "northshore" else None
    variables = {"program": program, "number": number, "basket": basket}
    member: Json = (await world.data(MAIN, variables))["memberByNumber"]
    return member


@pytest.mark.parametrize(("program", "number"), PERSONAS)
async def test_a_personas_figures_are_those_of_the_books(
    world: World, program: str, number: str
) -> None:
    member, book = await main(world, program, number), world.book(program, number)
    assert (member["number"], member["name"]) == (number, book["name"])
    assert member["status"] == STATUSES.get(book["status"], "INACTIVE")
    tier = member["tier"] and member["tier"]["tier"]["code" if program == "northshore" else "name"]
    assert tier == (book["tier"] or None)
    balance = member["balance"]
    assert Decimal(balance["points"]) == Decimal(book["points"])
    assert_worth(program, balance, book)
    assert_parts(program, balance, book)
    EXPIRING[program](balance, book)
    VOUCHERS[program](member["vouchers"], book)
    offers = [RULES.get(offer, offer) for offer in book["offers"]]
    assert sorted(n["code"] for n in member["offers"]["nodes"]) == sorted(offers)
    TRANSACTIONS[program](member["transactions"], book)


def assert_worth(program: str, balance: Json, book: Json) -> None:
    if program == "kopi":  # the rate is ours: 0.10 MYR a point
        cents = (Decimal(book["points"]) / 10).quantize(Decimal("0.01"))
        assert balance["worth"] == {"amount": f"{cents}", "currency": "MYR"}
    else:
        assert balance["worth"] == {"amount": book["worth"], "currency": "USD"}


def assert_parts(program: str, balance: Json, book: Json) -> None:
    """Pending and restricted points; null where the program does not tell them."""
    told = {"kopi": (), "syw": ("restricted",), "northshore": ("pending", "restricted")}[program]
    for name in ("pending", "restricted"):
        if name in told:
            assert Decimal(balance[name]) == Decimal(book[name])
        else:
            assert balance[name] is None


def day(entry: Json) -> date:
    return datetime.fromisoformat(
        entry["expiresAt"] if "expiresAt" in entry else entry["at"]
    ).date()


def no_expiry_is_told(balance: Json, _: Json) -> None:
    assert balance["expiring"] is None


def the_next_five_days_of_expiry(balance: Json, book: Json) -> None:
    told = [(Decimal(e["points"]), day(e)) for e in balance["expiring"]]
    booked = [(Decimal(e["points"]), day(e)) for e in book["expiring"]]
    assert told == booked[: len(told)]
    assert len(told) == min(5, len(booked))
    assert {e["precision"] for e in balance["expiring"]} <= {"EXACT"}


def windows_hold_what_expires_in_them(balance: Json, book: Json) -> None:
    begins = NOW.date()
    for window in balance["expiring"]:
        within = [e for e in book["expiring"] if begins <= day(e) <= day(window)]
        assert Decimal(window["points"]) == sum(Decimal(e["points"]) for e in within)
        assert window["precision"] == "WINDOW"
        begins = day(window)
    last = max((day(e) for e in book["expiring"]), default=NOW.date())
    assert last <= begins


def vouchers_in_hand(vouchers: Json, book: Json) -> None:
    """OneRewards lists no voucher that was used."""
    same_vouchers(
        vouchers, {**book, "vouchers": [v for v in book["vouchers"] if v["state"] != "used"]}
    )


def same_vouchers(vouchers: Json, book: Json) -> None:
    assert not vouchers["pageInfo"]["hasNextPage"]
    told = {v["code"]: v["usable"] for v in vouchers["nodes"]}
    assert told.keys() == {v["code"] for v in book["vouchers"]}
    for voucher in book["vouchers"]:
        reasons = REASONS[voucher["state"]]
        assert tuple(told[voucher["code"]]["reasons"][:1]) == reasons
        assert told[voucher["code"]]["now"] is (not reasons)


def no_vouchers_are_kept(vouchers: Json | None, _: Json) -> None:
    assert vouchers is None


def nothing_went_through_us(transactions: Json, _: Json) -> None:
    assert transactions == {"nodes": [], "pageInfo": {"hasNextPage": False}}


def same_history(transactions: Json, book: Json) -> None:
    """Each entry once, newest first, with its effect on the points."""
    assert not transactions["pageInfo"]["hasNextPage"]
    told = {t["nativeId"]: t for t in transactions["nodes"]}
    assert len(told) == len(transactions["nodes"]) == len(book["transactions"])
    for booked in book["transactions"]:
        entry = told[booked["id"]]
        effect = {name: Decimal(points) for name, points in entry["effect"].items()}
        moved = effect["earned"] - effect["redeemed"] + effect["adjusted"]
        assert moved == Decimal(booked["points"])
        assert entry["nativeKind"] == booked["kind"]
        occurred = datetime.fromisoformat(entry["occurredAt"])
        assert abs((occurred - datetime.fromisoformat(booked["at"])).total_seconds()) < 1
    times = [datetime.fromisoformat(t["occurredAt"]) for t in transactions["nodes"]]
    assert times == sorted(times, reverse=True)


Check = Callable[[Json, Json], None]
EXPIRING: dict[str, Check] = {
    "kopi": no_expiry_is_told,
    "syw": the_next_five_days_of_expiry,
    "northshore": windows_hold_what_expires_in_them,
}
VOUCHERS: dict[str, Check] = {
    "kopi": vouchers_in_hand,
    "syw": no_vouchers_are_kept,
    "northshore": same_vouchers,
}
TRANSACTIONS: dict[str, Check] = {
    "kopi": nothing_went_through_us,
    "syw": same_history,
    "northshore": same_history,
}
