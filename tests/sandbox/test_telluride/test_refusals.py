"""What every Telluride read refuses, in which words, and in which envelope (contract U-1, U-2)."""

import pytest

from .conftest import FOLDERS, request, status_of

LOOKUP, BALANCE = "GetMemberLookup", "GetRewardBalance"
AFFINITIES, REDEMPTION, EARN = "GetMemberAffinitySubscriptions", "ProcessRedemption", "ProcessEarn"
OFFERS, SUMMARY, DETAIL = (
    "GetApplicableOffers", "GetMemberActivitySummary", "GetMemberActivityDetail",
)  # fmt: skip
UNKNOWN = "7081999999999995"
TOO_LONG = "The actual length is greater than the MaxLength value"
BALANCE_INPUT = "* Invalid current date. Member number is not valid or length is not proper"
STRUCTURAL = "Structural Validation Errors"

REFUSALS = [
    (LOOKUP, {"MessageVersion": ""}, "99", "MESSAGE VERSION IS REQUIRED"),
    (LOOKUP, {"MessageVersion": "abc"}, "99", "MESSAGE VERSION IS NOT VALID"),
    (LOOKUP, {"MessageVersion": "1234"}, "99", "MESSAGE VERSION IS NOT VALID"),
    (LOOKUP, {"RequestorID": "OTHR"}, "99", "Requestor Id invalid"),
    (LOOKUP, {"RequestorID": "absent"}, "99", "Requestor Id invalid"),
    (LOOKUP, {"MemberNumber": ""}, "99", "MEMBER NUMBER IS REQUIRED"),
    (LOOKUP, {"MemberNumber": "70815550000000A8"}, "99", "INVALID MEMBER NUMBER"),
    (LOOKUP, {"MemberNumber": "708155500000001"}, "70", "INVALID CLUB ID"),
    (LOOKUP, {"MemberNumber": UNKNOWN}, "68", "CLUB MEMBER NOT FOUND"),
    (LOOKUP, {"MemberNumber": {"no": "number"}}, "99", "STRUCTURAL VALIDATION ERRORS"),
    (LOOKUP, {"MaxPosPrompt": "many"}, "99", "MAX POS PROMPT IS INVALID"),
    (LOOKUP, {"StoreNumber": "000001"}, "99", "STORE NUMBER IS INVALID"),
    (LOOKUP, {"Terminal": "1A"}, "99", "TERMINAL NUMBER IS INVALID"),
    (LOOKUP, {"SearchType": "12"}, "99", "INVALID SEARCH TYPE FOR LGPH"),
    (LOOKUP, {"SearchType": "77"}, "99", "INVALID SEARCH TYPE FOR LGPH"),
    (BALANCE, {"requestorID": "LGPHX"}, "99", f"* Requestor Id is invalid {TOO_LONG}"),
    (BALANCE, {"requestorID": "OTHR"}, "99", "Requestor Id invalid"),
    (BALANCE, {"storeNumber": "000001"}, "99", f"* StoreNumber is invalid; {TOO_LONG}"),
    (BALANCE, {"associateId": "A" * 13}, "99", f"* Associate ID is invalid; {TOO_LONG}"),
    (BALANCE, {"currentDate": "15/01/2025"}, "99", BALANCE_INPUT),
    (BALANCE, {"currentTime": "noon"}, "99", BALANCE_INPUT),
    (BALANCE, {"memberNumber": "123"}, "99", BALANCE_INPUT),
    (BALANCE, {"memberNumber": "absent"}, "99", BALANCE_INPUT),
    (BALANCE, {"memberNumber": UNKNOWN}, "44", "Club ID Not Found"),
    (BALANCE, {"memberNumber": ["x"]}, "99",
     "* Indicates a problem with the input. Telluride could not perform the match"),
    (AFFINITIES, {"messageVersion": "absent"}, "99", "MESSAGE VERSION IS REQUIRED"),
    (AFFINITIES, {"messageVersion": "x"}, "99", "MESSAGE VERSION IS NOT VALID"),
    (AFFINITIES, {"requestorID": "XXXX"}, "99", "Requestor Id invalid"),
    (AFFINITIES, {"memberNumber": "absent"}, "99", "MEMBER NUMBER IS REQUIRED"),
    (AFFINITIES, {"memberNumber": "seven"}, "99", "INVALID MEMBER NUMBER"),
    (AFFINITIES, {"memberNumber": "12345"}, "30", "Invalid Member Number"),
    (AFFINITIES, {"memberNumber": UNKNOWN}, "1", "CLUB MEMBER NOT FOUND"),
    (AFFINITIES, {"currentDate": "today"}, "99", "STRUCTURAL VALIDATION ERRORS"),
    (AFFINITIES, {"memberNumber": [1]}, "99", "STRUCTURAL VALIDATION ERRORS"),
    (REDEMPTION, {"MessageVersion": "absent"}, "99", "Message Version is invalid"),
    (REDEMPTION, {"MessageVersion": "twelve"}, "99", "Message Version is invalid"),
    (REDEMPTION, {"RequestorID": "absent"}, "99", STRUCTURAL),
    (REDEMPTION, {"MemberNumber": "absent"}, "3", "Invalid Member Number/Password"),
    (REDEMPTION, {"MemberNumber": "x"}, "3", "Invalid Member Number/Password"),
    (REDEMPTION, {"MemberNumber": UNKNOWN}, "30", "No member found"),
    (REDEMPTION, {"RedemptionPoints": "some"}, "94", "Points not valid"),
    (REDEMPTION, {"MaxRedeemablePoints": "-1"}, "94", "Points not valid"),
    (REDEMPTION, {"Function": "X"}, "99", STRUCTURAL),
    (REDEMPTION, {"Function": "V"}, "99", STRUCTURAL),
    (REDEMPTION, {"Function": "absent"}, "99", STRUCTURAL),
    (REDEMPTION, {"ApplyFunction": "Z"}, "99", STRUCTURAL),
    (REDEMPTION, {"ApplyFunction": "S"}, "99", STRUCTURAL),
    (REDEMPTION, {"LineItems": []}, "99", STRUCTURAL),
    (REDEMPTION, {"LineItems": [{"LineNumber": 1}]}, "99", STRUCTURAL),
    (REDEMPTION, {"RegisterNumber": "absent"}, "99", STRUCTURAL),
    (REDEMPTION, {"TransactionDate": "2025-13-01"}, "99", STRUCTURAL),
    (REDEMPTION, {"TransactionTime": "25:00:00"}, "99", STRUCTURAL),
    (EARN, {"MessageVersion": "absent"}, "99", "MESSAGE VERSION IS REQUIRED"),
    (EARN, {"MessageVersion": "v5"}, "99", "MESSAGE VERSION IS NOT VALID"),
    (EARN, {"EarnFlag": "X"}, "99", STRUCTURAL),
    (EARN, {"EarnFlag": "absent"}, "99", STRUCTURAL),
    (EARN, {"EarnFlag": "G"}, "99", "EARN FLAG IS INVALID FOR THIS MESSAGE VERSION"),
    (EARN, {"MemberNumber": None}, "99", "MEMBER NUMBER IS REQUIRED"),
    (EARN, {"MemberNumber": "x"}, "99", "MEMBER NUMBER IS INVALID"),
    (EARN, {"MemberNumber": UNKNOWN}, "30", "No member found"),
    (EARN, {"StoreNumber": "absent"}, "99", "STORE NUMBER IS REQUIRED"),
    (EARN, {"TransactionNumber": "absent"}, "99", "TRANSACTION NUMBER IS REQUIRED"),
    (EARN, {"TransactionNumber": 12345}, "99", "TRANSACTION NUMBER IS INVALID"),
    (EARN, {"TransactionTotal": "absent"}, "99", "TRANSACTION TOTAL IS REQUIRED"),
    (EARN, {"TransactionDate": "absent"}, "99", "TRANSACTION DATE IS REQUIRED"),
    (EARN, {"TransactionDate": "yesterday"}, "99", "TRANSACTION DATE IS INVALID"),
    (EARN, {"TransactionTime": "now"}, "99", "TRANSACTION TIME IS INVALID"),
    (EARN, {"LineItems": {}}, "99", "LINE ITEMS ARE REQUIRED"),
    (EARN, {"LineItems": "none"}, "99", STRUCTURAL),
    (OFFERS, {"MessageVersion": "absent"}, "2", "Validation Error"),
    (OFFERS, {"RequestorID": "absent"}, "2", "Validation Error"),
    (OFFERS, {"RequestorID": "OTHR"}, "99", "Requestor Id invalid"),
    (OFFERS, {"MemberNumber": "1"}, "2", "Validation Error"),
    (OFFERS, {"BenefitOnly": "maybe"}, "2", "Validation Error"),
    (OFFERS, {"MaxBenefits": "all"}, "2", "Validation Error"),
    (OFFERS, {"CurrentDTTM": "2025-01-15T10:00:00"}, "99", "Invalid currentDTTM"),
    (OFFERS, {"ProductList": {"Product": [{"HierarchyLevels": "x"}]}}, "99",
     "HierarchyLevels are invalid"),
    (OFFERS, {"ProductList": {"Product": [{"SKU": "1"}]}}, "99", "HierarchyLevels are invalid"),
    (OFFERS, {"MemberNumber": UNKNOWN}, "30", "No member found"),
    (SUMMARY, {"messageVersion": "absent"}, "99", "MessageVersion is invalid"),
    (SUMMARY, {"messageVersion": "one"}, "99", "MessageVersion is invalid"),
    (SUMMARY, {"memberNumber": "12"}, "99", "Invalid Member number"),
    (SUMMARY, {"memberNumber": ""}, "99", "Invalid Member number"),
    (SUMMARY, {"startDate": "2025-01-01"}, "99", "Invalid StartDate"),
    (SUMMARY, {"endDate": "2025-01-32T00:00:00"}, "99", "Invalid EndDate"),
    (SUMMARY, {"endDate": "2024-12-31T00:00:00"}, "99", "Invalid EndDate"),
    (SUMMARY, {"memberNumber": UNKNOWN}, "44", "Club ID Not Found"),
    (DETAIL, {"MessageVersion": "x"}, "99", "MessageVersion is invalid,it should be Numeric value"),
    (DETAIL, {"MemberNumber": "absent"}, "99", "Member Number is a required field"),
    (DETAIL, {"MemberNumber": "12"}, "30", "Invalid Member Number"),
    (DETAIL, {"MemberNumber": UNKNOWN}, "30", "Invalid Member Number"),
    (DETAIL, {"StartDTTM": "2025-01-01"}, "99", "StartDTTM is invalid"),
    (DETAIL, {"EndDTTM": "2020-01-01T00:00:00"}, "99", "EndDTTM is invalid"),
    (DETAIL, {"StartDTTM": "2024-01-01T00:00:00"}, "99",
     "The period is invalid, it should not exceed 366 days"),
]  # fmt: skip


