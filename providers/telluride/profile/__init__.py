"""What is known of Telluride before any call: its profile and its code tables; no behaviour."""

from loyalty.errors import ErrorCode
from loyalty.operations import (
    EarnComputation,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from providers.port import Profile, Support, Suspicion

_BY_US = IdempotencySupport.GATEWAY
_CHANGES = {
    Operation.TRANSACTION_POST: Support(
        SupportLevel.PARTIAL,
        _BY_US,
        "goods, discounts and returns; amounts without tax are sent; charges and rounding are not;"
        " points redeemed in a sale are a redemption before it, taken back if it is refused",
    ),
    Operation.TRANSACTION_RETURN: Support(
        idempotency=_BY_US, note="by line and quantity, of sales that went through us"
    ),
    Operation.TRANSACTION_VOID: Support(
        SupportLevel.EMULATED,
        _BY_US,
        "a return of every line that is left, and of the points the sale redeemed; a bonus is"
        " voided by its opposite; not a sale that took something back itself",
    ),
    Operation.POINTS_REDEEM: Support(
        SupportLevel.PARTIAL,
        _BY_US,
        "own points, spent at once, for goods whose lines are given",
    ),
    Operation.REDEMPTION_VOID: Support(
        SupportLevel.PARTIAL,
        IdempotencySupport.PROVIDER,
        "not where the answer with the redemption's code was lost and only its row was found",
    ),
    Operation.POINTS_ADJUST: Support(
        SupportLevel.PARTIAL, _BY_US, "bonus points, against an offer whose code is given"
    ),
    Operation.MEMBER_ENROLL: Support(
        idempotency=_BY_US,
        note="both names, a postal code of the United States or Canada, and e-mail or phone; a"
        " phone is a mobile one unless it says HOME; what was not agreed to is refused",
    ),
    Operation.AFFINITY_SET: Support(note="the last write counts"),
}

PROFILE = Profile(
    code="telluride",
    name="Telluride (Shop Your Way)",
    earn_computation=EarnComputation.PROVIDER,
    lookup_keys=(
        LookupKey.NUMBER,
        LookupKey.NATIVE_ID,
        LookupKey.EMAIL,
        LookupKey.PHONE,
        LookupKey.NAME,
        LookupKey.ATTRIBUTE,
    ),
    support={
        Operation.MEMBER_LOOKUP: Support(
            note="number, e-mail or phone, each alone or with a full name; number with given name"
            " and postal code; phone with e-mail, or with e-mail, given name and postal code;"
            " full name, also with wildcards; attribute; native id",
        ),
        Operation.BALANCE_READ: Support(
            note="restricted counts surprise points, which are not part of points, and own points"
            " bound to certain purchases, which the provider counts in points as well",
        ),
        Operation.EXPIRY_READ: Support(
            SupportLevel.PARTIAL, note="the five nearest days of own points, and surprise points"
        ),
        Operation.TRANSACTION_LIST: Support(
            SupportLevel.EMULATED, note="a date window, cut into pages here; no lines"
        ),
        Operation.TRANSACTION_QUOTE: Support(
            SupportLevel.EMULATED,
            note="a trial earning and a balance inquiry; a guest gets the earning alone",
        ),
        **_CHANGES,
    },
    with_member=frozenset({Operation.TIER_READ}),
    with_balance=frozenset({Operation.EXPIRY_READ, Operation.OFFER_LIST}),
    number_is_key=True,
    history_days=365,
    suspicions=(
        Suspicion(("client_id",), ErrorCode.PROVIDER_CREDENTIALS, native="invalid_client"),
        Suspicion(("client_id",), ErrorCode.PROVIDER_CREDENTIALS, native="CLIENT_ID_INVALID"),
        Suspicion(
            ("private_key", "audience"), ErrorCode.PROVIDER_CREDENTIALS, native="invalid_grant"
        ),
        Suspicion(
            ("client_id", "private_key", "token_url"),
            ErrorCode.PROVIDER_CREDENTIALS,
            operation="token",
        ),
        Suspicion(("token_url", "base_url", "client_id"), ErrorCode.PROVIDER_CREDENTIALS),
        Suspicion(("requestor_id",), ErrorCode.INVALID_INPUT),
        Suspicion(("requestor_id",), ErrorCode.PROVIDER_ERROR),
    ),
)
