"""The keys of a Telluride program in the configuration (contract 8); it calls nobody."""

from collections.abc import Mapping
from typing import Annotated, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, Field, SecretStr

from loyalty.sales import PaymentMethod
from providers.settings import ProgramSettings, Secret, Table, TimeZoneName, Url
from providers.telluride.profile.apis import VERSIONS, Api

_BITS = 2048


def private_key(pem: str) -> RSAPrivateKey:
    """The RSA key in the PEM; ValueError tells what is wrong, and nothing of the key."""
    if "-----BEGIN PUBLIC KEY-----" in pem or "-----BEGIN CERTIFICATE-----" in pem:
        raise ValueError("private_key is no PEM private key, but the public half; give the other")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("private_key is protected by a password; give it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "private_key is no PEM private key; it starts with -----BEGIN PRIVATE KEY-----"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("private_key is no RSA key; Telluride registers RSA with 2048 bits")  # noqa: TRY004 (pydantic wants ValueError)
    if key.key_size < _BITS:
        raise ValueError(f"private_key has {key.key_size} bits; Telluride registers RSA with 2048")
    return key


def _pem(value: SecretStr) -> SecretStr:
    private_key(value.get_secret_value())
    return value


Pem = Annotated[Secret, AfterValidator(_pem)]
Letter = Annotated[str, Field(pattern=r"^[A-Z]$")]
Version = Annotated[str, Field(pattern=r"^\d{1,3}$")]
TenderType = Annotated[str, Field(min_length=1, max_length=2)]


class Assumptions(Table):
    """What the vendor has not published and a read depends on; each may be switched."""

    suspended: Letter = "S"
    """ClubStatus of a suspended member (U-58)."""
    pending: Letter = "P"
    """ClubStatus of a member who is not yet verified (U-58)."""
    total_points_earned_is_balance: bool = True
    """ProcessEarn's TotalPointsEarned is the balance after the call (U-80)."""
    point_balance_is_running: bool = True
    """PointBalance of an activity row is the balance after it (U-81)."""
    offer_reward_potential_is_points: bool = True
    """OfferRewardPotential of an earn offer counts points (4.9 does not describe it)."""
    activity_span_days: int = Field(default=366, ge=3)
    """The longest window that the activity may be asked for at once (U-36)."""


class TellurideSettings(ProgramSettings):
    """A Telluride account: addresses, credentials, and what the vendor gave at onboarding."""

    time_zone: TimeZoneName = "America/Chicago"
    token_url: Url
    client_id: str = Field(min_length=1)
    private_key: Pem
    requestor_id: str = Field(pattern=r"^[A-Za-z0-9]{4}$")
    store_number: str = Field(default="00001", pattern=r"^\d{5}$")
    register_number: str = Field(default="001", pattern=r"^\d{3}$")
    terminal: str = Field(default="001", pattern=r"^\d{3}$")
    associate_id: str = Field(default="GRAPH", min_length=1, max_length=12)
    created_by: str = Field(default="GRAPH", min_length=1, max_length=12)
    tender_types: Mapping[PaymentMethod, TenderType] = Field(
        default_factory=dict[PaymentMethod, TenderType]
    )
    audience: str | None = Field(default=None, min_length=1)
    jwt_alg: str = Field(default="RSA", pattern=r"^[A-Za-z0-9]{1,32}$")
    jwt_encoding: Literal["base64url", "base64"] = "base64url"
    channels: str | None = Field(default=None, min_length=1)
    division: str = Field(default="1", pattern=r"^[A-Za-z0-9]{1,3}$")
    file_identifier: str | None = Field(default=None, min_length=1, max_length=50)
    wire_seconds: float = Field(default=60.0, gt=0, le=300)
    processing_seconds: float = Field(default=60.0, ge=0, le=3600)
    message_versions: Mapping[Api, Version] = Field(default_factory=dict[Api, Version])
    assumptions: Assumptions = Assumptions()

    def version(self, api: Api) -> str:
        """The MessageVersion to send: the configured one, else the documented one."""
        return self.message_versions.get(api, VERSIONS[api])

    @property
    def key(self) -> RSAPrivateKey:
        """The key that signs assertions."""
        return private_key(self.private_key.get_secret_value())
