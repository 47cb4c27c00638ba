"""ProcessEarn (contract 4.7, 5.4, 7.4): E stores what the trials T and G only compute."""

from datetime import datetime, time

from sandbox.telluride.api import Api, active, is_number
from sandbox.telluride.earn_booking import answered_before, booked, debit_of
from sandbox.telluride.earn_cart import SALE, CartLine, cart_line
from sandbox.telluride.earn_reply import LineResult, Outcome, envelope, refused, wrapped
from sandbox.telluride.earn_returns import NOT_FOUND, taken_back
from sandbox.telluride.evaluation import awards, base_points
from sandbox.telluride.people import Account
from sandbox.telluride.points import Line
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import CENTRAL, read_day, read_time

STRUCTURAL = Refusal("99", "Structural Validation Errors")
NO_MEMBER = Refusal("30", "No member found")
GUEST_SINCE = 10
REQUIRED = (
    ("StoreNumber", "STORE NUMBER IS REQUIRED"),
    ("TransactionNumber", "TRANSACTION NUMBER IS REQUIRED"),
    ("TransactionTotal", "TRANSACTION TOTAL IS REQUIRED"),
    ("TransactionDate", "TRANSACTION DATE IS REQUIRED"),
)
STRICTLY_REQUIRED = (
    ("RegisterNumber", "REGISTER NUMBER IS REQUIRED"),
    ("TransactionTime", "TRANSACTION TIME IS REQUIRED"),
    ("TransactionTotalTax", "TRANSACTION TOTAL TAX IS REQUIRED"),
)
STRICTLY_REQUIRED_IN_LINES = ("DollarValuePreDisc", "DOLLAR VALUE PRE DISC IS REQUIRED")


def answer(state: State, body: Body) -> Json:
    """The figures, stored with flag E; a repeat gets its first answer. Raises Refused."""
    flag = body.text("EarnFlag")
    if flag not in {"E", "T", "G"}:
        raise Refused(*STRUCTURAL)
    if flag == "G" and int(body.text("MessageVersion")) < GUEST_SINCE:
        raise Refused("99", "EARN FLAG IS INVALID FOR THIS MESSAGE VERSION")
    _check_fields(state, body)
    lines = [cart_line(row) for row in body.rows("LineItems", "LineItem")]
    if not lines:
        raise Refused("99", "LINE ITEMS ARE REQUIRED")
    _check_lines(state, lines)
    if flag == "E" and (before := answered_before(state, body, lines)) is not None:
        return wrapped(before)
    account = None if flag == "G" else _account(state, body)
    outcome = _outcome(state, body, account, lines)
    reply = envelope(state, body, outcome)
    if flag == "E" and account is not None:
        booked(state, body, account, outcome, reply)
    return wrapped(reply)


def _check_fields(state: State, body: Body) -> None:
    strict = STRICTLY_REQUIRED if state.flag("strict_required") else ()
    for name, text in (*REQUIRED, *strict):
        if not body.has(name):
            raise Refused("99", text)
    if len(body.text("TransactionNumber")) > len("0001"):
        raise Refused("99", "TRANSACTION NUMBER IS INVALID")
    if read_day(body.text("TransactionDate")) is None:
        raise Refused("99", "TRANSACTION DATE IS INVALID")
    if body.has("TransactionTime") and read_time(body.text("TransactionTime")) is None:
        raise Refused("99", "TRANSACTION TIME IS INVALID")


def _check_lines(state: State, lines: list[CartLine]) -> None:
    name, text = STRICTLY_REQUIRED_IN_LINES
    if state.flag("strict_required") and not all(line.body.has(name) for line in lines):
        raise Refused("99", text)


def _account(state: State, body: Body) -> Account:
    number, identifier = body.text("MemberNumber"), body.text("MemberIdentifier")
    if not number and not identifier:
        raise Refused("99", "MEMBER NUMBER IS REQUIRED")
    if number and not is_number(number):
        raise Refused("99", "MEMBER NUMBER IS INVALID")
    return active(state, state.find(number, identifier), NO_MEMBER)


def _outcome(state: State, body: Body, account: Account | None, lines: list[CartLine]) -> Outcome:
    results = [*_sold(state, body, account, lines), *_returned(state, account, lines)]
    results += [LineResult(line) for line in lines if line.kind != SALE and not line.is_back]
    results.sort(key=lambda result: lines.index(result.line))
    debit = debit_of(state, body, account, results)
    return Outcome(
        account=account,
        results=results,
        balance=0 if account is None else debit.balance,
        short=debit.short,
        redeemed=_redeemed(account, body),
        debit=debit,
    )


def _sold(
    state: State, body: Body, account: Account | None, lines: list[CartLine]
) -> list[LineResult]:
    sold = [line for line in lines if line.kind == SALE]
    tier = "" if account is None else account.member.tier
    offers = state.world.offers.earnable(tier, _moment(body))
    given = awards(offers, [line.piece for line in sold])
    return [
        LineResult(
            line,
            base=base_points(line.amount),
            offers=[
                (award.offer, award.points[place])
                for award in given
                if line.division in award.offer.divisions
            ],
            coupon=sum(points for _, points in line.coupons),
        )
        for place, line in enumerate(sold)
    ]


def _returned(state: State, account: Account | None, lines: list[CartLine]) -> list[LineResult]:
    back = [line for line in lines if line.is_back]
    if back and account is None:
        raise Refused(*NOT_FOUND)
    earlier: list[Line] = []
    results: list[LineResult] = []
    for line in back:
        if account is not None:
            taken = taken_back(account, list(state.world.accounts.values()), line, earlier)
            earlier.append(taken)
            results.append(_taken(line, taken))
    return results


def _taken(line: CartLine, taken: Line) -> LineResult:
    return LineResult(line, base=taken.base, returned_bonus=taken.bonus, origin=taken.origin)


def _moment(body: Body) -> datetime:
    day = read_day(body.text("TransactionDate"))
    at = read_time(body.text("TransactionTime") or "00:00:00")
    if day is None or at is None:
        raise Refused(*STRUCTURAL)
    return datetime.combine(day, time(at.hour, at.minute, at.second), CENTRAL)


def _redeemed(account: Account | None, body: Body) -> int:
    """Points of the redemptions that the tenders refer to."""
    codes = {tender.text("AuthorizationCode") for tender in body.rows("TenderList", "Tender")}
    events = [] if account is None else account.events
    return sum(event.redeemed for event in events if event.authorization in codes - {""})


API = Api(
    name="ProcessEarn",
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refused,
    database_error=Refusal("90", "Database Error occurred."),
    structural=STRUCTURAL,
    version_bad=Refusal("99", "MESSAGE VERSION IS NOT VALID"),
    version_missing=Refusal("99", "MESSAGE VERSION IS REQUIRED"),
)
