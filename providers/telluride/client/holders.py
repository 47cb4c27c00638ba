"""Who holds an e-mail address or a telephone number: looked for before and after an enrolment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from loyalty.errors import ErrorCode
from loyalty.members import MemberStatus
from providers.telluride.client.desk import Desk
from providers.telluride.client.searches import Search
from providers.telluride.mapping.members import status
from providers.telluride.mapping.refusals import unsupported_search
from providers.telluride.profile.apis import Api
from providers.telluride.wire.members import WireMember, WireMembers


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody can be reached: "" for what is not given; never printed."""

    email: str = field(repr=False)
    phone: str = field(repr=False)
    is_home: bool = False

    @property
    def is_mobile(self) -> bool:
        """Whether it has a mobile number, which belongs to one member."""
        return bool(self.phone) and not self.is_home


@dataclass(frozen=True, slots=True)
class Holder:
    """A member who has a contact."""

    wire: WireMember = field(repr=False)
    is_active: bool

    @property
    def number(self) -> str:
        """The member's number."""
        return self.wire.member_number or ""

    def has_email(self, contact: Contact) -> bool:
        """Whether the e-mail address is the member's."""
        return _same(self.wire.email_address, contact.email)

    def has_mobile(self, contact: Contact) -> bool:
        """Whether the number is the member's mobile number, or of no known kind."""
        return any(
            entry.phone_number == contact.phone and entry.phone_type in {"M", None}
            for entry in self.wire.phones
        )

    def is_made_of(self, sent: Mapping[str, str], contact: Contact) -> bool:
        """Whether this is the member that the request has made: all that it says of one."""
        wire = self.wire
        return (
            _same(wire.first_name, sent["FirstName"])
            and _same(wire.last_name, sent["LastName"])
            and (not contact.email or self.has_email(contact))
            and (
                not contact.phone
                or any(entry.phone_number == contact.phone for entry in wire.phones)
            )
            and wire.created_by in {None, sent["ClubMembershipCreatedBy"]}
        )


class Holders:
    """Looks members up by their contacts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.program = desk.account.program

    async def of(self, contact: Contact) -> tuple[Holder, ...]:
        """Everybody with the e-mail address or the number, each once.

        Raises Unsupported where the account may not search so, Declined where too many match.
        """
        found: dict[str, Holder] = {}
        if contact.email:
            found |= await self._search(Search("02", {"EmailAddress": contact.email}))
        if contact.phone:
            found |= await self._search(Search("04", {"PhoneNumber": contact.phone}))
        return tuple(found.values())

    async def _search(self, chosen: Search) -> dict[str, Holder]:
        desk = self._desk
        body = desk.bodies.lookup(chosen)
        heard = await desk.exchange.ask(Api.MEMBER_LOOKUP, body, WireMembers)
        if heard.outcome.says_no_member:
            return {}
        if heard.outcome.code is ErrorCode.NOT_SUPPORTED:
            raise unsupported_search(self.program)
        if heard.outcome.code is not None:
            raise desk.exchange.error(heard.outcome)
        return {
            wire.member_number: Holder(
                wire, status(desk.account, wire.club_status) is MemberStatus.ACTIVE
            )
            for wire in heard.answer.members
            if wire.member_number is not None
        }


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()
