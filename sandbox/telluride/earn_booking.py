"""ProcessEarn's storing (contract 5.4, 5.5, 7.3, 7.4): the booking, its effect, its repeats."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal

from sandbox.telluride.earn_cart import SALE, CartLine
from sandbox.telluride.earn_reply import Debit, LineResult, Outcome
from sandbox.telluride.history import LIFETIME_DAYS, STORES
from sandbox.telluride.keys import NUMBER_DIGITS, Original, transaction_key
from sandbox.telluride.people import Account, number_of
from sandbox.telluride.points import Event, Line, OfferShare
from sandbox.telluride.reading import Body, Json, Refused
from sandbox.telluride.registry import Stored
from sandbox.telluride.scribe import Change, commit
from sandbox.telluride.state import State
from sandbox.telluride.times import CENTRAL, read_day, read_time

API = "ProcessEarn"
DIFFERENT = "Transaction already exists with different details"
POINTS_PER_DOLLAR = 1000
CENT = Decimal("0.01")
NAMES = dict(STORES)


def key_of(body: Body) -> Original:
    """What names this transaction."""
    return transaction_key(
        body.text("StoreNumber"),
        body.text("RegisterNumber"),
        body.text("TransactionNumber"),
        body.text("TransactionDate"),
        body.text("TransactionTime"),
    )


def answered_before(state: State, body: Body, lines: Sequence[CartLine]) -> Json | None:
    """The first answer of a transaction that is booked already; raises Refused (7.3)."""
    if not state.flag("earn_duplicates_detected"):
        return None
    stored = state.world.registry.stored.get(key_of(body).among(API))
    if stored is None:
        return None
    if stored.content != _content(body, lines) and state.word("different_details") == "refuse":
        raise Refused("99", DIFFERENT)
    marked = state.flag("earn_duplicates_marked")
    return stored.reply | ({"ResponseText": "DUPLICATE"} if marked else {})


def debit_of(
    state: State, body: Body, account: Account | None, results: Sequence[LineResult]
) -> Debit:
    """How far points can be taken back; what this call gives counts first (U-19)."""
    own = 0 if account is None else state.standing(account).own
    gained = sum(result.points for result in results if not result.line.is_back)
    lost = -sum(result.points for result in results if result.line.is_back)
    there = own + gained
    match _experience(state, body):
        case "GN":
            return Debit(there - lost, lost, owed=max(0, lost - max(there, 0)))
        case "NR":
            return Debit(there)
        case _:
            taken = min(lost, max(there, 0))
            return Debit(there - taken, taken, max(0, lost - taken - _paid(body)))


def booked(state: State, body: Body, account: Account, outcome: Outcome, reply: Json) -> None:
    """Store the transaction, and the answer for its repeats."""
    event = _event(state, body, outcome)
    key = key_of(body)
    lines = [result.line for result in outcome.results]
    commit(
        state,
        account,
        Change(
            operation=API,
            kind="earn" if event.kind == "P" else "return",
            reference=key.reference,
            delta=event.change,
            event=event,
            undoes=_undone(state, event),
            detail=_detail(body, outcome),
        ),
    )
    state.world.registry.stored[key.among(API)] = Stored(_content(body, lines), reply)


def _content(body: Body, lines: Sequence[CartLine]) -> tuple[object, ...]:
    """Member and lines; everything else may differ in a repeat."""
    member = body.text("MemberNumber") or number_of(body.text("MemberIdentifier"))
    parts = tuple(
        (line.number, line.kind, line.division, line.body.text("ItemNumber"), line.amount,
         line.quantity, line.original, line.coupons)
        for line in lines
    )  # fmt: skip
    return (member, parts)


def _experience(state: State, body: Body) -> str:
    """MemberExperience counts only in reprocessing, that is with a Source."""
    if body.has("Source") and body.has("MemberExperience"):
        return body.text("MemberExperience")
    return "GN" if state.word("return_shortage") == "go_negative" else "RB"


def _paid(body: Body) -> int:
    dollars = body.amount("CurrencyDebit") * POINTS_PER_DOLLAR
    return int(max(abs(body.amount("PointDebit")), abs(dollars)))


def _event(state: State, body: Body, outcome: Outcome) -> Event:
    lost = _lost(outcome)
    gained = [result for result in outcome.results if not result.line.is_back]
    kinds = {result.line.kind == SALE for result in outcome.results if _counts(result)}
    store = key_of(body).store
    now = state.now
    return Event(
        id=state.world.registry.next_id(),
        kind="R" if kinds == {False} else "P",
        at=_said(body),
        posted=now,
        store=store,
        register=key_of(body).register,
        number=body.text("TransactionNumber").zfill(NUMBER_DIGITS),
        description=f"{store} - {NAMES.get(store, 'Store')}",
        base=sum(result.base for result in gained) - lost[0],
        bonus=sum(result.points - result.base for result in gained) - lost[1],
        expires=now.date() + timedelta(days=LIFETIME_DAYS),
        order=_order(body),
        source=body.text("RequestorID"),
        gross=body.amount("TransactionTotal").quantize(CENT),
        tax=body.amount("TransactionTotalTax").quantize(CENT),
        lines=tuple(_line(result) for result in outcome.results),
        offers=tuple(_shares(outcome)),
        tenders=_codes(body),
        booked=now,
        lost=lost,
        owed=outcome.debit.owed,
    )


def _counts(result: LineResult) -> bool:
    return result.line.kind == SALE or result.line.is_back


def _said(body: Body) -> datetime:
    """The caller's date and time, already checked."""
    day = read_day(body.text("TransactionDate"))
    at = read_time(body.text("TransactionTime")) or time()
    if day is None:
        raise ValueError(body.text("TransactionDate"))
    return datetime.combine(day, time(at.hour, at.minute, at.second), CENTRAL)


