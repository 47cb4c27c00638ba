"""Which of the thirteen search types a lookup is (contract 5.1); chosen before any call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loyalty.members import MemberLookup, PersonName
from providers.telluride.client.numbers import is_number

_PHONE_DIGITS = 10
_COUNTRY = "1"


@dataclass(frozen=True, slots=True)
class Search:
    """A search type with its fields; `hopeless` where no member can possibly match."""

    type: str
    fields: Mapping[str, str]
    hopeless: bool = False


def search(by: MemberLookup) -> Search | None:
    """The search for what is given, None for a combination that no type covers."""
    chosen = _TYPES.get((_given(by), _name_form(by.name)))
    if chosen is None:
        return None
    fields: dict[str, str] = {}
    for part in chosen.parts:
        fields |= part(by)
    phone = fields.get("PhoneNumber")
    hopeless = (phone is not None and not _is_phone(phone)) or (
        by.number is not None and not is_number(by.number)
    )
    return Search(chosen.type, fields, hopeless)


def phone(text: str) -> str:
    """The ten digits of a telephone number, less where it cannot be one of this program's.

    The country code 1 goes; a number with another one behind a plus sign is nobody's here.
    """
    digits = re.sub(r"[^0-9]", "", text)
    if text.lstrip().startswith("+"):
        return digits[1:] if digits.startswith(_COUNTRY) else ""
    if len(digits) == _PHONE_DIGITS + 1 and digits.startswith(_COUNTRY):
        return digits[1:]
    return digits


def _is_phone(digits: str) -> bool:
    return len(digits) == _PHONE_DIGITS


def _given(by: MemberLookup) -> str:
    """The criteria given, by name, in a fixed order."""
    criteria = ("number", "native_id", "email", "phone", "attribute", "mobile_user")
    return "+".join(name for name in criteria if getattr(by, name) is not None)


def _name_form(name: PersonName | None) -> str:
    if name is None:
        return ""
    form = "full" if name.family_name is not None else "given"
    if name.postal_code is not None:
        form += "+postal"
    return form + "*" if name.wildcard else form


Part = Callable[[MemberLookup], dict[str, str]]


def _number(by: MemberLookup) -> dict[str, str]:
    return {"MemberNumber": by.number or ""}


def _email(by: MemberLookup) -> dict[str, str]:
    return {"EmailAddress": by.email or ""}


def _phone(by: MemberLookup) -> dict[str, str]:
    return {"PhoneNumber": phone(by.phone or "")}


def _name(by: MemberLookup) -> dict[str, str]:
    """Only the parts given: an absent one sets no condition."""
    if by.name is None:
        return {}
    parts = {
        "FirstName": by.name.given_name,
        "LastName": by.name.family_name,
        "ZipCode": by.name.postal_code,
    }
    return {wire: text for wire, text in parts.items() if text is not None}


def _attribute(by: MemberLookup) -> dict[str, str]:
    return {} if by.attribute is None else {"ID": by.attribute.value, "Type": by.attribute.key}


def _native_id(by: MemberLookup) -> dict[str, str]:
    """The encrypted number, byte for byte: nothing in it is decoded (Q-37)."""
    return {"MemberIdentifier": by.native_id or ""}


@dataclass(frozen=True, slots=True)
class _Type:
    type: str
    parts: tuple[Part, ...]


_TYPES: Mapping[tuple[str, str], _Type] = {
    ("", "full"): _Type("01", (_name,)),
    ("email", ""): _Type("02", (_email,)),
    ("number", "given+postal"): _Type("03", (_number, _name)),
    ("phone", ""): _Type("04", (_phone,)),
    ("number", ""): _Type("05", (_number,)),
    ("email+phone", ""): _Type("06", (_phone, _email)),
    ("email+phone", "given+postal"): _Type("07", (_phone, _email, _name)),
    ("", "full*"): _Type("08", (_name,)),
    ("number", "full"): _Type("09", (_number, _name)),
    ("email", "full"): _Type("10", (_email, _name)),
    ("phone", "full"): _Type("11", (_phone, _name)),
    ("attribute", ""): _Type("13", (_attribute,)),
    ("native_id", ""): _Type("14", (_native_id,)),
}
"""By the criteria given and the form of the name; type 12 is not defined."""
