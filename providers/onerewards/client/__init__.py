"""How OneRewards is called: the only place that knows its addresses and headers."""

from providers.onerewards.client.program import OneRewards

__all__ = ["OneRewards"]
