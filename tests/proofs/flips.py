"""The contracts' assumptions, each the other way round by itself: all switches of the sandbox.

A switch is flipped with the kinds of mutation that it is about; it may change how their doubt can
be settled. Those that no write of the matrix can meet are named, with what tries them instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.proofs.errands import Doubt


@dataclass(frozen=True, slots=True)
class Flip:
    """One assumption the other way round, and the kinds of mutation that meet it.

    `doubts` are those whose doubt is settled otherwise then, `twins` those of which the upstream
    takes a second delivery for a second wish. `refuses_first`: what would be carried out is refused
    once, and goes again after something else. `vague`: kinds whose refusals prove nothing then.
    `ahead`: by how many seconds the upstream's clock is before ours, where a switch says something
    of its time. `program` is what an operator who knows of it would configure.
    """

    upstream: str
    name: str
    value: bool | int | str
    kinds: tuple[str, ...]
    doubts: Mapping[str, Doubt] = field(default_factory=dict[str, Doubt])
    twins: frozenset[str] = frozenset()
    refuses_first: bool = False
    vague: frozenset[str] = frozenset()
    ahead: int = 0
    program: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        return f"{self.upstream}.{self.name}={self.value}"


SALE, VOID, REDEEM, GIVE_BACK = "sale", "void", "redeem", "void redemption"
ADJUST, CLAIM, ENROL = "adjust", "claim", "enrol"
BY_CODE, CAPTURE = "redeem by code", "capture of redeem"

_UNSAFE = {"replay_is_safe": False}
_ASSUMED = "assumptions"


def _blind(*kinds: str) -> dict[str, Doubt]:
    return dict.fromkeys(kinds, Doubt.BLIND)


def _each(
    upstream: str, name: str, values: tuple[bool | int | str, ...], *kinds: str, **more: Any
) -> tuple[Flip, ...]:
    return tuple(Flip(upstream, name, value, kinds, **more) for value in values)


ONEREWARDS = (
    # It documents that the same document has no second effect (3.12): whoever has an account for
    # which this is not true must say so, and then nothing is ever sent again.
    Flip("onerewards", "duplicates", "applied_again", (SALE, REDEEM, ADJUST),
         _blind(SALE, REDEEM, ADJUST), frozenset({SALE, REDEEM, ADJUST}), program=_UNSAFE),
    Flip("onerewards", "duplicate_check", "after_code", (BY_CODE,)),
    Flip("onerewards", "redemption_code_use", "once", (BY_CODE,)),
    Flip("onerewards", "code_needed", "linked", (BY_CODE,)),
    *_each("onerewards", "redemption_code_digits", (10, 18), BY_CODE),
    Flip("onerewards", "failed_posts", "remembered", (SALE, REDEEM)),
    Flip("onerewards", "changed_content", "first_result", (SALE,)),
    Flip("onerewards", "over_redemption", "posted_negative", (REDEEM,)),
    # What cannot be used yet is not among the usable ones: nothing shows it.
    Flip("onerewards", "claimed_at_issue", False, (CLAIM,), _blind(CLAIM)),
    Flip("onerewards", "unpost_again", "not_found", (VOID, GIVE_BACK)),
    Flip("onerewards", "unpost_spent_points", "refused", (VOID,)),
    *_each("onerewards", "post_after_unpost", ("first_result", "refused"), SALE, VOID),
    Flip("onerewards", "unique_phones", False, (ENROL,), twins=frozenset({ENROL})),
    *_each("onerewards", "created_answer", ("body", "location"), ENROL),
    Flip("onerewards", "error_body", "problem_details", (SALE, CLAIM)),
    # Why a voucher is not to be had is in the words: a refusal without any may be of our own claim,
    # delivered twice.
    Flip("onerewards", "error_body", "empty", (SALE, CLAIM), vague=frozenset({CLAIM})),
    Flip("onerewards", "read_lag_seconds", 3600, (CLAIM, ENROL), _blind(CLAIM, ENROL)),
    Flip("onerewards", "read_lag_seconds", 4, (CLAIM, ENROL)),
    Flip("onerewards", "listing_envelope", "bare_array", (ENROL,)),
    Flip("onerewards", "listing_order", "descending", (ENROL,)),
    Flip("onerewards", "total_count", "all", (ENROL,)),
    Flip("onerewards", "property_case", "pascal", (SALE, CLAIM, ENROL)),
    Flip("onerewards", "nulls", "omitted", (SALE, CLAIM, ENROL)),
    Flip("onerewards", "unmet_minimum", "hidden", (CLAIM,)),
    Flip("onerewards", "expired_vouchers", "hidden", (CLAIM,)),
    Flip("onerewards", "end_date_is_whole_day", False, (CLAIM,)),
)  # fmt: skip

_IN_HISTORY = (SALE, VOID, REDEEM, ADJUST)

TELLURIDE = (
    Flip("telluride", "earn_duplicates_detected", False, (SALE, VOID),
         twins=frozenset({SALE, VOID})),
    Flip("telluride", "earn_duplicates_marked", False, (SALE, VOID)),
    Flip("telluride", "redemption_duplicates_detected", False, (REDEEM, GIVE_BACK),
         twins=frozenset({REDEEM})),
    *_each("telluride", "redemption_duplicate_mark", ("letter", "text", "flag", "none"),
           REDEEM, GIVE_BACK),
    Flip("telluride", "different_details", "answer_first", (SALE, REDEEM)),
    Flip("telluride", "bonus_duplicates_detected", True, (ADJUST,)),
    Flip("telluride", "bonus_row", False, (ADJUST,), _blind(ADJUST)),
    # The first request is refused for want of an inquiry (91): what is lost is that refusal.
    Flip("telluride", "balance_inquiry_required", True, (REDEEM,), refuses_first=True),
    *_each("telluride", "void_rows", ("status_only", "row_only"), GIVE_BACK),
    Flip("telluride", "void_restores", "fresh", (GIVE_BACK,)),
    # The time is one of the five values that name a transaction (7.3), and the number of a sale
    # comes again after 9,999 others: a row of another time is perhaps another's, for a person.
    Flip("telluride", "row_times", "posted", _IN_HISTORY, _blind(*_IN_HISTORY), ahead=30),
    Flip("telluride", "row_transaction_number", "bare", (SALE, REDEEM)),
    Flip("telluride", "row_types", "only_p", _IN_HISTORY),
    # Without one of the five values, or the figure, a row only resembles the write.
    *_each("telluride", "activity_fields_missing",
           ("StoreLocation", "RegisterNumber", "TransactionNumber", "TransactionDTTM",
            "GrossSpend,TotalPointsRedeemed,TotalBonusPoints,TotalPoints"),
           SALE, REDEEM, ADJUST, doubts=_blind(SALE, REDEEM, ADJUST)),
    Flip("telluride", "activity_delay_seconds", 3600, _IN_HISTORY, _blind(*_IN_HISTORY)),
    Flip("telluride", "activity_delay_seconds", 4, _IN_HISTORY),
    Flip("telluride", "bare_redemption_row", False, (REDEEM,), _blind(REDEEM)),
    Flip("telluride", "return_shortage", "go_negative", (VOID,)),
    Flip("telluride", "returned_points", "positive", (VOID,)),
    Flip("telluride", "total_points_earned", "lifetime", (SALE,)),
    Flip("telluride", "identities_checked", False, (ENROL,), twins=frozenset({ENROL})),
    Flip("telluride", "inactive_email", "free", (ENROL,)),
    *_each("telluride", "lookup_not_found", ("customer", "records"), ENROL),
    Flip("telluride", "lookup_overflow", "truncate", (ENROL,)),
    Flip("telluride", "auth_failure", "body", (SALE, REDEEM, ADJUST, ENROL)),
    Flip("telluride", "starred_texts", False, (SALE, REDEEM)),
    Flip("telluride", "two_digit_status", True, (REDEEM, GIVE_BACK)),
    Flip("telluride", "message_version_echo", "one_lower", (SALE, ENROL)),
    *_each("telluride", "empty_lists", ("array", "object", "null", "missing"), SALE, REDEEM, ENROL),
    Flip("telluride", "strict_required", True, (*_IN_HISTORY, ENROL)),
)  # fmt: skip

FABRIC = (
    # Looked for before it is sent again, it is safe all the same; where reads lag too it is not,
    # which is why the operator says that a repeat is not safe there.
    Flip("fabric", "duplicate_detected", False, (SALE, VOID),
         dict.fromkeys((SALE, VOID), Doubt.LOOK), frozenset({SALE}), program=_UNSAFE),
    Flip("fabric", "duplicate_text", "Order already exists.", (SALE, VOID)),
    Flip("fabric", "duplicate_checked", "last", (SALE, VOID)),
    Flip("fabric", "duplicate_members", "allowed", (ENROL,), twins=frozenset({ENROL})),
    Flip("fabric", "repeated_step", "accepted", (CAPTURE, GIVE_BACK)),
    # By whom a reward was issued cannot be seen then; who captured it can.
    Flip("fabric", "audit_user_echoed", False, (REDEEM, CAPTURE), _blind(REDEEM)),
    Flip("fabric", "note_echoed", False, (ENROL,)),
    Flip("fabric", "custom_attributes_echoed", False, (ENROL,)),
    Flip("fabric", "read_lag_seconds", 3600, (REDEEM, ADJUST), _blind(REDEEM, ADJUST)),
    Flip("fabric", "read_lag_seconds", 4, (SALE, REDEEM, ADJUST)),
    Flip("fabric", "member_lag_seconds", 3600, (ENROL,), _blind(ENROL)),
    Flip("fabric", "member_lag_seconds", 4, (ENROL,)),
    Flip("fabric", "failures_in_ok", True, (SALE, REDEEM, CAPTURE, ADJUST, ENROL)),
    Flip("fabric", "errors_on_success", "exception_string", (SALE, REDEEM, ADJUST)),
    Flip("fabric", "adjust_refusals", "exception_string", (ADJUST,)),
    *_each("fabric", "reason_codes", ("required", "any"), ADJUST),
    Flip("fabric", "transactions_order", "oldest_first", (SALE, ADJUST)),
    Flip("fabric", "unset_values", "absent", (SALE, REDEEM, ENROL)),
    *_each("fabric", "unknown_member", ("not_found", "empty"), SALE, ENROL),
    *_each("fabric", "members_shape", ("object", "array"), ENROL),
    Flip("fabric", "text_filters", "contains", (SALE, ENROL)),
    Flip("fabric", "limit_means", "end", (SALE, REDEEM, ADJUST),
         program={_ASSUMED: {"limit_is_last_record": True}}),
    Flip("fabric", "limit_max", 20, (SALE, REDEEM, ADJUST), program={_ASSUMED: {"page_size": 20}}),
    Flip("fabric", "merchant_id_as", "number", (REDEEM,)),
    Flip("fabric", "history_without_profile", "refused", (REDEEM,)),
    *_each("fabric", "reverse_after_spend", ("refused", "clipped"), VOID),
    Flip("fabric", "auto_conversion", False, (SALE, ADJUST)),
    Flip("fabric", "earn_rate", "10", (SALE,)),
    Flip("fabric", "promotional_points", 10, (SALE,)),
)  # fmt: skip

FLIPS = (*ONEREWARDS, *TELLURIDE, *FABRIC)

_QUOTA = "how a used-up quota is told: F28, and tests/unit/test_transport.py"
_NO_VOUCHER = "no kind of the matrix uses a voucher: tests/providers/test_onerewards_assumed.py"
_OTHER_WRITES = "about a mutation without points: tests/providers/test_onerewards_assumed.py"
_READ_ONLY = "about a read that no write's doubt asks: tests/providers"
_REFUSAL = "makes a refusal of what is taken at its default: F42, and tests/providers"

NOT_FLIPPED: Mapping[str, Mapping[str, str]] = {
    "onerewards": {
        "quota_per_minute": _QUOTA,
        "rate_limit_headers": _QUOTA,
        "told_on_429": _QUOTA,
        "voucher_refusal": _NO_VOUCHER,
        "linked_fields": _OTHER_WRITES,
        "repeated_migration": _OTHER_WRITES,
        "receipt_url_order": _OTHER_WRITES,
        "receipt_headers": _OTHER_WRITES,
    },
    "telluride": {
        "bonus_ineligible": _REFUSAL,
        "spaces_in_names": _REFUSAL,
        "address_service_down": "a fault, not an assumption: 93 is F41 and F55 of this matrix",
        "authentication_exception": "a fault: F30 and F57",
        "forbidden_apis": "a fault: F31 the account may not",
        "database_error_apis": "a fault: F55",
        "token_lifetime_seconds": "when tokens are renewed: tests/unit/test_tokens.py",
        "lookup_types_refused": "an account without the search: test_telluride_writes_members.py",
        "merged_followed": "merged members (F56): test_telluride_writes_doubt.py",
        "affinity_array": _READ_ONLY,
        "channel_code": _READ_ONLY,
        "available_dollars": _READ_ONLY,
    },
    "fabric": {
        "quota_per_minute": _QUOTA,
        "token_seconds": "when tokens are renewed: tests/unit/test_tokens.py",
        **dict.fromkeys(
            (
                "paging_out_of_bounds",
                "redemption_threshold_as",
                "point_value",
                "locked_points",
                "redeemable_below_threshold",
                "expiry_buckets",
                "expiry_buckets_apart",
                "expiry_buckets_empty_omitted",
                "expiry_date_is",
                "expiry_point_value",
                "rewards_past_expiry",
                "closed_account_status",
            ),
            _READ_ONLY,
        ),
        "pending_hours": "about activatePoints: tests/providers/test_fabric_writes_switches.py",
        "reward_cap": _REFUSAL,
        "adjust_below_zero": _REFUSAL,
        "adjust_cap": _REFUSAL,
        "closed_accounts": _REFUSAL,
        "threshold_default_applied": "about updateMember: test_fabric_writes_switches.py",
        "fields_not_updatable": "about updateMember: test_fabric_writes_switches.py",
    },
}
"""Switches that are not flipped here, and where they are met."""
