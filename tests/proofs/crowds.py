"""Ordinary members of the sandbox's worlds, found in a world of the same seed; asks nobody."""

from collections.abc import Iterable
from functools import cache
from itertools import islice

from sandbox.app import Sandbox, build

SEED = 7


@cache
def _world() -> Sandbox:
    return build(SEED)


def numbers(upstream: str, count: int) -> list[str]:
    """So many members of no particular interest, who can be served."""
    found = list(islice(_fit(upstream), count))
    assert len(found) == count, f"{upstream} has only {len(found)} such members"
    return found


def _fit(upstream: str) -> Iterable[str]:
    world = _world()
    match upstream:
        case "onerewards":
            company = next(iter(world.onerewards.companies.values()))
            return (
                str(each.member_id)
                for each in company.members.values()
                if each.is_active and each.mobile_user_id is None and each.level_id is not None
                and not 4800 < each.member_id < 4822
            )  # fmt: skip
        case "telluride":
            named = {persona.number for persona in world.telluride.personas}
            return (
                number
                for number, member in world.telluride.world.members.items()
                if member.status == "A" and number not in named
            )
        case _:
            named = {persona.number for persona in world.fabric.personas}
            return (
                each.loyalty_number
                for each in world.fabric.profiles()
                if each.loyalty_number not in named
            )
