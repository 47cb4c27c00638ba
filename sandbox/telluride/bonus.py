"""PostExternalBonus (contract 4.8, U-38, U-62 to U-64, U-85): points on or off against an offer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.telluride.api import PULSE, SERVER, Api, is_club_number
from sandbox.telluride.bonus_offers import BONUS_OFFERS, BonusOffer
from sandbox.telluride.history import STORES
from sandbox.telluride.keys import NUMBER_DIGITS, REGISTER_DIGITS, STORE_DIGITS
from sandbox.telluride.offers import FAR_END
from sandbox.telluride.people import Account
from sandbox.telluride.points import Event, OfferShare
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.registry import Stored
from sandbox.telluride.scribe import Change, commit
from sandbox.telluride.state import State
from sandbox.telluride.times import end_of_day, read_stamp

NAME = "PostExternalBonus"
STRUCTURAL = Refusal("99", "Structural validation errors")
POINT_DIGITS = 11
ANY_FILE = "PROB"
NAMES = dict(STORES)
CAPS = (
    "Points not awarded - Points awarded cap for the {} has exceeded",
    "Points not awarded - Times awarded cap for the {} has exceeded",
)


@dataclass(frozen=True, slots=True)
class Posting:
    """A request that can be booked."""

    account: Account
    offer: BonusOffer
    points: int
    at: datetime
    begins: datetime
    expires: date


def answer(state: State, body: Body) -> Json:
    """The balance after the posting; raises Refused."""
    _check_fields(body)
    key = _key(body)
    if state.flag("bonus_duplicates_detected") and key in state.world.registry.stored:
        return state.world.registry.stored[key].reply
    posting = _posting(state, body)
    _booked(state, body, posting)
    reply = {
        "MemberNumber": posting.account.member.number,
        "CurrentBalance": state.standing(posting.account).own,
    } | _status(Refusal("0", "Success"))
    state.world.registry.stored[key] = Stored(None, reply)
    return reply


def refuse(_state: State, _body: Body, refusal: Refusal) -> Json:
    """The error form of U-2: status fields only."""
    return _status(refusal)


def _status(outcome: Refusal) -> Json:
    return {
        "MTServerName": SERVER,
        "StatusText": outcome.text,
        "Status": outcome.code,
        "SysPulse": PULSE,
    }


def _check_fields(body: Body) -> None:
    if not body.has("FileIdentifier"):
        raise Refused("99", "FileIdentifier is a required field")
    if body.has("OfferId") and body.has("Channel"):
        raise Refused("99", "Provide either OfferId or Channel in the request, not both")
    if "PointsToAdd" not in body.data:
        raise Refused("99", "Points to Add is a required field")
    foreign = body.text("FileIdentifier") != body.text("RequestorID")
    if foreign and body.text("RequestorID") != ANY_FILE:
        raise Refused(*STRUCTURAL)
    if not body.has("MemberNumber") or not body.has("OfferId"):
        raise Refused(*STRUCTURAL)
    if read_stamp(body.text("TransactionTs")) is None:
        raise Refused(*STRUCTURAL)


def _posting(state: State, body: Body) -> Posting:
    account = _account(state, body.text("MemberNumber"))
    offer = BONUS_OFFERS.get(body.text("OfferId"))
    at = read_stamp(body.text("TransactionTs"))
    if offer is None:
        raise Refused("2", "Bonus Offer Code Not Defined")
    if at is None:
        raise Refused(*STRUCTURAL)
    points = _points(body, offer)
    _check_offer(state, account, offer, at)
    _check_caps(state, account, offer, points)
    if points < 0 and state.standing(account).own < -points:
        raise Refused("99", "Points not available")
    begins, expires = _validity(state, body, offer, points)
    return Posting(account, offer, points, at, begins, expires)


def _account(state: State, number: str) -> Account:
    found = state.find(number) if is_club_number(number) else None
    if found is None:
        raise Refused("44", "Club ID Not Found")
    account = state.follow(found)
    if account is None or account.member.status != "A":
        raise Refused("44", "Member is not Active")
    if state.listed("bonus_ineligible", account.member.number):
        raise Refused("45", "Member not eligible to Earn Points")
    return account


def _points(body: Body, offer: BonusOffer) -> int:
    """The signed number asked for, or the offer's own where it has one."""
    text = body.text("PointsToAdd")
    if not text:
        return _flat(offer)
    figures = text.removeprefix("-").removeprefix("+")
    if not (figures.isascii() and figures.isdigit() and len(figures) <= POINT_DIGITS):
        raise Refused("99", "Points should be numeric")
    points = int(text)
    if points == 0:
        raise Refused("99", "PointsToAdd is invalid- Bank will not allow 0 points")
    return points


