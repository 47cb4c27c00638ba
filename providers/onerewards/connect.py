"""How a company lets us in: the two calls that work before an integration id exists.

They are the operator's, at the command line; nothing here serves a client's request.
"""

import re

from pydantic import SecretStr

from loyalty.errors import ErrorCode, InvalidInput, Unavailable
from providers.http import Transport
from providers.onerewards.client.caller import Caller, Keys
from providers.onerewards.client.routes import routes
from providers.onerewards.mapping.integrations import Approval, Integration, integration
from providers.onerewards.profile import Upstream
from providers.onerewards.settings import GUID, AssumedPaths
from providers.onerewards.wire.integrations import WireIntegration
from providers.onerewards.wire.model import one

__all__ = ["Approval", "Integration", "integration_status", "request_integration"]

COUNTRY = "Malaysia"
"""The only country the vendor serves; it fixes the currency (contract 3.1)."""


async def request_integration(
    api: Transport,
    base_url: str,
    *,
    api_key: SecretStr,
    key_id: SecretStr,
    account_book_id: int,
    app_account_id: str,
    app_account_name: str,
    country: str = COUNTRY,
) -> Integration:
    """Ask the company to approve us; repeated, it tells the request's present state.

    `account_book_id` is on the company's API Keys page; `app_account_id` is our own GUID, and
    has to stay the same. Raises InvalidInput, Declined (NOT_FOUND: no such company), Unavailable.
    """
    _check(api.program, account_book_id, app_account_id)
    if not app_account_name.strip():
        msg = "an empty name; write the name that the company's owner will recognise"
        raise InvalidInput(msg, field=("app_account_name",), program=api.program)
    found = await _caller(api, base_url, api_key, key_id).read(
        Upstream.ADD_INTEGRATION_REQUEST,
        _meaning,
        query={"accountBookId": str(account_book_id)},
        body={
            "appAccountId": app_account_id,
            "appAccountName": app_account_name,
            "appCountry": country,
        },
    )
    return _found(found, api.program)


async def integration_status(
    api: Transport,
    base_url: str,
    *,
    api_key: SecretStr,
    key_id: SecretStr,
    account_book_id: int,
    app_account_id: str,
) -> Integration:
    """What became of the request; once a minute is often enough to ask.

    Raises InvalidInput, Declined (NOT_FOUND: no such request), Unavailable.
    """
    _check(api.program, account_book_id, app_account_id)
    found = await _caller(api, base_url, api_key, key_id).read(
        Upstream.GET_INTEGRATION_REQUEST_STATUS,
        _meaning,
        query={"accountBookId": str(account_book_id), "appAccountId": app_account_id},
    )
    return _found(found, api.program)


def _caller(api: Transport, base_url: str, api_key: SecretStr, key_id: SecretStr) -> Caller:
    return Caller(
        api.program, base_url.rstrip("/"), Keys(api_key, key_id), routes(AssumedPaths()), api
    )


def _meaning(body: bytes) -> Integration:
    return integration(one(WireIntegration, body))


def _found(found: Integration | None, program: str) -> Integration:
    if found is None:
        msg = "the provider says nothing of this request"
        raise Unavailable(msg, code=ErrorCode.PROVIDER_BAD_RESPONSE, program=program)
    return found


def _check(program: str, account_book_id: int, app_account_id: str) -> None:
    if account_book_id <= 0:
        msg = "not an account book's number; it is on the company's API Keys page"
        raise InvalidInput(msg, field=("account_book_id",), program=program)
    if re.fullmatch(GUID, app_account_id) is None:
        msg = "not a GUID; write one like 2a7e5d3c-61b4-4c0f-8f0e-7d1f5a9be210"
        raise InvalidInput(msg, field=("app_account_id",), program=program)
