"""The keys of which this process has seen an operation: what it may not refuse without a look."""

_MOST = 100_000


class KnownKeys:
    """The latest keys, of all principals; only their hashes, as a wrong hit refuses nothing."""

    def __init__(self) -> None:
        self._seen: dict[int, None] = {}

    def add(self, scope: str, key: str) -> None:
        """An operation has, or may have, been recorded under this key."""
        name = hash((scope, key))
        self._seen.pop(name, None)
        self._seen[name] = None
        if len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]

    def has(self, scope: str, key: str) -> bool:
        """Whether there may be one."""
        return hash((scope, key)) in self._seen
