import httpx
import pytest

READS = [
    ("GET", "/v1/members"),
    ("GET", "/v2/earn/get-transaction"),
    ("GET", "/v1/redeem"),
    ("POST", "/v1/discounts"),
    ("GET", "/v1/inquire/3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3/member-points"),
    ("GET", "/v1/inquire/redeemable-points"),
    ("GET", "/v1/inquire/get_action_reasons"),
    ("GET", "/v1/inquire/point-type-choices"),
    ("GET", "/v1/inquire/points-expiry"),
    ("GET", "/v1/inquire/all-points-expiry/3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"),
]


async def test_the_right_credentials_get_a_bearer_token_for_600_seconds(stranger):
    answer = await stranger.token()
    token = answer.body.pop("access_token")
    assert answer.status == 200
    assert answer.body == {"token_type": "Bearer", "expires_in": 600, "scope": "s2s"}
    assert isinstance(token, str)
    assert token


async def test_two_tokens_differ_and_both_work(stranger):
    tokens = [(await stranger.token()).body["access_token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        stranger.headers["Authorization"] = f"Bearer {token}"
        assert (await stranger.get("/v1/inquire/point-type-choices")).status == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"auth": ("ns-loyalty", "wrong")}, 401, "invalid_client"),
        ({"auth": ("wrong", "northshore-secret")}, 401, "invalid_client"),
        ({"auth": None}, 401, "invalid_client"),
        ({"auth": None, "headers": {"Authorization": "Basic %%"}}, 401, "invalid_client"),
        ({"path": "/fabric/oauth2/default/v1/token"}, 401, "invalid_client"),
        ({"headers": {"Origin": "https://shop.example"}}, 400, "invalid_request"),
        ({"headers": {"Content-Type": "application/json"}}, 400, "invalid_request"),
        ({"form": {"scope": "s2s"}}, 400, "invalid_request"),
        ({"form": {"grant_type": "password", "scope": "s2s"}}, 400, "unsupported_grant_type"),
        ({"form": {"grant_type": "client_credentials"}}, 400, "invalid_scope"),
        ({"form": {"grant_type": "client_credentials", "scope": "x"}}, 400, "invalid_scope"),
    ],
)
async def test_a_refused_token_call_speaks_oauth(stranger, change, status, error):
    answer = await stranger.token(**change)
    assert answer.status == status
    assert answer.body["error"] == error
    assert set(answer.body) == {"error", "error_description"}


async def test_credentials_in_the_form_alone_are_ignored(stranger):
    form = {
        "grant_type": "client_credentials",
        "scope": "s2s",
        "client_id": "ns-loyalty",
        "client_secret": "northshore-secret",
    }
    assert (await stranger.token(auth=None, form=form)).status == 401


async def test_a_token_is_dead_after_its_seconds(shop):
    shop.frame.clock.advance(599)
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 200
    shop.frame.clock.advance(1)
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 401


async def test_the_life_of_a_token_is_a_switch(stranger):
    stranger.turn(token_seconds=5)
    assert (await stranger.token()).body["expires_in"] == 5


async def test_a_revoked_token_is_refused_and_a_new_one_is_not(shop):
    token = shop.headers["Authorization"].removeprefix("Bearer ")
    shop.frame.revoke("fabric", token)
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 401
    shop.frame.reset()
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 401
    fresh = (await shop.token()).body["access_token"]
    shop.headers["Authorization"] = f"Bearer {fresh}"
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 200


@pytest.mark.parametrize(("method", "path"), READS)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic bm9uZTpub25l"}],
)
async def test_every_read_without_a_valid_token_is_401_outside_the_envelope(
    stranger, method, path, headers
):
    response = await stranger.http.request(method, f"/fabric/api{path}", headers=headers)
    assert response.status_code == 401
    assert set(response.json()) == {"detail"}


async def test_no_token_at_all_is_told_in_the_published_words(stranger):
    answer = await stranger.get("/v1/members")
    assert answer.body == {"detail": "Authentication credentials were not provided."}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/earn/get-transaction", 404),
        ("GET", "/v2/members", 404),
        ("GET", "/v1/inquire/get-action-reasons", 404),
        ("DELETE", "/v1/members", 405),
        ("GET", "/v1/discounts", 405),
    ],
)
async def test_paths_and_methods_nobody_documented_are_not_served(shop, method, path, status):
    response: httpx.Response = await shop.http.request(
        method, f"/fabric/api{path}", headers=shop.headers
    )
    assert response.status_code == status


async def test_a_quota_answers_429_until_a_minute_has_passed(shop):
    shop.turn(quota_per_minute=2)
    seen = [(await shop.get("/v1/inquire/point-type-choices")).status for _ in range(3)]
    assert seen == [200, 200, 429]
    shop.frame.clock.advance(60)
    assert (await shop.get("/v1/inquire/point-type-choices")).status == 200
