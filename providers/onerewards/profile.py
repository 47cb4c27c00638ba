"""What is known of OneRewards before any call, as data: abilities, codes, refusals; no behaviour.

The vendor publishes no legend of its reason numbers, no error codes and not every path. What we
assume instead is marked, and a program's settings can correct it (`assumptions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from loyalty.errors import ErrorCode
from loyalty.offers import UnusableReason
from loyalty.operations import (
    EarnComputation,
    IdempotencySupport,
    LookupKey,
    Operation,
    SupportLevel,
)
from providers.port import Profile, Support, Suspicion


class Upstream(StrEnum):
    """The vendor's operations by the vendor's names (contract 3)."""

    ADD_INTEGRATION_REQUEST = "Add Integration Request"
    GET_INTEGRATION_REQUEST_STATUS = "Get Integration Request Status"
    GET_RECORD_BY_AUTH_CODE = "Get Mobile User Membership Info by Auth Code"
    GET_MEMBER_LISTING = "Get Member Listing"
    GET_MEMBER = "Get Member"
    GET_MEMBER_INFO = "Get Member Info"
    GET_MEMBER_LEVEL_LISTING = "Get Member Level Listing"
    GET_USABLE_VOUCHER = "Get Usable Voucher"
    GET_OBTAINABLE_VOUCHER = "Get Obtainable Voucher"
    CAN_USE_VOUCHER_NOW = "Can Use Voucher Now"
    CAN_GET_VOUCHER_NOW = "Can Get Voucher Now"
    ISSUE_VOUCHER_TO_MEMBER = "Issue Voucher To Member"
    POST_TRANSACTION = "Post Transaction"
    UNPOST_TRANSACTION = "Unpost Transaction"
    CREATE_MEMBER = "Create Member"
    UPDATE_MEMBER = "Update Member"
    CREATE_MEMBER_FROM_MOBILE_USER = "Create Member from Mobile User"
    GET_MOBILE_USER = "Get Mobile User"
    MIGRATE_MEMBER = "Migrate Member"
    GET_UPLOAD_RECEIPT_URL = "Get Upload Receipt Url"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a status means for an operation (None: for any) when its text contains `words`.

    Texts are compared in lower case, without punctuation, every number as #. A `meaning` of None
    is known absence. `about` tells apart what one meaning may be about: a field of the input.
    """

    operation: Upstream | None
    status: int
    meaning: ErrorCode | None
    words: str = ""
    about: str = ""


_ABSENT_ON_404 = (
    Upstream.GET_MEMBER,
    Upstream.GET_MEMBER_INFO,
    Upstream.GET_USABLE_VOUCHER,
    Upstream.GET_OBTAINABLE_VOUCHER,
    Upstream.CAN_USE_VOUCHER_NOW,
    Upstream.CAN_GET_VOUCHER_NOW,
    Upstream.GET_MOBILE_USER,
)