@pytest.mark.parametrize(("api", "changes", "code", "text"), REFUSALS)
def test_a_refusal_is_a_200_with_its_code_and_text(desk, api, changes, code, text):
    assert status_of(api, desk.call(api, changes)) == (code, text)


@pytest.mark.parametrize(
    ("api", "code", "text"),
    [
        (LOOKUP, "90", "MEMBERSHIP DB ERROR"),
        (BALANCE, "4", "Retry DB Error"),
        (AFFINITIES, "1", "GetMemberAffinitySubscriptions Failed"),
        (REDEMPTION, "90", "Database Error occurred."),
        (EARN, "90", "Database Error occurred."),
        (OFFERS, "81", "Failed During get"),
        (SUMMARY, "04", "Retry DB Error"),
        (DETAIL, "81", "Failed During Get Call"),
    ],
)
def test_a_database_error_is_a_switch_by_api(desk, api, code, text):
    desk.switch(database_error_apis=f"Nothing, {api}")
    assert status_of(api, desk.call(api)) == (code, text)
    desk.switch(database_error_apis="")
    assert int(status_of(api, desk.call(api))[0]) == 0


@pytest.mark.parametrize("api", [REDEMPTION, EARN])
@pytest.mark.parametrize(
    ("persona", "code", "text"),
    [
        ("suspended", "31", "Member's status is Suspended"),
        ("inactive", "32", "Member's status is Inactive"),
        ("replaced", "32", "Member's status is Inactive"),
        ("merged_lost", "33",
         "Member's status is Merge and alternate member not found or not active"),
        ("pending_verified", "35", "Member's status is Pending Verified"),
    ],
)  # fmt: skip
def test_transactions_need_an_active_member(desk, api, persona, code, text):
    answer = desk.call(api, {"MemberNumber": desk.number(persona)})
    assert status_of(api, answer) == (code, text)


