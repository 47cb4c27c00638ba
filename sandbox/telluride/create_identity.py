"""Who may not join (contract 4.1, 7.3): contacts, numbers and addresses that are taken already."""

from sandbox.telluride.people import ACTIVE, Member
from sandbox.telluride.reading import Body, Refused
from sandbox.telluride.state import State

AT_ONE_ADDRESS = 4
ON_ONE_PHONE = 4


def check_identity(state: State, body: Body) -> None:
    """A number, e-mail or mobile phone belongs to one member; raises Refused."""
    if body.text("MemberNumber") in state.world.members:
        raise Refused("72", "CLUB ID ALREADY USED, TRY ANOTHER CARD")
    if not state.flag("identities_checked"):
        return
    email, mobile = _by_email(state, body), _by_phone(state, body, "M")
    _check_active(any(_is_active(member) for member in email), any(map(_is_active, mobile)))
    if email and state.word("inactive_email") == "refused":
        raise Refused("80", "Email already in use. Provide new email.")
    if sum(map(_is_active, _by_phone(state, body, "H"))) >= ON_ONE_PHONE:
        raise Refused("81", "Home Phone Reached Maximum Limit")


def check_address(state: State, body: Body) -> None:
    """A street that is given must be a whole address, and not the home of many; raises Refused."""
    street = body.text("Address1")
    if not street:
        return
    if state.flag("address_service_down"):
        raise Refused("93", "Address validation failed due to system error")
    if not body.has("City") or not body.has("State"):
        raise Refused("92", "Please enter a valid address")
    place = (street.lower(), body.text("ZipCode"))
    everybody = state.world.members.values()
    if sum((one.street.lower(), one.zip) == place for one in everybody) >= AT_ONE_ADDRESS:
        raise Refused("92", "Address associated to more than 4 SYW memberships")


def _check_active(email: bool, mobile: bool) -> None:
    if email and mobile:
        raise Refused("88", "EMAIL ADDRESS AND MOBILE PHONE EXISTS ON AN ACTIVE MEMBER")
    if email:
        raise Refused("86", "EMAIL ADDRESS EXISTS ON AN ACTIVE MEMBER")
    if mobile:
        raise Refused("87", "MOBILE PHONE EXISTS ON AN ACTIVE MEMBER")


def _is_active(member: Member) -> bool:
    return member.status == ACTIVE


def _by_email(state: State, body: Body) -> list[Member]:
    numbers = state.world.by_email.get(body.text("EmailAddress").lower(), ())
    return [state.world.members[number] for number in numbers]


def _by_phone(state: State, body: Body, kind: str) -> list[Member]:
    """Members with one of the sent numbers as a number of the same kind."""
    rows = body.rows("PhoneNumbers", "Phone")
    sent = {row.text("PhoneNumber") for row in rows if row.text("PhoneType") == kind}
    numbers = (number for phone in sorted(sent) for number in state.world.by_phone.get(phone, ()))
    known = (state.world.members[number] for number in numbers)
    return [
        member
        for member in known
        if any(held.kind == kind and held.number in sent for held in member.phones)
    ]
