"""The contract's assumptions a client may depend on, as switches of this upstream; no behaviour."""

from sandbox.switches import Switch

UPSTREAM = "telluride"

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
        "database_error_apis", "", "U-9: API names, comma-separated, that answer their DB error"
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
)
