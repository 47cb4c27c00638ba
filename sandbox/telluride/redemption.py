"""ProcessRedemption (contract 4.6, 5.3): which function is asked for; each has its own module."""

from sandbox.telluride.api import Api
from sandbox.telluride.people import Account
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.redemption_cart import (
    SOURCES,
    STRUCTURAL,
    account_of,
    checked_lines,
    holdings,
    inquiry,
)
from sandbox.telluride.redemption_reply import envelope, refused
from sandbox.telluride.redemption_spend import answered_before, spent
from sandbox.telluride.redemption_void import undone
from sandbox.telluride.state import State


def answer(state: State, body: Body) -> Json:
    """B asks, R spends, V reverses. Raises Refused."""
    function, apply = body.text("Function"), body.text("ApplyFunction") or "A"
    if function not in {"B", "R", "V"} or apply not in SOURCES:
        raise Refused(*STRUCTURAL)
    if function == "V":
        return undone(state, body)
    lines = checked_lines(body)
    if apply == "S" and not body.rows("MemberSelectedOffers", "MemberSelectedOffer"):
        raise Refused(*STRUCTURAL)
    if function == "R" and (before := answered_before(state, body, lines)) is not None:
        return before
    account = None if apply == "G" else account_of(state, body)
    return _asked_or_spent(state, body, account, lines)


def _asked_or_spent(state: State, body: Body, account: Account | None, lines: list[Body]) -> Json:
    have = holdings(state, account, SOURCES[body.text("ApplyFunction") or "A"])
    could = inquiry(have, body, lines)
    if body.text("Function") == "R" and account is not None:
        return spent(state, body, account, have, could)
    if account is not None:
        state.world.registry.inquired.add(account.member.number)
    return envelope(state, body, could)


API = Api(
    name="ProcessRedemption",
    folder="transaction",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refused,
    database_error=Refusal("90", "Database Error occurred."),
    structural=STRUCTURAL,
    version_bad=Refusal("99", "Message Version is invalid"),
    version_missing=Refusal("99", "Message Version is invalid"),
    requestor_missing=STRUCTURAL,
)
