"""The contract's assumptions a client may depend on, as switches of this upstream; no behaviour."""

from sandbox.switches import Switch

UPSTREAM = "telluride"

WRITES = (
    Switch(
        "earn_duplicates_detected",
        default=True,
        why="7.3: the five values name an earn; off, every repeat is booked again",
    ),
    Switch(
        "earn_duplicates_marked",
        default=True,
        why="7.3: ResponseText DUPLICATE in a repeat's answer; off, it looks like the first",
    ),
    Switch(
        "redemption_duplicates_detected",
        default=True,
        why="7.3: the five values name a redemption; off, every repeat takes points again",
    ),
    Switch(
        "redemption_duplicate_mark",
        "both",
        "5.5, 7.3: both = ResponseText DUPLICATE and DuplicateResponse Y; letter = ResponseText Y; "
        "text, flag = one of both; none = like the first answer",
        ("both", "letter", "text", "flag", "none"),
    ),
    Switch(
        "different_details",
        "refuse",
        "7.3: a repeat with other content is refused with 99, or answered as if it were equal",
        ("refuse", "answer_first"),
    ),
    Switch(
        "bonus_duplicates_detected",
        default=False,
        why="7.3: PostExternalBonus knows no repeats; on, five values name a posting",
    ),
    Switch("bonus_row", default=True, why="U-38: a bonus posting shows in the activity"),
    Switch("bonus_ineligible", "", "4.8, code 45: member numbers, comma-separated"),
    Switch("balance_inquiry_required", default=False, why="U-45: R without a B before it gets 91"),
    Switch(
        "void_rows",
        "both",
        "U-34: status V and a new negative row, or one of them",
        ("both", "status_only", "row_only"),
    ),
    Switch(
        "void_restores",
        "old_expiry",
        "U-26: the expiry of restored points",
        ("old_expiry", "fresh"),
    ),
    Switch(
        "row_times",
        "sent",
        "U-29, U-32: TransactionDTTM is what the caller sent, or the time of posting",
        ("sent", "posted"),
    ),
    Switch("row_transaction_number", "padded", "U-29: to four digits", ("padded", "bare")),
    Switch("row_types", "letters", "U-35: a letter for each kind, or P throughout",
           ("letters", "only_p")),
    Switch(
        "activity_fields_missing", "", "U-30: row fields, comma-separated, that are left out"
    ),
    Switch(
        "return_shortage",
        "debit",
        "U-19: a return takes what is there and reports the rest, or the balance goes below zero",
        ("debit", "go_negative"),
    ),
    Switch(
        "identities_checked",
        default=True,
        why="7.3: 80, 86, 87, 88 keep a second member with the same contacts out",
    ),
    Switch(
        "inactive_email",
        "refused",
        "4.1: the e-mail of a member who is not active answers 80, or is free",
        ("refused", "free"),
    ),
    Switch(
        "spaces_in_names",
        "refused",
        "4.1, code 81: USE A DASH INSTEAD OF SPACE FOR NAME",
        ("refused", "accepted"),
    ),
    Switch("address_service_down", default=False, why="4.1, code 93: addresses cannot be checked"),
)  # fmt: skip

SWITCHES = (
    Switch(
        "auth_failure",
        "http",
        "U-3: 401/403/500, or 200 with the code as status text",
        ("http", "body"),
    ),
    Switch("authentication_exception", default=False, why="2.5: the authentication itself fails"),
    Switch("forbidden_apis", "", "2.5: API names, comma-separated, this client may not use"),
    Switch("token_lifetime_seconds", 36_000, "2.4: ten hours, as in the sample"),
    Switch("message_version_echo", "as_sent", "U-13, Q-24", ("as_sent", "one_lower")),
    Switch(
        "database_error_apis",
        "",
        "U-9, 5.6: API names, comma-separated, that answer their DB error; `Name` does nothing, "
        "`Name:apply` does its work first",
    ),
    Switch("two_digit_status", default=False, why="1.5: ProcessRedemption's table prints 00, 01"),
    Switch("starred_texts", default=True, why="4.3: texts of 99 are printed with a leading star"),
    Switch(
        "empty_lists",
        "documented",
        "Q-6: one form for every empty list and object",
        ("documented", "array", "object", "null", "missing"),
    ),
    Switch("lookup_not_found", "by_type", "U-53", ("by_type", "customer", "records")),
    Switch(
        "lookup_overflow", "refuse", "U-54: more matches than asked for", ("refuse", "truncate")
    ),
    Switch("lookup_types_refused", "", "5.1: search types, comma-separated, this requestor lacks"),
    Switch(
        "affinity_array",
        "affinityForMemberPricing",
        "U-68, Q-26",
        ("affinityForMemberPricing", "affinity", "affinityExtended"),
    ),
    Switch("channel_code", default=True, why="U-66: the channel carries the code asked for"),
    Switch("available_dollars", "own", "U-67: whose worth it is", ("own", "all")),
    Switch("merged_followed", default=True, why="U-50: a merged member is read as the survivor"),
    Switch("activity_delay_seconds", 0, "U-33: until a booking shows in the activity"),
    Switch("bare_redemption_row", default=True, why="U-28: or only inside the row of its earn"),
    Switch(
        "returned_points", "negative", "U-82: the sign in the activity", ("negative", "positive")
    ),
    Switch("total_points_earned", "balance", "U-80", ("balance", "lifetime")),
    Switch("strict_required", default=False, why="7.3: fields the examples lack are demanded"),
    *WRITES,
)
