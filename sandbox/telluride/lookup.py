"""GetMemberLookup (contract 4.2, 5.1, U-53 to U-58): thirteen ways to ask for a member."""

from collections.abc import Callable, Sequence

from sandbox.telluride.api import (
    MESSAGE_1,
    MESSAGE_2,
    PULSE,
    SERVER,
    Api,
    is_club_number,
    is_number,
    version_echo,
)
from sandbox.telluride.people import Member, number_of
from sandbox.telluride.profile import member_object
from sandbox.telluride.reading import Body, Json, Refusal, Refused, WrongType
from sandbox.telluride.state import State
from sandbox.telluride.times import midnight_ms, time_of_day_ms

NAMES = ("FirstName", "LastName")
DEFAULT_LIMIT = 10

SEARCHES: dict[str, tuple[str, ...]] = {
    "01": NAMES,
    "02": ("EmailAddress",),
    "03": ("MemberNumber", "FirstName", "ZipCode"),
    "04": ("PhoneNumber",),
    "05": ("MemberNumber",),
    "06": ("PhoneNumber", "EmailAddress"),
    "07": ("PhoneNumber", "EmailAddress", "FirstName", "ZipCode"),
    "08": NAMES,
    "09": ("MemberNumber",),
    "10": ("EmailAddress",),
    "11": ("PhoneNumber",),
    "13": ("ID", "Type"),
    "14": ("MemberIdentifier",),
}
"""Mandatory fields by search type; 12 is not defined."""

WITH_OPTIONAL_NAMES = ("09", "10", "11")

REQUIRED = {
    "FirstName": Refusal("46", "FIRST NAME IS REQUIRED"),
    "LastName": Refusal("47", "LAST NAME IS REQUIRED"),
    "EmailAddress": Refusal("48", "EMAIL ADDRESS IS REQUIRED"),
    "PhoneNumber": Refusal("50", "PHONE NUMBER IS REQUIRED"),
    "ZipCode": Refusal("63", "ZIP CODE IS REQUIRED"),
    "MemberNumber": Refusal("99", "MEMBER NUMBER IS REQUIRED"),
    "MemberIdentifier": Refusal("99", "MEMBER NUMBER IS REQUIRED"),
    "ID": Refusal("99", "ID IS REQUIRED"),
    "Type": Refusal("99", "TYPE IS REQUIRED"),
}

NO_NAME = Refusal("64", "NO MATCHING NAME FOUND")
NO_EMAIL = Refusal("65", "NO MATCHING EMAIL ADDRESS FOUND")
NO_PHONE = Refusal("66", "NO MATCHING PHONE NUMBER FOUND")
NO_ROW = Refusal("67", "NO MATCHING ROW FOUND")
NO_CLUB_MEMBER = Refusal("68", "CLUB MEMBER NOT FOUND")
NOT_FOUND = {
    "01": NO_NAME, "08": NO_NAME, "02": NO_EMAIL, "10": NO_EMAIL, "04": NO_PHONE, "11": NO_PHONE,
    "03": NO_ROW, "06": NO_ROW, "07": NO_ROW, "13": NO_ROW,
    "05": NO_CLUB_MEMBER, "09": NO_CLUB_MEMBER, "14": NO_CLUB_MEMBER,
}  # fmt: skip
OTHERWISE_NOT_FOUND = {
    "customer": Refusal("71", "CUSTOMER NOT FOUND"),
    "records": Refusal("99", "NO MATCHING RECORDS FOUND"),
}

MATCHES: dict[str, Callable[[Member, str], bool]] = {
    "FirstName": lambda member, text: member.first.lower() == text.lower(),
    "LastName": lambda member, text: member.last.lower() == text.lower(),
    "ZipCode": lambda member, text: member.zip == text,
    "EmailAddress": lambda member, text: member.email.lower() == text.lower(),
    "PhoneNumber": lambda member, text: any(phone.number == text for phone in member.phones),
}


def answer(state: State, body: Body) -> Json:
    """The members that fit; raises Refused."""
    _check_positions(body)
    kind = body.text("SearchType").zfill(2)
    if kind not in SEARCHES or state.listed("lookup_types_refused", kind):
        raise Refused("99", f"INVALID SEARCH TYPE FOR {body.text('RequestorID')}")
    for name in SEARCHES[kind]:
        if not body.has(name):
            raise Refused(*REQUIRED[name])
    found = _limited(state, body, _search(state, body, kind))
    if not found:
        other = OTHERWISE_NOT_FOUND.get(state.word("lookup_not_found"))
        raise Refused(*(other or NOT_FOUND[kind]))
    return _envelope(state, body, Refusal("0", "Success"), found, (MESSAGE_1, MESSAGE_2))


