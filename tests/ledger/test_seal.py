"""What is sealed stays closed: to other keys, in other places, and after changes."""

from dataclasses import replace

import pytest

from ledger.customers import Link
from ledger.journal import LedgerUnavailable
from ledger.open import open_ledger
from ledger.resealing import Resealed
from ledger.seal import BadKeys, Seals, Unreadable
from ledger.sql import LedgerError
from loyalty.customers import LinkMethod
from loyalty.refs import MemberRef
from tests.ledger.places import KEY, OTHER_KEY, now, opened, operation, over

SEALED = ["command", "secret", "result", "result_secret"]


def test_a_sealed_value_opens_in_its_place_alone() -> None:
    seals = Seals([KEY])
    sealed = seals.seal(b"clear", "row", "column")
    assert b"clear" not in sealed
    assert seals.open(sealed, "row", "column") == b"clear"
    for row, column in (("another", "column"), ("row", "another"), ("rowc", "olumn")):
        with pytest.raises(Unreadable):
            seals.open(sealed, row, column)


def test_the_same_value_is_never_sealed_alike() -> None:
    seals = Seals([KEY])
    assert seals.seal(b"clear", "row", "c") != seals.seal(b"clear", "row", "c")


def test_every_changed_byte_is_seen() -> None:
    seals = Seals([KEY])
    sealed = seals.seal(b"clear", "row", "column")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unreadable):
            seals.open(bytes(changed), "row", "column")
    for length in range(1, len(sealed)):
        with pytest.raises(Unreadable):
            seals.open(sealed[:length], "row", "column")


def test_the_first_key_seals_and_all_open() -> None:
    old, new = Seals([KEY]), Seals([OTHER_KEY, KEY])
    assert new.open(old.seal(b"clear", "r", "c"), "r", "c") == b"clear"
    with pytest.raises(Unreadable, match="add it"):
        old.open(new.seal(b"clear", "r", "c"), "r", "c")


@pytest.mark.parametrize("keys", [[], [b"short"], [KEY, KEY + b"x"]])
def test_keys_that_are_none_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(BadKeys, match="32 bytes"):
        Seals(keys)


async def test_keys_are_rotated(place) -> None:
    async with opened(place, [KEY]) as books:
        old = await books.open(operation(secret=b"s"))
    async with opened(place, [OTHER_KEY, KEY]) as books:
        assert await books.get(old.id) == old
        new = await books.open(operation(secret=b"s"))
    async with opened(place, [KEY, OTHER_KEY]) as books:
        assert await books.get(new.id) == new


async def test_a_key_that_is_missed_is_told_at_the_start(place) -> None:
    async with opened(place, [KEY]):
        pass
    with pytest.raises(LedgerError, match="add that key after the first one"):
        await open_ledger(place.url, [OTHER_KEY])


async def test_resealing_seals_the_links_of_customers_too(place) -> None:
    member = MemberRef("kopi", "m-1")
    link = Link(
        member=member,
        customer=None,
        owner="ann",
        fresh="c-1",
        at=now(),
        method=LinkMethod.OPERATOR,
        verified=True,
    )
    async with opened(place, [KEY]) as books:
        record = await books.open(operation())
        await books.change(record, over(record, links=link))
    async with opened(place, [OTHER_KEY, KEY]) as books:
        done = await books.reseal()
        assert (done.looked, done.operations, done.links) == (1, 1, 1)
        again = await books.reseal()
        assert (again.looked, again.operations, again.links) == (1, 0, 0)
    async with opened(place, [OTHER_KEY]) as books:
        found = await books.customers.of_member(member)
        assert found is not None
        assert [one.member for one in found.memberships] == [member]


async def test_resealing_makes_an_old_key_superfluous(place) -> None:
    async with opened(place, [KEY]) as books:
        first = await books.open(operation(secret=b"s", result=b"r", result_secret=b"rs"))
        second = await books.open(operation())
        second = await books.change(second, over(second))
        await books.note(first.id, "looked", b"evidence", "graph")
    async with opened(place, [OTHER_KEY, KEY]) as books:
        third = await books.open(operation())
        heard: list[Resealed] = []
        done = await books.reseal(heard.append)
        assert (done.looked, done.operations, done.links) == (3, 2, 0)
        assert heard[-1] == done
        assert (await books.reseal()).operations == 0
    async with opened(place, [OTHER_KEY]) as books:
        for record in (first, second, third):
            found = await books.get(record.id)
            assert found is not None
            assert replace(found, rev=record.rev) == record
        assert [one.evidence for one in await books.events(first.id)] == [None, b"evidence"]


@pytest.mark.parametrize("column", SEALED)
async def test_a_column_that_was_moved_or_changed_is_not_read(place, column: str) -> None:
    async with opened(place) as books:
        filled = {"secret": b"s", "result": b"r", "result_secret": b"rs"}
        one = await books.open(operation(**filled))
        other = await books.open(operation(**filled, created_at=now()))
        place.execute(
            f"UPDATE operations SET {column} ="  # noqa: S608 - ours
            f" (SELECT {column} FROM operations WHERE id = :other)"
            " WHERE id = :one",
            {"one": one.id, "other": other.id},
        )
        with pytest.raises(LedgerUnavailable, match=f"{column} of {one.id}"):
            await books.get(one.id)
        with pytest.raises(Unreadable):
            await books.find(one.scope, one.key)
        assert await books.get(other.id) == other


async def test_a_request_or_outcome_that_was_moved_is_not_read(place) -> None:
    async with opened(place) as books:
        one = await books.open(operation())
        place.execute("UPDATE steps SET outcome = request")
        with pytest.raises(Unreadable, match="outcome 0"):
            await books.get(one.id)


async def test_one_broken_row_stops_no_recovery(place, caplog) -> None:
    async with opened(place) as books:
        broken = await books.open(operation(lease_until=None))
        whole = await books.open(operation(lease_until=None))
        place.execute(
            "UPDATE operations SET command = fingerprint WHERE id = :id", {"id": broken.id}
        )
        claimed = await books.claim("me", now(), now(), 10)
        assert [record.id for record in claimed] == [whole.id]
        assert [record.id for record in await books.in_state([broken.state], 10)] == [whole.id]
    assert broken.id in caplog.text