@pytest.mark.parametrize("persona", ["inactive", "suspended", "merged", "pending_verified"])
def test_affinities_need_an_active_member(desk, persona):
    answer = desk.call(AFFINITIES, {"memberNumber": desk.number(persona)})
    assert status_of(AFFINITIES, answer) == ("1", "INACTIVE MEMBER")


def test_texts_lose_their_star_by_switch(desk):
    desk.switch(starred_texts=False)
    assert status_of(BALANCE, desk.call(BALANCE, {"currentDate": "x"}))[1] == BALANCE_INPUT[2:]


def test_the_redemption_table_has_two_digits_by_switch(desk):
    assert desk.call(REDEMPTION)["Additional"]["Status"] == "0"
    desk.switch(two_digit_status=True)
    assert desk.call(REDEMPTION)["Additional"]["Status"] == "00"
    assert desk.call(REDEMPTION, {"MemberNumber": "x"})["Additional"]["Status"] == "03"


def test_balance_needs_neither_requestor_nor_version(desk):
    answer = desk.call(BALANCE, {"requestorID": "absent", "messageVersion": "absent"})
    assert status_of(BALANCE, answer) == ("0", "Good Balance")


def test_the_error_envelopes_are_those_of_the_contract(desk):
    bad = {api: request(api) for api in FOLDERS}
    for api in FOLDERS:
        number = "memberNumber" if "memberNumber" in bad[api] else "MemberNumber"
        bad[api][number] = UNKNOWN
    answers = {api: desk.post(api, body).json() for api, body in bad.items()}

    lookup = answers[LOOKUP]["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    assert lookup["Type"] == "PROCESSED"
    assert (lookup["NumRecordsReturned"], lookup["Members"]) == (0, {})
    assert answers[BALANCE].keys() == {"mtServerName", "additional"}
    assert list(answers[AFFINITIES]["affinities"].values()) == [[], [], []]
    redemption = answers[REDEMPTION]
    assert redemption["ResponseText"] == "No member found"
    assert redemption["AuthorizationCode"] == ""
    assert redemption["TransactionNumber"] == "4711"
    assert redemption["MaxRedeemablePoints"] == 0
    earn = answers[EARN]["ProcessEarnResult"]["ProcessEarnReply"][0]
    assert (earn["Type"], earn["MemberNumber"]) == ("PROCESSED", UNKNOWN)
    assert (earn["BasePointsEarned"], earn["BonusPointsEarned"]) == ("0", 0)
    assert earn["LineItems"] == {}
    assert answers[OFFERS].keys() == {"MTServerName", "StatusText", "Status", "SysPulse"}
    assert "totalEarned" not in answers[SUMMARY]
    assert answers[DETAIL]["TransactionDetails"] == {}
