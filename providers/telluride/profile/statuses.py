"""What Telluride's status codes and texts mean, as data; codes are scoped to one API (Q-20, Q-21).

The texts are the published ones. One row is a code, a meaning, and the texts that carry it; a code
with a single meaning needs none of its texts recognised, a code with several is decided by text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from loyalty.errors import ErrorCode
from providers.telluride.profile.apis import Api

INVALID = ErrorCode.INVALID_INPUT
NO_MEMBER = ErrorCode.MEMBER_NOT_FOUND
INACTIVE = ErrorCode.MEMBER_NOT_ACTIVE
TAKEN = ErrorCode.CONTACT_IN_USE
PASSING = ErrorCode.PROVIDER_UNAVAILABLE
FAULT = ErrorCode.PROVIDER_ERROR


@dataclass(frozen=True, slots=True)
class Row:
    """A code's meaning; with `texts`, only where one of them is part of the text received."""

    code: int
    meaning: ErrorCode
    texts: tuple[str, ...] = ()


_ENROLMENT_FIELDS = (
    "REQUESTOR ID IS REQUIRED", "MEMBER ID IS REQUIRED", "MEMBER NUMBER IS INVALID",
    "FIRST NAME IS REQUIRED", "LAST NAME IS REQUIRED", "CARD DESIGN TYPE IS REQUIRED",
    "CURRENT DATE IS REQUIRED", "CURRENT TIME IS REQUIRED", "MESSAGE VERSION IS REQUIRED",
    "REQUESTOR ID IS INVALID", "INVALID FIELD(FIRST NAME) ENTRY", "INVALID FIELD(LAST NAME) ENTRY",
    "CARD DESIGN TYPE IS INVALID", "PIN NUMBER IS INVALID", "STORE NUMBER IS INVALID",
    "TERMINAL NUMBER IS INVALID", "ACCOUNT STATUS IS INVALID", "SHC ASSOCIATE ID IS INVALID",
    "LANGUAGE PREFERENCE IS INVALID", "CLUB MEMBERSHIP CREATED BY IS INVALID",
    "CLUB EMAIL STATUS IS INVALID", "TNCSTATUS IS INVALID", "TNCSTATUS IS REQUIRED",
    "TNCVERSION IS INVALID", "TNCVERSION IS REQUIRED",
)  # fmt: skip

_EMAIL_FORMATS = (
    "Email Address must be < 50 characters", "Email Invalid. Request a different email",
    "Cannot use email. Please try again", 'Invalid email - Missing "@" sign',
    "Invalid email - Missing User Name", "Invalid email - Missing domain name",
    "Invalid email - Extra '@' in email", "Invalid character in email",
    "Invalid email - Bad domain name", "Invalid email - Too long or too short",
    "Invalid email - Please request new email", 'Invalid email - double "." in domain',
    'Invalid email - "." following "@" sign', 'Invalid email - Email begins with "."',
    "Cannot use this email, please try again", "Invalid email - Please try again",
)  # fmt: skip

_PROFILE_FIELDS = (
    "INVALID FIELD(FIRST NAME) ENTRY", "INVALID FIELD(LAST NAME) ENTRY",
    "INVALID FIELD(MIDDLE INITIAL) ENTRY", "INVALID FIELD(DOB) ENTRY", "PHONE NUMBER REQUIRED",
    "Zip extension cannot exceed 4 positions", "TEST_ACCOUNT FLAG IS INVALID",
    "WIRELESS PERMISSION FLAG IS INVALID", "ENROLLMENT OFFER CODE IS INVALID",
    "INVALID PREFIX-The length cannot exceed 4 positions", "SUFFIX IS INVALID",
    "ADDRESSLINE1 INVALID", "ADDRESSLINE2 INVALID", "STATE INVALID", "INVALID COUNTRY/STATE",
    "PLEASE ENTER A VALID ZIPCODE", "CLUBDNPSTATUS IS INVALID", "AFFILIATION CODE INVALID",
    "AFFINITY STATUS", "ATTRIBUTE NAME INVALID", "ATTRIBUTE VALUE INVALID",
    "USE A DASH INSTEAD OF SPACE FOR NAME",
)  # fmt: skip

