"""Telluride's CreateMember: who may join, under what number, and what is remembered of them."""

import pytest

from sandbox.telluride.cast import luhn

from .conftest import EXAMPLES, Desk
from .test_shapes import differences
from .writing import CREATE, create, earn, phones, sound

TOO_LONG = "The actual length is greater than the MaxLength value"
CONTACT = ("71", "A valid email address or mobile phone # or home phone # is required")


def created(desk: Desk, **changes: object):
    return create(desk, **changes)["Members"]["Member"][0]


def lookup(desk: Desk, **fields: object):
    wanted = {"MemberNumber": "absent", "MessageVersion": "22", **fields}
    reply = desk.call("GetMemberLookup", wanted)["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    return reply["Members"].get("Member", [])


def test_the_example_member_comes_back_as_in_the_example(desk):
    fields = {"EmailAddress": "new@example.com", "PhoneNumbers": phones("3125550999")}
    answer = desk.call(CREATE, fields)
    assert list(differences(EXAMPLES[CREATE]["response"], answer)) == []
    member = answer["CreateMemberResult"]["GetMemberLookupReply"][0]["Members"]["Member"][0]
    assert (member["DateIssued"], member["MemberSinceDate"]) == (1736955000000, 1736955000000)
    assert (member["ClubStatus"], member["MemberEarnType"]) == ("A", "BONUS")
    assert (member["TotalRedeemablePoints"], member["SpendNextTierLevel"]) == (0, "2500.00")
    assert member["EnrollmentSourceCode"] == "LGPH"


def test_a_new_number_is_luhn_valid_and_the_next_one(desk):
    first = created(desk)["MemberNumber"]
    second = created(desk, EmailAddress="b@example.com", PhoneNumbers="absent")["MemberNumber"]
    assert first.startswith("7081")
    assert luhn(first[:-1]) == first
    assert int(second[:-1]) == int(first[:-1]) + 1
    effects = desk.effects(member=first)
    assert [(effect["kind"], effect["reference"]) for effect in effects] == [
        ("enroll", "new@example.com")
    ]
    assert (effects[0]["points_before"], effects[0]["points_after"]) == ("0", "0")


def test_a_new_member_is_found_and_can_earn(desk):
    number = created(desk)["MemberNumber"]
    assert [member["MemberNumber"] for member in lookup(desk, SearchType="05",
            MemberNumber=number)] == [number]  # fmt: skip
    for kind, fields in (
        ("02", {"EmailAddress": "NEW@example.com"}),
        ("04", {"PhoneNumber": "3125550999"}),
    ):
        found = lookup(desk, SearchType=kind, **fields)
        assert [member["MemberNumber"] for member in found] == [number]
    assert earn(desk, MemberNumber=number)["TotalPointsEarned"] == "1200"
    sound(desk)


def test_what_was_said_at_enrolment_is_seen_in_the_lookup(desk):
    said = {
        "Prefix": "Dr.", "Suffix": "II", "Address1": "1 Elm St", "City": "Chicago", "State": "IL",
        "ClubDNPStatus": "B", "WirelessPermissionFlag": "N", "SHCAssociateInd": "R",
        "CardDesignType": "K", "ZipCodeExtension": "1234", "Address2": "Flat 2",
    }  # fmt: skip
    number = created(desk, PreferredLanguage="S", ClubEmailOptStatus="N", **said)["MemberNumber"]
    member = lookup(desk, SearchType="05", MemberNumber=number)[0]
    assert {name: member[name] for name in said} == said
    assert (member["LanguagePreference"], member["MemberEarnType"]) == ("S", "BASE")
    terms = member["TermsAndConditions"]["TermAndCondition"][0]
    assert (terms["TnCStatus"], terms["Version"]) == ("Y", "7.0")


def test_one_contact_is_enough(desk):
    assert create(desk, PhoneNumbers={})["outcome"] == ("0", "Success")
    assert create(desk, EmailAddress="")["outcome"] == ("0", "Success")
    home = phones("3125550888", kind="H")
    assert create(desk, EmailAddress="", PhoneNumbers=home)["outcome"] == ("0", "Success")
    assert create(desk, EmailAddress="", PhoneNumbers={})["outcome"] == CONTACT


def test_a_member_without_an_email_earns_base_points_only(desk):
    assert created(desk, EmailAddress="")["MemberEarnType"] == "BASE"


def test_a_birthday_may_be_left_out(desk):
    assert (created(desk, DOB="")["DOB"], created(desk, DOB="", EmailAddress="c@example.com",
            PhoneNumbers={})["AgeEligible"]) == ("", "Y")  # fmt: skip


AISYAH, AISYAHS_PHONE = "aisyah.rahman@example.com", "2065550142"
TAKEN = [
    ({"EmailAddress": AISYAH}, ("86", "EMAIL ADDRESS EXISTS ON AN ACTIVE MEMBER")),
    ({"EmailAddress": AISYAH.upper()}, ("86", "EMAIL ADDRESS EXISTS ON AN ACTIVE MEMBER")),
    ({"PhoneNumbers": phones(AISYAHS_PHONE)}, ("87", "MOBILE PHONE EXISTS ON AN ACTIVE MEMBER")),
    ({"EmailAddress": AISYAH, "PhoneNumbers": phones(AISYAHS_PHONE)},
     ("88", "EMAIL ADDRESS AND MOBILE PHONE EXISTS ON AN ACTIVE MEMBER")),
    ({"EmailAddress": "inactive@example.com"},
     ("80", "Email already in use. Provide new email.")),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "outcome"), TAKEN)
