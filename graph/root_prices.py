"""What the root fields ask, and whom they are about; the fields below them are in prices.py."""

from collections.abc import Mapping

from graph.plans import MUTATIONS, Step
from graph.tally import NOBODY, Arguments, Rule, Scope, Tally, first_of, strangers
from loyalty.operations import LookupKey
from loyalty.refs import (
    CustomerRef,
    MemberRef,
    PostedRef,
    ReceiptRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)
from providers.port import (
    ChecksVouchers,
    FindsMembers,
    ListsMembers,
    ListsTransactions,
    QuotesSales,
    ReadsMembers,
    ReadsMobileUsers,
)
from resolvers.paging import LARGEST

FOUND_BY_NAME = 25
FOUND_BY_CONTACT = 10
"""How many members a search by a name, or by an address or phone number, is taken to find."""

WRITE = 5
"""How many calls a mutation is taken to make: what it looks at before, its steps, taking back."""

_CRITERIA: Mapping[str, LookupKey] = {
    "number": LookupKey.NUMBER,
    "nativeId": LookupKey.NATIVE_ID,
    "email": LookupKey.EMAIL,
    "phone": LookupKey.PHONE,
    "name": LookupKey.NAME,
    "attribute": LookupKey.ATTRIBUTE,
    "mobileUser": LookupKey.MOBILE_USER,
}


def _member(tally: Tally, _: Step, __: Scope, given: Arguments) -> Scope:
    return _members_of(tally, [given["id"]])


def _members(tally: Tally, _: Step, __: Scope, given: Arguments) -> Scope:
    return _members_of(tally, given["ids"])


def _members_of(tally: Tally, texts: list[str]) -> Scope:
    if len(texts) > LARGEST:
        return NOBODY  # the field refuses so many
    references = [tally.reference(text) for text in dict.fromkeys(texts)]
    return Scope(tuple(r for r in references if isinstance(r, MemberRef)), together=True)


