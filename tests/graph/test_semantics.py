"""What an answer means: null, [] and errors; times, figures and names as they are."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.graph.world import UPSTREAMS, Json, World

EVERYTHING = """query($id: ID!, $outlet: String!) { member(id: $id) {
  number status nativeStatus mergedInto { id number } name givenName familyName email phone
  birthDate gender language joinedAt freshness { source fetchedAt }
  attributes { key value } tier { tier { name } validUntil progress { current remaining } }
  balance {
    points worth { amount } pending locked restricted
    lifetimeEarned lifetimeRedeemed lifetimeExpired
    buckets { kind state points worth { amount } expiresAt }
    expiring { points worth { amount } expiresAt precision member { id } }
    expired(from: "2020-01-01T00:00:00Z") { points expiredAt }
    redeemableAt(outlet: $outlet)
    freshness { source fetchedAt }
  }
  vouchers { nodes { code startsAt expiresAt usable { now usableFrom } } }
  offers { nodes { code startsAt endsAt points pointsCost multiplier eligible { usableFrom } } }
  transactions(from: "2020-01-01T00:00:00Z", first: 100) { nodes {
    occurredAt postedAt total { amount } effect { earned redeemed adjusted balanceAfter }
    freshness { fetchedAt }
  } }
  activity(from: "2026-03-01T00:00:00Z", to: "2026-06-01T00:00:00Z") {
    from to opening earned redeemed expired closing
  }
  affinities { code status startsAt endsAt }
} }"""
PERSONAS = ["zero", "rich", "twelve_digits", "non_latin", "expiring", "everywhere"]


async def everything(world: World, program: str, persona: str) -> Json:
    outlet = "NS-PDX-01" if program == "northshore" else "00001"
    variables = {"id": world.member_id(program, persona), "outlet": outlet}
    member: Json = (await world.data(EVERYTHING, variables))["member"]
    return member


def leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every scalar of an answer, with the name of its field."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    else:
        yield name, value


# ---------------------------------------------------------------------- nothing, and unknown

UNKNOWABLE = {
    "kopi": {"affinities", "activity", "expiring", "expired", "redeemableAt"},
    "syw": {"vouchers", "expired", "redeemableAt"},
    "northshore": {"offers", "affinities", "activity"},
}
EMPTY = {
    "kopi": {"vouchers", "transactions"},
    "syw": {"transactions", "affinities", "expiring"},
    "northshore": {"vouchers", "transactions", "expiring", "expired"},
}


@pytest.mark.parametrize("program", UPSTREAMS)
async def test_null_is_unknowable_and_an_empty_list_is_none(world: World, program: str) -> None:
    member = await everything(world, program, "zero")
    told = {**member, **member["balance"]}
    assert {name for name in UNKNOWABLE[program] if told[name] is not None} == set()
    for name in EMPTY[program]:
        value = told[name]
        assert (value["nodes"] if isinstance(value, dict) else value) == [], name


async def test_what_a_program_cannot_list_is_null_and_no_error(world: World) -> None:
    document = "{ programs { key tiers { code } adjustmentReasons { code } pointTypes } }"
    told = {p["key"]: p for p in (await world.data(document))["programs"]}
    listed = {
        key: {name for name, value in program.items() if value and name != "key"}
        for key, program in told.items()
    }
    assert listed == {
        "kopi": {"tiers"},
        "syw": set(),
        "northshore": {"adjustmentReasons", "pointTypes"},
    }
    assert all(told["syw"][name] is None for name in ("tiers", "adjustmentReasons", "pointTypes"))


# ---------------------------------------------------------------------- times and figures

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$")
TIMES = {"joinedAt", "fetchedAt", "validUntil", "expiresAt", "expiredAt", "startsAt", "endsAt"}
TIMES |= {"usableFrom", "occurredAt", "postedAt", "from", "to"}
FIGURES = {"points", "amount", "pending", "locked", "restricted", "earned", "redeemed", "adjusted"}
FIGURES |= {"balanceAfter", "opening", "expired", "closing", "redeemableAt", "pointsCost"}
FIGURES |= {"multiplier", "current", "remaining", "lifetimeEarned", "lifetimeRedeemed"}
FIGURE = re.compile(r"^-?\d+(\.\d+)?$")


@pytest.mark.parametrize("program", UPSTREAMS)
@pytest.mark.parametrize("persona", PERSONAS)
async def test_every_time_has_an_offset_and_every_figure_is_plain_digits(
    world: World, program: str, persona: str
) -> None:
    if persona not in {p.key for p in world.personas(program)}:
        persona = "rich"
    found = list(leaves(await everything(world, program, persona)))
    times = [value for name, value in found if name in TIMES and value is not None]
    assert len(times) >= 3
    for value in times:
        assert isinstance(value, str)
        assert TIME.match(value)
        assert datetime.fromisoformat(value).tzinfo
    figures = [value for name, value in found if name in FIGURES and value is not None]
    assert figures
    assert [value for value in figures if not FIGURE.match(str(value))] == []
    assert all(isinstance(value, str) for value in figures)


@pytest.mark.parametrize(
    ("program", "points", "worth"),
    [
        ("kopi", "123456789012", "12345678901.20"),
        ("syw", "123456789012", "123456789.01"),
        ("northshore", None, None),
    ],
)
async def test_a_balance_of_twelve_digits_loses_none(
    world: World, program: str, points: str | None, worth: str | None
) -> None:
    balance = (await everything(world, program, "twelve_digits"))["balance"]
    book = world.book(program, world.number(program, "twelve_digits"))
    assert balance["points"] == (points or book["points"].removesuffix(".00"))
    assert balance["worth"]["amount"] == (worth or book["worth"])
    assert len(balance["points"].partition(".")[0]) == 12


async def test_the_totals_of_a_period_add_up(world: World) -> None:
    activity = (await everything(world, "syw", "rich"))["activity"]
    opening, earned, redeemed, expired, closing = (
        int(activity[name]) for name in ("opening", "earned", "redeemed", "expired", "closing")
    )
    assert opening + earned - redeemed - expired == closing
    assert earned > 0
    assert expired > 0


# ---------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("program", "persona", "name"),
    [
        ("kopi", "non_latin", "陈美玲"),
        ("kopi", "non_latin_tamil", "கவிதா ராமசாமி"),
        ("kopi", "non_latin_arabic", "نور العين"),
        ("syw", "non_latin", "美玲 陳"),
        ("northshore", "non_latin", "小明 李"),
    ],
)
async def test_a_name_in_another_script_is_as_it_was_written(
    world: World, program: str, persona: str, name: str
) -> None:
    document = "query($id: ID!) { member(id: $id) { name } }"
    answer = await world.query(document, {"id": world.member_id(program, persona)})
    assert answer.data["member"]["name"] == name
    assert name in answer.text


async def test_a_merged_membership_tells_where_it_went(world: World) -> None:
    document = """query($id: ID!) { member(id: $id) {
      status nativeStatus balance { points }
      mergedInto { id number status name balance { points } mergedInto { id } }
    } }"""
    data = await world.data(document, {"id": world.member_id("syw", "merged")})
    survivor = data["member"].pop("mergedInto")
    assert data["member"] == {"status": "MERGED", "nativeStatus": "O", "balance": {"points": "0"}}
    assert survivor == {
        "id": world.member_id("syw", "survivor"),
        "number": world.number("syw", "survivor"),
        "status": "ACTIVE",
        "name": "Mia Meyer",
        "balance": {"points": "4200"},
        "mergedInto": None,
    }


async def test_a_figure_says_where_it_came_from_and_when(world: World) -> None:
    for program in UPSTREAMS:
        balance = (await everything(world, program, "rich"))["balance"]
        fetched = datetime.fromisoformat(balance["freshness"]["fetchedAt"])
        assert balance["freshness"]["source"] == "LIVE"
        assert fetched == world.sandbox.frame.clock.now()
