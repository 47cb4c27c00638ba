"""What one API is to the emulator, and the checks they share; the answers are the APIs' own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from sandbox.telluride.people import Account
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import CENTRAL, read_day, read_time
from sandbox.telluride.tokens import client_of

SERVER = "emu_1"
PULSE = "9ms"
VERSION_DIGITS = 3
REQUESTOR_LENGTH = 4
NUMBER_LENGTH = 16
NUMBER_LIMIT = 18
MESSAGE_1 = "View balance and account information"
MESSAGE_2 = "at shopyourwayrewards.com"
UNKNOWN_REQUESTOR = Refusal("99", "Requestor Id invalid")


@dataclass(frozen=True, slots=True)
class Api:
    """One API: its place, its field names, its texts for what all of them check."""

    name: str
    folder: str
    requestor: str
    version: str
    answer: Callable[[State, Body], Json]
    refuse: Callable[[State, Body, Refusal], Json]
    database_error: Refusal
    structural: Refusal
    version_bad: Refusal
    version_missing: Refusal | None
    requestor_missing: Refusal | None = UNKNOWN_REQUESTOR
    requestor_long: Refusal = UNKNOWN_REQUESTOR

    @property
    def path(self) -> str:
        """The path below the host (contract 1.2)."""
        return f"/tellurideAS/{self.folder}/{self.name}"


def check(api: Api, state: State, body: Body) -> None:
    """Version, then requestor, then the switch for a database error; raises Refused."""
    version, requestor = body.text(api.version), body.text(api.requestor)
    if not version and api.version_missing is not None:
        raise Refused(*api.version_missing)
    if version and not (version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS):
        raise Refused(*api.version_bad)
    if not requestor and api.requestor_missing is not None:
        raise Refused(*api.requestor_missing)
    if len(requestor) > REQUESTOR_LENGTH:
        raise Refused(*api.requestor_long)
    client = client_of(body.client)
    if requestor and (client is None or client.requestor != requestor):
        raise Refused(*UNKNOWN_REQUESTOR)
    if state.listed("database_error_apis", api.name):
        raise Refused(*api.database_error)


def version_echo(state: State, sent: str) -> str:
    """The version answered, by switch one lower than the one sent (Q-24)."""
    if state.word("message_version_echo") == "as_sent" or not sent.isdigit():
        return sent
    return str(max(int(sent) - 1, 0)).zfill(len(sent))


def two_digits(state: State, code: str) -> str:
    """A status as ProcessRedemption's table or its example writes it (1.5)."""
    return code.zfill(2) if state.flag("two_digit_status") else code


def starred(state: State, text: str) -> str:
    """A text of 99 as 4.3 prints it."""
    return f"* {text}" if state.flag("starred_texts") else text


def is_number(text: str) -> bool:
    """Digits, and no more than any declaration allows."""
    return text.isascii() and text.isdigit() and len(text) <= NUMBER_LIMIT


def is_club_number(text: str) -> bool:
    """Sixteen digits with 7081 first; the check digit is nobody's business (1.4)."""
    return is_number(text) and len(text) == NUMBER_LENGTH and text.startswith("7081")


def moment_of(state: State, body: Body, day: str, clock: str) -> datetime | None:
    """The request's date and time, now where there is none, None when unreadable."""
    if not body.has(day):
        return state.now
    date, at = read_day(body.text(day)), read_time(body.text(clock) or "23:59:59")
    if date is None or at is None:
        return None
    return datetime.combine(date, time(at.hour, at.minute, at.second), CENTRAL)


def active(state: State, account: Account | None, not_found: Refusal) -> Account:
    """The account a transaction runs on (4.6: 30 to 35, also for 7.2); raises Refused."""
    if account is None:
        raise Refused(*not_found)
    match account.member.status:
        case "A":
            return account
        case "S":
            raise Refused("31", "Member's status is Suspended")
        case "P":
            raise Refused("35", "Member's status is Pending Verified")
        case "O":
            survivor = state.follow(account)
            if survivor is None:
                text = "Member's status is Merge and alternate member not found or not active"
                raise Refused("33", text)
            return survivor
        case _:
            raise Refused("32", "Member's status is Inactive")
