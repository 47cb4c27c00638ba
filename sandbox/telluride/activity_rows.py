"""The rows of GetMemberActivityDetail (contract 4.11, 7.5): which are seen, and their fields."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sandbox.telluride.people import Account
from sandbox.telluride.points import Event, Row, cents
from sandbox.telluride.reading import Json
from sandbox.telluride.state import State
from sandbox.telluride.times import stamp

MONEY = Decimal("0.00")


def visible(state: State, account: Account) -> list[Row]:
    """Rows old enough to be seen (U-33), oldest first, as the switches have them."""
    latest = state.moment(account) - timedelta(seconds=state.count("activity_delay_seconds"))
    standing = state.standing(account)
    known = {row.event.id for row in standing.rows}
    to_come = [Row(event, standing.own) for event in account.events if event.id not in known]
    rows = [row for row in (*standing.rows, *to_come) if row.event.posted <= latest]
    rows = [row for row in rows if row.event.kind not in _hidden(state)]
    rows = [replace(row, event=_as_shown(state, row.event)) for row in rows]
    rows.sort(key=lambda row: row.event.at)
    return rows if state.flag("bare_redemption_row") else _inside_earns(rows)


def _hidden(state: State) -> set[str]:
    void = {"V"} if state.word("void_rows") == "status_only" else set[str]()
    return void if state.flag("bonus_row") else void | {"B"}


def _as_shown(state: State, event: Event) -> Event:
    if state.word("row_times") == "posted" and event.kind != "X":
        event = replace(event, at=event.posted)
    status = event.status if state.word("void_rows") != "row_only" else "A"
    return replace(event, status=status)


def _inside_earns(rows: list[Row]) -> list[Row]:
    """Redemptions only as figures of the earn that names their code (U-28)."""
    redeemed = Counter[str]()
    for row in rows:
        if row.event.authorization:
            redeemed[row.event.authorization] += row.event.redeemed
    return [
        replace(row, event=_with_redeemed(row.event, redeemed))
        for row in rows
        if row.event.kind not in {"D", "V"}
    ]


def _with_redeemed(event: Event, redeemed: Counter[str]) -> Event:
    points = sum(redeemed[code] for code in event.tenders)
    return replace(event, redeemed=event.redeemed + points)


def activity_row(state: State, account: Account, row: Row) -> Json:
    """One entry of `TransactionDetail`; by switch some fields are left out (U-30)."""
    shown = _row(state, account, row)
    left_out = [name.strip() for name in state.word("activity_fields_missing").split(",")]
    return {name: value for name, value in shown.items() if name not in left_out}


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
        "TransactionNumber": _number(state, row.event),
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
        "TransactionType": event.kind if state.word("row_types") == "letters" else "P",
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


def _number(state: State, event: Event) -> str:
    """Padded to four digits, or by switch bare (U-29)."""
    padded = state.word("row_transaction_number") == "padded"
    return event.number if padded else event.number.lstrip("0") or "0"
