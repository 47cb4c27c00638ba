"""The answer of the token endpoint (contract 2.4)."""

from pydantic import Field

from providers.telluride.wire.scalars import Text, Whole
from providers.telluride.wire.shapes import Answer


class WireGrant(Answer):
    """A token with its times in epoch milliseconds; `issued` is called iss on the wire (Q-31)."""

    access_token: Text = Field(default=None, alias="access_token")
    expires: Whole = Field(default=None, alias="exp")
    issued: Whole = Field(default=None, alias="iss")
    error: Text = Field(default=None, alias="error")
