"""Reading and finding members (contract 6.3)."""

from collections.abc import Iterator, Sequence

from loyalty.errors import InvalidInput, MemberNotFound, Unsupported
from loyalty.members import Member, MemberLookup, MemberStatus, PersonName
from loyalty.operations import Operation
from providers.fabric.client.session import Ask, Session
from providers.fabric.mapping.members import digits, member_asked, members_matching
from providers.fabric.mapping.tenant import uuid
from providers.fabric.profile import Upstream
from providers.fabric.wire.members import WireMember, WireMembersReply
from providers.port import Answer

_OPERATION = Upstream.GET_MEMBERS
_PATH = "/v1/members"


class Members(Session):
    """ReadsMembers, FindsMembers."""

    async def members(self, keys: Sequence[str]) -> list[Answer[Member]]:
        """The members' records, one call each: the upstream has no bulk read."""
        return await self.each(keys, self._by_profile_id)

    async def member_by_number(self, number: str) -> Member | None:
        """By loyaltyNumber, or by profileId where the text is a UUID."""
        wanted = number.strip()
        profile_id = uuid(wanted)
        if not wanted:
            return None
        if profile_id is not None:
            return await self._by_profile_id(profile_id)
        return await self._one("loyaltyNumber", wanted)

    async def find_members(self, by: MemberLookup) -> list[Member]:
        """The members of our club that meet every criterion."""
        self._check(by)
        pairs = list(_criteria(by))
        query = dict(pairs)
        if not all(query.values()) or any(query[name] != value for name, value in pairs):
            return []  # an empty criterion, or two that exclude each other, fits nobody
        people = await self._search(query)
        with self.reading(_OPERATION):
            found = members_matching(people, by, self.tenant, self.now())
        for member in found:
            self._count(member)
        return found

    async def _by_profile_id(self, profile_id: str) -> Member | None:
        return await self._one("profileId", profile_id)

    async def _one(self, name: str, value: str) -> Member | None:
        try:
            reply = await self.ask(Ask(_OPERATION, _PATH, {name: value}), WireMembersReply)
        except MemberNotFound:
            return None
        with self.reading(_OPERATION):
            member = member_asked(reply.rows, value, self.tenant, self.now())
        if member is not None:
            self._count(member)
        return member

    async def _search(self, query: dict[str, str]) -> tuple[WireMember, ...]:
        """Everybody the provider finds; by an id there is one answer and no paging."""
        ask = Ask(_OPERATION, _PATH, query)
        try:
            if query.keys() & {"profileId", "loyaltyNumber"}:
                return (await self.ask(ask, WireMembersReply)).rows
            return tuple(await self.pages(ask, WireMembersReply))
        except MemberNotFound:
            return ()

    def _check(self, by: MemberLookup) -> None:
        """Refuse, before any call, what Get Members has no filter for."""
        if by.attribute is not None:
            raise self._unsupported("attribute")
        if by.mobile_user is not None:
            raise self._unsupported("mobileUser")
        if by.name is not None and by.name.wildcard:
            raise self._unsupported("name", "wildcard")
        if not any(_criteria(by)):
            raise InvalidInput(
                "name at least one thing to search by", field=("by",), program=self.program
            )

    def _unsupported(self, *field: str) -> Unsupported:
        return Unsupported(
            f"this program cannot search by {' '.join(field)}; use number, e-mail, phone or name",
            operation=Operation.MEMBER_LOOKUP,
            field=("by", *field),
            program=self.program,
        )

    def _count(self, member: Member) -> None:
        if member.status is MemberStatus.UNKNOWN:
            self.unmapped[_OPERATION, f"accountStatus {member.native_status}"] += 1


def _criteria(by: MemberLookup) -> Iterator[tuple[str, str]]:
    """The filters of Get Members; `phonenumber` is all lower case."""
    if by.number is not None:
        profile_id = uuid(by.number)
        yield (
            ("loyaltyNumber", by.number.strip())
            if profile_id is None
            else ("profileId", profile_id)
        )
    if by.native_id is not None:
        yield "profileId", uuid(by.native_id) or ""
    if by.email is not None:
        yield "email", by.email.strip()
    if by.phone is not None:
        yield "phonenumber", digits(by.phone)
    if by.name is not None:
        yield from _name(by.name)


def _name(name: PersonName) -> Iterator[tuple[str, str]]:
    yield "firstName", name.given_name.strip()
    if name.family_name is not None:
        yield "lastName", name.family_name.strip()
    if name.postal_code is not None:
        yield "postalCode", name.postal_code.strip()