_CREATE_MEMBER = (
    Row(62, INVALID, ("Invalid affiliation code",)),
    Row(63, INVALID, ("Zip Code is required",)),
    Row(71, INVALID, ("A valid email address or mobile phone # or home phone # is required",)),
    Row(72, ErrorCode.DUPLICATE, ("CLUB ID ALREADY USED",)),
    Row(77, INVALID, ("CLUB ID INVALID IN MEMBERSHIP SERVICES",)),
    Row(80, TAKEN, ("Email already in use",)),
    Row(80, INVALID, _EMAIL_FORMATS),
    Row(81, TAKEN, ("Home Phone Reached Maximum Limit",)),
    Row(81, INVALID, _PROFILE_FIELDS),
    Row(83, INVALID, ("Invalid Attribute Code",)),
    Row(84, INVALID, ("Invalid Attribute Value",)),
    Row(85, INVALID, ("RECEIPT PREF NEEDS A VALID EMAIL ADDRESS",)),
    Row(86, TAKEN, ("EMAIL ADDRESS EXISTS ON AN ACTIVE MEMBER",)),
    Row(87, TAKEN, ("MOBILE PHONE EXISTS ON AN ACTIVE MEMBER",)),
    Row(88, TAKEN, ("EMAIL ADDRESS AND MOBILE PHONE EXISTS ON AN ACTIVE MEMBER",)),
    Row(90, PASSING, ("MEMBERSHIP DB ERROR",)),
    Row(92, INVALID, ("Please enter a valid address",)),
    Row(92, TAKEN, ("Address associated to more than 4 SYW memberships",)),
    Row(93, PASSING, ("Address validation failed due to system error",)),
    Row(99, INVALID, _ENROLMENT_FIELDS),
)

_MEMBER_LOOKUP = (
    Row(46, INVALID, ("FIRST NAME IS REQUIRED",)),
    Row(47, INVALID, ("LAST NAME IS REQUIRED",)),
    Row(48, INVALID, ("EMAIL ADDRESS IS REQUIRED",)),
    Row(50, INVALID, ("PHONE NUMBER IS REQUIRED",)),
    Row(63, INVALID, ("ZIP CODE IS REQUIRED",)),
    Row(64, NO_MEMBER, ("NO MATCHING NAME FOUND",)),
    Row(65, NO_MEMBER, ("NO MATCHING EMAIL ADDRESS FOUND",)),
    Row(66, NO_MEMBER, ("NO MATCHING PHONE NUMBER FOUND",)),
    Row(67, NO_MEMBER, ("NO MATCHING ROW FOUND",)),
    Row(68, NO_MEMBER, ("CLUB MEMBER NOT FOUND",)),
    Row(70, INVALID, ("INVALID CLUB ID",)),
    Row(71, NO_MEMBER, ("CUSTOMER NOT FOUND",)),
    Row(90, PASSING, ("MEMBERSHIP DB ERROR",)),
    Row(99, NO_MEMBER, ("NO MATCHING RECORDS FOUND",)),
    Row(99, ErrorCode.MEMBER_AMBIGUOUS, ("MULTIPLE RECORDS FOUND",)),
    Row(99, ErrorCode.NOT_SUPPORTED, ("INVALID SEARCH TYPE FOR",)),
    Row(99, INVALID, (
        "MEMBER NUMBER IS REQUIRED", "INVALID MEMBER NUMBER", "MESSAGE VERSION IS REQUIRED",
        "MESSAGE VERSION IS NOT VALID", "FIRST NAME IS REQUIRED", "MAX POS PROMPT IS INVALID",
        "STORE NUMBER IS INVALID", "TERMINAL NUMBER IS INVALID", "INVALID SEARCH TYPE",
        "REQUESTOR ID INVALID",
    )),
)  # fmt: skip

_REWARD_BALANCE = (
    Row(4, PASSING, ("Retry DB Error",)),
    Row(44, NO_MEMBER, ("Club ID Not Found",)),
    Row(99, INVALID, (
        "Requestor Id is invalid", "StoreNumber is invalid", "Invalid current date",
        "Member number is not valid or length is not proper", "Associate ID is invalid",
        "Indicates a problem with the input",
    )),
)  # fmt: skip