def refuse(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return _envelope(state, body, refusal, [], (None, None))


def _check_positions(body: Body) -> None:
    prompt, store, terminal = (
        body.text(name) for name in ("MaxPosPrompt", "StoreNumber", "Terminal")
    )
    if prompt and not prompt.isdigit():
        raise Refused("99", "MAX POS PROMPT IS INVALID")
    if store and not (store.isdigit() and len(store) <= len("00001")):
        raise Refused("99", "STORE NUMBER IS INVALID")
    if terminal and not (terminal.isdigit() and len(terminal) <= len("001")):
        raise Refused("99", "TERMINAL NUMBER IS INVALID")


def _search(state: State, body: Body, kind: str) -> Sequence[str]:
    numbers = _candidates(state, body, kind)
    if kind == "08":
        return numbers
    sent = [name for name in NAMES if kind in WITH_OPTIONAL_NAMES and body.has(name)]
    wanted = [name for name in (*SEARCHES[kind], *sent) if name in MATCHES]
    return [
        number
        for number in numbers
        if all(MATCHES[name](state.world.members[number], body.text(name)) for name in wanted)
    ]


def _candidates(state: State, body: Body, kind: str) -> Sequence[str]:
    world = state.world
    match SEARCHES[kind][0]:
        case "MemberNumber":
            number = _club_number(body.text("MemberNumber"))
            return [number] if number in world.members else []
        case "EmailAddress":
            return world.by_email.get(body.text("EmailAddress").lower(), ())
        case "PhoneNumber":
            return world.by_phone.get(body.text("PhoneNumber"), ())
        case "ID":
            return world.with_attribute(body.text("Type"), body.text("ID"))
        case "MemberIdentifier":
            number = number_of(body.text("MemberIdentifier"))
            return [number] if number in world.members else []
        case _:
            return _by_name(state, body, kind)


def _by_name(state: State, body: Body, kind: str) -> Sequence[str]:
    first, last = body.text("FirstName"), body.text("LastName")
    if kind == "08":
        return state.world.named_like(first, last)
    return state.world.by_name.get((first.lower(), last.lower()), ())


def _club_number(text: str) -> str:
    if not is_number(text):
        raise Refused("99", "INVALID MEMBER NUMBER")
    if not is_club_number(text):
        raise Refused("70", "INVALID CLUB ID")
    return text


def _limited(state: State, body: Body, found: Sequence[str]) -> Sequence[str]:
    """U-54: everything up to the limit; more is refused, or by switch cut off."""
    asked = body.text("MaxRecords") or "0"
    if not asked.isdigit():
        raise WrongType(asked)
    limit = int(asked) or DEFAULT_LIMIT
    if len(found) > limit and state.word("lookup_overflow") == "refuse":
        raise Refused("99", "MULTIPLE RECORDS FOUND")
    return found[:limit]


def _envelope(
    state: State,
    body: Body,
    outcome: Refusal,
    found: Sequence[str],
    messages: tuple[str | None, str | None],
) -> Json:
    version, kind = body.echo("MessageVersion"), body.echo("SearchType")
    accounts = [account for number in found if (account := state.world.account(number))]
    members = [member_object(state, account, kind, int(version)) for account in accounts]
    reply: Json = {
        "MTServerName": SERVER,
        "Additional": {
            "msg1": messages[0],
            "msg2": messages[1],
            "Status": outcome.code,
            "StatusText": outcome.text,
            "MessageVersion": version_echo(state, version),
            "SysPulse": PULSE,
        },
        "Type": "PROCESSED",
        "ResponseDate": midnight_ms(state.now),
        "ResponseTime": time_of_day_ms(state.now),
        "NumRecordsReturned": len(members),
        "Members": {"Member": members} if members else {},
    }
    return {"GetMemberLookupResult": {"GetMemberLookupReply": [reply]}}


API = Api(
    name="GetMemberLookup",
    folder="profile",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("90", "MEMBERSHIP DB ERROR"),
    structural=Refusal("99", "STRUCTURAL VALIDATION ERRORS"),
    version_bad=Refusal("99", "MESSAGE VERSION IS NOT VALID"),
    version_missing=Refusal("99", "MESSAGE VERSION IS REQUIRED"),
)
