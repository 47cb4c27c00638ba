"""GetMemberAffinitySubscriptions (contract 4.5, U-68, U-69): three arrays, one of them filled."""

from datetime import datetime

from sandbox.telluride.api import (
    PULSE,
    SERVER,
    Api,
    is_club_number,
    is_number,
    moment_of,
)
from sandbox.telluride.people import Account, Affinity
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.state import State

ARRAYS = ("affinity", "affinityExtended", "affinityForMemberPricing")
STRUCTURAL = Refusal("99", "STRUCTURAL VALIDATION ERRORS")


def answer(state: State, body: Body) -> Json:
    """The affinities valid at the request's moment; raises Refused."""
    account = _account(state, body.text("memberNumber"))
    at = moment_of(state, body, "currentDate", "currentTime")
    if at is None:
        raise Refused(*STRUCTURAL)
    filled = state.word("affinity_array")
    entries = [_entry(link) for link in account.member.affinities if _valid(link, at)]
    arrays: Json = {name: entries if name == filled else [] for name in ARRAYS}
    return _envelope(arrays, Refusal("0", "Success"))


def refuse(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return _envelope({name: [] for name in ARRAYS}, refusal)


def _account(state: State, number: str) -> Account:
    if not number:
        raise Refused("99", "MEMBER NUMBER IS REQUIRED")
    if not is_number(number):
        raise Refused("99", "INVALID MEMBER NUMBER")
    if not is_club_number(number):
        raise Refused("30", "Invalid Member Number")
    account = state.find(number)
    if account is None:
        raise Refused("1", "CLUB MEMBER NOT FOUND")
    if account.member.status != "A":
        raise Refused("1", "INACTIVE MEMBER")
    return account


def _valid(link: Affinity, at: datetime) -> bool:
    begun = link.start <= at.date() if link.since is None else link.since <= at
    ended = link.end is not None and at.date() > link.end
    return begun and not ended and link.status != "I" and (link.until is None or at <= link.until)


def _entry(link: Affinity) -> Json:
    entry: Json = {
        "affinityStartDate": link.start.isoformat(),
        "associateId": "0001",
        "storeNumber": "",
        "terminal": "",
        "requestorID": "",
        "affinityID": link.id,
        "affiliationCode": link.code,
        "affinityStatus": link.status,
        "offerCode": "",
    }
    if link.end is not None:
        entry["affinityEndDate"] = link.end.isoformat()
    return entry


def _envelope(arrays: Json, outcome: Refusal) -> Json:
    additional = {"status": outcome.code, "statusText": outcome.text, "sysPulse": PULSE}
    return {"affinities": arrays, "mtServerName": SERVER, "additional": additional}


API = Api(
    name="GetMemberAffinitySubscriptions",
    folder="profile",
    requestor="requestorID",
    version="messageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("1", "GetMemberAffinitySubscriptions Failed"),
    structural=STRUCTURAL,
    version_bad=Refusal("99", "MESSAGE VERSION IS NOT VALID"),
    version_missing=Refusal("99", "MESSAGE VERSION IS REQUIRED"),
)
