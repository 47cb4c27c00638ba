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
        shown["Gender"] = account.member.preferences.gender
    return shown


def _who(member: Member) -> Json:
    said = member.preferences
    return {
        "msg1": MESSAGE_1, "msg2": MESSAGE_2, "msg3": "", "msg4": "", "msg5": "",
        "EmailAddress": member.email, "Prefix": said.prefix, "FirstName": member.first,
        "LastName": member.last, "MiddleInitial": member.middle, "Address1": member.street,
        "Address2": said.street2, "City": member.city, "State": member.state,
        "ZipCode": member.zip, "ZipCodeExtension": said.zip_extension, "Suffix": said.suffix,
    }  # fmt: skip


def _club(state: State, member: Member) -> Json:
    said = member.preferences
    changed = member.joined if member.status == "A" else member.joined + timedelta(days=30)
    joined = epoch_ms(member.joined)
    return {
        "MemberNumber": member.number, "ClubStatus": member.status, "AuthFirstName": "",
        "AuthLastName": "", "ClubStatusChangeDate": epoch_ms(changed),
        "StatusChangeReasonCode": "", "StatusChangeReasonDesc": "", "CreatedBy": said.created_by,
        "DateIssued": joined, "MemberSinceDate": joined, "ClubDNPStatus": said.promotion,
        "AgeEligible": _age_eligible(member.born, state.now),
        "DOB": "" if member.born is None else member.born.isoformat(),
        "OnlineValidationFlag": "N", "OnlineValidationDate": midnight_ms(state.now),
        "WirelessPermissionFlag": said.sms, "LanguagePreference": said.language,
        "VIPTier": member.tier, "TotalSpentYTD": member.spent, "TotalTripYTD": member.trips,
        "SpendNextTierLevel": _to_next_tier(member), "VIPNextLevel": [{}],
    }  # fmt: skip


def _flags(state: State, account: Account) -> Json:
    own = state.standing(account).own
    said = account.member.preferences
    return {
        "CardDesignType": said.card, "SHCAssociateInd": said.associate,
        "TotalRedeemablePoints": redeemable(account, own), "EmailStatusReturn": "",
        "RedemptionSystemCode": "M",
        "ClubEmailOptStatus": "Y" if account.member.earn_type == "BONUS" else "N",
        "Deceased": False, "CountryCode": said.country, "IncompleteProfileInd": "N",
        "EmailConfirmed": "N",
        "MemberEarnType": account.member.earn_type, "TestCardIndicator": said.test,
        "MobileValid": "",
        "CheckoutPrompt": {}, "Charity": "N", "EnrollmentSourceCode": said.requestor,
        "EnrollmentStoreNumber": said.store, "SurvivorMemberNumber": account.member.survivor,
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
    said = member.preferences
    status, version = said.terms
    terms = {
        "TnCStatus": status, "Version": version, "Date": midnight_ms(member.joined),
        "Time": time_of_day_ms(member.joined), "StoreNumber": said.store,
        "RegisterNumber": said.register, "AssociateID": "WEB", "Prompt": "N",
        "LatestVersion": "10.0",
    }  # fmt: skip
    return {
        "Affinities": {"Affinity": links} if links else {},
        "Attributes": {
            "Attr": [
                {"attrname": name.lower(), "attrvalue": value} for name, value in said.attributes
            ]
        },
        "TermsAndConditions": {"TermAndCondition": [terms]},
    }


def _age_eligible(born: date | None, now: datetime) -> str:
    if born is None:
        return "Y"
    return "Y" if (now.date() - born).days > ADULT_DAYS else "N"


def _to_next_tier(member: Member) -> str:
    target = NEXT_TIER.get(member.tier)
    return "0" if target is None else f"{max(target - member.spent, Decimal(0)):.2f}"
