"""Links as the ledger keeps them: with their operation or not at all, and each membership once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.books import Books
from ledger.customers import MOST, Link, LinkChange, LinkRefused, Refusal, Unlink
from ledger.journal import Change, Overtaken, Record, State
from ledger.open import open_ledger
from ledger.people import KeptCustomers
from ledger.sql import LedgerError
from loyalty.customers import Customer, LinkMethod, Membership
from loyalty.refs import MemberRef
from tests.customers.conftest import KEY
from tests.customers.databases import raw_bytes, sqlite_url

NOW = datetime(2026, 6, 15, 17, 0, 0, 123456, tzinfo=UTC)
ANN = MemberRef("kopi", "ann-4801-card")
BEN = MemberRef("syw", "ben-7081-card")


def link(member: MemberRef = ANN, **more: object) -> Link:
    usual = Link(
        member=member,
        customer=None,
        owner=None,
        fresh=uuid4().hex,
        at=NOW,
        method=LinkMethod.AUTH_CODE,
        verified=True,
    )
    return replace(usual, **more)


async def opened(books: Books, member: MemberRef = ANN) -> Record:
    operation = uuid4().hex
    return await books.open(
        Record(
            id=operation,
            scope="till",
            key=f"key-{operation}",
            fingerprint=b"input",
            kind="MEMBERSHIP_LINK",
            program=member.program,
            member=member.key,
            state=State.READY,
            created_at=datetime.now(UTC),
            command=b"what was asked",
        )
    )


async def change(books: Books, links: LinkChange) -> Record:
    """What the end of an operation does."""
    record = await opened(books, links.member)
    return await books.change(
        record, Change(state=State.CONFIRMED, why="done", links=links, final=True)
    )


async def members(kept: KeptCustomers, customer: str) -> list[MemberRef]:
    found = await kept.customer(customer)
    assert found is not None
    return [each.member for each in found.memberships]


async def test_a_link_makes_the_customer_and_is_shown_as_it_was_made(
    books: Books, kept: KeptCustomers
) -> None:
    made = link()
    await change(books, made)
    membership = Membership(member=ANN, linked_at=NOW, method=LinkMethod.AUTH_CODE, verified=True)
    expected = Customer(made.fresh, (membership,))
    assert await kept.customer(made.fresh) == expected
    assert await kept.of_member(ANN) == expected
    assert await kept.of_member(BEN) is None


async def test_an_owner_has_one_customer_whatever_is_linked(
    books: Books, kept: KeptCustomers
) -> None:
    first, second = link(owner="ann"), link(BEN, owner="ann")
    await change(books, first)
    await change(books, second)
    found = await kept.of_owner("ann")
    assert found is not None
    assert found.id == first.fresh
    assert {each.member for each in found.memberships} == {ANN, BEN}
    assert await kept.customer(second.fresh) is None
    assert await kept.of_owner("ben") is None


async def test_linking_twice_is_linking_once(books: Books, kept: KeptCustomers) -> None:
    first = link()
    await change(books, first)
    await change(books, link(customer=first.fresh))
    await change(books, link())  # nobody is named: whoever has it
    assert await members(kept, first.fresh) == [ANN]


async def test_a_later_proof_verifies_what_was_only_said(books: Books, kept: KeptCustomers) -> None:
    first = link(method=LinkMethod.IMPORT, verified=False)
    await change(books, first)
    await change(books, link(customer=first.fresh))
    found = await kept.customer(first.fresh)
    assert found is not None
    assert [(m.method, m.verified) for m in found.memberships] == [(LinkMethod.AUTH_CODE, True)]


async def test_what_was_verified_stays_so(books: Books, kept: KeptCustomers) -> None:
    first = link()
    await change(books, first)
    await change(books, link(customer=first.fresh, method=LinkMethod.IMPORT, verified=False))
    found = await kept.customer(first.fresh)
    assert found is not None
    assert [(m.method, m.verified) for m in found.memberships] == [(LinkMethod.AUTH_CODE, True)]


async def test_anothers_membership_is_refused_and_the_operation_with_it(
    books: Books, kept: KeptCustomers
) -> None:
    await change(books, link(owner="ann"))
    record = await opened(books)
    taking = link(owner="ben")
    with pytest.raises(LinkRefused) as refused:
        await books.change(record, Change(state=State.CONFIRMED, why="done", links=taking))
    assert refused.value.refusal is Refusal.TAKEN
    assert await kept.of_owner("ben") is None, "the customer was not made either"
    found = await books.get(record.id)
    assert found is not None
    assert (found.state, found.rev) == (State.READY, record.rev)
    assert [event.why for event in await books.events(record.id)] == ["opened"]


async def test_an_operation_that_was_overtaken_links_nothing(
    books: Books, kept: KeptCustomers
) -> None:
    record = await opened(books)
    await books.change(record, Change(state=State.NEEDS_REVIEW, why="somebody else"))
    with pytest.raises(Overtaken):
        await books.change(record, Change(state=State.CONFIRMED, why="done", links=link()))
    assert await kept.of_member(ANN) is None


async def test_a_customer_that_is_not_there_gets_nothing(books: Books, kept: KeptCustomers) -> None:
    with pytest.raises(LinkRefused) as refused:
        await change(books, link(customer="0" * 32))
    assert refused.value.refusal is Refusal.NO_CUSTOMER
    assert await kept.of_member(ANN) is None


async def test_a_customer_has_as_many_memberships_as_a_wallet_can_ask_for(
    books: Books, kept: KeptCustomers
) -> None:
    first = link()
    await change(books, first)
    for n in range(1, MOST):
        await change(books, link(MemberRef("kopi", f"card-{n}"), customer=first.fresh))
    with pytest.raises(LinkRefused) as refused:
        await change(books, link(BEN, customer=first.fresh))
    assert refused.value.refusal is Refusal.FULL
    await change(books, link(customer=first.fresh))  # what is there already is no more
    assert len(await members(kept, first.fresh)) == MOST


async def test_unlinking_takes_the_membership_from_its_customer_alone(
    books: Books, kept: KeptCustomers
) -> None:
    mine, other = link(owner="ann"), link(BEN, owner="ben")
    await change(books, mine)
    await change(books, other)
    for wrong in (
        Unlink(member=ANN, customer=other.fresh, owner=None),
        Unlink(member=ANN, customer=None, owner="ben"),
        Unlink(member=MemberRef("kopi", "nobody"), customer=None, owner=None),
    ):
        with pytest.raises(LinkRefused) as refused:
            await change(books, wrong)
        assert refused.value.refusal is Refusal.NOT_LINKED
    await change(books, Unlink(member=ANN, customer=None, owner="ann"))
    await change(books, Unlink(member=BEN, customer=None, owner=None))
    assert await members(kept, mine.fresh) == []
    assert await members(kept, other.fresh) == []
    await change(books, link(BEN, owner="ann"))
    assert await members(kept, mine.fresh) == [BEN]


async def test_of_many_at_once_one_has_the_membership(books: Books, kept: KeptCustomers) -> None:
    asked = [link(owner=f"person-{n}") for n in range(16)]
    told = await asyncio.gather(*(change(books, each) for each in asked), return_exceptions=True)
    assert sum(isinstance(each, Record) for each in told) == 1
    assert {each.refusal for each in told if isinstance(each, LinkRefused)} == {Refusal.TAKEN}
    winner = next(n for n, each in enumerate(told) if isinstance(each, Record))
    found = await kept.of_member(ANN)
    assert found is not None
    assert found.id == asked[winner].fresh
    owners = [await kept.of_owner(f"person-{n}") for n in range(16)]
    assert [n for n, each in enumerate(owners) if each is not None] == [winner]


async def test_of_one_person_twice_at_once_there_is_one_customer(
    books: Books, kept: KeptCustomers
) -> None:
    asked = [link(MemberRef("kopi", f"card-{n}"), owner="ann") for n in range(12)]
    await asyncio.gather(*(change(books, each) for each in asked))
    found = await kept.of_owner("ann")
    assert found is not None
    assert len(found.memberships) == 12
    made = [await kept.customer(each.fresh) for each in asked]
    assert [each for each in made if each is not None] == [found]


async def test_two_servers_at_once_agree_who_has_it(url: str) -> None:
    servers = [await open_ledger(url, [KEY]) for _ in range(2)]
    asked = [(server, link(owner=f"person-{n}")) for n, server in enumerate(servers * 8)]
    told = await asyncio.gather(
        *(change(server, each) for server, each in asked), return_exceptions=True
    )
    assert sum(isinstance(each, Record) for each in told) == 1
    assert {type(each) for each in told} == {Record, LinkRefused}
    for server in servers:
        await server.aclose()


async def test_a_link_is_found_under_a_later_key(url: str) -> None:
    old = await open_ledger(url, [KEY])
    first = link(owner="ann")
    await change(old, first)
    await old.aclose()
    new = await open_ledger(url, [bytes(32), KEY])
    kept = KeptCustomers(new.engine, new.seals)
    assert await members(kept, first.fresh) == [ANN]
    with pytest.raises(LinkRefused):
        await change(new, link(owner="ben"))
    await change(new, Unlink(member=ANN, customer=None, owner="ann"))
    assert await kept.of_member(ANN) is None
    await new.aclose()
    with pytest.raises(LedgerError):
        await open_ledger(url, [bytes(32)])


async def test_forgetting_a_membership_erases_the_customer_with_the_last(
    books: Books, kept: KeptCustomers
) -> None:
    first = link(owner="ann")
    await change(books, first)
    await change(books, link(BEN, owner="ann"))
    gone = await kept.forget_member(ANN)
    assert (gone.links, gone.customers) == (1, 0)
    gone = await kept.forget_member(BEN)
    assert (gone.links, gone.customers) == (1, 1)
    assert await kept.of_owner("ann") is None
    gone = await kept.forget_member(BEN)
    assert (gone.links, gone.customers) == (0, 0)


async def test_forgetting_a_customer_erases_every_link(books: Books, kept: KeptCustomers) -> None:
    first = link(owner="ann")
    await change(books, first)
    await change(books, link(BEN, owner="ann"))
    gone = await kept.forget_customer(first.fresh)
    assert (gone.links, gone.customers) == (2, 1)
    assert await kept.of_member(ANN) is None
    assert await kept.customer(first.fresh) is None


async def test_no_key_of_a_member_is_readable_in_the_tables(tmp_path: Path) -> None:
    books = await open_ledger(sqlite_url(tmp_path), [KEY])
    record = await opened(books, MemberRef("kopi", "other"))
    await books.change(record, Change(state=State.CONFIRMED, why="done", links=link()))
    written = raw_bytes(tmp_path)
    await books.aclose()
    assert b"MEMBERSHIP_LINK" in written, "the file is read where it is"
    assert ANN.key.encode() not in written