def test_contacts_belong_to_one_member(desk, changes, outcome):
    assert create(desk, **changes)["outcome"] == outcome
    assert desk.effects() == []


@pytest.mark.parametrize(("changes", "outcome"), TAKEN)
def test_contacts_are_not_checked_by_switch(desk, changes, outcome):
    desk.switch(identities_checked=False)
    assert create(desk, **changes)["outcome"] != outcome
    assert len(desk.effects()) == 1


def test_a_repeat_finds_its_own_contacts_taken(desk):
    create(desk)
    assert create(desk)["outcome"][0] == "88"
    assert len(desk.effects()) == 1


def test_the_email_of_an_inactive_member_is_free_by_switch(desk):
    desk.switch(inactive_email="free")
    assert create(desk, EmailAddress="inactive@example.com")["outcome"][0] == "0"


def test_a_number_may_be_asked_for_once(desk):
    wanted = "7081999900000001"
    assert created(desk, MemberNumber=wanted)["MemberNumber"] == wanted
    again = create(desk, MemberNumber=wanted, EmailAddress="d@example.com", PhoneNumbers={})
    assert again["outcome"] == ("72", "CLUB ID ALREADY USED, TRY ANOTHER CARD")


def test_a_home_phone_is_shared_by_four(desk):
    home = {"PhoneNumbers": phones("3125550777", kind="H")}
    for name in "abcd":
        assert create(desk, EmailAddress=f"{name}@home.example", **home)["outcome"][0] == "0"
    refused = create(desk, EmailAddress="e@home.example", **home)["outcome"]
    assert refused == ("81", "Home Phone Reached Maximum Limit")


def test_an_address_is_shared_by_four(desk):
    there = {"Address1": "9 Oak St", "City": "Chicago", "State": "IL", "AddressOverride": "N",
             "PhoneNumbers": {}}  # fmt: skip
    for name in "abcd":
        assert create(desk, EmailAddress=f"{name}@oak.example", **there)["outcome"][0] == "0"
    refused = create(desk, EmailAddress="e@oak.example", **there)["outcome"]
    assert refused == ("92", "Address associated to more than 4 SYW memberships")
    there["AddressOverride"] = "Y"
    assert create(desk, EmailAddress="e@oak.example", **there)["outcome"][0] == "0"


def test_addresses_cannot_be_checked_by_switch(desk):
    desk.switch(address_service_down=True)
    street = {"Address1": "9 Oak St", "AddressOverride": "N"}
    refused = create(desk, **street)["outcome"]
    assert refused == ("93", "Address validation failed due to system error")


def test_names_may_have_spaces_by_switch(desk):
    assert create(desk, FirstName="Ana Maria")["outcome"][0] == "81"
    desk.switch(spaces_in_names="accepted")
    assert created(desk, FirstName="Ana Maria")["FirstName"] == "Ana Maria"


