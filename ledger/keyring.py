"""Which keys a ledger is sealed with: a key that is still needed is missed at the start."""

from ledger.seal import Seals
from ledger.sql import LedgerError, Script, Statement, Unit, raw, text

_PROOF = b"this key opens this ledger"
_ADD = "INSERT INTO ledger_keys (id, proof) VALUES (:id, :proof) ON CONFLICT (id) DO NOTHING"


def checked(seals: Seals) -> Unit[None]:
    """Note the first key as in use, and refuse to start without one that is."""

    def script() -> Script[None]:
        known = yield Statement("SELECT id, proof FROM ledger_keys")
        for row in known:
            name = text(row[0])
            if name not in seals.known:
                raise LedgerError(
                    f"The ledger holds data sealed with a key ({name}) that is not among its keys:"
                    " add that key after the first one."
                )
            seals.open(raw(row[1]), name, "proof")
        if seals.first not in {text(row[0]) for row in known}:
            proof = seals.seal(_PROOF, seals.first, "proof")
            yield Statement(_ADD, {"id": seals.first, "proof": proof})

    return Unit(script)
