"""How OneRewards words its entities and errors as JSON; decides nothing."""

from datetime import date, datetime, time
from decimal import Decimal
from http import HTTPStatus

from sandbox.jsons import as_array, as_object
from sandbox.onerewards.entities import (
    Approval,
    Company,
    IntegrationRequest,
    Level,
    Member,
    MobileUser,
    VoucherDefinition,
    VoucherInstance,
)

DUMMY_DAY = date(2000, 11, 10)
"""Calendar date under which a bare time of day is sent (OneRewards contract 1.5)."""


def number(value: Decimal) -> int | Decimal:
    """A decimal without a fraction as an integer, another without trailing zeros."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def maybe_number(value: Decimal | None) -> int | Decimal | None:
    """The same for a figure that may be absent."""
    return None if value is None else number(value)


def day(value: date | None) -> str | None:
    """A calendar day as the vendor sends it: midnight without offset."""
    return None if value is None else f"{value.isoformat()}T00:00:00"


def wall(value: datetime | None) -> str | None:
    """A wall clock time without offset."""
    return None if value is None else value.isoformat(timespec="seconds")


def time_of_day(value: time | None) -> str | None:
    """A time of day under a dummy date."""
    return None if value is None else wall(datetime.combine(DUMMY_DAY, value))


def member(company: Company, who: Member) -> dict[str, object]:
    """A member, as in a listing and alone (OneRewards contract 3.4)."""
    level = None if who.level_id is None else company.levels[who.level_id].name
    return {
        "memberId": who.member_id,
        "memberNo": f"M-{who.member_id:06d}",
        "name": who.name,
        "phoneNo": who.phone,
        "email": who.email,
        "birthDate": day(who.born),
        "gender": who.gender,
        "memberLevelId": who.level_id,
        "memberLevel": level,
        "joinDate": day(who.joined),
        "expiryDate": day(who.expires),
        "isActive": who.is_active,
        "mobileUserId": who.mobile_user_id,
    }


def level(tier: Level) -> dict[str, object]:
    """A member level (OneRewards contract 3.6)."""
    return {
        "memberLevelId": tier.level_id,
        "memberLevel": tier.name,
        "description": tier.description,
        "isDefault": tier.is_default,
    }


def mobile_user(user: MobileUser) -> dict[str, object]:
    """An app user (OneRewards contract 3.17)."""
    return {
        "mobileUserId": user.mobile_user_id,
        "name": user.name,
        "phoneNo": user.phone,
        "email": user.email,
        "birthDate": day(user.born),
        "gender": user.gender,
    }


def integration(request: IntegrationRequest) -> dict[str, object]:
    """Where an integration request stands (OneRewards contract 3.1, 3.20)."""
    return {
        "integrationId": request.integration_id,
        "isApproved": request.approval is Approval.APPROVED,
        "isPending": request.approval is Approval.PENDING,
        "isRejected": request.approval is Approval.REJECTED,
    }


def voucher_info(
    definition: VoucherDefinition, instance: VoucherInstance | None = None
) -> dict[str, object]:
    """A voucher's definition, with the own end of an instance (OneRewards contract 3.7)."""
    get, use = definition.get, definition.use
    return {
        "voucherId": definition.voucher_id,
        "voucherName": definition.name,
        "isPercent": definition.is_percent,
        "discountValue": number(definition.discount),
        "description": definition.description,
        "numberOfVoucherToIssue": definition.quota,
        "numberOfVoucherIssued": definition.issued,
        "mobileTitle": definition.title,
        "getIsReobtainable": get.again,
        "getStartDate": wall(get.starts),
        "getEndDate": wall(get.ends),
        "getRequiredPoints": number(get.points),
        "getTermAndCondition": get.terms,
        "getMemberLevelIds": list(get.level_ids),
        "useStartDate": wall(use.starts),
        "useEndDate": wall(use.ends),
        "useStartTime": time_of_day(use.from_time),
        "useEndTime": time_of_day(use.until_time),
        "useEndDateTime": wall(None if instance is None else instance.until),
        "useValidDays": list(use.days),
        "useValidOnMemberBirthday": use.on_birthday,
        "useValidOnMemberBirthdayMonth": use.in_birthday_month,
        "useMinimumSpending": maybe_number(use.minimum),
        "useTermAndCondition": use.terms,
    }


def error(shape: str, status: int, text: str) -> object:
    """An error body of one of the shapes that are plausible (OneRewards contract 1.7)."""
    match shape:
        case "problem_details":
            return {"title": HTTPStatus(status).phrase, "status": status, "errors": {"": [text]}}
        case "empty":
            return None
        case _:
            return {"statusCode": status, "message": text}


def styled(value: object, *, pascal: bool, omit_nulls: bool) -> object:
    """The same JSON with PascalCase names, or without the properties that are null."""
    members, elements = as_object(value), as_array(value)
    if members is not None:
        return {
            (f"{name[0].upper()}{name[1:]}" if pascal else name): styled(
                part, pascal=pascal, omit_nulls=omit_nulls
            )
            for name, part in members.items()
            if not (omit_nulls and part is None)
        }
    if elements is not None:
        return [styled(part, pascal=pascal, omit_nulls=omit_nulls) for part in elements]
    return value