_UPDATE_AFFINITIES = (
    Row(1, NO_MEMBER, ("CLUB MEMBER NOT FOUND",)),
    Row(15, INVALID, ("MEMBER NUMBER IS NOT VALID",)),
    Row(30, INVALID, ("Invalid Member Number",)),
    Row(82, INACTIVE, ("CLUB STATUS IS INACTIVE",)),
    Row(82, INVALID, ("INVALID AFFINITY STATUS", "INVALID ENROLLMENT REGISTRATION CODE")),
    Row(90, PASSING, ("Internal Error",)),
    Row(99, INVALID, (
        "MESSAGE VERSION IS REQUIRED", "MEMBER NUMBER IS REQUIRED", "MEMBER NUMBER IS NOT VALID",
        "STORE NUMBER IS INVALID", "TERMINAL NUMBER IS INVALID", "Requestor Id invalid",
        "ASSOCIATE ID IS INVALID", "MESSAGE VERSION IS NOT VALID", "AFFINITY STATUS IS REQUIRED",
        "AFFINITY STATUS DATA LENGTH NOT MATCHING", "AFFILIATION CODE IS REQUIRED",
    )),
)  # fmt: skip

_AFFINITIES = (
    Row(1, NO_MEMBER, ("CLUB MEMBER NOT FOUND",)),
    Row(1, INACTIVE, ("INACTIVE MEMBER",)),
    Row(1, FAULT, ("GetMemberAffinitySubscriptions Failed",)),
    Row(30, INVALID, ("Invalid Member Number",)),
    Row(99, INVALID, (
        "STRUCTURAL VALIDATION ERRORS", "MEMBER NUMBER IS REQUIRED", "INVALID MEMBER NUMBER",
        "MESSAGE VERSION IS REQUIRED", "MESSAGE VERSION IS NOT VALID",
    )),
)  # fmt: skip

_REDEMPTION = (
    Row(1, ErrorCode.INSUFFICIENT_POINTS, ("Points Not Available",)),
    Row(3, INVALID, ("Invalid Member Number/Password",)),
    Row(30, NO_MEMBER, ("No member found",)),
    Row(31, INACTIVE, ("status is Suspended",)),
    Row(32, INACTIVE, ("status is Inactive",)),
    Row(33, INACTIVE, ("status is Merge and alternate member not found or not active",)),
    Row(35, INACTIVE, ("status is Pending Verified",)),
    Row(90, PASSING, ("Database Error occurred",)),
    Row(91, ErrorCode.REDEMPTION_RULE, ("Required Balance inquiry",)),
    Row(93, ErrorCode.ALREADY_VOIDED, ("Redemption already voided",)),
    Row(94, INVALID, ("Points not valid",)),
    Row(99, ErrorCode.REDEMPTION_NOT_FOUND, ("Authorization code is invalid",)),
    Row(99, ErrorCode.DUPLICATE, ("Transaction already exists with different details",)),
    Row(99, INVALID, (
        "Message Version is invalid", "Structural Validation Errors", "INVALID", "REQUIRED",
    )),
)  # fmt: skip

_EXTERNAL_BONUS = (
    Row(2, ErrorCode.OFFER_NOT_APPLICABLE, (
        "OfferId is not activated", "Request date does not meet the offer earn period",
    )),
    Row(2, ErrorCode.NOT_FOUND, ("Bonus Offer Code Not Defined",)),
    Row(2, ErrorCode.OFFER_LIMIT, (
        "Points awarded cap for the member has exceeded",
        "Times awarded cap for the member has exceeded",
        "Points awarded cap for the offer has exceeded",
        "Times awarded cap for the offer has exceeded",
    )),
    Row(2, INVALID, (
        "MESSAGE VERSION IS NOT VALID", "AFFINITY STATUS IS REQUIRED",
        "AFFINITY STATUS DATA LENGTH NOT MATCHING", "AFFILIATION CODE IS REQUIRED",
    )),
    Row(5, ErrorCode.OFFER_NOT_APPLICABLE, ("Offer Qualification failed",)),
    Row(44, NO_MEMBER, ("Club ID Not Found",)),
    Row(44, INACTIVE, ("Member is not Active",)),
    Row(45, ErrorCode.OFFER_NOT_APPLICABLE, ("Member not eligible to Earn Points",)),
    Row(99, ErrorCode.INSUFFICIENT_POINTS, ("Points not available",)),
    Row(99, INVALID, (
        "Structural validation errors", "Provide either OfferId or Channel", "RequestorId",
        "FileIdentifier is a required field", "Flats points are not defined",
        "Points to be awarded is required in the request", "Points should be numeric",
        "Points to Add is a required field", "PointsToAdd is invalid", "INVALID", "REQUIRED",
    )),
)  # fmt: skip

_APPLICABLE_OFFERS = (
    Row(2, INVALID, ("Validation Error",)),
    Row(30, NO_MEMBER, ("No member found",)),
    Row(81, PASSING, ("Failed During get",)),
    Row(99, INVALID, ("HierarchyLevels are invalid", "Invalid currentDTTM")),
)

