"""What of a change has no place at OneRewards and does no harm by that: told, never lost."""

from collections.abc import Iterator, Mapping

from loyalty.commands import (
    KEPT,
    AdjustPoints,
    ClaimVoucher,
    EnrolMember,
    MigrateMember,
    PostSale,
    Profile,
    ProfileChanges,
    RedeemPoints,
    RedeemVoucher,
    UpdateMember,
)
from loyalty.outcomes import Caution, CautionCode
from loyalty.sales import Outlet, SaleLine
from providers.onerewards.mapping.authorizations import is_anyones

_PROFILE = {"phone_type": "phoneType", "language": "language", "postal_code": "postalCode"}


def not_sent(fields: Mapping[str, object]) -> tuple[Caution, ...]:
    """A caution for every field that holds something; the names are the input's."""
    return tuple(
        Caution(
            CautionCode.FIELD_NOT_SENT,
            f"{name} has no place at this provider and was not sent; it is kept in our record",
        )
        for name, value in fields.items()
        if value is not None and value != () and value is not KEPT
    )


def of_sale(command: PostSale) -> tuple[Caution, ...]:
    """What a sale says and its document does not."""
    return not_sent(
        {
            **_outlet(command.outlet),
            **dict(_lines(command.lines)),
            "attributes": command.attributes,
        }
    ) + _of_right(command.authorization)


def of_points(command: RedeemPoints) -> tuple[Caution, ...]:
    """What a redemption of points says and its document does not."""
    told = not_sent({**_outlet(command.outlet), "lines": command.lines})
    return told + _of_right(command.authorization)


def of_voucher(command: RedeemVoucher) -> tuple[Caution, ...]:
    """What a redemption of a voucher says and its document does not."""
    told = not_sent({**_outlet(command.outlet), **dict(_lines(command.lines or ()))})
    return told + _of_right(command.authorization)


def of_claim(command: ClaimVoucher) -> tuple[Caution, ...]:
    """What a claim of a voucher says and the vendor's call does not."""
    return not_sent(_outlet(command.outlet)) + _of_right(command.authorization)


def of_adjustment(command: AdjustPoints) -> tuple[Caution, ...]:
    """What a correction of points says and its document does not."""
    return not_sent(
        {**_outlet(command.outlet), "kind": command.kind, "offerCode": command.offer_code}
    )


def of_enrolment(command: EnrolMember) -> tuple[Caution, ...]:
    """What an enrolment says and the member's record does not take."""
    profile = command.profile
    return not_sent(
        {
            **({} if profile is None else of_profile(profile)),
            "consents": command.consents,
            "outlet": command.outlet,
            "attributes": command.attributes,
        }
    )


def of_update(command: UpdateMember) -> tuple[Caution, ...]:
    """What a change of a member says and the record does not take."""
    return not_sent({**of_profile(command.profile), "attributes": command.attributes})


def of_migration(command: MigrateMember) -> tuple[Caution, ...]:
    """What a migration says and the member's record does not take."""
    return () if command.profile is None else not_sent(of_profile(command.profile))


def of_profile(profile: Profile | ProfileChanges) -> dict[str, object]:
    """The parts of a profile that the vendor's members do not have."""
    return {f"profile.{name}": getattr(profile, part) for part, name in _PROFILE.items()}


def _of_right(text: str | None) -> tuple[Caution, ...]:
    """A code without its member may be anyone's, and the vendor ignores it for some members."""
    if text is None or not is_anyones(text):
        return ()
    msg = (
        "the authorization does not say whose it is, and was not compared with the member; "
        "hand in what authorizeRedemption gave"
    )
    return (Caution(CautionCode.OTHER, msg),)


def _outlet(outlet: Outlet | None) -> dict[str, object]:
    return {} if outlet is None else {"outlet.register": outlet.register}


def _lines(lines: tuple[SaleLine, ...]) -> Iterator[tuple[str, object]]:
    """One caution for all lines, or it would be as many as there are lines."""
    yield "lines.division", next((line.division for line in lines if line.division), None)
    yield "lines.attributes", next((line.attributes for line in lines if line.attributes), ())
    yield "lines.productId", next((line.product_id for line in lines if is_lost(line)), None)


def is_lost(line: SaleLine) -> bool:
    """Whether the product's id is one that the vendor cannot take: its ids are numbers."""
    return line.product_id is not None and product_number(line.product_id) is None


def product_number(product_id: str | None) -> int | None:
    """A product's id as the vendor's number."""
    digits = product_id or ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None  # noqa: PLR2004 - what 64 bits hold
