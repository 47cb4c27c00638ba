"""Where in the caller's input a refusal of the provider belongs; data, and no words of its own."""

from collections.abc import Mapping

from loyalty.errors import ErrorCode
from providers.telluride.client.sent import Deed, Sent
from providers.telluride.mapping.refusals import Outcome

Place = tuple[str, ...]

_SALE = ("input", "transactionId")

_BY_CODE: Mapping[tuple[Deed, ErrorCode], Place] = {
    (Deed.BONUS, ErrorCode.NOT_FOUND): ("input", "offerCode"),
    (Deed.BONUS, ErrorCode.OFFER_NOT_APPLICABLE): ("input", "offerCode"),
    (Deed.BONUS, ErrorCode.OFFER_LIMIT): ("input", "offerCode"),
}

_OF_THE_AMOUNT = frozenset({
    ErrorCode.INSUFFICIENT_POINTS, ErrorCode.TRANSACTION_NOT_FOUND, ErrorCode.NOT_VOIDABLE,
    ErrorCode.REDEMPTION_NOT_FOUND,
})  # fmt: skip
"""What is said of that which a change is about: points, or the sale or redemption it undoes."""

_BY_STATUS: Mapping[tuple[Deed, str], Place] = {
    (Deed.REDEEM, "94"): ("amount",),
    (Deed.LINK, "82"): ("input", "code"),
    (Deed.ENROL, "62"): ("input", "attributes"),
    (Deed.ENROL, "63"): ("input", "profile", "postalCode"),
    (Deed.ENROL, "80"): ("input", "profile", "email"),
    (Deed.ENROL, "83"): ("input", "attributes"),
    (Deed.ENROL, "84"): ("input", "attributes"),
    (Deed.ENROL, "86"): ("input", "profile", "email"),
    (Deed.ENROL, "87"): ("input", "profile", "phone"),
    (Deed.ENROL, "88"): ("input", "profile", "email"),
}

_BY_TEXT: Mapping[str, Place] = {
    "FIRST NAME": ("input", "profile", "givenName"),
    "LAST NAME": ("input", "profile", "familyName"),
    "FOR NAME": ("input", "profile", "givenName"),
    "DOB": ("input", "profile", "birthDate"),
    "PHONE": ("input", "profile", "phone"),
    "ZIP": ("input", "profile", "postalCode"),
    "TNC": ("input", "consents", "termsVersion"),
    "STORE": ("input", "outlet", "code"),
}
"""Parts of what CreateMember says of a field (contract 4.1)."""


def place(sent: Sent, outcome: Outcome) -> Place | None:
    """The place in the input; None where the provider does not say what it is about."""
    code = outcome.code or ErrorCode.PROVIDER_ERROR
    if code in {ErrorCode.MEMBER_NOT_FOUND, ErrorCode.MEMBER_NOT_ACTIVE}:
        return sent.note.member or None
    if code is ErrorCode.TRANSACTION_NOT_FOUND and sent.note.member == _SALE:
        return _SALE
    if code in _OF_THE_AMOUNT:
        return sent.note.amount or None
    status = _BY_STATUS.get((sent.deed, (outcome.words.code or "").lstrip("0")))
    if status == ("amount",):
        return sent.note.amount or None
    return status or _BY_CODE.get((sent.deed, code)) or _by_text(sent, outcome)


def _by_text(sent: Sent, outcome: Outcome) -> Place | None:
    text = (outcome.words.message or "").upper()
    if sent.deed is not Deed.ENROL:
        return None
    return next((place for part, place in _BY_TEXT.items() if part in text), None)
