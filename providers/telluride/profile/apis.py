"""Telluride's eleven APIs: their names, paths and documented versions (contract 1.2); no calls."""

from collections.abc import Mapping
from enum import StrEnum


class Api(StrEnum):
    """One API, by the last part of its path, plural or singular as the wire has it (Q-14)."""

    CREATE_MEMBER = "CreateMember"
    MEMBER_LOOKUP = "GetMemberLookup"
    REWARD_BALANCE = "GetRewardBalance"
    UPDATE_AFFINITIES = "UpdateMemberAffinitySubscriptions"
    AFFINITIES = "GetMemberAffinitySubscriptions"
    REDEMPTION = "ProcessRedemption"
    EARN = "ProcessEarn"
    EXTERNAL_BONUS = "PostExternalBonus"
    APPLICABLE_OFFERS = "GetApplicableOffers"
    ACTIVITY_SUMMARY = "GetMemberActivitySummary"
    ACTIVITY_DETAIL = "GetMemberActivityDetail"


VERSIONS: Mapping[Api, str] = {
    Api.CREATE_MEMBER: "14",
    Api.MEMBER_LOOKUP: "22",
    Api.REWARD_BALANCE: "16",
    Api.UPDATE_AFFINITIES: "06",
    Api.AFFINITIES: "04",
    Api.REDEMPTION: "12",
    Api.EARN: "05",
    Api.EXTERNAL_BONUS: "07",
    Api.APPLICABLE_OFFERS: "08",
    Api.ACTIVITY_SUMMARY: "01",
    Api.ACTIVITY_DETAIL: "13",
}
"""The MessageVersion of each API's documented example; always sent with its leading zero."""

GUEST_VERSION = 10
"""ProcessEarn knows trials for guests from this version on (contract 4.7)."""

_PROFILE = {
    Api.CREATE_MEMBER,
    Api.MEMBER_LOOKUP,
    Api.REWARD_BALANCE,
    Api.UPDATE_AFFINITIES,
    Api.AFFINITIES,
}


def path(api: Api) -> str:
    """Where the API lives below the program's base address."""
    return f"/tellurideAS/{'profile' if api in _PROFILE else 'transaction'}/{api.value}"
