"""The seven literals by which Telluride refuses an account, and what to do about each (2.5)."""

from collections.abc import Mapping
from enum import Enum


class Remedy(Enum):
    """What helps against a refusal of the account."""

    NEW_TOKEN = "new token"  # noqa: S105 (a word, no password)
    OPERATOR = "operator"
    WAIT = "wait"


EXPIRED = "ACCESSTOKEN_EXPIRED"
INVALID = "ACCESSTOKEN_INVALID"
NOT_PERMITTED = "APPLICATION_NOT_PERMITTED"

REMEDIES: Mapping[str, Remedy] = {
    EXPIRED: Remedy.NEW_TOKEN,
    INVALID: Remedy.NEW_TOKEN,
    "ACCESSTOKEN_REQUIRED": Remedy.NEW_TOKEN,
    "CLIENT_ID_REQUIRED": Remedy.OPERATOR,
    "CLIENT_ID_INVALID": Remedy.OPERATOR,
    NOT_PERMITTED: Remedy.OPERATOR,
    "AUTHENTICATION EXCEPTION": Remedy.WAIT,
}

BY_HTTP_STATUS: Mapping[int, str] = {401: INVALID, 403: NOT_PERMITTED}
"""What an HTTP status without a literal counts as."""
