"""The token call's answers (contract 2.3): outside of the envelope of all others."""

from pydantic import BaseModel, ConfigDict, Field


class WireToken(BaseModel):
    """A grant; its keys are in snake case."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    access_token: str = Field(pattern=r"^[\x21-\x7e]+$", repr=False)
    expires_in: float = Field(default=600, gt=0, allow_inf_nan=False)
    token_type: str = Field(default="Bearer", pattern="(?i)^bearer$")


class WireTokenRefusal(BaseModel):
    """A refusal in the shape of OAuth 2.0; the vendor documents none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    error: str = ""
