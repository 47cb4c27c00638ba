"""What became of a request for an integration, as OneRewards sends it (contract 3.1, 3.20)."""

from providers.onerewards.wire.model import Flag, Text, Wire


class WireIntegration(Wire):
    """The state of a request; exactly one of the three flags is true."""

    is_approved: Flag
    is_pending: Flag
    is_rejected: Flag
    integration_id: Text | None = None
