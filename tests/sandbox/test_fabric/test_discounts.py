from decimal import Decimal

import pytest

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
BASKET = {
    "profileId": NADIA,
    "entityReference": "NS-SEA-04",
    "transactionTimestamp": "2026-06-14 18:20:00",
    "grossAmount": 25.92,
    "taxAmount": 1.92,
    "netAmount": 24.00,
}
MUG = {
    "SKU": "MUG-01",
    "categories": [],
    "grossAmount": 25.92,
    "taxAmount": 1.92,
    "netAmount": 24.00,
    "itemPrice": 24.00,
    "itemQuantity": 1,
}


def changed(row, **changes):
    merged = {**row, **changes}
    return {name: value for name, value in merged.items() if value is not ...}


async def test_tiers_save_their_percentage_of_the_net_amount(shop):
    saved = {}
    for key in ("pending", "restricted", "rich", "no_tier"):
        answer = await shop.post(
            "/v1/discounts", changed(BASKET, profileId=shop.profile_id(key), netAmount=24.05)
        )
        (row,) = answer.data
        saved[key] = [each["value"] for each in row["discounts"]], row["netAmount"]
    assert saved == {
        "pending": ([], Decimal("24.05")),
        "restricted": ([Decimal("2.41")], Decimal("21.64")),
        "rich": ([Decimal("3.61")], Decimal("20.44")),
        "no_tier": ([], Decimal("24.05")),
    }


async def test_an_item_rule_is_told_with_its_sku_and_lowers_the_net(shop):
    (row,) = (await shop.post("/v1/discounts", changed(BASKET, transactionItems=[MUG]))).data
    (item,) = row["transactionItems"]
    assert item["SKU"] == "MUG-01"
    assert [each["value"] for each in item["discounts"]] == [Decimal("4.00")]
    assert row["netAmount"] == Decimal("17.60")


async def test_asking_for_discounts_changes_nothing(shop):
    before = shop.state.member("70410002318")
    await shop.post("/v1/discounts", BASKET)
    assert shop.state.member("70410002318") == before


@pytest.mark.parametrize("name", list(BASKET))
@pytest.mark.parametrize("value", [..., None])
async def test_a_basket_without_a_required_field_is_refused(shop, name, value):
    answer = await shop.post("/v1/discounts", changed(BASKET, **{name: value}))
    assert answer.status == answer.body["status"] == 400
    assert answer.body["errors"] == {name: ["This field is required."]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profileId", 42),
        ("profileId", "42"),
        ("entityReference", ""),
        ("entityReference", 4),
        ("transactionTimestamp", "2026-06-14"),
        ("transactionTimestamp", 1781461200),
        ("grossAmount", "25.92"),
        ("taxAmount", True),
        ("netAmount", []),
        ("transactionItems", {}),
    ],
)
async def test_a_basket_with_a_wrong_type_is_refused(shop, name, value):
    answer = await shop.post("/v1/discounts", changed(BASKET, **{name: value}))
    assert answer.status == 400
    assert list(answer.body["errors"]) == [name]
    assert answer.body["errors"][name][0].startswith("Invalid value.")


async def test_all_faults_of_a_basket_are_told_at_once(shop):
    answer = await shop.post("/v1/discounts", {"transactionItems": [{}]})
    names = {*BASKET, *(f"transactionItems[0].{name}" for name in MUG)}
    assert set(answer.body["errors"]) == names


@pytest.mark.parametrize("timestamp", ["2026-06-14T18:20:00.123Z", "2026-06-14T20:20:00+02:00"])
async def test_a_basket_may_be_dated_in_other_forms(shop, timestamp):
    answer = await shop.post("/v1/discounts", changed(BASKET, transactionTimestamp=timestamp))
    assert answer.status == 200


@pytest.mark.parametrize("extra", [{"unknown": 1}, {"transactionItems": None}])
async def test_unknown_fields_and_nulls_of_optional_ones_are_ignored(shop, extra):
    assert (await shop.post("/v1/discounts", changed(BASKET, **extra))).status == 200


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        (
            {"profileId": "00000000-0000-4000-8000-000000000000"},
            {"profileId": ["Member not found."]},
        ),
        ({"entityReference": "NS-XXX"}, {"entityReference": ["Entity not found."]}),
    ],
)
async def test_strangers_and_unknown_stores_are_refused(shop, change, errors):
    answer = await shop.post("/v1/discounts", changed(BASKET, **change))
    assert answer.status == 400
    assert answer.body["errors"] == errors


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"netAmount": NaN}'])
async def test_a_body_that_is_no_object_is_refused_in_the_envelope(shop, body):
    answer = await shop.post("/v1/discounts", body)
    assert answer.status == answer.body["status"] == 400
    assert list(answer.body["errors"]) == ["ExceptionString"]
    assert answer.body["data"] == {}
