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

WRITE_SWITCHES = (
    Switch(
        "read_lag_seconds",
        0,
        "for how long reads do not show new points, vouchers and members; nothing is documented",
    ),
    Switch(
        "duplicates",
        "detected",
        "a posted document that comes again, known by integration and docId (6.2#8)",
        ("detected", "applied_again"),
    ),
    Switch(
        "duplicate_check",
        "before_code",
        "whether a repeat is recognised before its redemption code is judged (6.2#9)",
        ("before_code", "after_code"),
    ),
    Switch(
        "failed_posts",
        "forgotten",
        "a posting with isSuccess false, when its document comes again (6.2#10)",
        ("forgotten", "remembered"),
    ),
    Switch(
        "changed_content",
        "refused",
        "a posted docId that comes with other content (6.2#11)",
        ("refused", "first_result"),
    ),
    Switch(
        "over_redemption",
        "refused",
        "more points redeemed than there are (6.2#12)",
        ("refused", "posted_negative"),
    ),
    Switch(
        "voucher_refusal",
        "whole",
        "what a voucher that cannot be used takes down with it (6.2#14)",
        ("whole", "voucher_only"),
    ),
    Switch(
        "code_needed",
        "linked_and_redeeming",
        "when a posting needs a redemption code (6.2#16)",
        ("linked_and_redeeming", "linked"),
    ),
    Switch(
        "redemption_code_use",
        "until_expiry",
        "how often a redemption code works (6.2#17)",
        ("until_expiry", "once"),
    ),
    Switch(
        "redemption_code_digits",
        5,
        "how long a redemption code is; no width is documented (1.4)",
        (5, 10, 18),
    ),
    Switch("claimed_at_issue", True, "an issued voucher can be used at once (6.2#21)"),
    Switch(
        "unpost_again",
        "no_effect",
        "unposting a void document (3.13)",
        ("no_effect", "not_found"),
    ),
    Switch(
        "unpost_spent_points",
        "negative",
        "unposting points that are already spent (6.2#25)",
        ("negative", "refused"),
    ),
    Switch(
        "post_after_unpost",
        "new_posting",
        "posting a docId that was unposted (3.13)",
        ("new_posting", "first_result", "refused"),
    ),
    Switch("unique_phones", True, "a second member of the same phone is refused (6.2#35)"),
    Switch(
        "created_answer",
        "body_and_location",
        "how the new memberId is told (6.2#33)",
        ("body_and_location", "body", "location"),
    ),
    Switch(
        "linked_fields",
        "refused",
        "another value for a restricted field of a linked member (6.2#34)",
        ("refused", "ignored", "accepted"),
    ),
    Switch(
        "repeated_migration",
        "same_member",
        "a sourceMemberNo that comes again (3.18)",
        ("same_member", "not_recognised"),
    ),
    Switch(
        "receipt_url_order",
        "as_asked",
        "order of upload addresses (3.19)",
        ("as_asked", "reversed"),
    ),
    Switch(
        "receipt_headers",
        "content_type",
        "which headers an upload has to carry (3.19)",
        ("content_type", "both", "none"),
    ),
)
