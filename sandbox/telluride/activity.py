"""GetMemberActivitySummary and GetMemberActivityDetail (contract 4.10, 4.11, 7.5): windows."""

from datetime import datetime, timedelta

from sandbox.telluride.activity_rows import activity_row, visible
from sandbox.telluride.api import (
    MESSAGE_1,
    MESSAGE_2,
    PULSE,
    SERVER,
    Api,
    is_club_number,
    version_echo,
)
from sandbox.telluride.people import Account
from sandbox.telluride.points import Event
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import read_stamp

LONGEST = timedelta(days=366)
SECOND = timedelta(seconds=1)


def summary(state: State, body: Body) -> Json:
    """Totals of a window; opening + earned - redeemed - expired = closing."""
    start, end = read_stamp(body.text("startDate")), read_stamp(body.text("endDate"))
    number, identifier = body.text("memberNumber"), body.text("memberIdentifier")
    if (number and not is_club_number(number)) or not (number or identifier):
        raise Refused("99", "Invalid Member number")
    if start is None:
        raise Refused("99", "Invalid StartDate")
    if end is None or end < start:
        raise Refused("99", "Invalid EndDate")
    account = state.find(number, identifier)
    if account is None:
        raise Refused("44", "Club ID Not Found")
    return _summary_head(state, body, Refusal("0", "Success")) | _totals(state, account, start, end)


def refuse_summary(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2: status fields and what was asked."""
    return _summary_head(state, body, refusal)


def _summary_head(state: State, body: Body, outcome: Refusal) -> Json:
    return {
        "status": outcome.code,
        "memberNumber": body.echo("memberNumber"),
        "msg1": MESSAGE_1,
        "msg2": MESSAGE_2,
        "startDate": body.echo("startDate"),
        "endDate": body.echo("endDate"),
        "statusText": outcome.text,
        "messageVersion": version_echo(state, body.echo("messageVersion")),
        "trackingId": "T1",
        "sysPulse": PULSE,
        "mtServerName": SERVER,
    }


def _totals(state: State, account: Account, start: datetime, end: datetime) -> Json:
    """By the time of booking and over own points, so that the identity of 4.10 holds."""
    now = state.moment(account)
    opening = state.standing(account, min(start - SECOND, now))
    closing = state.standing(account, min(end, now))
    events = [row.event for row in closing.rows if row.event.effective >= start]
    return {
        "totalEarned": str(sum(event.earned for event in events)),
        "totalRedeemed": str(sum(event.redeemed - event.surprise for event in events)),
        "startingBalance": str(opening.own),
        "endingBalance": str(closing.own),
        "totalExpired": str(sum(event.expired for event in events)),
    }


def detail(state: State, body: Body) -> Json:
    """Every row of a window, newest first, in one answer (U-36); raises Refused."""
    number = body.text("MemberNumber")
    if not number:
        raise Refused("99", "Member Number is a required field")
    account = state.find(number) if is_club_number(number) else None
    if account is None:
        raise Refused("30", "Invalid Member Number")
    start, end = _window(body)
    rows = [
        row
        for row in visible(state, account)
        if start <= row.event.at <= end and _wanted(body, row.event)
    ]
    shown = [activity_row(state, account, row) for row in reversed(rows)]
    details: Json = {"TransactionDetail": shown} if shown else {}
    return _detail_envelope(details, Refusal("0", "Success"))


def refuse_detail(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return _detail_envelope({}, refusal)


def _detail_envelope(details: Json, outcome: Refusal) -> Json:
    return {
        "TransactionDetails": details,
        "MTServerName": SERVER,
        "StatusText": outcome.text,
        "Status": outcome.code,
        "SysPulse": PULSE,
    }


def _window(body: Body) -> tuple[datetime, datetime]:
    start, end = read_stamp(body.text("StartDTTM")), read_stamp(body.text("EndDTTM"))
    if start is None:
        raise Refused("99", "StartDTTM is invalid")
    if end is None or end < start:
        raise Refused("99", "EndDTTM is invalid")
    if end - start > LONGEST:
        raise Refused("99", "The period is invalid, it should not exceed 366 days")
    return start, end


def _wanted(body: Body, event: Event) -> bool:
    """StoreLocation and StoreFormat restrict to equal values (U-83)."""
    store, form = body.text("StoreLocation"), body.text("StoreFormat")
    return store in {"", event.store} and form in {"", event.source}


SUMMARY = Api(
    name="GetMemberActivitySummary",
    folder="transaction",
    requestor="requestorID",
    version="messageVersion",
    answer=summary,
    refuse=refuse_summary,
    database_error=Refusal("04", "Retry DB Error"),
    structural=Refusal("99", "Invalid Member number"),
    version_bad=Refusal("99", "MessageVersion is invalid"),
    version_missing=Refusal("99", "MessageVersion is invalid"),
)

DETAIL = Api(
    name="GetMemberActivityDetail",
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=detail,
    refuse=refuse_detail,
    database_error=Refusal("81", "Failed During Get Call"),
    structural=Refusal("30", "Invalid Member Number"),
    version_bad=Refusal("99", "MessageVersion is invalid,it should be Numeric value"),
    version_missing=Refusal("99", "MessageVersion is invalid,it should be Numeric value"),
)