def _lost(outcome: Outcome) -> tuple[int, int]:
    """Base and bonus really taken back; what is missing is let go of base points first."""
    back = [result for result in outcome.results if result.line.is_back]
    bonus = min(-sum(result.points - result.base for result in back), outcome.debit.taken)
    return (outcome.debit.taken - bonus, bonus)


def _line(result: LineResult) -> Line:
    line = result.line
    return Line(
        number=line.number,
        division=line.division,
        item=line.body.text("ItemNumber"),
        amount=line.amount,
        quantity=line.quantity,
        base=result.base,
        bonus=result.points - result.base,
        origin=result.origin,
    )


def _shares(outcome: Outcome) -> list[OfferShare]:
    """What each offer gave, the base points first."""
    sold = [result for result in outcome.results if result.line.kind == SALE]
    spend = sum((result.line.amount for result in sold), Decimal(0))
    base = OfferShare("BASE", "10 base points for every dollar",
                      sum(result.base for result in sold), spend)  # fmt: skip
    shares = {base.code: base}
    for result in sold:
        for offer, points in result.offers:
            so_far = shares.get(offer.code, OfferShare(offer.code, offer.name, 0, Decimal(0)))
            shares[offer.code] = OfferShare(
                offer.code, offer.name, so_far.points + points, so_far.amount + result.line.amount
            )
    return [share for share in shares.values() if share.points]


def _order(body: Body) -> str:
    """The order of a split online purchase (4.7)."""
    details = body.rows("OrderDetails", "")
    return details[0].text("OrderId") if details else body.text("OrderId")


def _codes(body: Body) -> tuple[str, ...]:
    tenders = body.rows("TenderList", "Tender")
    codes = (tender.text("AuthorizationCode") for tender in tenders)
    return tuple(dict.fromkeys(code for code in codes if code))


def _undone(state: State, event: Event) -> int | None:
    """The effect of the one sale that all returned lines are from."""
    origins = {line.origin[0] for line in event.lines if line.origin is not None}
    return state.world.registry.effects.get(origins.pop()) if len(origins) == 1 else None


def _detail(body: Body, outcome: Outcome) -> dict[str, object]:
    return {"point_debit": outcome.short, "authorization_codes": list(_codes(body))}
