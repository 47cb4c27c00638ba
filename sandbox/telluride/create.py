"""CreateMember (contract 4.1, 7.7): a new member with an empty account; field rules are apart."""

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from sandbox.telluride.api import (
    PULSE,
    SERVER,
    Api,
    version_echo,
)
from sandbox.telluride.create_checks import OVERRIDE_SINCE, check_fields
from sandbox.telluride.create_identity import check_address, check_identity
from sandbox.telluride.people import Account, Affinity, Member, Phone, Preferences
from sandbox.telluride.profile import member_object
from sandbox.telluride.reading import TOO_LONG, Body, Json, Refusal, Refused
from sandbox.telluride.scribe import Change, commit
from sandbox.telluride.state import State
from sandbox.telluride.times import CENTRAL, midnight_ms, read_day, read_time, time_of_day_ms

NAME = "CreateMember"
LOOKUP_ONLY = (
    "ClubStatusChangeDate",
    "StatusChangeReasonCode",
    "StatusChangeReasonDesc",
    "TotalTripYTD",
    "VIPNextLevel",
    "SurvivorMemberNumber",
    "MobileConfirmed",
    "Gender",
)
"""Members of the member object that the create example does not have."""

BLANK_TERMS = (
    "TnCStatus",
    "Version",
    "StoreNumber",
    "RegisterNumber",
    "AssociateID",
    "Prompt",
    "LatestVersion",
)
NO_QUESTION: Json = {}
FIRST_TIER = "2500.00"


def answer(state: State, body: Body) -> Json:
    """The new member; raises Refused."""
    check_fields(state, body)
    if int(body.text("MessageVersion")) < OVERRIDE_SINCE or body.text("AddressOverride") != "Y":
        check_address(state, body)
    check_identity(state, body)
    number = body.text("MemberNumber") or state.world.next_number()
    account = state.world.enroll(_member(body, number))
    commit(
        state,
        account,
        Change(
            operation=NAME,
            kind="enroll",
            reference=_reference(body),
            delta=0,
            detail={"email": account.member.email,
                    "phones": [phone.number for phone in account.member.phones]},
        ),
    )  # fmt: skip
    return _envelope(state, body, Refusal("0", "Success"), account)


def refuse(state: State, body: Body, refusal: Refusal) -> Json:
    """The error form of U-2."""
    return _envelope(state, body, refusal, None)


def _envelope(state: State, body: Body, outcome: Refusal, account: Account | None) -> Json:
    members = [] if account is None else [_created(state, body, account)]
    reply: Json = {
        "MTServerName": SERVER,
        "Additional": {
            "msg1": None,
            "msg2": None,
            "Status": outcome.code,
            "StatusText": outcome.text,
            "MessageVersion": version_echo(state, body.echo("MessageVersion")),
            "SysPulse": PULSE,
        },
        "Type": "PROCESSED",
        "ResponseDate": midnight_ms(state.now),
        "ResponseTime": time_of_day_ms(state.now),
        "NumRecordsReturned": len(members),
        "Members": {"Member": members} if members else {},
    }
    return {"CreateMemberResult": {"GetMemberLookupReply": [reply]}}


def _reference(body: Body) -> str:
    """There is no reference of the caller's; the first contact is what a lookup would take."""
    phones = body.rows("PhoneNumbers", "Phone")
    return body.text("EmailAddress").lower() or phones[0].text("PhoneNumber")


def _member(body: Body, number: str) -> Member:
    status = "BONUS" if body.text("ClubEmailOptStatus") == "Y" else "BASE"
    return Member(
        number=number,
        first=body.text("FirstName"),
        last=body.text("LastName"),
        middle=body.text("MiddleInitial"),
        email=body.text("EmailAddress"),
        phones=_phones(body),
        street=body.text("Address1"),
        city=body.text("City"),
        state=body.text("State"),
        zip=body.text("ZipCode"),
        born=read_day(body.text("DOB")),
        joined=_joined(body),
        tier="",
        spent=Decimal(0),
        trips=0,
        earn_type=status if body.has("EmailAddress") else "BASE",
        affinities=_affinities(body),
        preferences=_preferences(body),
    )