_ACTIVITY_SUMMARY = (
    Row(4, PASSING, ("Retry DB Error",)),
    Row(44, NO_MEMBER, ("Club ID Not Found",)),
    Row(99, INVALID, (
        "MessageVersion is invalid", "Invalid Member number", "Invalid EndDate",
        "Invalid StartDate",
    )),
)  # fmt: skip

_ACTIVITY_DETAIL = (
    Row(30, INVALID, ("Invalid Member Number",)),
    Row(81, PASSING, ("Failed During Get Call",)),
    Row(99, INVALID, (
        "Member Number is a required field",
        "MessageVersion is invalid,it should be Numeric value",
    )),
)  # fmt: skip

STATUSES: Mapping[Api, tuple[Row, ...]] = {
    Api.CREATE_MEMBER: _CREATE_MEMBER,
    Api.MEMBER_LOOKUP: _MEMBER_LOOKUP,
    Api.REWARD_BALANCE: _REWARD_BALANCE,
    Api.UPDATE_AFFINITIES: _UPDATE_AFFINITIES,
    Api.AFFINITIES: _AFFINITIES,
    Api.REDEMPTION: _REDEMPTION,
    Api.EARN: (Row(90, PASSING, ("Database Error occurred",)),),
    Api.EXTERNAL_BONUS: _EXTERNAL_BONUS,
    Api.APPLICABLE_OFFERS: _APPLICABLE_OFFERS,
    Api.ACTIVITY_SUMMARY: _ACTIVITY_SUMMARY,
    Api.ACTIVITY_DETAIL: _ACTIVITY_DETAIL,
}
"""Every published status that is no success (contract 4.1 to 4.11). 0 is success everywhere."""

BY_TEXT: Mapping[Api, tuple[tuple[ErrorCode, tuple[str, ...]], ...]] = {
    Api.EARN: (
        (INACTIVE, ("STATUS IS SUSPENDED", "STATUS IS INACTIVE", "STATUS IS MERGE",
                    "STATUS IS PENDING")),
        (ErrorCode.TRANSACTION_NOT_FOUND, ("TRANSACTION NOT FOUND",)),
        (ErrorCode.NOT_VOIDABLE, ("MORE THAN SOLD",)),
        (NO_MEMBER, ("NOT FOUND", "NO MEMBER")),
        (INACTIVE, ("INACTIVE", "SUSPENDED", "MERGE", "PENDING", "NOT ACTIVE")),
        (ErrorCode.DUPLICATE, ("DUPLICATE", "ALREADY")),
        (PASSING, ("DB", "DATABASE", "RETRY", "SYSTEM")),
        (INVALID, ("INVALID", "REQUIRED", "NOT VALID")),
    ),
}  # fmt: skip
"""ProcessEarn publishes no codes: its text decides, in this order (contract 7.2). The first three
rows are ours: a merged member's text also says "not found", as does one about a sale, and what
comes back twice has no word of the list."""

UNKNOWN_NUMBER: Mapping[Api, frozenset[int]] = {
    Api.MEMBER_LOOKUP: frozenset({70}),
    Api.AFFINITIES: frozenset({30}),
    Api.ACTIVITY_DETAIL: frozenset({30}),
}
"""Codes that call a number invalid: said of one that is all digits, it means that there is no such
member (U-37)."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status says: None is success. `known` is false where no row covers it."""

    code: ErrorCode | None
    known: bool = True


def meaning(api: Api, code: int, text: str) -> Meaning:
    """What the API says by this code and text; an uncovered pair is PROVIDER_ERROR."""
    if code == 0:
        return Meaning(None)
    rows = [row for row in STATUSES[api] if row.code == code]
    said = _normal(text)
    for row in rows:
        if any(_normal(part) in said for part in row.texts):
            return Meaning(row.meaning)
    if len({row.meaning for row in rows}) == 1:
        return Meaning(rows[0].meaning)
    for by_text, parts in BY_TEXT.get(api, ()):
        if any(_normal(part) in said for part in parts):
            return Meaning(by_text)
    return Meaning(FAULT, known=False)


def _normal(text: str) -> str:
    """Trimmed, white space collapsed, without a leading star or stray quotes, in one case."""
    return " ".join(text.split()).lstrip("*\"'\u201c\u201d ").rstrip("\"'\u201c\u201d ").casefold()