REFUSALS: tuple[Refusal, ...] = (
    Refusal(None, 401, ErrorCode.PROVIDER_CREDENTIALS),
    Refusal(None, 403, ErrorCode.PROVIDER_CREDENTIALS),
    Refusal(None, 429, ErrorCode.PROVIDER_RATE_LIMITED),
    Refusal(None, 500, ErrorCode.PROVIDER_UNAVAILABLE),
    # A wrong integrationId is a 404 as well (6.2#38): no member is missing then.
    Refusal(Upstream.ADD_INTEGRATION_REQUEST, 404, ErrorCode.NOT_FOUND),
    Refusal(Upstream.GET_INTEGRATION_REQUEST_STATUS, 404, ErrorCode.NOT_FOUND),
    Refusal(None, 404, ErrorCode.PROVIDER_CREDENTIALS, "integration"),
    Refusal(Upstream.GET_MEMBER_LISTING, 404, ErrorCode.PROVIDER_CREDENTIALS),
    *(Refusal(operation, 404, None) for operation in _ABSENT_ON_404),
    Refusal(Upstream.ISSUE_VOUCHER_TO_MEMBER, 404, ErrorCode.OFFER_NOT_APPLICABLE, "voucher"),
    Refusal(Upstream.ISSUE_VOUCHER_TO_MEMBER, 404, ErrorCode.MEMBER_NOT_FOUND),
    Refusal(Upstream.POST_TRANSACTION, 404, ErrorCode.MEMBER_NOT_FOUND),
    Refusal(Upstream.UNPOST_TRANSACTION, 404, ErrorCode.TRANSACTION_NOT_FOUND),
    Refusal(Upstream.UPDATE_MEMBER, 404, ErrorCode.MEMBER_NOT_FOUND),
    Refusal(Upstream.CREATE_MEMBER_FROM_MOBILE_USER, 404, ErrorCode.NOT_FOUND),
    Refusal(Upstream.GET_RECORD_BY_AUTH_CODE, 400, ErrorCode.AUTHORIZATION_INVALID),
    *(
        row
        for operation in (Upstream.POST_TRANSACTION, Upstream.ISSUE_VOUCHER_TO_MEMBER)
        for row in (
            Refusal(operation, 400, ErrorCode.MEMBER_NOT_ACTIVE, "inactive"),
            Refusal(operation, 400, ErrorCode.MEMBER_NOT_ACTIVE, "not active"),
            Refusal(operation, 400, ErrorCode.AUTHORIZATION_REQUIRED, "redemptioncode is required"),
            Refusal(operation, 400, ErrorCode.AUTHORIZATION_REQUIRED, "code is required"),
            Refusal(operation, 400, ErrorCode.AUTHORIZATION_INVALID, "redemption code"),
            Refusal(operation, 400, ErrorCode.INSUFFICIENT_POINTS, "not enough points"),
        )
    ),
    Refusal(Upstream.POST_TRANSACTION, 400, ErrorCode.DUPLICATE, "already posted"),
    Refusal(Upstream.POST_TRANSACTION, 400, ErrorCode.DUPLICATE, "unposted"),
    Refusal(Upstream.ISSUE_VOUCHER_TO_MEMBER, 400, ErrorCode.OFFER_LIMIT, "already obtained"),
    Refusal(Upstream.ISSUE_VOUCHER_TO_MEMBER, 400, ErrorCode.OFFER_LIMIT, "are issued"),
    Refusal(Upstream.ISSUE_VOUCHER_TO_MEMBER, 400, ErrorCode.OFFER_NOT_APPLICABLE),
    Refusal(Upstream.UNPOST_TRANSACTION, 400, ErrorCode.NOT_VOIDABLE, "spent"),
    *(
        row
        for operation in (
            Upstream.CREATE_MEMBER,
            Upstream.UPDATE_MEMBER,
            Upstream.MIGRATE_MEMBER,
            Upstream.CREATE_MEMBER_FROM_MOBILE_USER,
        )
        for row in (
            Refusal(operation, 400, ErrorCode.INVALID_INPUT, "phoneno must be", "phone"),
            Refusal(operation, 400, ErrorCode.CONTACT_IN_USE, "phone", "phone"),
            Refusal(operation, 400, ErrorCode.CONTACT_IN_USE, "already a member"),
            Refusal(operation, 400, ErrorCode.INVALID_INPUT, "linked to the app", "profile"),
            Refusal(operation, 400, ErrorCode.INVALID_INPUT, "member level", "tier"),
        )
    ),
)
"""The first row that fits counts. What fits none is PROVIDER_ERROR, and is counted."""

USE_REASONS: Mapping[int, UnusableReason] = MappingProxyType(
    {
        1: UnusableReason.NOT_STARTED,
        2: UnusableReason.EXPIRED,
        3: UnusableReason.NOT_BIRTHDAY,
        4: UnusableReason.WRONG_DAY,
        5: UnusableReason.WRONG_TIME,
        6: UnusableReason.BELOW_MINIMUM_SPEND,
        7: UnusableReason.ALREADY_USED,
    }
)
"""cantUseNowReason, assumed (contract 2.7)."""

GET_REASONS: Mapping[int, UnusableReason] = MappingProxyType(
    {
        1: UnusableReason.NOT_STARTED,
        2: UnusableReason.EXPIRED,
        3: UnusableReason.SOLD_OUT,
        4: UnusableReason.LIMIT_REACHED,
        5: UnusableReason.TIER_NOT_ELIGIBLE,
        6: UnusableReason.NOT_ENOUGH_POINTS,
    }
)
"""cantGetNowReason, assumed (contract 2.7)."""

ASSUMED_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "member": frozenset(
            {
                *("memberNo", "name", "email", "birthDate", "gender", "memberLevelId"),
                *("memberLevel", "joinDate", "expiryDate", "isActive"),
            }
        ),
        "member_info": frozenset({"memberId", "pointBalance", "voucherCount"}),
        "level": frozenset({"memberLevelId", "memberLevel", "description", "isDefault"}),
        "mobile_user": frozenset(
            {"mobileUserId", "name", "phoneNo", "email", "birthDate", "gender"}
        ),
        "voucher": frozenset(
            {"useValidOnMemberBirthdayMonth", "useMinimumSpending", "useTermAndCondition"}
        ),
        "issued": frozenset({"voucherNo"}),
        "created": frozenset({"memberId"}),
    }
)
"""The names of answers that the vendor's readable pages do not print (contract 6.1, 6.2#2, #30)."""

