"""Links in SQL: scripts for either database (see sql.py), a link's change one of them.

The row of a customer is locked by an UPDATE that changes nothing, which both dialects know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.customers import MOST, Link, LinkChange, LinkRefused, Refusal, Unlink, Unlinked
from ledger.rows import utc
from ledger.seal import Seals
from ledger.sql import Row, Script, Statement, instant, number, raw, text
from loyalty.customers import Customer, LinkMethod, Membership
from loyalty.refs import MemberRef

_COLUMN = "links.member"


class Cloak:
    """Hides a member's key: a keyed hash of it, to be found by, and sealed, to be shown."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals

    def names(self, member: MemberRef) -> Sequence[bytes]:
        """Its keyed hashes under every key there is; the first one is written."""
        return self._seals.blinded(f"{member.program}\x00{member.key}", _COLUMN)

    def sealed(self, member: MemberRef, name: bytes) -> bytes:
        """Its key, bound to its row."""
        return self._seals.seal(member.key.encode(), name.hex(), _COLUMN)

    def opened(self, program: str, name: bytes, sealed: bytes) -> MemberRef:
        """The member again."""
        return MemberRef(program, self._seals.open(sealed, name.hex(), _COLUMN).decode())


def changed(change: LinkChange, cloak: Cloak) -> Script[None]:
    """Make the change; raises LinkRefused, and the transaction must then be rolled back."""
    if isinstance(change, Link):
        return _link(change, cloak)
    return _unlink(change, cloak)


def customer_named(customer: str, cloak: Cloak) -> Script[Customer | None]:
    """The customer with an id, and the memberships."""
    if not (yield Statement("SELECT id FROM customers WHERE id = :id", {"id": customer})):
        return None
    rows = yield Statement(
        "SELECT program, name, member, linked_at, method, verified FROM links"
        " WHERE customer = :customer ORDER BY linked_at, program, name",
        {"customer": customer},
    )
    return Customer(customer, tuple(_membership(row, cloak) for row in rows))


def customer_of_owner(owner: str, cloak: Cloak) -> Script[Customer | None]:
    """The customer that a principal is."""
    rows = yield Statement("SELECT id FROM customers WHERE owner = :owner", {"owner": owner})
    return (yield from customer_named(text(rows[0][0]), cloak)) if rows else None


def customer_of_member(member: MemberRef, cloak: Cloak) -> Script[Customer | None]:
    """The customer whose membership it is."""
    held = yield from _held(member, cloak)
    return None if held is None else (yield from customer_named(held.customer, cloak))


def erased_member(member: MemberRef, cloak: Cloak) -> Script[Unlinked]:
    """Erase a membership's link, and its customer if that was the last."""
    held = yield from _held(member, cloak)
    if held is None:
        return Unlinked()
    yield from _locked(held.customer)
    links = yield from _deleted(member.program, held)
    customers = yield Statement(
        "DELETE FROM customers WHERE id = :id"
        " AND NOT EXISTS (SELECT 1 FROM links WHERE customer = :id) RETURNING id",
        {"id": held.customer},
    )
    return Unlinked(links, len(customers))


def erased_customer(customer: str) -> Script[Unlinked]:
    """Erase a customer and every link."""
    yield from _locked(customer)
    links = yield Statement(
        "DELETE FROM links WHERE customer = :customer RETURNING name", {"customer": customer}
    )
    gone = yield Statement("DELETE FROM customers WHERE id = :id RETURNING id", {"id": customer})
    return Unlinked(len(links), len(gone))


def _link(change: Link, cloak: Cloak) -> Script[None]:
    customer = yield from _customer_for(change, cloak)
    held = yield from _held(change.member, cloak)
    if held is None:
        held = yield from _added(change, customer, cloak)
    if held.customer != customer:
        raise LinkRefused(Refusal.TAKEN)
    if change.verified:  # what was only said before is shown now
        yield Statement(
            "UPDATE links SET verified = 1, method = :method"
            " WHERE program = :program AND name = :name AND verified = 0",
            {
                "method": change.method.value,
                "program": change.member.program,
                "name": held.name,
            },
        )


