"""GetMemberActivitySummary and GetMemberActivityDetail (contract 4.10, 4.11, 7.5): windows."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

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
from sandbox.telluride.points import Event, Row, cents
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import read_stamp, stamp

LONGEST = timedelta(days=366)
SECOND = timedelta(seconds=1)
MONEY = Decimal("0.00")


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
    now = state.now
    opening = state.standing(account, min(start - SECOND, now))
    closing = state.standing(account, min(end, now))
    events = [row.event for row in closing.rows if row.event.at >= start]
    return {
        "totalEarned": str(sum(event.earned for event in events)),
        "totalRedeemed": str(sum(event.redeemed for event in events)),
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
        for row in _visible(state, account, min(end, state.now))
        if row.event.at >= start and _wanted(body, row.event)
    ]
    shown = [_row(state, account, row) for row in reversed(rows)]
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


def _visible(state: State, account: Account, until: datetime) -> list[Row]:
    """Rows old enough to be seen (U-33), redemptions by switch only in their earn (U-28)."""
    latest = state.now - timedelta(seconds=state.count("activity_delay_seconds"))
    rows = [row for row in state.standing(account, until).rows if row.event.posted <= latest]
    if state.flag("bare_redemption_row"):
        return rows
    redeemed = {row.event.authorization: row.event.redeemed for row in rows}
    redeemed.pop("", None)
    return [
        replace(row, event=_with_redeemed(row.event, redeemed))
        for row in rows
        if row.event.kind != "D"
    ]


def _with_redeemed(event: Event, redeemed: dict[str, int]) -> Event:
    points = sum(redeemed.get(code, 0) for code in event.tenders)
    return replace(event, redeemed=event.redeemed + points)


def _row(state: State, account: Account, row: Row) -> Json:
    return _when_and_what(state, row.event) | {
        "EarnType": account.member.earn_type,
        "GrossSpend": str(row.event.gross),
        "ReasonCode": "",
        "PostTS": stamp(row.event.posted),
        "PickUpStoreNumber": row.event.store,
        "TotalTax": str(row.event.tax),
        "AssociateID": "",
        "ProcessStatus": row.event.status,
        "TransactionNumber": row.event.number,
        "RegisterNumber": row.event.register,
        "TotalDollarSaving": MONEY,
        "OrderId": row.event.order,
        "OrderSource": row.event.source,
        "PointBalance": row.balance,
        "EarnOffers": _earn_offers(row.event),
        "TransactionAttributes": _attributes(row.event),
    }


def _when_and_what(state: State, event: Event) -> Json:
    plain = state.word("returned_points") == "positive"
    base, bonus = (abs(event.base), abs(event.bonus)) if plain else (event.base, event.bonus)
    return {
        "TransactionDTTM": stamp(event.at),
        "TransactionID": event.id,
        "TransactionDescription": event.description,
        "TransactionType": event.kind,
        "TotalPoints": base + bonus,
        "TotalBasePoints": base,
        "TotalBonusPoints": bonus,
        "SpecialUsePoints": 0,
        "TotalPointsRedeemed": event.redeemed,
        "SpecialUsePointsRedeemed": 0,
        "DollarValueOfPointsRedeemed": MONEY + Decimal(cents(event.redeemed)).scaleb(-2),
        "SpecialUsePointsRedeemedDollarValue": 0,
        "TotalExpired": event.expired,
        "StoreLocation": event.store,
        "StoreFormat": event.source,
    }


def _earn_offers(event: Event) -> Json:
    offers = [
        {
            "EarnOfferCode": share.code,
            "EarnOfferName": share.name,
            "EarnOfferType": "BONUS",
            "PointsEarned": share.points,
            "QualifiedAmount": share.amount,
        }
        for share in event.offers
    ]
    return {"EarnOffer": offers} if offers else {}


def _attributes(event: Event) -> Json:
    if event.kind != "P":
        return {}
    check = f"{event.store}{event.register}{event.number}"
    pair = {"TransactionAttributeKey": "salesCheckNumber", "TransactionAttributeValue": check}
    return {"TransactionAttribute": [pair]}


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
