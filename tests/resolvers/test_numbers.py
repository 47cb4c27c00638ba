"""Numbers of programs' writes: durable, in a ring, and not begun at the same place twice."""

from resolvers.numbers import Numbers
from tests.resolvers.memory_journal import MemoryJournal
from tests.resolvers.virtual_time import now

RING = 50


async def taken(numbers: Numbers, count: int) -> list[int]:
    return [await numbers.next("syw", "earn", RING) for _ in range(count)]


async def test_a_new_counter_begins_by_chance_and_goes_round() -> None:
    numbers = Numbers(MemoryJournal(now), chance=lambda most: most - 3)
    assert await taken(numbers, RING) == [48, 49, 50, *range(1, 48)]


async def test_another_process_goes_on_behind_wherever_chance_would_begin() -> None:
    journal = MemoryJournal(now)
    first = await taken(Numbers(journal, chance=lambda _: 9), 5)
    second = await taken(Numbers(journal, chance=lambda _: 9), RING - 16)
    assert first == [10, 11, 12, 13, 14]
    assert second[0] == 26
    assert not set(first) & set(second)


async def test_ledgers_begun_anew_do_not_begin_alike() -> None:
    """A thousand of them, without anything given: the numbers of the lost one are not repeated."""
    begun = [
        await Numbers(MemoryJournal(now)).next("syw", "redemption", 10**12) for _ in range(1000)
    ]
    assert len(set(begun)) == len(begun)
    assert all(1 <= number <= 10**12 for number in begun)


async def test_each_place_of_a_ring_is_begun_at() -> None:
    begun = {await Numbers(MemoryJournal(now)).next("syw", "earn", 4) for _ in range(200)}
    assert begun == {1, 2, 3, 4}
