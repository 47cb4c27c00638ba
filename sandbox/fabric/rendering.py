"""Members, transactions and rewards as the wire shows them (contract 5, 9.5); no selection."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sandbox.fabric.answers import cents, points, stamp, stamp_with_offset, stamp_with_space
from sandbox.fabric.events import Handling, Reward, Step, Transaction
from sandbox.fabric.profile import Profile
from sandbox.fabric.tenant import CLUB, CLUB_TITLE, MERCHANT, MERCHANT_ID

REWARD_ROWS = {"BURN", "BURN_REVERSE"}
_UNSET = Handling(step=Step.ISSUED, at=datetime.min, store="", user="")  # noqa: DTZ901 - never shown


@dataclass(frozen=True, slots=True)
class Style:
    """How the tenant prints what the vendor's documents contradict themselves on."""

    threshold_as_text: bool
    merchant_as_number: bool
    closed_status: str
    past_expiry: str
    audit_user_echoed: bool
    note_echoed: bool
    attributes_echoed: bool


def member(profile: Profile, style: Style) -> dict[str, object]:
    """A Member (contract 5.5): `birthdate` in lower case, profileId only inside the account."""
    line1, line2, line3 = profile.address
    return {
        "accounts": [account(profile, style)],
        "firstName": profile.first_name,
        "middleName": profile.middle_name,
        "lastName": profile.last_name,
        "suffix": profile.suffix,
        "prefix": profile.prefix,
        "gender": profile.gender,
        "maritalStatus": profile.marital_status,
        "birthdate": profile.birth_date,
        "nationality": profile.nationality,
        "emailAddress": profile.email,
        "phoneNumber": profile.phone,
        "addressLine1": line1,
        "addressLine2": line2,
        "addressLine3": line3,
        "city": profile.city,
        "region": profile.region,
        "fullRegion": profile.full_region,
        "postalCode": profile.postal_code,
        "country": profile.country,
        "fullCountry": profile.full_country,
        "enrollmentTimestamp": stamp(profile.enrolled_at),
        "enrollReasonCode": profile.enroll_reason_code,
        "enrollReasonNote": profile.enroll_reason_note,
        "sourceExternalReference": profile.source,
        "channelExternalReference": profile.channel,
    }


def account(profile: Profile, style: Style) -> dict[str, object]:
    """An Account (contract 5.6)."""
    tier = profile.tier
    threshold = profile.redemption_threshold
    return {
        "profileId": profile.profile_id,
        "loyaltyNumber": profile.loyalty_number,
        "accountStatus": account_status(profile, style),
        "enrollmentStatus": profile.enabled,
        "paidStatus": False,
        "clubReference": CLUB,
        "clubTitle": CLUB_TITLE,
        "entityReference": profile.entity,
        "enrollmentEntity": profile.enrollment_entity,
        "tierId": tier.tier_id if tier else None,
        "tierExternalReference": tier.reference if tier else None,
        "tierTitle": tier.title if tier else None,
        "tierExpiryDate": stamp_with_offset(profile.tier_expires_at),
        "redemptionChoice": profile.redemption_choice,
        "redemptionThreshold": f"{threshold:.2f}" if style.threshold_as_text else points(threshold),
        "customAttributes": profile.custom_attributes,
        "updatedAt": stamp_with_space(profile.updated_at),
    }


def account_status(profile: Profile, style: Style) -> str:
    """Enabled, or the tenant's word for a closed account."""
    return "Enabled" if profile.enabled else style.closed_status


def member_read(profile: Profile, style: Style) -> dict[str, object]:
    """A Member in Get Members, which may keep back what its caller planted at enrolment."""
    shown = profile if style.note_echoed else replace(profile, enroll_reason_note=None)
    return member(shown if style.attributes_echoed else replace(shown, custom_attributes={}), style)


def posted(profile_id: str, row: Transaction) -> dict[str, object]:
    """A Transaction as Earn and Reverse answer it: discount lines keep their description."""
    return {**transaction(profile_id, row), "discounts": list(row.discounts)}


def transaction_read(profile_id: str, row: Transaction, style: Style) -> dict[str, object]:
    """A row of Get Transactions; who issued a reward may be kept back."""
    hidden = row.kind in REWARD_ROWS and not style.audit_user_echoed
    return transaction(profile_id, replace(row, issue_user=None) if hidden else row)


def transaction(profile_id: str, row: Transaction) -> dict[str, object]:
    """A Transaction (contract 5.3): `points` is signed, its parts are magnitudes."""
    return {
        "profileId": profile_id,
        "transactionNumber": row.reference,
        "transactionType": row.kind,
        "transactionCode": row.code,
        "transactionDateTime": stamp(row.at),
        "activityTimestamp": stamp(row.activity_at),
        "totalAmountPaid": _money(row.paid),
        "totalTax": _money(row.tax),
        "transactionNetAmount": _money(row.net),
        "points": points(row.points),
        "basePoints": points(row.base),
        "bonusPoints": points(row.bonus),
        "promotionalPoints": points(row.promotional),
        "currentPointsBalance": None if row.balance is None else points(row.balance),
        "reasonCode": row.reason_code,
        "reasonDescription": row.reason_description,
        "discounts": [_discount_line(line) for line in row.discounts],
        "discountValue": cents(row.discount),
        "transactionItems": list(row.items),
        "rewards": [],
        "issueAuditUser": row.issue_user,
        "cancelAuditUser": row.cancel_user,
        "deviceId": None,
        "transactionActivityType": row.kind,
        "transactionTypeExternalReference": row.type_reference,
        "transactionExternalReference": row.reference,
        "transactionEntityReference": row.store,
    }


def reward(profile_id: str, item: Reward, now: datetime, style: Style) -> dict[str, object]:
    """A row of Rewards History (contract 9.5); audit users are empty strings when unset."""
    latest = item.handlings[-1]
    redeemed = item.last(Step.REDEEMED)
    issued = item.last(Step.ISSUED) or _UNSET
    return {
        "profileId": profile_id,
        "redemptionCode": item.code,
        "pointsToRedeem": points(item.points),
        "pointCost": item.point_cost,
        "status": reward_status(item, now, style),
        "amountToRedeem": cents(item.amount),
        "rewardTypeExternalReference": "VARIABLE",
        "redeemLocationExternalReference": (redeemed or item.handlings[0]).store,
        "redeemedTimestamp": stamp(redeemed.at) if redeemed else None,
        "merchantId": MERCHANT_ID if style.merchant_as_number else str(MERCHANT_ID),
        "merchantName": MERCHANT,
        "issueAuditUser": issued.user if style.audit_user_echoed else "",
        "redeemAuditUser": (redeemed or _UNSET).user,
        "cancelAuditUser": (item.last(Step.CANCELLED) or _UNSET).user,
        "eligibleRevenue": 0,
        "expirationDate": stamp(item.expires_at),
        "activityDate": stamp(latest.at),
    }


def reward_status(item: Reward, now: datetime, style: Style) -> str:
    """The status, with the tenant's word for an Active one past its expiry."""
    status = item.status(now)
    return style.past_expiry if status == "Expired" else status


def _discount_line(line: Mapping[str, object]) -> dict[str, object]:
    """In Get Transactions a line has no description (contract 5.1)."""
    return {name: line[name] for name in ("id", "value", "type") if name in line}


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else cents(amount)
