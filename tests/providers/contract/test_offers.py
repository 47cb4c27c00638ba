"""Vouchers that members hold, and offers that they could take up."""

from decimal import Decimal

from loyalty.offers import Basket, Offer, VoucherStatus
from loyalty.operations import Operation
from loyalty.refs import MemberRef, OfferRef, VoucherRef
from providers.port import ChecksOffers
from tests.providers.contract.proofs import proves
from tests.providers.contract.worlds import World, value

VOUCHERS = "vouchers"


@proves(Operation.VOUCHER_LIST)
async def test_every_personas_vouchers_are_those_of_the_books(world: World) -> None:
    keys = world.personas
    answers = await world.provider.vouchers(list(keys.values()), None)
    for persona, answer in zip(keys, answers, strict=True):
        told = {voucher.ref: voucher.status for voucher in value(answer)}
        member = MemberRef(world.program, keys[persona])
        booked = {
            VoucherRef(member, voucher["code"]): world.voucher_states[voucher["state"]]
            for voucher in world.book(persona)["vouchers"]
        }
        assert told == {ref: status for ref, status in booked.items() if status is not None}
        assert len(told) == len(value(answer)), "each once"


@proves(Operation.VOUCHER_LIST)
async def test_a_voucher_has_exact_figures_and_aware_times(world: World) -> None:
    (answer,) = await world.provider.vouchers([world.key(VOUCHERS)], None)
    assert {voucher.status for voucher in value(answer)} >= {VoucherStatus.USABLE}
    for voucher in value(answer):
        times = [voucher.starts_at, voucher.expires_at]
        times += [voucher.usable.usable_from] if voucher.usable else []
        assert all(at is None or at.tzinfo is not None for at in times)
        if voucher.usable is not None:
            assert voucher.usable.now == (voucher.status is VoucherStatus.USABLE)
            assert voucher.usable.now or voucher.usable.reasons


@proves(Operation.VOUCHER_LIST)
async def test_voucher_answers_are_as_many_as_the_keys_and_in_their_order(world: World) -> None:
    keys = [world.nobody, world.key(VOUCHERS), world.malformed[1], world.key("zero"), world.nobody]
    answers = await world.provider.vouchers(keys, Decimal(50))
    assert [answers[0], answers[2], answers[4]] == [None, None, None]
    assert (len(value(answers[1])) > 0, value(answers[3])) == (True, ())
    with world.silent():
        malformed = await world.provider.vouchers(list(world.malformed), None)
    assert malformed == [None] * len(world.malformed)


@proves(Operation.VOUCHER_LIST)
async def test_a_hundred_wallets_are_a_hundred_calls_a_few_at_a_time(world: World) -> None:
    provider = world.adapter(max_connections=4)
    answers = await provider.vouchers(world.crowd(100), None)
    assert all(isinstance(answer, tuple) for answer in answers)
    assert world.calls.total() == 100
    assert 1 < world.wire.most_at_once <= 4


@proves(Operation.VOUCHER_CHECK)
async def test_a_single_voucher_is_told_as_in_the_list(world: World) -> None:
    (answer,) = await world.provider.vouchers([world.key(VOUCHERS)], None)
    for listed in value(answer):
        assert await world.provider.voucher(listed.ref) == listed


@proves(Operation.VOUCHER_CHECK)
async def test_a_voucher_that_the_member_does_not_hold_is_none(world: World) -> None:
    (answer,) = await world.provider.vouchers([world.key(VOUCHERS)], None)
    foreign = value(answer)[0].ref.code
    for member in (world.key("zero"), world.nobody):
        ref = VoucherRef(MemberRef(world.program, member), foreign)
        assert await world.provider.voucher(ref) is None
    with world.silent():
        nobodys = VoucherRef(MemberRef(world.program, world.malformed[1]), foreign)
        assert await world.provider.voucher(nobodys) is None
        nothing = VoucherRef(MemberRef(world.program, world.key(VOUCHERS)), "")
        assert await world.provider.voucher(nothing) is None


# ------------------------------------------------------------------ offers


async def offers_of(world: World, persona: str, basket: Basket | None) -> tuple[Offer, ...]:
    """All offers of a member: those asked for, and those that come with the balance."""
    (answer,) = await world.provider.offers([world.key(persona)], basket)
    (balance,) = await world.provider.balances([world.key(persona)])
    return value(answer) + (value(balance).offers or ())


@proves(Operation.OFFER_LIST)
async def test_every_personas_offers_are_those_of_the_books(world: World) -> None:
    for persona, key in world.personas.items():
        offers = await offers_of(world, persona, world.basket)
        named = sorted(world.offer_name(offer) for offer in offers)
        assert named == sorted(world.book(persona)["offers"]), persona
        assert {(offer.program, offer.member) for offer in offers} <= {
            (world.program, MemberRef(world.program, key))
        }


@proves(Operation.OFFER_LIST)
async def test_an_offer_has_exact_figures_and_aware_times(world: World) -> None:
    offers = await offers_of(world, "rich", world.basket)
    assert offers
    for offer in offers:
        figures = [offer.points, offer.points_cost, offer.multiplier]
        assert all(each is None or each.is_finite() for each in figures)
        times = [offer.starts_at, offer.ends_at]
        times += [offer.eligible.usable_from] if offer.eligible else []
        assert all(at is None or at.tzinfo is not None for at in times)
        assert offer.title


@proves(Operation.OFFER_LIST)
async def test_offer_answers_are_as_many_as_the_keys_and_in_their_order(world: World) -> None:
    rich = world.key("rich")
    keys = [rich, world.nobody, world.malformed[1], rich]
    answers = await world.provider.offers(keys, world.basket)
    assert [answer is None for answer in answers] == [False, True, True, False]
    assert value(answers[0]) == value(answers[3])
    with world.silent():
        malformed = await world.provider.offers(list(world.malformed), world.basket)
    assert malformed == [None] * len(world.malformed)


@proves(Operation.OFFER_LIST)
async def test_without_a_basket_a_program_that_needs_one_says_nothing(world: World) -> None:
    rich = world.key("rich")
    if world.basket is None:
        assert value((await world.provider.offers([rich], None))[0])
    else:
        with world.silent():
            assert await world.provider.offers([rich, rich], None) == [None, None]


@proves(ChecksOffers)
async def test_a_single_offer_is_told_as_in_the_list(world: World) -> None:
    key = world.key("everywhere")
    (answer,) = await world.provider.offers([key], None)
    for listed in value(answer):
        ref = OfferRef(world.program, key, listed.kind, listed.code)
        assert await world.provider.offer(ref) == listed


@proves(ChecksOffers)
async def test_an_offer_that_is_none_is_none(world: World) -> None:
    key = world.key("everywhere")
    (answer,) = await world.provider.offers([key], None)
    kind, code = value(answer)[0].kind, value(answer)[0].code
    assert await world.provider.offer(OfferRef(world.program, key, kind, "999999")) is None
    assert await world.provider.offer(OfferRef(world.program, world.nobody, kind, code)) is None
    with world.silent():
        for ref in (
            OfferRef(world.program, None, kind, code),
            OfferRef(world.program, key, "SURPRISE_POINTS", code),
            OfferRef(world.program, world.malformed[1], kind, code),
        ):
            assert await world.provider.offer(ref) is None
