"""Probing the programs of a configuration: one line each, and the keys that an error points at."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

import typer

from graph.app import connected, fast_engine
from graph.commands.terminal import columns
from graph.settings import Settings
from loyalty.errors import ErrorCode, LoyaltyError
from providers.calls import Call, Engine, Interrupted, NeverLeft, Reply
from providers.port import Profile, Suspicion
from providers.settings import ProgramSettings
from resolvers.accounts import Account

UP = "UP"


@dataclass(slots=True)
class Witness:
    """What an error does not tell: a program's last call, and how it failed."""

    call: Call | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An engine whose calls have a witness; a program has several engines, and one witness."""

    engine: Engine
    witness: Witness

    async def send(self, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - see Engine
        """The answer; see Engine."""
        self.witness.call, self.witness.failed = call, None
        try:
            return await self.engine.send(call, timeout)
        except (NeverLeft, Interrupted) as failure:
            self.witness.failed = failure.reason
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        await self.engine.aclose()


@dataclass(frozen=True, slots=True)
class Found:
    """How a program fares: UP with its latency, or a code with what is wrong."""

    key: str
    provider: str
    state: str
    told: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's parts."""
        return (self.key, self.provider, self.state, self.told)


def check(settings: Settings) -> bool:
    """Probe all programs side by side and print a line for each; whether all are well."""
    found = asyncio.run(_found(settings))
    for state, line in zip(
        (each.state for each in found), columns([each.cells for each in found]), strict=True
    ):
        typer.secho(line, fg=typer.colors.GREEN if state == UP else typer.colors.RED)
    return all(each.state == UP for each in found)


async def _found(settings: Settings) -> list[Found]:
    witnesses = {id(program): Witness() for program in settings.programs.values()}

    def open_engine(program: ProgramSettings) -> Engine:
        return Witnessed(fast_engine(program), witnesses[id(program)])

    async with connected(settings.programs, open_engine) as accounts:
        return await asyncio.gather(
            *(
                _probed(account, program, witnesses[id(program)])
                for account, program in zip(accounts, settings.programs.values(), strict=True)
            )
        )


async def _probed(account: Account, program: ProgramSettings, witness: Witness) -> Found:
    key, provider = account.program.key, account.program.provider
    try:
        probe = await account.ask(account.provider.probe)
    except LoyaltyError as error:
        keys = ", ".join(
            f"programs.{key}.{name}"
            for name in _suspects(account.provider.profile, program, witness, error)
        )
        told = f"{keys}: {error.message}{_words(error, witness)}"
        return Found(key, provider, error.code.value, told)
    return Found(key, provider, UP, f"{probe.latency_ms:.0f} ms")


def _suspects(
    profile: Profile, program: ProgramSettings, witness: Witness, error: LoyaltyError
) -> tuple[str, ...]:
    """The keys that the error points at: by the profile, else the address that was called."""
    operation = witness.call.operation if witness.call else None
    for suspicion in profile.suspicions:
        if _fits(suspicion, operation, error):
            return suspicion.keys
    if error.code is ErrorCode.PROVIDER_RATE_LIMITED:
        return ("requests_per_minute",)
    return (_address(program, witness.call),)


def _fits(suspicion: Suspicion, operation: str | None, error: LoyaltyError) -> bool:
    words = error.upstream
    return (
        suspicion.code is error.code
        and suspicion.operation in {None, operation}
        and suspicion.http_status in {None, words and words.http_status}
        and suspicion.native in {None, words and words.code}
    )


def _address(program: ProgramSettings, call: Call | None) -> str:
    """The key of the address that was called: the longest that the call begins with."""
    urls = {
        name: value
        for name in type(program).model_fields
        if name.endswith("_url") and isinstance(value := getattr(program, name), str)
    }
    called = call.url if call else ""
    fitting = [name for name, url in urls.items() if called.startswith(url)]
    return max(fitting, key=lambda name: len(urls[name]), default="base_url")


def _words(error: LoyaltyError, witness: Witness) -> str:
    """What else is known: how the call failed, or what the provider answered."""
    if witness.failed is not None:
        return f" ({_REASONS.get(witness.failed, witness.failed)})"
    words = error.upstream
    if words is None:
        return ""
    status = "" if words.http_status is None else f"HTTP {words.http_status}"
    said = next((word for word in (words.message, words.code) if _tells(word)), None)
    return f" ({', '.join(part for part in (status, said) if part)})"


def _tells(word: str | None) -> bool:
    """Whether it is more than the status again."""
    return bool(word) and re.search("[A-Za-z]", word or "") is not None


_REASONS: Mapping[str, str] = {
    "connect": "no connection: nothing listens there, or a firewall is between",
    "tls": "no TLS connection: its certificate is not trusted, or it speaks plain HTTP",
    "dns": "the host's name is not known",
    "timeout": "no answer in time",
    "closed": "the connection was closed without an answer",
    "protocol": "what answers does not speak HTTP",
    "too_large": "the answer is too large",
}
