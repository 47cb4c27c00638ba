"""Every published status of Telluride's eleven APIs, and the code of ours it must become."""

import json
from pathlib import Path

import pytest

from loyalty.errors import (
    Declined,
    ErrorCode,
    InvalidInput,
    LoyaltyError,
    MemberNotFound,
    Unavailable,
    Unsupported,
)
from providers.telluride.mapping.refusals import error, outcome, scrubbed
from providers.telluride.profile.apis import Api
from providers.telluride.profile.statuses import BY_TEXT, STATUSES, meaning
from providers.telluride.wire.shapes import WireStatus

PUBLISHED = json.loads((Path(__file__).parent / "statuses.json").read_text(encoding="utf-8"))


def case(entry: dict) -> str:
    return f"{entry['api']}-{entry['code']}-{entry['text'][:40]}"


def told(code: str, text: str | None) -> WireStatus:
    return WireStatus.model_validate({"Status": code, "StatusText": text})


@pytest.mark.parametrize("entry", PUBLISHED, ids=case)
def test_a_published_status_means_what_the_contract_says(entry):
    found = outcome(Api(entry["api"]), told(entry["code"], entry["text"]), 200)
    assert found is not None
    expected = None if entry["means"] is None else ErrorCode(entry["means"])
    assert (found.code, found.known) == (expected, True)


@pytest.mark.parametrize("entry", PUBLISHED, ids=case)
def test_case_blanks_stars_and_quotes_do_not_matter(entry):
    text = f'  * "{entry["text"].swapcase().replace(" ", "   ")} '
    code = entry["code"].zfill(2)
    found = outcome(Api(entry["api"]), told(f" {code} ", text), 200)
    assert found is not None
    assert found.code == (None if entry["means"] is None else ErrorCode(entry["means"]))


@pytest.mark.parametrize("api", Api)
def test_every_row_of_the_table_stands_for_a_published_status(api):
    seen = {int(entry["code"]) for entry in PUBLISHED if entry["api"] == api.value}
    assert {row.code for row in STATUSES[api]} | {0} <= seen
    assert STATUSES[api] or api in BY_TEXT


@pytest.mark.parametrize("api", Api)
def test_success_is_zero_and_not_its_text(api):
    for code in ("0", "00", " 0 "):
        assert outcome(api, told(code, "Failed During get"), 200).code is None
    assert outcome(api, told("7", "SUCCESS"), 200).code is ErrorCode.PROVIDER_ERROR


@pytest.mark.parametrize(
    ("api", "code", "meant"),
    [
        (Api.MEMBER_LOOKUP, 71, ErrorCode.MEMBER_NOT_FOUND),
        (Api.CREATE_MEMBER, 71, ErrorCode.INVALID_INPUT),
        (Api.APPLICABLE_OFFERS, 81, ErrorCode.PROVIDER_UNAVAILABLE),
        (Api.ACTIVITY_DETAIL, 30, ErrorCode.INVALID_INPUT),
        (Api.REDEMPTION, 30, ErrorCode.MEMBER_NOT_FOUND),
        (Api.REDEMPTION, 93, ErrorCode.ALREADY_VOIDED),
        (Api.CREATE_MEMBER, 93, ErrorCode.PROVIDER_UNAVAILABLE),
        (Api.REDEMPTION, 1, ErrorCode.INSUFFICIENT_POINTS),
        (Api.UPDATE_AFFINITIES, 1, ErrorCode.MEMBER_NOT_FOUND),
        (Api.APPLICABLE_OFFERS, 2, ErrorCode.INVALID_INPUT),
    ],
)
def test_one_number_means_different_things_by_api(api, code, meant):
    assert meaning(api, code, "words nobody has published").code is meant


@pytest.mark.parametrize(
    ("api", "code"),
    [(Api.MEMBER_LOOKUP, 99), (Api.EXTERNAL_BONUS, 44), (Api.AFFINITIES, 1), (Api.EARN, 55)],
)
def test_a_number_of_several_meanings_is_not_guessed_at(api, code):
    found = meaning(api, code, "words nobody has published")
    assert (found.code, found.known) == (ErrorCode.PROVIDER_ERROR, False)


def test_three_texts_on_one_line_are_read_in_their_order():
    line = "CLUB MEMBER NOT FOUND INACTIVE MEMBER GetMemberAffinitySubscriptions Failed"
    assert meaning(Api.AFFINITIES, 1, line).code is ErrorCode.MEMBER_NOT_FOUND


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("NO MEMBER BY THAT NUMBER", ErrorCode.MEMBER_NOT_FOUND),
        ("Account SUSPENDED", ErrorCode.MEMBER_NOT_ACTIVE),
        ("Duplicate transaction", ErrorCode.DUPLICATE),
        ("Please retry", ErrorCode.PROVIDER_UNAVAILABLE),
        ("Division NOT VALID", ErrorCode.INVALID_INPUT),
        ("computer says no", ErrorCode.PROVIDER_ERROR),
    ],
)
def test_process_earn_publishes_no_codes_so_its_text_decides(text, meant):
    assert meaning(Api.EARN, 412, text).code is meant


def test_a_merged_member_without_survivor_is_inactive_and_not_missing():
    text = "Member's status is Merge and alternate member not found or not active"
    assert meaning(Api.EARN, 33, text).code is ErrorCode.MEMBER_NOT_ACTIVE


@pytest.mark.parametrize("told_nothing", [None, WireStatus(), told("", "Success")])
def test_a_missing_status_is_never_success(told_nothing):
    assert outcome(Api.REWARD_BALANCE, told_nothing, 200) is None


def test_a_status_that_is_no_number_is_not_covered():
    found = outcome(Api.REWARD_BALANCE, told("ERR", "x"), 200)
    assert (found.code, found.known) == (ErrorCode.PROVIDER_ERROR, False)


@pytest.mark.parametrize(
    ("api", "code", "text", "kind"),
    [
        (Api.MEMBER_LOOKUP, "68", "x", MemberNotFound),
        (Api.MEMBER_LOOKUP, "46", "x", InvalidInput),
        (Api.MEMBER_LOOKUP, "90", "x", Unavailable),
        (Api.MEMBER_LOOKUP, "99", "INVALID SEARCH TYPE FOR X", Unsupported),
        (Api.REDEMPTION, "1", "x", Declined),
        (Api.EARN, "77", "x", Declined),
    ],
)
def test_an_error_is_named_by_what_the_caller_may_do(api, code, text, kind):
    raised = error("syw", outcome(api, told(code, text), 200))
    assert type(raised) is kind
    assert isinstance(raised, LoyaltyError)
    assert raised.program == "syw"


def test_the_provider_s_words_carry_no_person():
    text = 'Member 7081555000000018 <ada@example.com> named "Ada" has [SHOE] in store 00001'
    words = scrubbed(text)
    for secret in ("7081555", "ada", "Ada", "SHOE"):
        assert secret not in words
    assert words == "Member … has … in store …"