def _customer_for(change: Link, cloak: Cloak) -> Script[str]:
    """Whose it is to become, locked, so that of two at once the second sees the first."""
    if change.customer is not None:
        if not (yield from _locked(change.customer)):
            raise LinkRefused(Refusal.NO_CUSTOMER)
        return change.customer
    if change.owner is not None:
        yield from _made(change.fresh, change.owner, change.at)
        rows = yield Statement(
            "UPDATE customers SET owner = owner WHERE owner = :owner RETURNING id",
            {"owner": change.owner},
        )
        return text(rows[0][0])
    held = yield from _held(change.member, cloak)
    if held is not None:
        return held.customer
    yield from _made(change.fresh, None, change.at)
    return change.fresh


def _made(customer: str, owner: str | None, at: datetime) -> Script[None]:
    yield Statement(
        "INSERT INTO customers (id, owner, created_at) VALUES (:id, :owner, :at)"
        " ON CONFLICT DO NOTHING",
        {"id": customer, "owner": owner, "at": utc(at)},
    )


def _added(change: Link, customer: str, cloak: Cloak) -> Script["_Held"]:
    """Add the link; whose it is then, for somebody else may have been faster."""
    name = cloak.names(change.member)[0]
    [[count]] = yield Statement(
        "SELECT count(*) FROM links WHERE customer = :customer", {"customer": customer}
    )
    if number(count) >= MOST:
        raise LinkRefused(Refusal.FULL)
    yield Statement(
        "INSERT INTO links (program, name, customer, member, linked_at, method, verified)"
        " VALUES (:program, :name, :customer, :member, :at, :method, :verified)"
        " ON CONFLICT DO NOTHING",
        {
            "program": change.member.program,
            "name": name,
            "customer": customer,
            "member": cloak.sealed(change.member, name),
            "at": utc(change.at),
            "method": change.method.value,
            "verified": int(change.verified),
        },
    )
    return (yield from _held(change.member, cloak)) or _Held(customer, name)


def _unlink(change: Unlink, cloak: Cloak) -> Script[None]:
    held = yield from _held(change.member, cloak)
    if held is None or not (yield from _is_meant(change, held.customer)):
        raise LinkRefused(Refusal.NOT_LINKED)
    if not (yield from _deleted(change.member.program, held)):
        raise LinkRefused(Refusal.NOT_LINKED)


def _is_meant(change: Unlink, holder: str) -> Script[bool]:
    if change.customer is not None:
        return change.customer == holder
    if change.owner is None:
        return True
    rows = yield Statement("SELECT owner FROM customers WHERE id = :id", {"id": holder})
    return bool(rows) and rows[0][0] == change.owner


@dataclass(frozen=True, slots=True)
class _Held:
    """Whose a membership is, and the name that it is kept under."""

    customer: str
    name: bytes


def _held(member: MemberRef, cloak: Cloak) -> Script[_Held | None]:
    """Whose the membership is, whichever key was the first when it was linked."""
    for name in cloak.names(member):
        rows = yield Statement(
            "SELECT customer FROM links WHERE program = :program AND name = :name",
            {"program": member.program, "name": name},
        )
        if rows:
            return _Held(text(rows[0][0]), name)
    return None


def _deleted(program: str, held: _Held) -> Script[int]:
    rows = yield Statement(
        "DELETE FROM links WHERE program = :program AND name = :name AND customer = :customer"
        " RETURNING name",
        {"program": program, "name": held.name, "customer": held.customer},
    )
    return len(rows)


def _locked(customer: str) -> Script[bool]:
    """Whether there is such a customer, who does not change until the transaction ends."""
    rows = yield Statement(
        "UPDATE customers SET owner = owner WHERE id = :id RETURNING id", {"id": customer}
    )
    return bool(rows)


def _membership(row: Row, cloak: Cloak) -> Membership:
    program, name, member, linked_at, method, verified = row
    return Membership(
        member=cloak.opened(text(program), raw(name), raw(member)),
        linked_at=instant(linked_at),
        method=LinkMethod(text(method)),
        verified=verified == 1,
    )
