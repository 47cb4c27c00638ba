"""The member object of the wire (contract 4.1.1), key by key; no searching."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.telluride.api import MESSAGE_1, MESSAGE_2
from sandbox.telluride.books import redeemable
from sandbox.telluride.people import Account, Member
from sandbox.telluride.reading import Json
from sandbox.telluride.state import State
from sandbox.telluride.times import epoch_ms, midnight_ms, time_of_day_ms

NEXT_TIER = {"Base": Decimal(1000), "Silver": Decimal(2500)}
ADULT_DAYS = 13 * 365
GENDER_SINCE = 15


def member_object(state: State, account: Account, search_type: str, version: int) -> Json:
    """One entry of `Members.Member`."""
    shown = _who(account.member) | _club(state, account.member) | _flags(state, account)
    shown["SearchType"] = search_type
    shown |= _contacts(account.member) | _lists(account.member)
    if version >= GENDER_SINCE:
        shown["Gender"] = ""
    return shown


def _who(member: Member) -> Json:
    return {
        "msg1": MESSAGE_1, "msg2": MESSAGE_2, "msg3": "", "msg4": "", "msg5": "",
        "EmailAddress": member.email, "Prefix": "", "FirstName": member.first,
        "LastName": member.last, "MiddleInitial": member.middle, "Address1": member.street,
        "Address2": "", "City": member.city, "State": member.state, "ZipCode": member.zip,
        "ZipCodeExtension": "", "Suffix": "",
    }  # fmt: skip


def _club(state: State, member: Member) -> Json:
    changed = member.joined if member.status == "A" else member.joined + timedelta(days=30)
    joined = epoch_ms(member.joined)
    return {
        "MemberNumber": member.number, "ClubStatus": member.status, "AuthFirstName": "",
        "AuthLastName": "", "ClubStatusChangeDate": epoch_ms(changed),
        "StatusChangeReasonCode": "", "StatusChangeReasonDesc": "", "CreatedBy": "0200",
        "DateIssued": joined, "MemberSinceDate": joined, "ClubDNPStatus": "",
        "AgeEligible": _age_eligible(member.born, state.now), "DOB": member.born.isoformat(),
        "OnlineValidationFlag": "N", "OnlineValidationDate": midnight_ms(state.now),
        "WirelessPermissionFlag": "Y", "LanguagePreference": "E", "VIPTier": member.tier,
        "TotalSpentYTD": member.spent, "TotalTripYTD": member.trips,
        "SpendNextTierLevel": _to_next_tier(member), "VIPNextLevel": [{}],
    }  # fmt: skip


def _flags(state: State, account: Account) -> Json:
    own = state.standing(account).own
    return {
        "CardDesignType": "VRTL", "SHCAssociateInd": "N",
        "TotalRedeemablePoints": redeemable(account, own), "EmailStatusReturn": "",
        "RedemptionSystemCode": "M",
        "ClubEmailOptStatus": "Y" if account.member.earn_type == "BONUS" else "N",
        "Deceased": False, "CountryCode": "US", "IncompleteProfileInd": "N", "EmailConfirmed": "N",
        "MemberEarnType": account.member.earn_type, "TestCardIndicator": "", "MobileValid": "",
        "CheckoutPrompt": {}, "Charity": "N", "EnrollmentSourceCode": "LGPH",
        "EnrollmentStoreNumber": "00001", "SurvivorMemberNumber": account.member.survivor,
        "MobileConfirmed": "N",
    }  # fmt: skip


def _contacts(member: Member) -> Json:
    phones = [
        {
            "PhoneType": phone.kind,
            "PreferredPhoneType": "Y" if place == 0 else "N",
            "PhoneNumber": phone.number,
        }
        for place, phone in enumerate(member.phones)
    ]
    return {"PhoneNumbers": {"Phone": phones} if phones else {}}


def _lists(member: Member) -> Json:
    links = [
        {"AffinityID": "" if link.id == "0" else link.id, "AffinityStatus": link.status,
         "AffiliationCode": link.code}
        for link in member.affinities
    ]  # fmt: skip
    terms = {
        "TnCStatus": "Y", "Version": "10.0", "Date": midnight_ms(member.joined),
        "Time": time_of_day_ms(member.joined), "StoreNumber": "00001", "RegisterNumber": "001",
        "AssociateID": "WEB", "Prompt": "N", "LatestVersion": "10.0",
    }  # fmt: skip
    return {
        "Affinities": {"Affinity": links} if links else {},
        "Attributes": {"Attr": [{"attrname": "receipt", "attrvalue": ""}]},
        "TermsAndConditions": {"TermAndCondition": [terms]},
    }


def _age_eligible(born: date, now: datetime) -> str:
    return "Y" if (now.date() - born).days > ADULT_DAYS else "N"


def _to_next_tier(member: Member) -> str:
    target = NEXT_TIER.get(member.tier)
    return "0" if target is None else f"{max(target - member.spent, Decimal(0)):.2f}"
