"""What of a record is in clear, and what an operator may see of it."""

from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from resolvers.records import native_transaction, native_voucher, shown_name

ANN = MemberRef("north", "fab00000-0000-4000-8000-000000000001")


def test_a_code_that_pays_is_found_by_its_digest_alone() -> None:
    kept = native_voucher(VoucherRef(ANN, "755d230c-067c"))
    assert "755d230c" not in kept
    assert ANN.key not in kept
    assert kept == native_voucher(VoucherRef(ANN, "755d230c-067c"))
    assert kept != native_voucher(VoucherRef(ANN, "755d230c-067d"))
    assert kept != native_voucher(VoucherRef(MemberRef("north", "other"), "755d230c-067c"))
    assert shown_name(kept) is None


def test_an_operator_sees_what_a_program_calls_a_transaction_without_its_member() -> None:
    assert shown_name(native_transaction(TransactionRef(ANN, ("00001", "0017")))) == "00001/0017"
    assert shown_name(None) is None
