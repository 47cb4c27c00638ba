"""Who lives in the seeded worlds and why, and the README's table of them; no member data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Persona:
    """One named member: `number` is what the upstream calls them, `why` what they are good for."""

    key: str
    upstream: str
    number: str
    why: str

    def as_json(self) -> dict[str, object]:
        """The persona in the shape of `GET /__sandbox__/personas`."""
        return {
            "key": self.key,
            "upstream": self.upstream,
            "number": self.number,
            "why": self.why,
        }


class HasPersonas(Protocol):
    """A seeded world, as far as this module cares."""

    @property
    def personas(self) -> tuple[Persona, ...]:
        """The named members of this world."""
        ...


def roll(states: Iterable[HasPersonas]) -> list[Persona]:
    """All personas, those of one key side by side, keys in the order they first appear."""
    everyone = [persona for state in states for persona in state.personas]
    order = {key: place for place, key in enumerate(dict.fromkeys(p.key for p in everyone))}
    return sorted(everyone, key=lambda persona: order[persona.key])


def markdown(states: Iterable[HasPersonas]) -> str:
    """The table of all personas, one a line, ending in a newline."""
    rows = ["| Persona | Upstream | Number | Good for |", "| --- | --- | --- | --- |"]
    rows += [f"| {p.key} | {p.upstream} | `{p.number}` | {p.why} |" for p in roll(states)]
    return "\n".join(rows) + "\n"
