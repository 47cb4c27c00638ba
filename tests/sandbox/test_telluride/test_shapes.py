"""Every envelope against the contract's example of it: the same keys, of the same JSON types."""

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import EXAMPLES, FOLDERS, Desk

OPTIONAL = {"ProgramSubType", "XRFlatOffer", "OfferRewardPotential", "XROfferExpiryDate"}
"""Keys that one entry of an example list has and another lacks, by the examples themselves."""

EXTRA = {"channelCode", "affinityEndDate", "XRMultiplier"}
"""Keys of the field tables that no example shows (contract mark T)."""


def kind(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "num"
        case str():
            return "str"
        case None:
            return "null"
        case dict():
            return "obj"
        case _:
            return "arr"


def differences(example: Any, answer: Any, path: str = "") -> Iterator[str]:
    match example, answer:
        case dict(), dict():
            yield from keys_differ(example, answer, path)
            for name in example.keys() & answer.keys():
                yield from differences(example[name], answer[name], f"{path}.{name}")
        case [dict(), *_], list():
            known = {name: value for entry in example for name, value in entry.items()}
            for entry in answer:
                yield from differences(known, entry, f"{path}[]")
        case _ if kind(example) != kind(answer):
            yield f"{path}: {kind(answer)} instead of {kind(example)}"


def keys_differ(example: Any, answer: Any, path: str) -> Iterator[str]:
    # An empty object stands for a list of none (contract Q-6).
    if example and answer:
        for name in example.keys() - answer.keys() - OPTIONAL:
            yield f"{path}.{name} is missing"
        for name in answer.keys() - example.keys() - EXTRA - OPTIONAL:
            yield f"{path}.{name} is not in the example"


def full(desk: Desk, api: str, persona: str = "surprise") -> Any:
    """An answer with as much in it as the example's."""
    number = desk.number(persona)
    name = "memberNumber" if "memberNumber" in EXAMPLES[api]["request"] else "MemberNumber"
    return desk.call(api, {name: number})


@pytest.mark.parametrize("api", FOLDERS)
@pytest.mark.parametrize("persona", ["surprise", "rich", "affinities", "everywhere"])
def test_an_answer_has_the_keys_and_types_of_the_example(desk, api, persona):
    answer = full(desk, api, persona)
    assert list(differences(EXAMPLES[api]["response"], answer)) == []


def test_the_comparison_itself_sees_a_wrong_type_and_a_missing_key(desk):
    example = EXAMPLES["GetRewardBalance"]["response"]
    answer = full(desk, "GetRewardBalance")
    answer["memberNumber"] = str(answer["memberNumber"])
    channel = answer["totalAvailablePointsSummary"]["channelWisePointsSummary"]["channel"][0]
    del channel["redeemableDollars"]
    assert len(list(differences(example, answer))) == 2


def test_the_example_lookup_has_the_order_of_keys_of_the_envelope(desk):
    reply = full(desk, "GetMemberLookup")["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    expected = EXAMPLES["GetMemberLookup"]["response"]["GetMemberLookupResult"]
    assert list(reply) == list(expected["GetMemberLookupReply"][0])


def test_a_big_number_is_answered_digit_by_digit(desk):
    number = desk.number("twelve_digits")
    text = desk.post("GetRewardBalance", {"memberNumber": number, "requestorID": "LGPH"}).text
    assert f'"memberNumber":{number}' in text
    assert '"availablePointsToRedeem":123456789012' in text
    assert '"redeemableDollars":"123456789.01"' in text


@pytest.mark.parametrize(
    ("form", "shown"), [("array", []), ("object", {}), ("null", None), ("missing", "missing")]
)
def test_empty_lists_come_in_one_form_by_switch(desk, form, shown):
    desk.switch(empty_lists=form)
    reply = full(desk, "GetMemberLookup")["GetMemberLookupResult"]["GetMemberLookupReply"][0]
    assert reply["Members"]["Member"][0].get("Affinities", "missing") == shown
    answer = full(desk, "GetMemberAffinitySubscriptions")
    assert answer["affinities"].get("affinity", "missing") == shown


@pytest.mark.parametrize(
    ("api", "version"),
    [("GetMemberLookup", "22"), ("ProcessEarn", "05"), ("ProcessRedemption", "12"),
     ("GetMemberActivitySummary", "01")],
)  # fmt: skip
def test_the_version_comes_back_as_sent_or_one_lower(desk, api, version):
    assert f'"{version}"' in str(full(desk, api)).replace("'", '"')
    desk.switch(message_version_echo="one_lower")
    lower = str(int(version) - 1).zfill(2)
    assert f'"{lower}"' in str(full(desk, api)).replace("'", '"')
