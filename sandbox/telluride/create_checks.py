"""CreateMember's field rules (contract 4.1, codes 62 to 85, 99): a table, and what needs more."""

import re
from collections.abc import Callable

from sandbox.telluride.affinity_update import CODES
from sandbox.telluride.api import is_club_number, is_number
from sandbox.telluride.create_email import complaint
from sandbox.telluride.reading import TOO_LONG, Body, Refused
from sandbox.telluride.state import State
from sandbox.telluride.times import read_day, read_time

Rule = tuple[str, Callable[[str], bool], str, str]

LONG = f"{TOO_LONG}."
PHONE_DIGITS = 10
GENDER_SINCE = 15
OVERRIDE_SINCE = 14
ATTRIBUTES = {"RECEIPT": ("", "E", "P", "B"), "LANGPREF": ("", "E", "S")}
"""Attribute codes that were set up, with their values."""

_NAME = re.compile(r"[^\W\d_]([^\W\d_]|[-'. ])*")


def _one_of(*values: str) -> Callable[[str], bool]:
    return lambda text: text in values


def _up_to(length: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= length


def _coded(length: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= length and (not text or text.isalnum())


def _given(text: str) -> bool:
    return bool(text)


def _name(text: str) -> bool:
    return len(text) <= len("A" * 30) and _NAME.fullmatch(text) is not None


def _day(text: str) -> bool:
    return not text or read_day(text) is not None


FLAG = _one_of("", "Y", "N")

RULES: tuple[Rule, ...] = (
    ("FirstName", _given, "99", "FIRST NAME IS REQUIRED"),
    ("LastName", _given, "99", "LAST NAME IS REQUIRED"),
    ("CurrentDate", _given, "99", "CURRENT DATE IS REQUIRED"),
    ("CurrentTime", _given, "99", "CURRENT TIME IS REQUIRED"),
    ("CurrentDate", _day, "99", "CURRENT DATE IS REQUIRED"),
    ("CurrentTime", lambda text: read_time(text) is not None, "99", "CURRENT TIME IS REQUIRED"),
    ("ZipCode", _given, "63", "Zip Code is required"),
    ("FirstName", _name, "81", "INVALID FIELD(FIRST NAME) ENTRY"),
    ("LastName", _name, "81", "INVALID FIELD(LAST NAME) ENTRY"),
    ("MiddleInitial", lambda text: len(text) <= 1 and (not text or text.isalpha()), "81",
     "INVALID FIELD(MIDDLE INITIAL) ENTRY"),
    ("DOB", _day, "81", "INVALID FIELD(DOB) ENTRY"),
    ("TestAccount", FLAG, "81", "TEST_ACCOUNT FLAG IS INVALID"),
    ("WirelessPermissionFlag", FLAG, "81", "WIRELESS PERMISSION FLAG IS INVALID"),
    ("EnrollmentOfferCode", _up_to(10), "81", f"ENROLLMENT OFFER CODE IS INVALID-{LONG}"),
    ("Prefix", _up_to(4), "81", "INVALID PREFIX-The length cannot exceed 4 positions."),
    ("Suffix", _up_to(4), "81", f"SUFFIX IS INVALID-{LONG}"),
    ("Address1", _up_to(40), "81", f"ADDRESSLINE1 INVALID-{LONG}"),
    ("Address2", _up_to(40), "81", f"ADDRESSLINE2 INVALID-{LONG}"),
    ("State", _up_to(2), "81", f"STATE INVALID-{LONG}"),
    ("CountryCode", _one_of("", "US", "CA", "MX"), "81", "INVALID COUNTRY/STATE"),
    ("ZipCodeExtension", _up_to(4), "81", "Zip extension cannot exceed 4 positions"),
    ("ZipCodeExtension", lambda text: not text or text.isdigit(), "81",
     "PLEASE ENTER A VALID ZIPCODE EXTENSION"),
    ("ClubDNPStatus", _one_of("", "M", "P", "B"), "81", "CLUBDNPSTATUS IS INVALID"),
    ("CardDesignType", _coded(4), "99", "CARD DESIGN TYPE IS INVALID"),
    ("PinNumber", _coded(8), "99", "PIN NUMBER IS INVALID"),
    ("StoreNumber", _up_to(5), "99", f"STORE NUMBER IS INVALID -{LONG}"),
    ("Terminal", _up_to(3), "99", f"TERMINAL NUMBER IS INVALID -{TOO_LONG}"),
    ("SHCAssociateInd", _one_of("", "N", "A", "R"), "99", "SHC ASSOCIATE ID IS INVALID"),
    ("PreferredLanguage", _one_of("", "E", "S"), "99", "LANGUAGE PREFERENCE IS INVALID"),
    ("ClubMembershipCreatedBy", lambda text: 0 < len(text) <= len("000000000001"), "99",
     "CLUB MEMBERSHIP CREATED BY IS INVALID"),
    ("ClubEmailOptStatus", FLAG, "99", "CLUB EMAIL STATUS IS INVALID"),
    ("TnCStatus", FLAG, "99", "TNCSTATUS IS INVALID"),
    ("TnCVersion", _up_to(5), "99", "TNCVERSION IS INVALID"),
)  # fmt: skip


def check_fields(state: State, body: Body) -> None:
    """Every rule in its order, then what depends on more than one field; raises Refused."""
    for name, kept, code, text in RULES:
        if not kept(body.text(name)):
            raise Refused(code, text)
    _check_names(state, body)
    _check_by_version(state, body)
    _check_terms(body)
    _check_zip(body)
    check_contacts(body)
    _check_affinities(body)
    _check_attributes(body)


def _check_names(state: State, body: Body) -> None:
    names = body.text("FirstName") + body.text("LastName")
    if " " in names and state.word("spaces_in_names") == "refused":
        raise Refused("81", "USE A DASH INSTEAD OF SPACE FOR NAME")
    number = body.text("MemberNumber")
    if number and not is_number(number):
        raise Refused("99", "MEMBER NUMBER IS INVALID")
    if number and not is_club_number(number):
        raise Refused("77", "CLUB ID INVALID IN MEMBERSHIP SERVICES")


def _check_by_version(state: State, body: Body) -> None:
    if int(body.text("MessageVersion")) >= GENDER_SINCE and not body.has("Gender"):
        raise Refused("99", "GENDER IS REQUIRED")
    if state.flag("strict_required") and not body.has("CardDesignType"):
        raise Refused("99", "CARD DESIGN TYPE IS REQUIRED")


def _check_terms(body: Body) -> None:
    if body.has("TnCVersion") and not body.has("TnCStatus"):
        raise Refused("99", "TNCSTATUS IS REQUIRED")
    if body.has("TnCStatus") and not body.has("TnCVersion"):
        raise Refused("99", "TNCVERSION IS REQUIRED")


def _check_zip(body: Body) -> None:
    zip_code = body.text("ZipCode")
    canadian = body.text("CountryCode") == "CA"
    fits = (
        zip_code.replace(" ", "").isalnum() and len(zip_code) <= len("K1A0B1")
        if canadian
        else zip_code.isascii() and zip_code.isdigit() and len(zip_code) == len("60601")
    )
    if not fits:
        raise Refused("81", "PLEASE ENTER A VALID ZIPCODE")


def check_contacts(body: Body) -> None:
    """One of e-mail, mobile, home phone, and whatever is sent must be readable (U-60)."""
    email, phones = body.text("EmailAddress"), body.rows("PhoneNumbers", "Phone")
    if any(not phone.has("PhoneNumber") for phone in phones):
        raise Refused("81", "PHONE NUMBER REQUIRED")
    if email and (text := complaint(email)) is not None:
        raise Refused("80", text)
    if not all(_is_phone(phone) for phone in phones) or not (email or phones):
        text = "A valid email address or mobile phone # or home phone # is required"
        raise Refused("71", text)


def _is_phone(phone: Body) -> bool:
    number = phone.text("PhoneNumber")
    plain = number.isascii() and number.isdigit() and len(number) == PHONE_DIGITS
    return plain and phone.text("PhoneType") in {"M", "H"}


def _check_affinities(body: Body) -> None:
    for link in body.rows("Affinities", "Affinity"):
        if len(link.text("AffiliationCode")) > len("EXAMPLE1"):
            raise Refused("81", f"AFFILIATION CODE INVALID-{LONG}")
        if len(link.text("AffinityStatus")) > 1:
            raise Refused("81", f"AFFINITY STATUS-{LONG}")
        if link.text("AffiliationCode") not in CODES:
            raise Refused("62", "Invalid affiliation code")


def _check_attributes(body: Body) -> None:
    for attribute in body.rows("Attributes", "Attr"):
        name, value = attribute.text("attrname"), attribute.text("attrvalue")
        if len(name) > len("LANGPREF"):
            raise Refused("81", f"ATTRIBUTE NAME INVALID-{LONG}")
        if len(value) > len("A" * 80):
            raise Refused("81", f"ATTRIBUTE VALUE INVALID-{LONG}")
        if name.upper() not in ATTRIBUTES:
            raise Refused("83", f"Invalid Attribute Code [{name}]")
        if value not in ATTRIBUTES[name.upper()]:
            raise Refused("84", f"Invalid Attribute Value for [{name}]")
        if name.upper() == "RECEIPT" and value in {"E", "B"} and not body.has("EmailAddress"):
            raise Refused("85", "RECEIPT PREF NEEDS A VALID EMAIL ADDRESS")
