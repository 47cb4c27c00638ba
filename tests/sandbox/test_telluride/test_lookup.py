"""Telluride's GetMemberLookup: thirteen search types, several matches, what a profile shows."""

from typing import Any

import pytest

from .conftest import Desk, status_of

API = "GetMemberLookup"
SAM = {"FirstName": "Sam", "LastName": "Twin"}
AISYAH = {
    "PhoneNumber": "2065550142",
    "EmailAddress": "aisyah.rahman@example.com",
    "FirstName": "Aisyah",
    "LastName": "Rahman",
    "ZipCode": "60601",
}


def search(desk: Desk, kind: str, **fields: object) -> Any:
    return desk.call(API, {"SearchType": kind, "MemberNumber": "absent", **fields})


def found(desk: Desk, kind: str, **fields: object) -> list[dict[str, Any]]:
    answer = search(desk, kind, **fields)
    assert status_of(API, answer) == ("0", "Success")
    reply = answer["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    members = reply["Members"]["Member"]
    assert reply["NumRecordsReturned"] == len(members)
    return members


def numbers(desk: Desk, kind: str, **fields: object) -> list[str]:
    return [member["MemberNumber"] for member in found(desk, kind, **fields)]


def outcome(desk: Desk, kind: str, **fields: object) -> tuple[str, str]:
    return status_of(API, search(desk, kind, **fields))


def test_each_type_finds_by_its_own_fields(desk):
    me = desk.number("everywhere")
    identifier = desk.state.member(me)["native_id"]
    wanted = {
        "01": ("FirstName", "LastName"),
        "02": ("EmailAddress",),
        "04": ("PhoneNumber",),
        "06": ("PhoneNumber", "EmailAddress"),
        "07": ("PhoneNumber", "EmailAddress", "FirstName", "ZipCode"),
        "08": ("FirstName", "LastName"),
        "10": ("EmailAddress",),
        "11": ("PhoneNumber",),
    }
    for kind, names in wanted.items():
        assert numbers(desk, kind, **{name: AISYAH[name] for name in names}) == [me], kind
    assert numbers(desk, "05", MemberNumber=me) == [me]
    assert numbers(desk, "09", MemberNumber=me) == [me]
    assert numbers(desk, "03", MemberNumber=me, FirstName="Aisyah", ZipCode="60601") == [me]
    assert numbers(desk, "14", MemberIdentifier=identifier) == [me]
    assert numbers(desk, "13", ID=f"C{me[-10:]}", Type="CARD") == [me]


@pytest.mark.parametrize("kind", ["5", "05", 5])
def test_a_type_of_one_digit_is_accepted(desk, kind):
    assert len(found(desk, kind, MemberNumber=desk.number("rich"))) == 1


def test_a_number_may_be_sent_as_a_number(desk):
    assert len(found(desk, "04", PhoneNumber=2065550142)) == 1
    assert len(found(desk, "05", MemberNumber=int(desk.number("rich")))) == 1


@pytest.mark.parametrize(
    ("kind", "missing", "code", "text"),
    [
        ("01", "FirstName", "46", "FIRST NAME IS REQUIRED"),
        ("01", "LastName", "47", "LAST NAME IS REQUIRED"),
        ("02", "EmailAddress", "48", "EMAIL ADDRESS IS REQUIRED"),
        ("04", "PhoneNumber", "50", "PHONE NUMBER IS REQUIRED"),
        ("06", "EmailAddress", "48", "EMAIL ADDRESS IS REQUIRED"),
        ("07", "ZipCode", "63", "ZIP CODE IS REQUIRED"),
        ("08", "FirstName", "46", "FIRST NAME IS REQUIRED"),
        ("10", "EmailAddress", "48", "EMAIL ADDRESS IS REQUIRED"),
        ("11", "PhoneNumber", "50", "PHONE NUMBER IS REQUIRED"),
        ("03", "PhoneNumber", "99", "MEMBER NUMBER IS REQUIRED"),
        ("14", "PhoneNumber", "99", "MEMBER NUMBER IS REQUIRED"),
        ("13", "PhoneNumber", "99", "ID IS REQUIRED"),
    ],
)
def test_a_missing_field_is_named(desk, kind, missing, code, text):
    assert outcome(desk, kind, **{**AISYAH, missing: ""}) == (code, text)


@pytest.mark.parametrize(
    ("kind", "changes", "code", "text"),
    [
        ("01", {"LastName": "Nobody"}, "64", "NO MATCHING NAME FOUND"),
        ("08", {"LastName": "Nob*"}, "64", "NO MATCHING NAME FOUND"),
        ("02", {"EmailAddress": "no@example.com"}, "65", "NO MATCHING EMAIL ADDRESS FOUND"),
        ("10", {"LastName": "Other"}, "65", "NO MATCHING EMAIL ADDRESS FOUND"),
        ("04", {"PhoneNumber": "1"}, "66", "NO MATCHING PHONE NUMBER FOUND"),
        ("11", {"FirstName": "Other"}, "66", "NO MATCHING PHONE NUMBER FOUND"),
        ("03", {"ZipCode": "99999"}, "67", "NO MATCHING ROW FOUND"),
        ("06", {"EmailAddress": "no@example.com"}, "67", "NO MATCHING ROW FOUND"),
        ("07", {"ZipCode": "99999"}, "67", "NO MATCHING ROW FOUND"),
        ("13", {"ID": "C0", "Type": "CARD"}, "67", "NO MATCHING ROW FOUND"),
        ("09", {"LastName": "Other"}, "68", "CLUB MEMBER NOT FOUND"),
        ("14", {"MemberIdentifier": "abc%3D"}, "68", "CLUB MEMBER NOT FOUND"),
    ],
)
def test_nothing_found_has_the_code_of_the_type(desk, kind, changes, code, text):
    fields = {**AISYAH, "MemberNumber": desk.number("everywhere"), **changes}
    assert outcome(desk, kind, **fields) == (code, text)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("customer", ("71", "CUSTOMER NOT FOUND")),
        ("records", ("99", "NO MATCHING RECORDS FOUND")),
    ],
)
def test_nothing_found_may_be_worded_otherwise_by_switch(desk, choice, expected):
    desk.switch(lookup_not_found=choice)
    assert outcome(desk, "02", EmailAddress="no@example.com") == expected


