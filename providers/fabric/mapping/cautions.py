"""What of a command has no place at fabric and changes neither points nor money: warnings."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

from loyalty.commands import (
    KEPT,
    AdjustPoints,
    EnrolMember,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnSale,
    UpdateMember,
)
from loyalty.outcomes import Caution, CautionCode
from loyalty.sales import LineType, Outlet, SaleLine


def of_sale(command: PostSale, as_one: Iterable[int]) -> tuple[Caution, ...]:
    """Of a sale; `as_one` are the lines whose quantity is not told."""
    told = (
        ("document.number", command.document.number),
        *_of_outlet(command.outlet),
        ("payments", command.payments),
        ("points.redeemNote", command.redeem_note),
        ("authorization", command.authorization),
        ("receiptId", command.receipt),
        ("attributes", command.attributes),
        *(each for index, line in enumerate(command.lines) for each in _of_line(index, line)),
    )
    whole = (
        Caution(
            CautionCode.FIELD_NOT_SENT,
            f"lines.{index}.quantity: sent as one piece, since parts and uneven prices cannot be",
        )
        for index in as_one
    )
    return *_not_sent(told), *whole


def of_return(command: ReturnSale) -> tuple[Caution, ...]:
    """Of a return."""
    outlet = () if command.outlet is None else _of_outlet(command.outlet)
    return tuple(
        _not_sent(
            (("document.number", command.document.number), *outlet, ("refunds", command.refunds))
        )
    )


def of_points(command: RedeemPoints) -> tuple[Caution, ...]:
    """Of a redemption of points."""
    return tuple(_not_sent((*_of_redemption(command), ("note", command.note))))


def of_voucher(command: RedeemVoucher) -> tuple[Caution, ...]:
    """Of a voucher that is used up."""
    return tuple(_not_sent(_of_redemption(command)))


def of_adjustment(command: AdjustPoints) -> tuple[Caution, ...]:
    """Of a correction."""
    outlet = () if command.outlet is None else _of_outlet(command.outlet)
    return tuple(
        _not_sent(
            (
                ("offerCode", command.offer_code),
                ("document", command.document),
                ("operator", command.operator),
                *outlet,
            )
        )
    )


def of_enrolment(command: EnrolMember) -> tuple[Caution, ...]:
    """Of a new member."""
    profile = command.profile
    outlet = () if command.outlet is None else _of_outlet(command.outlet)
    consents = command.consents
    given = () if consents is None else [each.name for each in fields(consents)]
    told: list[tuple[str, object]] = [
        (f"consents.{_camel(name)}", getattr(consents, name)) for name in given
    ]
    if profile is not None:
        told += [
            ("profile.name", profile.name),
            ("profile.phoneType", profile.phone_type),
            ("profile.language", profile.language),
        ]
    return tuple(_not_sent((*told, *outlet)))


def of_update(command: UpdateMember) -> tuple[Caution, ...]:
    """Of a changed member."""
    changes = command.profile
    told = (("profile.phoneType", changes.phone_type), ("profile.language", changes.language))
    return tuple(_not_sent((name, value) for name, value in told if value is not KEPT))


def other(text: str) -> Caution:
    """A warning of another kind."""
    return Caution(CautionCode.OTHER, text)


def _of_redemption(command: RedeemPoints | RedeemVoucher) -> Iterator[tuple[str, object]]:
    yield from _of_outlet(command.outlet)
    yield "document", command.document
    yield "lines", command.lines
    yield "authorization", command.authorization


def _of_outlet(outlet: Outlet) -> tuple[tuple[str, object], ...]:
    return (
        ("outlet.name", outlet.name),
        ("outlet.description", outlet.description),
        ("outlet.register", outlet.register),
    )


def _of_line(index: int, line: SaleLine) -> Iterator[tuple[str, object]]:
    place = f"lines.{index}"
    yield f"{place}.division", line.division
    yield f"{place}.attributes", line.attributes
    if line.product_code is not None or line.type is LineType.DISCOUNT:
        yield f"{place}.productId", line.product_id
    if line.type is LineType.DISCOUNT:
        yield f"{place}.productCode", line.product_code


def _not_sent(told: Iterable[tuple[str, object]]) -> Iterator[Caution]:
    for name, value in told:
        if value not in (None, ()):
            yield Caution(
                CautionCode.FIELD_NOT_SENT, f"{name}: this program has no place for it; not sent"
            )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