def _phones(body: Body) -> tuple[Phone, ...]:
    """The preferred one first, as the member object has them."""
    rows = body.rows("PhoneNumbers", "Phone")
    rows.sort(key=lambda row: row.text("PreferredPhoneType") != "Y")
    return tuple(Phone(row.text("PhoneType"), row.text("PhoneNumber")) for row in rows)


def _joined(body: Body) -> datetime:
    """CurrentDate and CurrentTime in the server's zone (U-73)."""
    day, at = read_day(body.text("CurrentDate")), read_time(body.text("CurrentTime"))
    if day is None or at is None:
        raise Refused("99", "CURRENT DATE IS REQUIRED")
    return datetime.combine(day, time(at.hour, at.minute, at.second), CENTRAL)


def _affinities(body: Body) -> tuple[Affinity, ...]:
    links = {
        row.text("AffiliationCode"): Affinity(
            row.text("AffiliationCode"),
            row.text("AffinityStatus"),
            _joined(body).date(),
            id=row.text("AffinityID") or "0",
        )
        for row in body.rows("Affinities", "Affinity")
    }
    return tuple(links.values())


def _preferences(body: Body) -> Preferences:
    rows = body.rows("Attributes", "Attr")
    attributes = tuple((row.text("attrname"), row.text("attrvalue")) for row in rows)
    return replace(
        Preferences(),
        prefix=body.text("Prefix"),
        suffix=body.text("Suffix"),
        street2=body.text("Address2"),
        zip_extension=body.text("ZipCodeExtension"),
        country=body.text("CountryCode") or "US",
        promotion=body.text("ClubDNPStatus"),
        sms=body.text("WirelessPermissionFlag") or "Y",
        language=body.text("PreferredLanguage") or "E",
        card=body.text("CardDesignType") or "VRTL",
        associate=body.text("SHCAssociateInd") or "N",
        created_by=body.text("ClubMembershipCreatedBy"),
        store=body.text("StoreNumber"),
        requestor=body.text("RequestorID"),
        register=body.text("Terminal"),
        terms=(body.text("TnCStatus"), body.text("TnCVersion")),
        test=body.text("TestAccount"),
        gender=body.text("Gender"),
        attributes=attributes or Preferences().attributes,
    )


def _created(state: State, body: Body, account: Account) -> Json:
    """The member object as the create example has it, which is not quite the lookup's."""
    shown = member_object(state, account, "5", int(body.text("MessageVersion")))
    created: Json = {name: value for name, value in shown.items() if name not in LOOKUP_ONLY}
    phones = [
        {"PhoneType": phone.kind, "PreferredPhoneType": "Y" if place == 0 else "N",
         "PhoneNumber": phone.number, "CarrierCode": ""}
        for place, phone in enumerate(account.member.phones)
    ]  # fmt: skip
    attributes = [
        {"attrname": name.upper(), "attrvalue": value}
        for name, value in account.member.preferences.attributes
    ]
    own_form: Json = {
        "SpendNextTierLevel": FIRST_TIER,
        "PhoneNumbers": {"Phone": phones} if phones else {},
        "Attributes": {"Attr": attributes},
        "TestCardIndicator": account.member.preferences.test or "N",
        "MobileValid": "Y" if any(phone.kind == "M" for phone in account.member.phones) else "",
        "TermsAndConditions": {"TermAndCondition": [dict.fromkeys(BLANK_TERMS, "")]},
        "CheckoutPrompt": {"CheckoutPromptQuestions": [NO_QUESTION]},
        "Charity": "",
    }
    return created | own_form


API = Api(
    name=NAME,
    folder="profile",
    requestor="RequestorID",
    version="MessageVersion",
    answer=answer,
    refuse=refuse,
    database_error=Refusal("90", "MEMBERSHIP DB ERROR"),
    structural=Refusal("99", "STRUCTURAL VALIDATION ERRORS"),
    version_bad=Refusal("99", "MESSAGE VERSION IS NOT VALID"),
    version_missing=Refusal("99", "MESSAGE VERSION IS REQUIRED"),
    requestor_missing=Refusal("99", "REQUESTOR ID IS REQUIRED"),
    requestor_long=Refusal("99", f"REQUESTOR ID IS INVALID -{TOO_LONG}"),
)
