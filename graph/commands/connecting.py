"""Connecting a OneRewards company: our request, and what its owner made of it."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr, TypeAdapter, ValidationError

from graph.commands.terminal import BAD_CONFIGURATION, TROUBLE, fail, say
from loyalty.errors import InvalidInput, LoyaltyError
from providers.fast_engine import FastEngine
from providers.http import Transport
from providers.policy import Policy
from providers.registry import Approval, Integration, integration_status, request_integration
from providers.settings import References, Url


@dataclass(frozen=True, slots=True)
class Company:
    """Who is asked: the company's account book, and by which of our own ids it knows us."""

    base_url: str
    account_book: int
    app_account: str


def connect(company: Company, api_key: str, key_id: str, name: str | None) -> None:
    """Ask to be let in, or with no name what became of it; print what the owner has decided."""
    url = _url(company.base_url)
    keys = (_secret("--api-key", api_key), _secret("--key-id", key_id))
    try:
        found = asyncio.run(_asked(company, url, keys, name))
    except InvalidInput as fault:
        option = "-".join(fault.field or ("",)).replace("_", "-").removesuffix("-id")
        fail([f"--{option}: {fault.message}"], BAD_CONFIGURATION)
    except LoyaltyError as fault:
        fail([f"{fault.code.value}: {fault.message}"], TROUBLE)
    say(f"approval: {found.approval.value}")
    if found.integration_id:
        say(f'integration_id = "{found.integration_id}"')
    elif found.approval is Approval.PENDING:
        say("ask again with --status; the owner approves under Settings, Integration Request")


def _url(text: str) -> str:
    adapter: TypeAdapter[str] = TypeAdapter(Url)
    try:
        return adapter.validate_python(text)
    except ValidationError as fault:
        reason = fault.errors()[0]["msg"].removeprefix("Value error, ")
        fail([f"--base-url: {reason}"], BAD_CONFIGURATION)


def _secret(option: str, reference: str) -> SecretStr:
    """What is on a command line stands in the shell's history: a secret is referred to."""
    try:
        return SecretStr(References(Path.cwd(), os.environ).resolve(reference))
    except ValueError as fault:
        reason = str(fault).replace(" outside SANDBOX", " here")
        fail([f"{option}: {reason}"], BAD_CONFIGURATION)


async def _asked(
    company: Company, url: str, keys: tuple[SecretStr, SecretStr], name: str | None
) -> Integration:
    engine = FastEngine(2)
    api = Transport("connect", engine, Policy())
    try:
        if name is None:
            return await integration_status(
                api,
                url,
                api_key=keys[0],
                key_id=keys[1],
                account_book_id=company.account_book,
                app_account_id=company.app_account,
            )
        return await request_integration(
            api,
            url,
            api_key=keys[0],
            key_id=keys[1],
            account_book_id=company.account_book,
            app_account_id=company.app_account,
            app_account_name=name,
        )
    finally:
        await engine.aclose()
