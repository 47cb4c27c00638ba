"""OneRewards: reads that are behind the writes, on demand."""

from decimal import Decimal

RICH, COFFEE = 4801, 12
LAG = 30
JASON = {"name": "Jason Lim", "phoneNo": "+60167788990"}
NEXT = 4822


def held(till):
    _, vouchers = till.call("GET", "/member/usablevouchers", memberId=RICH)
    return [each["voucherNo"] for each in vouchers]


def test_without_a_lag_every_read_shows_a_write_at_once(till):
    till.post(RICH, "D-1", point={"collection": 5})
    assert till.balance(RICH) == Decimal(88_893)


def test_a_balance_lags_and_the_books_do_not(till):
    till.switch(read_lag_seconds=LAG)
    till.post(RICH, "D-1", point={"collection": 5})
    assert till.balance(RICH) == Decimal(88_888)
    assert till.control("GET", f"/members/onerewards/{RICH}")["points"] == "88893.00"
    till.wait(LAG)
    assert till.balance(RICH) == Decimal(88_893)


def test_vouchers_lag_when_they_come_and_when_they_go(till):
    till.switch(read_lag_seconds=LAG)
    issued = till.call("POST", "/member/issuevoucher", {"memberId": RICH, "voucherId": COFFEE})
    number = issued[1]["voucherNo"]
    assert number not in held(till)
    assert till.call("GET", "/member/canusevouchernow", memberId=RICH, voucherNo=number)[0] == 404
    till.wait(LAG)
    assert number in held(till)
    sale = {"details": [{"type": "N", "subTotal": 8}, {"type": "D", "subTotal": -8}]}
    voucher = {"voucherNo": number, "discountAmount": 8}
    assert till.post(RICH, "D-1", sales=sale, voucher=voucher)[1]["isSuccess"]
    assert number in held(till)
    assert not till.post(RICH, "D-2", sales=sale, voucher=voucher)[1]["isSuccess"]
    till.wait(LAG)
    assert number not in held(till)


def test_a_new_member_is_not_listed_at_first_and_its_phone_is_taken_all_the_same(till):
    till.switch(read_lag_seconds=LAG)
    assert till.call("POST", "/member", JASON)[0] == 201
    wanted = {"page": 1, "filter": {"phoneNo": {"multiSelect": [JASON["phoneNo"]]}}}
    assert till.call("POST", "/member/listing", wanted)[1]["data"] == []
    assert till.call("GET", "/member", memberId=NEXT)[0] == 404
    assert till.call("GET", "/member/info", memberId=NEXT)[0] == 404
    assert till.call("POST", "/member", JASON)[0] == 400
    assert till.post(NEXT, "D-1", point={"collection": 5})[0] == 201
    till.wait(LAG)
    assert till.call("POST", "/member/listing", wanted)[1]["data"][0]["memberId"] == NEXT
    assert till.balance(NEXT) == 5