def _node(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    return _nodes_of(tally, step, [given["id"]])


def _nodes(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    return _nodes_of(tally, step, given["ids"])


def _nodes_of(tally: Tally, step: Step, texts: list[str]) -> Scope:
    """Each kind of node runs the fields of its own type; nothing is left to run after that."""
    members = _members_of(tally, texts)
    _run_type(tally, step, "Member", members)
    references = [tally.reference(text) for text in dict.fromkeys(texts[:LARGEST])]
    programs = tuple(r for r in references if isinstance(r, str))
    _run_type(tally, step, "Program", Scope(programs=programs))
    owners = [_one_voucher(tally, r) for r in references if isinstance(r, VoucherRef)]
    _run_type(tally, step, "Voucher", Scope(tuple(owners)))
    owners = [_one_transaction(tally, r) for r in references if isinstance(r, TransactionRef)]
    owners += [r.member for r in references if isinstance(r, PostedRef)]
    _run_type(tally, step, "Transaction", Scope(tuple(owners)))
    redeemers = tuple(r.member for r in references if isinstance(r, RedemptionRef))
    _run_type(tally, step, "Redemption", Scope(redeemers))
    if any(isinstance(r, ReceiptRef) for r in references):
        _run_type(tally, step, "OperationReceipt", _operation(tally, step, NOBODY, {}))
    if any(isinstance(r, CustomerRef) for r in references):
        _run_type(tally, step, "Customer", _customer(tally, step, NOBODY, {}))
    return NOBODY


def _run_type(tally: Tally, step: Step, type_name: str, scope: Scope) -> None:
    tally.run([child for child in step.children if child.parent == type_name], scope)


def _one_voucher(tally: Tally, reference: VoucherRef) -> MemberRef:
    tally.ask_members(Scope((reference.member,)), ChecksVouchers, reference)
    return reference.member


def _one_transaction(tally: Tally, reference: TransactionRef) -> MemberRef:
    tally.ask_members(Scope((reference.member,)), ListsTransactions, reference)
    return reference.member


def _voucher(tally: Tally, _: Step, __: Scope, given: Arguments) -> Scope:
    reference = tally.reference(given["id"])
    if not isinstance(reference, VoucherRef):
        return NOBODY
    return Scope((_one_voucher(tally, reference),))


def _transaction(tally: Tally, _: Step, __: Scope, given: Arguments) -> Scope:
    reference = tally.reference(given["id"])
    if isinstance(reference, PostedRef):
        return Scope((reference.member,))
    if not isinstance(reference, TransactionRef):
        return NOBODY
    return Scope((_one_transaction(tally, reference),))


def _programs(tally: Tally, _: Step, __: Scope, ___: Arguments) -> Scope:
    return Scope(programs=tuple(account.program.key for account in tally.accounts()))


def _program(_: Tally, __: Step, ___: Scope, given: Arguments) -> Scope:
    return Scope(programs=(given["key"],))


def _member_by_number(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    account = tally.account(given["program"])
    if account is None or not isinstance(account.provider, ReadsMembers):
        return NOBODY
    program = account.program.key
    if account.provider.profile.number_is_key:
        # The record is read whatever is selected: a number may be anybody's guess.
        scope = Scope((MemberRef(program, given["number"]),), together=True)
        tally.ask_records(scope)
        return scope
    tally.ask((step.place, program))
    found = strangers(step, program, 1)
    tally.know(found)
    return Scope(found)


def _find_members(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    by, named = given["by"], given.get("programs")
    criteria = {key for name, key in _CRITERIA.items() if by.get(name) is not None}
    found: list[MemberRef] = []
    programs = named if named is not None else [a.program.key for a in tally.accounts()]
    for program in dict.fromkeys(programs):
        account = tally.account(program)
        if account is None or not isinstance(account.provider, FindsMembers):
            continue
        if criteria and criteria <= set(account.provider.profile.lookup_keys):
            tally.ask((step.place, program))
            found += strangers(step, program, _found_by(criteria))
    tally.know(found)
    return Scope(tuple(found), tuple(programs))


def _found_by(criteria: set[LookupKey]) -> int:
    if criteria & {LookupKey.NUMBER, LookupKey.NATIVE_ID, LookupKey.MOBILE_USER}:
        return 1
    if criteria & {LookupKey.EMAIL, LookupKey.PHONE}:
        return FOUND_BY_CONTACT
    return FOUND_BY_NAME


def _member_list(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    account = tally.account(given["program"])
    first = first_of(given)
    if account is None or not isinstance(account.provider, ListsMembers) or first is None:
        return NOBODY
    # A page of ours may begin within one of the provider's, and end in the next.
    begins_within = given.get("after") is not None or given.get("filter") is not None
    tally.ask(step.place, 2 if begins_within else 1)
    found = strangers(step, account.program.key, first)
    tally.know(found)
    return Scope(found)


def _mobile_user(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    account = tally.account(given["program"])
    if account is None or not isinstance(account.provider, ReadsMobileUsers):
        return NOBODY
    tally.ask(step.place)
    return Scope(programs=(account.program.key,))


def _member_of_mobile_user(tally: Tally, step: Step, scope: Scope, _: Arguments) -> Scope:
    found: list[MemberRef] = []
    for program in scope.programs:
        account = tally.account(program)
        if account is not None and isinstance(account.provider, FindsMembers):
            tally.ask((step.place, program))
            found += strangers(step, program, 1)
    tally.know(found)
    return Scope(tuple(found))


def _customer(tally: Tally, step: Step, _: Scope, __: Arguments) -> Scope:
    """A person is taken to have one membership of every program."""
    return Scope(
        tuple(
            member
            for account in tally.accounts()
            for member in strangers(step, account.program.key, 1)
        )
    )


def _quote(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    """A member's sale has two questions: what it earns, and what it could take."""
    asked = given["input"]
    reference = tally.reference(asked.get("memberId") or "")
    member = reference if isinstance(reference, MemberRef) else None
    account = tally.account(member.program if member else asked.get("program"))
    if account is None:
        return NOBODY
    if isinstance(account.provider, QuotesSales):
        tally.ask(step.place, 2 if member else 1)
    return Scope((member,) if member else (), (account.program.key,))


def _redemption(tally: Tally, _: Step, __: Scope, given: Arguments) -> Scope:
    reference = tally.reference(given["id"])
    return Scope((reference.member,)) if isinstance(reference, RedemptionRef) else NOBODY


def _operation(tally: Tally, step: Step, _: Scope, __: Arguments) -> Scope:
    """Its result is of some member of some program."""
    program = next((account.program.key for account in tally.accounts()), None)
    return NOBODY if program is None else Scope(strangers(step, program, 1))


def _mutation(tally: Tally, step: Step, _: Scope, given: Arguments) -> Scope:
    """What it writes, and whom the payload is about."""
    asked = given["input"]
    tally.ask(step.place, WRITE)
    for name in _NAMING_A_MEMBER:
        match tally.reference(asked[name]) if isinstance(asked.get(name), str) else None:
            case MemberRef() as member:
                return Scope((member,))
            case (
                VoucherRef(member=member)
                | TransactionRef(member=member)
                | PostedRef(member=member)
                | RedemptionRef(member=member)
            ):
                return Scope((member,))
            case _:
                pass
    program = asked.get("program")
    return Scope(strangers(step, program, 1)) if isinstance(program, str) else NOBODY


_NAMING_A_MEMBER = ("memberId", "transactionId", "voucherId", "redemptionId")

ROOTS: Mapping[tuple[str, str], Rule] = {
    ("Query", "node"): _node,
    ("Query", "nodes"): _nodes,
    ("Query", "programs"): _programs,
    ("Query", "program"): _program,
    ("Query", "member"): _member,
    ("Query", "members"): _members,
    ("Query", "memberByNumber"): _member_by_number,
    ("Query", "findMembers"): _find_members,
    ("Query", "memberList"): _member_list,
    ("Query", "voucher"): _voucher,
    ("Query", "transaction"): _transaction,
    ("Query", "redemption"): _redemption,
    ("Query", "operation"): _operation,
    ("Query", "mobileUser"): _mobile_user,
    ("Query", "viewer"): _customer,
    ("Query", "customer"): _customer,
    ("CustomerPayload", "customer"): _customer,
    ("Query", "quote"): _quote,
    ("MobileUser", "member"): _member_of_mobile_user,
    **{("Mutation", name): _mutation for name in MUTATIONS},
}
"""The roots, and the one field that is a search of its own."""
