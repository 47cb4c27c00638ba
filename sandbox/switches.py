"""The contracts' assumptions as named switches with defaults; not configuration of the server."""

from collections.abc import Mapping
from dataclasses import dataclass

SwitchValue = bool | int | str | None


class BadSwitch(ValueError):
    """No such switch, or a value it cannot take; the message names it."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One assumption: its default is the contract's choice, `choices` limits the others.

    Without `choices` a value must have the default's type; a None default takes a whole number
    or None.
    """

    name: str
    default: SwitchValue
    why: str
    choices: tuple[SwitchValue, ...] = ()

    def takes(self, value: object) -> bool:
        """Whether `value` may be set here."""
        if self.choices:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        if self.default is None:
            return value is None or type(value) is int
        return type(value) is type(self.default)


class Switches:
    """Every upstream declares its own when its state is built; reading an undeclared one raises."""

    def __init__(self) -> None:
        self._declared: dict[tuple[str, str], Switch] = {}
        self._values: dict[tuple[str, str], SwitchValue] = {}

    def declare(self, upstream: str, *switches: Switch) -> None:
        """Make switches known at their defaults."""
        for switch in switches:
            self._declared[upstream, switch.name] = switch
            self._values[upstream, switch.name] = switch.default

    def value(self, upstream: str, name: str) -> SwitchValue:
        """The present value."""
        return self._values[self._known(upstream, name)]

    def flag(self, upstream: str, name: str) -> bool:
        """The present value of a yes-or-no switch."""
        return self.value(upstream, name) is True

    def number(self, upstream: str, name: str) -> int | None:
        """The present value of a counting switch; None when it is unset."""
        value = self.value(upstream, name)
        return value if type(value) is int else None

    def text(self, upstream: str, name: str) -> str:
        """The present value of a worded switch."""
        value = self.value(upstream, name)
        return value if isinstance(value, str) else ""

    def set(self, changes: Mapping[str, Mapping[str, object]]) -> None:
        """Turn switches, all or none; raises BadSwitch."""
        accepted: dict[tuple[str, str], SwitchValue] = {}
        for upstream, values in changes.items():
            for name, value in values.items():
                key = self._known(upstream, name)
                accepted[key] = self._accepted(key, value)
        self._values.update(accepted)

    def as_json(self) -> dict[str, dict[str, object]]:
        """Present values by upstream and name."""
        shown: dict[str, dict[str, object]] = {}
        for (upstream, name), value in self._values.items():
            shown.setdefault(upstream, {})[name] = value
        return shown

    def declared(self) -> tuple[tuple[str, Switch], ...]:
        """Every switch with its upstream, in order of declaration."""
        return tuple((upstream, switch) for (upstream, _), switch in self._declared.items())

    def reset(self) -> None:
        """All back to the contracts' choices."""
        self._values = {key: switch.default for key, switch in self._declared.items()}

    def _known(self, upstream: str, name: str) -> tuple[str, str]:
        if (upstream, name) not in self._declared:
            message = f"unknown switch {upstream}.{name}"
            raise BadSwitch(message)
        return upstream, name

    def _accepted(self, key: tuple[str, str], value: object) -> SwitchValue:
        switch = self._declared[key]
        if switch.takes(value) and (value is None or isinstance(value, bool | int | str)):
            return value
        choices = f"; it takes {list(switch.choices)}" if switch.choices else ""
        message = f"switch {key[0]}.{switch.name} does not take {value!r}{choices}"
        raise BadSwitch(message)
