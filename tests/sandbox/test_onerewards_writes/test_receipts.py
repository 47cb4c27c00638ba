"""OneRewards: upload addresses for receipts, and the storage they lead to."""

import pytest

RECEIPT, OTHER = "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33", "d1a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a34"
PDF = b"%PDF-1.4 receipt"


def addresses(till, *receipts):
    return till.call("POST", "/receipt/getuploadreceipturl", list(receipts))


def upload(till, address, body=PDF, **headers):
    till.http.headers.pop("API-Key", None)
    till.http.headers.pop("Key-ID", None)
    sent = {**(address["requestHeaders"] or {}), **(address["contentHeaders"] or {}), **headers}
    answer = till.http.put(address["url"], content=body, headers=sent)
    return answer.status_code


def stored(till):
    return [each["receiptId"] for each in till.control("GET", "/onerewards/receipts")]


def test_an_address_is_asked_for_and_followed(till):
    status, found = addresses(till, RECEIPT)
    assert status == 200
    (address,) = found
    assert address["requestHeaders"] == {}
    assert address["contentHeaders"] == {"Content-Type": "application/pdf"}
    assert f"/KC/17/{RECEIPT}?AccessKeyId=EXAMPLE&Expires=" in address["url"]
    assert upload(till, address) == 200
    (receipt,) = till.control("GET", "/onerewards/receipts")
    assert (receipt["receiptId"], receipt["size"]) == (RECEIPT, len(PDF))
    assert till.control("GET", "/counts")["onerewards"] == {
        "upload_receipt_url": 1,
        "upload_receipt": 1,
    }


def test_the_last_upload_wins(till):
    (address,) = addresses(till, RECEIPT)[1]
    assert upload(till, address) == 200
    assert upload(till, address, PDF + b"2") == 200
    assert [each["size"] for each in till.control("GET", "/onerewards/receipts")] == [len(PDF) + 1]


def test_addresses_come_in_the_order_asked_for_or_not(till):
    _, found = addresses(till, RECEIPT, OTHER)
    assert [RECEIPT in each["url"] for each in found] == [True, False]
    till.switch(receipt_url_order="reversed")
    _, found = addresses(till, RECEIPT, OTHER)
    assert [RECEIPT in each["url"] for each in found] == [False, True]


def test_which_headers_an_upload_carries_is_told(till):
    till.switch(receipt_headers="both")
    (address,) = addresses(till, RECEIPT)[1]
    assert upload(till, {**address, "requestHeaders": {}}) == 403
    assert upload(till, address) == 200
    till.http.headers.update({"API-Key": "kopi-secret", "Key-ID": "kopi-key"})
    till.switch(receipt_headers="none")
    (address,) = addresses(till, OTHER)[1]
    assert (address["requestHeaders"], address["contentHeaders"]) == (None, None)
    assert upload(till, address) == 200
    assert stored(till) == [RECEIPT, OTHER]


def test_an_address_lasts_an_hour(till):
    (address,) = addresses(till, RECEIPT)[1]
    till.wait(3599)
    assert upload(till, address) == 200
    till.wait(1)
    assert upload(till, address) == 403


@pytest.mark.parametrize(
    ("change", "headers", "body", "status"),
    [
        ((RECEIPT, OTHER), {}, PDF, 403),
        (("Expires=1", "Expires=2"), {}, PDF, 403),
        (("Expires=", "Never="), {}, PDF, 403),
        (("", ""), {"API-Key": "kopi-secret"}, PDF, 400),
        (("", ""), {"Content-Type": "text/plain"}, PDF, 403),
        (("", ""), {}, b"hello", 400),
    ],
)
def test_an_upload_that_is_not_as_signed_is_refused(till, change, headers, body, status):
    (address,) = addresses(till, RECEIPT)[1]
    tampered = {**address, "url": address["url"].replace(*change)}
    assert upload(till, tampered, body, **headers) == status
    assert stored(till) == []


def test_no_receipts_no_addresses(till):
    assert addresses(till) == (200, [])


@pytest.mark.parametrize("body", [{}, ["one"], [5], [RECEIPT] * 101, "x"])
def test_what_is_no_list_of_receipts_is_refused(till, body):
    assert till.call("POST", "/receipt/getuploadreceipturl", body)[0] == 400
