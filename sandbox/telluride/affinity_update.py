"""UpdateMemberAffinitySubscriptions (contract 4.4, 5.8, 7.3): the last write wins."""

from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.telluride.api import (
    NUMBER_LENGTH,
    PULSE,
    SERVER,
    Api,
    is_club_number,
    is_number,
    starred,
)
from sandbox.telluride.people import Account, Affinity, Member, number_of
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.scribe import Change, commit
from sandbox.telluride.state import State
from sandbox.telluride.times import read_stamp

NAME = "UpdateMemberAffinitySubscriptions"
CODES = frozenset({"EXAMPLE1", "PETCLUB", "WAITING", "LEFT", "ENDED", "FUTURE"})
STATUSES = ("A", "I", "P", "D")
STRUCTURAL = Refusal("99", "STRUCTURAL VALIDATION ERRORS")


@dataclass(frozen=True, slots=True)
class Wish:
    """One entry of the request; None where it says nothing."""

    code: str
    status: str
    id: str
    since: datetime | None
    until: datetime | None


def answer(state: State, body: Body) -> Json:
    """All links of the request, or none of them; raises Refused."""
    _check_positions(state, body)
    account = _account(state, body)
    rows = body.rows("affinities", "affinity")
    if not rows:
        raise Refused("99", starred(state, "AFFILIATION CODE IS REQUIRED"))
    for wish in [_wish(state, row) for row in rows]:
        _apply(state, account, wish)
    return _envelope(Refusal("0", "Success"))


def refuse(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return _envelope(refusal)


def _envelope(outcome: Refusal) -> Json:
    additional = {"status": outcome.code, "statusText": outcome.text, "sysPulse": PULSE}
    return {"additional": additional, "mtServerName": SERVER}


def _check_positions(state: State, body: Body) -> None:
    store, terminal = body.text("storeNumber"), body.text("terminal")
    associate = body.text("associateId", "associateID")
    if store and not (store.isdigit() and len(store) <= len("00001")):
        raise Refused("99", starred(state, "STORE NUMBER IS INVALID"))
    if terminal and not (terminal.isdigit() and len(terminal) <= len("001")):
        raise Refused("99", starred(state, "TERMINAL NUMBER IS INVALID"))
    if len(associate) > len("000000000001"):
        raise Refused("99", starred(state, "ASSOCIATE ID IS INVALID"))


def _account(state: State, body: Body) -> Account:
    account = state.find(_number(state, body))
    if account is None:
        raise Refused("1", "CLUB MEMBER NOT FOUND")
    standing = state.follow(account)
    if standing is None or standing.member.status != "A":
        raise Refused("82", "UPDATE FAILED - CLUB STATUS IS INACTIVE")
    return standing


def _number(state: State, body: Body) -> str:
    """The number sent, or the one behind the identifier, in either spelling of its field."""
    number = body.text("memberNumber")
    identifier = body.text("memberIdentifier", "memebrIdentifier")
    if not number and not identifier:
        raise Refused("99", starred(state, "MEMBER NUMBER IS REQUIRED"))
    if not number:
        return number_of(identifier)
    if not is_number(number):
        raise Refused("99", starred(state, "MEMBER NUMBER IS NOT VALID"))
    if len(number) != NUMBER_LENGTH:
        raise Refused("15", "MEMBER NUMBER IS NOT VALID")
    if not is_club_number(number):
        raise Refused("30", "Invalid Member Number")
    return number


def _wish(state: State, row: Body) -> Wish:
    status, code = row.text("affinityStatus"), row.text("affiliationCode")
    if not status:
        raise Refused("99", starred(state, "AFFINITY STATUS IS REQUIRED"))
    if not code:
        raise Refused("99", starred(state, "AFFILIATION CODE IS REQUIRED"))
    if len(status) > 1:
        raise Refused("99", starred(state, "AFFINITY STATUS DATA LENGTH NOT MATCHING"))
    if status not in STATUSES:
        raise Refused("82", "INVALID AFFINITY STATUS")
    if code not in CODES:
        raise Refused("82", "INVALID ENROLLMENT REGISTRATION CODE")
    number = row.text("affinityNumber", "affinityID")
    return Wish(code, status, number, _stamp(row, "affinityStartTS"), _stamp(row, "affinityEndTS"))


def _stamp(row: Body, name: str) -> datetime | None:
    if not row.has(name):
        return None
    moment = read_stamp(row.text(name))
    if moment is None:
        raise Refused(*STRUCTURAL)
    return moment


def _apply(state: State, account: Account, wish: Wish) -> None:
    """A wish that changes nothing leaves no effect."""
    member = account.member
    known = next((link for link in member.affinities if link.code == wish.code), None)
    link = _link(wish, known, state.now)
    if link == known:
        return
    change = Change(
        operation=NAME,
        kind="affinity",
        reference=wish.code,
        delta=0,
        member=_with(member, link),
        detail={"status": link.status, "was": None if known is None else known.status},
    )
    commit(state, account, change)


def _link(wish: Wish, known: Affinity | None, now: datetime) -> Affinity:
    """Start and number stay where the wish leaves them out; a missing end is an open one."""
    since = wish.since or (known.since if known else now)
    start = since.date() if since else (known.start if known else now.date())
    return Affinity(
        code=wish.code,
        status=wish.status,
        start=start,
        end=None if wish.until is None else wish.until.date(),
        id=wish.id or (known.id if known else "0"),
        since=since,
        until=wish.until,
    )


def _with(member: Member, link: Affinity) -> Member:
    others = tuple(held for held in member.affinities if held.code != link.code)
    return replace(member, affinities=(*others, link))


API = Api(
    name=NAME,
    folder="profile",
    requestor="requestorID",
    version="messageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("90", "Internal Error"),
    structural=STRUCTURAL,
    version_bad=Refusal("99", "* MESSAGE VERSION IS NOT VALID"),
    version_missing=Refusal("99", "* MESSAGE VERSION IS REQUIRED"),
    requestor_missing=Refusal("99", "* Requestor Id invalid"),
    requestor_long=Refusal("99", "* Requestor Id invalid"),
)
