"""What of a provider's own record may be shown: all of it but what opens or pays for something."""

import re
from collections.abc import Iterator
from typing import cast

from loyalty.raw import RawRecord

HIDDEN = "…"
"""Stands where something is that may not be shown, whatever it was."""

_SECRETS = ("password", "passcode", "passphrase", "secret", "token", "apikey", "privatekey")
"""Parts of the names of what nobody is shown; a PIN is told by its whole name."""

_CODES = ("redemptioncode", "authorizationcode", "authorisationcode", "authcode")
"""Parts of the names of what pays at a till for whoever shows it."""

_NO_LETTER = re.compile(r"[^a-z0-9]+")
_PIN = re.compile(r"pin(no|num|number|code|hash)?")


def shown(record: RawRecord, *, with_codes: bool) -> RawRecord:
    """The record with HIDDEN in place of secrets, and of redemption codes unless `with_codes`.

    They are told by their names alone, in any spelling and at any depth: RedemptionCode,
    redemption_code, "Authorization Code".
    """
    return dict(_shown_pairs(record, with_codes=with_codes))


def _shown_pairs(record: RawRecord, *, with_codes: bool) -> Iterator[tuple[str, object]]:
    for name, value in record.items():
        if _is_hidden(name, with_codes=with_codes) and not _says_nothing(value):
            yield name, HIDDEN
        else:
            yield name, _shown(value, with_codes=with_codes)


def _shown(value: object, *, with_codes: bool) -> object:
    if isinstance(value, dict):
        return shown(cast("RawRecord", value), with_codes=with_codes)
    if isinstance(value, list):
        return [_shown(entry, with_codes=with_codes) for entry in cast("list[object]", value)]
    return value


def _is_hidden(name: str, *, with_codes: bool) -> bool:
    plain = _NO_LETTER.sub("", name.lower())
    if _PIN.fullmatch(plain) or any(word in plain for word in _SECRETS):
        return True
    return not with_codes and any(word in plain for word in _CODES)


def _says_nothing(value: object) -> bool:
    """An empty field hides nothing, and that it is empty may be known."""
    return value is None or value in ("", [], {})