_UNPUBLISHED = "its address and field names are not published and can be corrected in the settings"

_BY_PROVIDER = IdempotencySupport.PROVIDER
_BY_US = IdempotencySupport.GATEWAY

PROFILE = Profile(
    code="onerewards",
    name="OneRewards",
    earn_computation=EarnComputation.CALLER,
    lookup_keys=(LookupKey.NUMBER, LookupKey.NATIVE_ID, LookupKey.PHONE, LookupKey.MOBILE_USER),
    support=MappingProxyType(
        {
            Operation.MEMBER_READ: Support(note="up to 100 members are one call"),
            Operation.MEMBER_LOOKUP: Support(
                SupportLevel.PARTIAL,
                note="by number, phone and app user, alone or together; "
                "not by e-mail, name or attribute",
            ),
            Operation.MEMBER_LIST: Support(
                note="in no stated order; hasNextPage is true after a full page of the provider, "
                "so the next one may be empty"
            ),
            Operation.BALANCE_READ: Support(
                note=f"one call a member; worth is by the configured rate; {_UNPUBLISHED}"
            ),
            Operation.TIER_READ: Support(note="the tier's name; neither its end nor progress"),
            Operation.TIER_LIST: Support(note=f"no ranks; {_UNPUBLISHED}"),
            Operation.VOUCHER_LIST: Support(
                note="one call a member; used vouchers are not listed; the provider publishes no "
                "legend of its reason numbers, so the number is always beside the reason"
            ),
            Operation.VOUCHER_CHECK: Support(note=_UNPUBLISHED),
            Operation.OFFER_LIST: Support(
                note="vouchers to claim, one call a member; a basket counts by its sum only"
            ),
            Operation.MOBILE_USER_READ: Support(note=_UNPUBLISHED),
            Operation.TRANSACTION_POST: Support(
                idempotency=_BY_PROVIDER,
                note="the caller computes the points (collect is required); one voucher a sale; "
                "no pending points",
            ),
            Operation.TRANSACTION_RETURN: Support(
                SupportLevel.EMULATED,
                _BY_PROVIDER,
                "a document of its own with the lines that come back; takeBackPoints is required",
            ),
            Operation.TRANSACTION_VOID: Support(
                idempotency=_BY_US, note=f"undoes its returns as well; {_UNPUBLISHED}"
            ),
            Operation.POINTS_REDEEM: Support(
                idempotency=_BY_PROVIDER,
                note="a document of its own; a member linked to the app needs an authorization",
            ),
            Operation.VOUCHER_REDEEM: Support(
                idempotency=_BY_PROVIDER,
                note="a document of its own, discount is required; lines count towards a minimum "
                "spend; a member linked to the app needs an authorization",
            ),
            Operation.REDEMPTION_VOID: Support(
                SupportLevel.EMULATED,
                _BY_US,
                "unposts the redemption's own document; what a sale redeemed goes with the sale",
            ),
            Operation.REDEMPTION_AUTHORIZE: Support(
                idempotency=_BY_US,
                note="a code lives 60 seconds and works once, the right it gives 10 minutes",
            ),
            Operation.VOUCHER_CLAIM: Support(idempotency=_BY_US, note=_UNPUBLISHED),
            Operation.POINTS_ADJUST: Support(
                idempotency=_BY_PROVIDER, note="neither kinds of points nor dates of their own"
            ),
            Operation.MEMBER_ENROLL: Support(
                idempotency=_BY_US, note=f"by profile or as a user of the app; {_UNPUBLISHED}"
            ),
            Operation.MEMBER_UPDATE: Support(
                idempotency=_BY_US,
                note="what a member linked to the app shares with it is changed in the app; "
                f"{_UNPUBLISHED}",
            ),
            Operation.MEMBER_MIGRATE: Support(idempotency=_BY_US, note=_UNPUBLISHED),
            Operation.RECEIPT_UPLOAD: Support(
                idempotency=_BY_US, note="PDF; the addresses are good for 60 minutes"
            ),
        }
    ),
    with_member=frozenset({Operation.TIER_READ}),
    number_is_key=True,
    members_per_call=100,
    suspicions=(
        Suspicion(("api_key", "key_id"), ErrorCode.PROVIDER_CREDENTIALS, http_status=401),
        Suspicion(("integration_id", "base_url"), ErrorCode.PROVIDER_CREDENTIALS, http_status=404),
        Suspicion(("api_key", "key_id", "integration_id"), ErrorCode.PROVIDER_CREDENTIALS),
    ),
)
