"""What an adapter package offers to the registry: its profile, its settings, how it is built."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from providers.http import Transport
from providers.port import Profile, Provider
from providers.settings import ProgramSettings

S = TypeVar("S", bound=ProgramSettings)
S_contra = TypeVar("S_contra", bound=ProgramSettings, contravariant=True)


class Build(Protocol[S_contra]):
    """How an adapter comes to life: nothing is called, nothing is opened."""

    def __call__(
        self,
        program: str,
        settings: S_contra,
        api: Transport,
        token: Transport,
        now: Callable[[], datetime],
    ) -> Provider:
        """The program behind the port; `token` is the transport to its token endpoint."""
        ...


@dataclass(frozen=True, slots=True)
class Adapter(Generic[S]):
    """One kind of provider, as the registry lists it."""

    profile: Profile
    settings: type[S]
    build: Build[S]
