"""What the fabric contract leaves open, one switch each with the contract's choice; no logic."""

from sandbox.switches import Switch

UPSTREAM = "fabric"

READS = (
    Switch("quota_per_minute", None, "contract 12.3: no limit is documented; None is none"),
    Switch("token_seconds", 600, "contract 2.3: how long a token lives"),
    Switch("failures_in_ok", False, "contract 3.2: a failure may travel in an HTTP 200"),
    Switch(
        "errors_on_success",
        "object",
        'contract 3.1: {} or {"ExceptionString": []}, both mean no error',
        ("object", "exception_string"),
    ),
    Switch(
        "unset_values",
        "null",
        "contract 12.1: unset values are null, or their keys are absent",
        ("null", "absent"),
    ),
    Switch(
        "unknown_member",
        "bad_request",
        "contract 12.1: 400, 404, or a success without data",
        ("bad_request", "not_found", "empty"),
    ),
    Switch(
        "members_shape",
        "by_filter",
        "contract 6.3: an id gives an object and a search an array, or always one of them",
        ("by_filter", "object", "array"),
    ),
    Switch(
        "text_filters",
        "equal",
        "contract 12.1: text filters want equality whatever the case, or a part",
        ("equal", "contains"),
    ),
    Switch(
        "limit_means",
        "size",
        "contract 3.3: limit is the size of the page, or the number of its last record",
        ("size", "end"),
    ),
    Switch("limit_max", 100, "contract 12.1: the largest page"),
    Switch(
        "paging_out_of_bounds",
        "refused",
        "contract 12.1: limit and offset out of bounds",
        ("refused", "clamped"),
    ),
    Switch(
        "redemption_threshold_as",
        "number",
        "contract 3.3: the schema says string, the samples number",
        ("number", "string"),
    ),
    Switch(
        "merchant_id_as",
        "string",
        "contract 3.3: the schema says string, the sample number",
        ("string", "number"),
    ),
    Switch(
        "point_value",
        "0.05",
        "contract 12.1 and 13: currency for one point",
        ("0.05", "0.2", "0.5", "1"),
    ),
    Switch(
        "locked_points",
        "pending",
        "contract 11.1: memberPointsLocked is what is pending, or always zero",
        ("pending", "zero"),
    ),
    Switch("pending_hours", 0, "contract 4.3: 0 waits for Activate Points, else so many hours"),
    Switch(
        "redeemable_below_threshold",
        "zero",
        "contract 12.1: redeemable points of a member below the threshold",
        ("zero", "all"),
    ),
    Switch(
        "expiry_buckets",
        "30,60,90,180,365",
        "contract 12.1: the days of the expiry buckets",
        ("30,60,90,180,365", "30,60,90,120,150,180,210,240,270,300,330,365"),
    ),
    Switch("expiry_buckets_apart", True, "contract 12.1: no points are in two buckets"),
    Switch("expiry_buckets_empty_omitted", True, "contract 12.1: empty buckets are left out"),
    Switch(
        "expiry_date_is",
        "window_end",
        "contract 11.5 is silent: expiryDate ends the window, or is that of its first points",
        ("window_end", "first_points"),
    ),
    Switch(
        "expiry_point_value",
        "currency",
        "contract 11.5: pointValue is money, or equals the points as in the vendor's sample",
        ("currency", "points"),
    ),
    Switch(
        "transactions_order",
        "newest_first",
        "contract 12.1: order of Get Transactions",
        ("newest_first", "oldest_first"),
    ),
    Switch(
        "history_without_profile",
        "everybody",
        "contract 9.5: without profileId all members' rewards come, or it is refused",
        ("everybody", "refused"),
    ),
    Switch(
        "rewards_past_expiry",
        "Expired",
        "contract 12.1: how an Active reward past its expiry reads",
        ("Expired", "Active"),
    ),
    Switch(
        "closed_account_status",
        "Disabled",
        "contract 12.3: accountStatus of an account that is not Enabled",
        ("Disabled", "Inactive", "Deleted"),
    ),
)

WRITES = (
    Switch("duplicate_detected", True, "contract 12.1: flag 1 refuses a stored order id, or not"),
    Switch("duplicate_text", "Duplicate transaction.", "contract 12.2: the words of that refusal"),
    Switch(
        "duplicate_checked",
        "first",
        "contract 12.1 is silent: duplicates are looked for before other refusals, or after them",
        ("first", "last"),
    ),
    Switch(
        "duplicate_members",
        "refused",
        "contract 12.1: an e-mail or phone already in the club is refused, or enrolled again",
        ("refused", "allowed"),
    ),
    Switch(
        "repeated_step",
        "refused",
        "contract 12.1, 14: redeeming, cancelling or reversing twice is a 400, or a success again",
        ("refused", "accepted"),
    ),
    Switch("audit_user_echoed", True, "contract 9.5: the issueAuditUser can be read back"),
    Switch("note_echoed", True, "contract 5.5: Get Members shows the enrollReasonNote"),
    Switch("custom_attributes_echoed", True, "contract 5.6: Get Members shows customAttributes"),
    Switch(
        "read_lag_seconds",
        0,
        "contract 12.3: how long until Get Transactions and Rewards History show a write",
    ),
    Switch("member_lag_seconds", 0, "contract 12.3: how long until Get Members shows an enrolment"),
    Switch(
        "reward_cap", None, "contract 4.7, 12.1: the largest amount of one reward; None is none"
    ),
    Switch(
        "reverse_after_spend",
        "negative",
        "contract 12.1: reversing points already spent makes a debt, is refused, or takes the rest",
        ("negative", "refused", "clipped"),
    ),
    Switch(
        "adjust_below_zero",
        "refused",
        "contract 7.2 is silent: removing more points than can be spent",
        ("refused", "negative"),
    ),
    Switch(
        "adjust_refusals",
        "errors",
        "contract 7.2: a refused Adjust is a 400, or an HTTP 200 with data.ExceptionString",
        ("errors", "exception_string"),
    ),
    Switch(
        "adjust_cap", None, "contract 7.2: most points adjusted in a day by all; None is no cap"
    ),
    Switch(
        "reason_codes",
        "known",
        "contract 7.2: the reason of an Adjust must be known if given, is required, or anything",
        ("known", "required", "any"),
    ),
    Switch("auto_conversion", True, "contract 12.1: points of an Auto account become rewards"),
    Switch("earn_rate", "1", "contract 12.1: points for 1.00 of netAmount", ("1", "0.1", "10")),
    Switch(
        "promotional_points",
        0,
        "contract 8.1, 12.1: more points for a purchase with the SKU of the mug launch",
    ),
    Switch(
        "threshold_default_applied",
        False,
        "contract 6.2: an Update without redemptionThreshold sets it to the schema's 0.00",
    ),
    Switch("fields_not_updatable", "", "contract 6.2: fields that Update refuses, by commas"),
    Switch(
        "closed_accounts",
        "served",
        "contract 12.3: writes to an account that is not Enabled",
        ("served", "refused"),
    ),
)

SWITCHES = (*READS, *WRITES)
