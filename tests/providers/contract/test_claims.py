"""Every claim is proven, and every proof is able to fail; the proofs themselves are elsewhere."""

from dataclasses import replace

import pytest

from loyalty.members import MobileUser
from loyalty.operations import EarnComputation, Operation, SupportLevel
from providers.port import (
    ChecksOffers,
    Probe,
    Profile,
    ReadsExpired,
    Support,
    capabilities,
)
from providers.registry import ADAPTERS
from tests.providers.contract.kinds import WORLDS
from tests.providers.contract.proofs import (
    LEDGER,
    Ledger,
    abilities_without_operation,
    claims,
    hollow,
    unproven,
)
from tests.providers.contract.worlds import World


def test_every_adapter_of_the_registry_has_a_world() -> None:
    assert {kind.code for kind in WORLDS} == set(ADAPTERS)


async def test_every_claim_of_every_adapter_is_proven(
    world: World, request: pytest.FixtureRequest
) -> None:
    ledger = request.config.stash[LEDGER]
    assert unproven(world.provider, ledger) == set()


async def test_no_profile_speaks_of_what_its_adapter_cannot_do(world: World) -> None:
    assert hollow(world.provider) == set()


async def test_what_is_not_claimed_is_unsupported_and_has_no_note(world: World) -> None:
    made = claims(world.provider)
    for each in capabilities(world.provider):
        is_unsupported = each.support is SupportLevel.UNSUPPORTED
        assert is_unsupported == (each.operation not in made)
        assert not (is_unsupported and each.note)


def test_abilities_without_an_operation_are_claims_too() -> None:
    assert {ReadsExpired, ChecksOffers} <= set(abilities_without_operation())


# ------------------------------------------------------------------ the judges can say no

_PROFILE = Profile("stub", "Stub", EarnComputation.PROVIDER, ())


class Stub:
    """A provider that can do nothing, by a profile that a test writes."""

    program = "stub"

    def __init__(self, profile: Profile = _PROFILE) -> None:
        self.profile = profile

    async def probe(self) -> Probe:
        return Probe(0.0)


class Dreamer(Stub):
    """A stub with an ability."""

    async def mobile_user(self, user_id: str) -> MobileUser | None:
        return MobileUser(user_id)


class Shopper(Stub):
    """A stub with an ability that no operation stands for."""

    async def offer(self, ref: object) -> None:
        del ref


def proof(claim: object, *, passed: bool = True) -> Ledger:
    ledger = Ledger()
    ledger.find("stub", "a test", [claim])  # type: ignore[list-item]
    ledger.end("a test", passed=passed)
    return ledger


def test_an_ability_that_no_test_proves_is_found() -> None:
    assert unproven(Dreamer(), Ledger()) == {Operation.MOBILE_USER_READ}
    assert unproven(Shopper(), Ledger()) == {ChecksOffers}
    assert unproven(Dreamer(), proof(Operation.MOBILE_USER_READ)) == set()


def test_a_proof_that_failed_or_never_ran_proves_nothing() -> None:
    claim = Operation.MOBILE_USER_READ
    assert unproven(Dreamer(), proof(claim, passed=False)) == {claim}
    ledger = Ledger()
    ledger.find("stub", "a test", [claim])
    assert unproven(Dreamer(), ledger) == {claim}


def test_one_failed_proof_of_several_spoils_the_claim() -> None:
    ledger = proof(Operation.MOBILE_USER_READ)
    ledger.find("stub", "another", [Operation.MOBILE_USER_READ])
    ledger.end("another", passed=False)
    assert unproven(Dreamer(), ledger) == {Operation.MOBILE_USER_READ}


def test_the_proof_for_another_adapter_proves_nothing() -> None:
    ledger = Ledger()
    ledger.find("other", "a test", [Operation.MOBILE_USER_READ])
    ledger.end("a test", passed=True)
    assert unproven(Dreamer(), ledger) == {Operation.MOBILE_USER_READ}


@pytest.mark.parametrize("carrier", ["with_member", "with_balance"])
def test_what_comes_with_another_answer_wants_a_proof_too(carrier: str) -> None:
    profile = replace(_PROFILE, **{carrier: frozenset({Operation.TIER_READ})})
    assert unproven(Stub(profile), Ledger()) == {Operation.TIER_READ}


@pytest.mark.parametrize("carrier", ["with_member", "with_balance"])
def test_nothing_comes_with_an_answer_that_is_never_given(carrier: str) -> None:
    profile = replace(_PROFILE, **{carrier: frozenset({Operation.TIER_READ})})
    assert hollow(Stub(profile)) == {Operation.TIER_READ}


@pytest.mark.parametrize("support", [Support(), Support(note="at full moon")])
def test_a_claim_without_the_ability_is_found(support: Support) -> None:
    profile = replace(_PROFILE, support={Operation.TIER_LIST: support})
    assert hollow(Stub(profile)) == {Operation.TIER_LIST}
    assert hollow(Stub()) == set()
