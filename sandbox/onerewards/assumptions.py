"""What the OneRewards contract assumes and a client may depend on, as switches."""

from sandbox.switches import Switch

UPSTREAM = "onerewards"

SWITCHES = (
    Switch("quota_per_minute", None, "calls a minute and account book; unset = none (6.2#7)"),
    Switch("rate_limit_headers", True, "the sibling's three headers, with a quota (1.8)"),
    Switch(
        "told_on_429",
        "retry_after",
        "how long to wait is told by this on 429 (6.2#7)",
        ("retry_after", "reset_header", "nothing"),
    ),
    Switch(
        "error_body",
        "status_message",
        "shape of an error (6.2#6)",
        ("status_message", "problem_details", "empty"),
    ),
    Switch(
        "listing_envelope", "data", "what a listing is wrapped in (6.2#3)", ("data", "bare_array")
    ),
    Switch("total_count", "page", "what totalCount counts (6.2#3)", ("page", "all")),
    Switch("listing_order", "ascending", "by id (6.2#4)", ("ascending", "descending")),
    Switch("property_case", "camel", "case of property names (1.3)", ("camel", "pascal")),
    Switch("nulls", "explicit", "how an empty field is sent (1.3)", ("explicit", "omitted")),
    Switch(
        "unmet_minimum", "flagged", "a voucher below its minimum spend (3.7)", ("flagged", "hidden")
    ),
    Switch("expired_vouchers", "flagged", "an expired voucher (3.7)", ("flagged", "hidden")),
    Switch("end_date_is_whole_day", True, "an end at midnight includes that day (6.2#31)"),
)