def test_links_and_attributes_are_stored(desk):
    links = {"Affinity": [{"AffiliationCode": "PETCLUB", "AffinityStatus": "P", "AffinityID": "5"}]}
    attributes = {"Attr": [{"attrname": "RECEIPT", "attrvalue": "E"}]}
    member = created(desk, Affinities=links, Attributes=attributes)
    assert member["Attributes"] == attributes
    assert member["Affinities"]["Affinity"] == [
        {"AffinityID": "5", "AffinityStatus": "P", "AffiliationCode": "PETCLUB"}
    ]


def one(**fields: object) -> dict[str, object]:
    return fields


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        (one(MessageVersion="absent"), ("99", "MESSAGE VERSION IS REQUIRED")),
        (one(RequestorID="absent"), ("99", "REQUESTOR ID IS REQUIRED")),
        (one(RequestorID="LGPHX"), ("99", f"REQUESTOR ID IS INVALID -{TOO_LONG}")),
        (one(MessageVersion="15"), ("99", "GENDER IS REQUIRED")),
        (one(FirstName=""), ("99", "FIRST NAME IS REQUIRED")),
        (one(LastName=""), ("99", "LAST NAME IS REQUIRED")),
        (one(CurrentDate=""), ("99", "CURRENT DATE IS REQUIRED")),
        (one(CurrentTime=""), ("99", "CURRENT TIME IS REQUIRED")),
        (one(ZipCode=""), ("63", "Zip Code is required")),
        (one(ZipCode="6060"), ("81", "PLEASE ENTER A VALID ZIPCODE")),
        (one(ZipCode="60601", CountryCode="CA", DOB="1"), ("81", "INVALID FIELD(DOB) ENTRY")),
        (one(FirstName="A" * 31), ("81", "INVALID FIELD(FIRST NAME) ENTRY")),
        (one(LastName="R2D2"), ("81", "INVALID FIELD(LAST NAME) ENTRY")),
        (one(LastName="De Vries"), ("81", "USE A DASH INSTEAD OF SPACE FOR NAME")),
        (one(MiddleInitial="BB"), ("81", "INVALID FIELD(MIDDLE INITIAL) ENTRY")),
        (one(TestAccount="T"), ("81", "TEST_ACCOUNT FLAG IS INVALID")),
        (one(WirelessPermissionFlag="1"), ("81", "WIRELESS PERMISSION FLAG IS INVALID")),
        (one(EnrollmentOfferCode="E" * 11),
         ("81", f"ENROLLMENT OFFER CODE IS INVALID-{TOO_LONG}.")),
        (one(Prefix="Prof."), ("81", "INVALID PREFIX-The length cannot exceed 4 positions.")),
        (one(Suffix="Senior"), ("81", f"SUFFIX IS INVALID-{TOO_LONG}.")),
        (one(Address1="A" * 41), ("81", f"ADDRESSLINE1 INVALID-{TOO_LONG}.")),
        (one(Address2="A" * 41), ("81", f"ADDRESSLINE2 INVALID-{TOO_LONG}.")),
        (one(State="ILL"), ("81", f"STATE INVALID-{TOO_LONG}.")),
        (one(CountryCode="FR"), ("81", "INVALID COUNTRY/STATE")),
        (one(ZipCodeExtension="12345"), ("81", "Zip extension cannot exceed 4 positions")),
        (one(ZipCodeExtension="12A"), ("81", "PLEASE ENTER A VALID ZIPCODE EXTENSION")),
        (one(ClubDNPStatus="X"), ("81", "CLUBDNPSTATUS IS INVALID")),
        (one(CardDesignType="VRTUAL"), ("99", "CARD DESIGN TYPE IS INVALID")),
        (one(PinNumber="123456789"), ("99", "PIN NUMBER IS INVALID")),
        (one(StoreNumber="000001"), ("99", f"STORE NUMBER IS INVALID -{TOO_LONG}.")),
        (one(Terminal="0001"), ("99", f"TERMINAL NUMBER IS INVALID -{TOO_LONG}")),
        (one(SHCAssociateInd="Q"), ("99", "SHC ASSOCIATE ID IS INVALID")),
        (one(PreferredLanguage="F"), ("99", "LANGUAGE PREFERENCE IS INVALID")),
        (one(ClubMembershipCreatedBy=""), ("99", "CLUB MEMBERSHIP CREATED BY IS INVALID")),
        (one(ClubEmailOptStatus="?"), ("99", "CLUB EMAIL STATUS IS INVALID")),
        (one(TnCStatus="?"), ("99", "TNCSTATUS IS INVALID")),
        (one(TnCStatus=""), ("99", "TNCSTATUS IS REQUIRED")),
        (one(TnCVersion="7.0.00"), ("99", "TNCVERSION IS INVALID")),
        (one(TnCVersion=""), ("99", "TNCVERSION IS REQUIRED")),
        (one(MemberNumber="x"), ("99", "MEMBER NUMBER IS INVALID")),
        (one(MemberNumber="123"), ("77", "CLUB ID INVALID IN MEMBERSHIP SERVICES")),
        (one(PhoneNumbers=phones("")), ("81", "PHONE NUMBER REQUIRED")),
        (one(PhoneNumbers=phones("555")), CONTACT),
        (one(PhoneNumbers=phones("3125550999", kind="X")), CONTACT),
        (one(Address1="9 Oak St", AddressOverride="N"), ("92", "Please enter a valid address")),
        (one(Affinities=[{"AffiliationCode": "NOSUCH", "AffinityStatus": "A"}]),
         ("62", "Invalid affiliation code")),
        (one(Affinities=[{"AffiliationCode": "EXAMPLE10", "AffinityStatus": "A"}]),
         ("81", f"AFFILIATION CODE INVALID-{TOO_LONG}.")),
        (one(Affinities=[{"AffiliationCode": "PETCLUB", "AffinityStatus": "AA"}]),
         ("81", f"AFFINITY STATUS-{TOO_LONG}.")),
        (one(Attributes=[{"attrname": "NOSUCH", "attrvalue": ""}]),
         ("83", "Invalid Attribute Code [NOSUCH]")),
        (one(Attributes=[{"attrname": "RECEIPT", "attrvalue": "Z"}]),
         ("84", "Invalid Attribute Value for [RECEIPT]")),
        (one(Attributes=[{"attrname": "RECEIPTS1", "attrvalue": ""}]),
         ("81", f"ATTRIBUTE NAME INVALID-{TOO_LONG}.")),
        (one(Attributes=[{"attrname": "RECEIPT", "attrvalue": "E" * 81}]),
         ("81", f"ATTRIBUTE VALUE INVALID-{TOO_LONG}.")),
        (one(Attributes=[{"attrname": "RECEIPT", "attrvalue": "E"}], EmailAddress=""),
         ("85", "RECEIPT PREF NEEDS A VALID EMAIL ADDRESS")),
        (one(FirstName=["Ada"]), ("99", "STRUCTURAL VALIDATION ERRORS")),
    ],
)  # fmt: skip
def test_a_refused_enrolment_makes_nobody(desk, changes, outcome):
    before = len(desk.state.world.members)
    reply = create(desk, **changes)
    assert reply["outcome"] == outcome
    assert (reply["NumRecordsReturned"], reply["Members"]) == (0, {})
    assert len(desk.state.world.members) == before
    assert desk.effects() == []


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("a" * 40 + "@example.com", "Email Address must be < 50 characters"),
        ("ada.example.com", 'Invalid email - Missing "@" sign'),
        ("ada@@example.com", "Invalid email - Extra '@' in email"),
        ("@example.com", "Invalid email - Missing User Name"),
        ("ada@", "Invalid email - Missing domain name"),
        (".ada@example.com", 'Invalid email - Email begins with "."'),
        ("ada@.example.com", 'Invalid email - "." following "@" sign'),
        ("ada@example..com", 'Invalid email - double "." in domain'),
        ("a da@example.com", "Invalid character in email"),
        ("a@b.c", "Invalid email - Too long or too short"),
        ("ada@example", "Invalid email - Bad domain name"),
    ],
)
def test_an_email_is_refused_in_the_words_of_its_fault(desk, email, text):
    assert create(desk, EmailAddress=email)["outcome"] == ("80", text)


def test_a_card_design_is_demanded_by_switch(desk):
    assert create(desk, CardDesignType="absent")["outcome"][0] == "0"
    desk.switch(strict_required=True)
    refused = create(desk, CardDesignType="absent")["outcome"]
    assert refused == ("99", "CARD DESIGN TYPE IS REQUIRED")


def test_with_a_gender_version_15_is_accepted(desk):
    assert create(desk, MessageVersion="15", Gender="F")["outcome"][0] == "0"


def test_canadian_zip_codes_have_letters(desk):
    assert create(desk, CountryCode="CA", ZipCode="K1A0B1")["outcome"][0] == "0"
