"""Documented replies with a part of them spoilt: read, or refused as unreadable, never a crash."""

import asyncio
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.errors import LoyaltyError
from providers.fan_out import FanOut
from providers.telluride.client.numbers import number_of
from providers.telluride.mapping.account import Account
from providers.telluride.mapping.activity import activity
from providers.telluride.mapping.affinities import affinities
from providers.telluride.mapping.balances import balance, channel
from providers.telluride.mapping.earnings import awards, effect
from providers.telluride.mapping.members import member
from providers.telluride.mapping.offers import offers
from providers.telluride.mapping.redemptions import redeemed
from providers.telluride.mapping.refusals import error, outcome, sayings
from providers.telluride.mapping.transactions import history, transaction
from providers.telluride.profile.apis import Api
from providers.telluride.wire.activity import WireRows, WireSummary
from providers.telluride.wire.affinities import WireAffinities
from providers.telluride.wire.balances import WireBalance
from providers.telluride.wire.earnings import WireEarning
from providers.telluride.wire.grants import WireGrant
from providers.telluride.wire.members import WireMembers
from providers.telluride.wire.offers import WireOffers
from providers.telluride.wire.redemptions import WireRedemption
from providers.telluride.wire.shapes import Unreadable, json_of

SAMPLES = Path(__file__).parent / "samples"
ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2025, 1, 15, 16, 0, tzinfo=UTC)
ACCOUNT = Account(program="syw", currency="USD", zone=ZONE)
ADA = ACCOUNT.ref("7081555000000018")

READ = {
    "lookup": (
        WireMembers,
        lambda wire: [member(ACCOUNT, entry, NOW) for entry in wire.members],
    ),
    "balance": (
        WireBalance,
        lambda wire: (found := channel(wire.points, "EXMP")) and balance(ACCOUNT, ADA, found, NOW),
    ),
    "affinities": (WireAffinities, lambda wire: affinities(ACCOUNT, wire.affinities)),
    "redemption": (WireRedemption, lambda wire: redeemed(ACCOUNT, wire)),
    "earn": (
        WireEarning,
        lambda wire: (effect(ACCOUNT, wire.reply, guest=False), awards(wire.reply)),
    ),
    "offers": (WireOffers, lambda wire: offers(ACCOUNT, ADA, wire.offers)),
    "summary": (WireSummary, lambda wire: activity(wire, NOW, NOW)),
    "detail": (
        WireRows,
        lambda wire: [
            transaction(ACCOUNT, ADA, key, rows, NOW) for key, rows in history(ACCOUNT, wire.rows)
        ],
    ),
    "token": (WireGrant, lambda wire: wire.access_token),
}

ODD = [
    None, "", {}, [], [{}], [None], True, 0, -1, 1.5, 10**30, "x", "1,5", "NaN", "0001-01-01",
    "9999-12-31T23:59:59", [[]], {"x": 1}, ["x", "y"], "\u0000", "٣", "2025-02-30",
]  # fmt: skip


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in entries:
            yield (*path, key)
            yield from places(part, (*path, key))


def spoilt(parsed: object, path: tuple, odd: object) -> object:
    copy = deepcopy(parsed)
    part = copy
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = odd
    return copy


@pytest.mark.parametrize("name", READ)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_spoilt_reply_is_read_or_refused_and_never_a_crash(name, data):
    answer, mapped = READ[name]
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    path = data.draw(st.sampled_from(list(places(sample))))
    parsed = json_of(json.dumps(spoilt(sample, path, data.draw(st.sampled_from(ODD)))).encode())
    list(sayings(parsed))
    try:
        wire = answer.decoded(parsed, ZONE)
    except Unreadable:
        return
    mapped(wire)
    told = outcome(Api.REWARD_BALANCE, wire.told, 200)
    if told is not None and told.code is not None:
        assert isinstance(error("syw", told), LoyaltyError)


@pytest.mark.parametrize("width", [1, 3])
async def test_no_more_members_are_asked_for_at_a_time_than_allowed(width):
    running, most = 0, 0

    async def ask(key: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return key

    keys = [str(number) for number in range(9)]
    places = FanOut(width, number_of)
    batches = await asyncio.gather(places.each(keys, ask), places.each(keys, ask))
    assert batches == [keys, keys]
    assert most == width