def test_one_phone_may_have_two_members(desk):
    both = numbers(desk, "04", PhoneNumber="3125550177")
    assert both == [desk.number("same_phone_a"), desk.number("same_phone_b")]
    assert numbers(desk, "11", PhoneNumber="3125550177", **SAM) == both[:1]


def test_names_and_mail_are_found_in_any_case(desk):
    assert numbers(desk, "02", EmailAddress="AISYAH.Rahman@Example.COM")
    assert numbers(desk, "01", FirstName="SAM", LastName="twin")


def test_wildcards_are_star_and_percent(desk):
    assert numbers(desk, "08", FirstName="S*m", LastName="Tw%") == [desk.number("same_phone_a")]
    assert len(numbers(desk, "08", FirstName="S*", LastName="Twin")) == 2
    assert outcome(desk, "01", FirstName="S*", LastName="Twin")[0] == "64"


def test_more_matches_than_the_limit_are_refused(desk):
    assert outcome(desk, "08", FirstName="*", LastName="Kim") == ("99", "MULTIPLE RECORDS FOUND")
    limits = {"PhoneNumber": "3125550177", "MaxRecords": 1}
    assert outcome(desk, "04", **limits) == ("99", "MULTIPLE RECORDS FOUND")
    assert len(numbers(desk, "08", FirstName="*", LastName="Kim", MaxRecords="500")) > 10


def test_more_matches_than_the_limit_are_cut_off_by_switch(desk):
    desk.switch(lookup_overflow="truncate")
    assert len(numbers(desk, "08", FirstName="*", LastName="Kim")) == 10


def test_a_type_may_be_closed_to_the_requestor_by_switch(desk):
    desk.switch(lookup_types_refused="02, 08")
    text = "INVALID SEARCH TYPE FOR LGPH"
    assert outcome(desk, "02", EmailAddress="aisyah.rahman@example.com") == ("99", text)
    assert outcome(desk, "04", PhoneNumber="2065550142")[0] == "0"


@pytest.mark.parametrize(
    ("persona", "letter"),
    [
        ("rich", "A"),
        ("inactive", "I"),
        ("merged", "O"),
        ("replaced", "R"),
        ("suspended", "S"),
        ("pending_verified", "P"),
    ],
)
def test_every_club_status_is_returned(desk, persona, letter):
    member = found(desk, "05", MemberNumber=desk.number(persona))[0]
    assert member["ClubStatus"] == letter


def test_a_merged_member_names_the_survivor(desk):
    merged = found(desk, "05", MemberNumber=desk.number("merged"))[0]
    assert merged["SurvivorMemberNumber"] == desk.number("survivor")
    assert found(desk, "05", MemberNumber=desk.number("rich"))[0]["SurvivorMemberNumber"] == ""


def test_times_are_milliseconds_and_midnight_is_central(desk):
    answer = search(desk, "05", MemberNumber=desk.number("rich"))
    reply = answer["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    assert reply["ResponseDate"] == 1_736_920_800_000  # 2025-01-15 00:00 in Chicago
    assert reply["ResponseTime"] == 57_600_000  # 10:00 there, as an instant on 1970-01-01
    member = reply["Members"]["Member"][0]
    assert member["OnlineValidationDate"] == reply["ResponseDate"]
    assert (member["MemberSinceDate"] - 55_800_000) % 86_400_000 in (0, 86_400_000 - 3_600_000)


def test_a_profile_shows_tier_points_and_names_in_any_script(desk):
    rich = found(desk, "05", MemberNumber=desk.number("rich"))[0]
    books = desk.state.member(desk.number("rich"))
    assert (rich["VIPTier"], rich["TotalRedeemablePoints"]) == ("Gold", int(books["points"]))
    assert found(desk, "05", MemberNumber=desk.number("no_tier"))[0]["VIPTier"] == ""
    assert found(desk, "05", MemberNumber=desk.number("non_latin"))[0]["FirstName"] == "美玲"


def test_affinities_are_an_empty_object_or_wrapped(desk):
    assert found(desk, "05", MemberNumber=desk.number("rich"))[0]["Affinities"] == {}
    held = found(desk, "05", MemberNumber=desk.number("affinities"))[0]["Affinities"]["Affinity"]
    assert held[0] == {
        "AffinityID": "",
        "AffinityStatus": "A",
        "AffiliationCode": "EXAMPLE1",
    }
    assert numbers(desk, "13", ID="88001", Type="PETCLUB") == [desk.number("affinities")]


def test_gender_exists_from_version_15_on(desk):
    number = desk.number("rich")
    assert "Gender" in found(desk, "05", MemberNumber=number)[0]
    assert "Gender" not in found(desk, "05", MemberNumber=number, MessageVersion="14")[0]
