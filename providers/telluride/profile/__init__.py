"""What is known of Telluride before any call: its profile and its code tables; no behaviour."""

from loyalty.errors import ErrorCode
from loyalty.operations import EarnComputation, LookupKey, Operation, SupportLevel
from providers.port import Profile, Support, Suspicion

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
