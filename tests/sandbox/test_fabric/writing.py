"""Bodies that the tests of writes start from; no assertion."""

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
TEA = {
    "SKU": "TEA-250", "itemName": "Loose tea 250 g", "itemPrice": 18.00, "itemQuantity": 2,
    "lineNumber": 1, "UOM": "unit", "grossAmount": 38.88, "taxAmount": 2.88,
    "totalAmountPaid": 38.88, "netAmount": 36.00, "discounts": [], "couponCodes": [],
}  # fmt: skip
MUG = {
    "SKU": "MUG-01", "itemName": "Stoneware mug", "itemPrice": 24.00, "itemQuantity": 1,
    "lineNumber": 2, "UOM": "unit", "grossAmount": 25.92, "taxAmount": 1.92,
    "totalAmountPaid": 21.92, "netAmount": 20.00, "couponCodes": [],
    "discounts": [
        {"id": 902, "value": 4, "type": "promotion", "description": "Mug launch offer"}
    ],
}  # fmt: skip
EARN = {
    "profileId": NADIA,
    "entityReference": "NS-SEA-04",
    "transactionTypeExternalReference": "PURCHASE",
    "activityTimestamp": "2026-06-14 18:22:05",
    "transactionExternalReference": "NS-ORD-1",
    "transactionGrossAmount": 64.80,
    "checkForDuplicateTransaction": 1,
    "fetchUpdatedMemberPointTotals": 1,
    "discountValue": 4,
    "totalTax": 4.80,
    "totalAmountPaid": 60.80,
    "netAmount": 56.00,
    "issueAuditUser": "pos-17",
    "redemptionCode": [],
    "discounts": [{"value": 4, "type": "promotion", "description": "Mug launch offer", "id": 902}],
    "transactionItems": [TEA, MUG],
    "setToPending": False,
}
REVERSE = {
    "profileId": NADIA,
    "entityReference": "NS-SEA-04",
    "reverseTransactionExternalRef": "NS-ORD-88120",
    "transactionExternalReference": "NS-RET-00417",
    "transactionTypeExternalReference": "RETURN",
    "activityTimestamp": "2026-06-20 10:02:44",
    "checkForDuplicateTransaction": 1,
    "fetchUpdatedMemberPointTotals": 1,
    "transactionGrossAmount": -64.80,
    "discountValue": -4,
    "totalAmountPaid": -60.80,
    "totalTax": -4.80,
    "netAmount": -56.00,
    "cancelAuditUser": "care-3",
    "reasonCode": "RET-FULL",
    "redemptionCode": [],
}
ENROLL = {
    "firstName": "Nadia", "lastName": "Okafor", "emailAddress": "nadia.new@example.com",
    "phoneNumber": "12065559999", "entityReference": "NS-SEA-04",
    "clubReference": "NORTHSHORE_PLUS", "birthDate": "1988-03-21", "city": "Seattle",
    "region": "Washington", "postalCode": "98109", "country": "United States",
    "redemptionChoice": "Bank", "redemptionThreshold": 100, "channelExternalReference": "WEB",
    "sourceExternalReference": "shop.northshore.example",
    "customAttributes": {"favouriteStore": "NS-SEA-04"},
}  # fmt: skip
ISSUE = {
    "profileId": NADIA,
    "locationExternalReference": "NS-SEA-04",
    "amountToRedeem": 5.00,
    "tierDiscountValue": 0,
    "issueAuditUser": "op:1",
}
ADJUST = {
    "profileId": NADIA,
    "points": -25,
    "pointType": "Base",
    "billingEntity": "NS-SEA-04",
    "reasonCode": "4102",
}


def changed(body, **change):
    """The body with some members changed, or left out where the value is `...`."""
    return {name: value for name, value in (body | change).items() if value is not ...}


def plain(net, **change):
    """A purchase without tax, discount or items."""
    amounts = {
        "transactionGrossAmount": net, "netAmount": net, "totalAmountPaid": net,
        "totalTax": 0, "discountValue": 0, "discounts": ..., "transactionItems": ...,
    }  # fmt: skip
    return changed(EARN, **(amounts | change))