def _flat(offer: BonusOffer) -> int:
    if not offer.validated:
        text = (
            "Points not awarded - Points to be awarded is required in the request "
            "as the validation flag is Off in the offer"
        )
        raise Refused("99", text)
    if not offer.flat:
        text = "Flats points are not defined in the Offer_earn_screen for the offer"
        raise Refused("99", text)
    return offer.flat


def _check_offer(state: State, account: Account, offer: BonusOffer, at: datetime) -> None:
    if not offer.active:
        raise Refused("2", "OfferId is not activated")
    if not offer.earns_at(at, state.world.today):
        text = "Points not awarded - Request date does not meet the offer earn period"
        raise Refused("2", text)
    if offer.tier and offer.tier != account.member.tier:
        raise Refused("5", "Offer Qualification failed")


def _check_caps(state: State, account: Account, offer: BonusOffer, points: int) -> None:
    """A posting that would go beyond a cap is refused as a whole."""
    for who, cap, key in (
        ("member", offer.member_cap, (offer.code, account.member.number)),
        ("offer", offer.offer_cap, (offer.code, "")),
    ):
        total, times = state.world.registry.awarded.get(key, (0, 0))
        for text, limit, reached in zip(CAPS, cap, (total + points, times + 1), strict=True):
            if limit and reached > limit:
                raise Refused("2", text.format(who))


def _validity(state: State, body: Body, offer: BonusOffer, points: int) -> tuple[datetime, date]:
    """From when and until which day the points live; points taken off are gone at once."""
    begins, ends = (
        _stamp(body, "PointsStartDate") or state.now,
        _stamp(body, "PointsEndDate"),
    )
    begins = max(begins, state.now) if points > 0 else state.now
    expires = (begins + timedelta(days=offer.lasts)).date() if ends is None else ends.date()
    if points > 0 and end_of_day(expires) < begins:
        raise Refused(*STRUCTURAL)
    return begins, expires


def _stamp(body: Body, name: str) -> datetime | None:
    if not body.has(name):
        return None
    moment = read_stamp(body.text(name))
    if moment is None or moment.year > FAR_END.year:
        raise Refused(*STRUCTURAL)
    return moment


def _booked(state: State, body: Body, posting: Posting) -> None:
    account, offer, points = posting.account, posting.offer, posting.points
    store = body.text("StoreNumber").zfill(STORE_DIGITS)
    event = Event(
        id=state.world.registry.next_id(),
        kind="B",
        at=posting.at,
        posted=state.now,
        store=store,
        register=body.text("RegisterNumber").zfill(REGISTER_DIGITS),
        number=body.text("TransactionNumber").zfill(NUMBER_DIGITS),
        description=f"{store} - {NAMES.get(store, 'Store')}",
        bonus=points,
        expires=posting.expires,
        source=body.text("RequestorID"),
        offers=(OfferShare(offer.code, offer.name, points, Decimal(0)),),
        booked=posting.begins,
    )
    at_once = posting.begins <= state.now
    commit(
        state,
        account,
        Change(
            operation=NAME,
            kind="bonus",
            reference="/".join(_key(body)[1:]),
            delta=points if at_once else 0,
            event=event,
            detail={"offer": offer.code, "points": points},
        ),
    )
    state.world.registry.award(offer.code, account.member.number, points)


def _key(body: Body) -> tuple[str, ...]:
    """What would name a posting, if postings were told apart (7.3)."""
    names = ("FileIdentifier", "OfferId", "MemberNumber", "TransactionNumber", "TransactionTs")
    return (NAME, *(body.text(name) for name in names))


API = Api(
    name=NAME,
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("90", "Database Error occurred."),
    structural=STRUCTURAL,
    version_bad=Refusal("2", "MESSAGE VERSION IS NOT VALID"),
    version_missing=STRUCTURAL,
    requestor_missing=Refusal("99", "RequestorId is a required field"),
)
