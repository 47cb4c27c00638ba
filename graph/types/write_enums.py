"""Enums of what is changed: the words of loyalty/, each value told to an app developer."""

from enum import StrEnum

from graph.types.enums import described
from loyalty.commands import PhoneType, Settlement
from loyalty.outcomes import CautionCode, OperationStatus, RedemptionStatus

__all__ = [
    "AffinityChange",
    "CautionCode",
    "OperationStatus",
    "PhoneType",
    "RedemptionStatus",
    "Settlement",
]


class AffinityChange(StrEnum):
    """What may be made of a link to an affiliated programme."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    PENDING = "PENDING"
    DECLINED = "DECLINED"


described(
    OperationStatus,
    "What became of a mutation.",
    {
        "SUCCEEDED": "It was done, once.",
        "REJECTED": "It was not done, and will not be; `errors` say why.",
        "PENDING": "It may have been done and is being settled: "
        "ask operation(idempotencyKey), or repeat with the same key.",
        "REVERSED": "It took several steps and was undone before its end. "
        "A later void is an operation of its own.",
        "UNDER_REVIEW": "No machine can tell whether it was done; a person will.",
    },
)
described(
    RedemptionStatus,
    "Where a redemption is in its life.",
    {
        "SETTLING": "Sent, and not yet confirmed.",
        "HELD": "Taken from the balance, not yet used.",
        "CAPTURED": "Used.",
        "VOIDED": "Undone; the points or the voucher are back.",
        "EXPIRED": "Held too long; the program let it lapse.",
        "UNDER_REVIEW": "No machine can tell; a person will.",
    },
)
described(
    CautionCode,
    "What is not as you may think, though the change was made.",
    {
        "VOUCHER_NOT_APPLIED": "The sale was posted, and the voucher was not used for it.",
        "POINTS_OVER_REDEEMED": "More points were taken than the member had.",
        "FIELD_NOT_SENT": "The program has no place for a field; the message names it.",
        "ROUNDED": "A figure was rounded to what the program can keep.",
        "DUPLICATE_IGNORED": "The program had seen it before, and did nothing new.",
        "OTHER": "Something else; see the message.",
    },
    name="WarningCode",
)
described(
    Settlement,
    "When the points of a sale count.",
    {
        "IMMEDIATE": "At once.",
        "PENDING": "Once they are activated; only where the program has pending points.",
    },
)
described(
    PhoneType,
    "What kind of telephone a number belongs to.",
    {"MOBILE": "A mobile phone.", "HOME": "A telephone at home."},
)
described(
    AffinityChange,
    "What may be made of a link to an affiliated programme.",
    {
        "ACTIVE": "Put it in force.",
        "INACTIVE": "End it.",
        "PENDING": "Ask for it.",
        "DECLINED": "Refuse it.",
    },
)
