"""Auth codes of the app's QR page and the redemption codes they are spent for; redeems nothing."""

from datetime import datetime, timedelta

from sandbox.books import Effect
from sandbox.frame import Frame
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.doors import Refused, Visit
from sandbox.onerewards.entities import Company, Member
from sandbox.onerewards.records import AuthCode, RedemptionCode, Register

AUTH_CODE_LASTS = timedelta(seconds=60)
REDEMPTION_CODE_LASTS = timedelta(minutes=10)
AUTH_CODE_DIGITS = 16


class Codes:
    """From the QR page to a member's consent (OneRewards contract 2.6, 3.2)."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def mint(self, company: Company, mobile_user_id: str) -> AuthCode:
        """What the app of this user shows from now on; older codes live until their minute ends."""
        code = _drawn(company.register, AUTH_CODE_DIGITS)
        minted = AuthCode(code, mobile_user_id, self._frame.clock.now())
        company.register.auth_codes[code] = minted
        return minted

    def redeemable(self, visit: Visit) -> object:
        """Spend an auth code: whose it was, and a redemption code if that is a member."""
        auth = self._spent(visit)
        found = visit.company.by_mobile_user.get(auth.mobile_user_id)
        if not found:
            self._record(auth.mobile_user_id, None)
            return _membership(auth, None)
        redemption = self._granted(visit, found[0])
        self._record(str(found[0]), str(redemption.code))
        return _membership(auth, redemption)

    def admit(self, visit: Visit, member: Member, given: int | None) -> None:
        """Let a linked member's redemption pass; 400 without a code that is good for it."""
        if member.mobile_user_id is None:
            return
        if given is None:
            raise Refused(400, "redemptionCode is required for a member linked to the app.")
        code = visit.company.register.redemption_codes.get(given)
        if (
            code is None
            or code.spent
            or code.member_id != member.member_id
            or code.integration_id != visit.integration_id
            or self._frame.clock.now() >= code.expires
        ):
            raise Refused(400, "Redemption code is invalid or expired.")

    def used(self, visit: Visit, given: int | None) -> None:
        """Note that a redemption went through under this code."""
        code = None if given is None else visit.company.register.redemption_codes.get(given)
        once = self._frame.switches.text(UPSTREAM, "redemption_code_use") == "once"
        if code is not None and once:
            code.spent = True

    def _spent(self, visit: Visit) -> AuthCode:
        auth = visit.company.register.auth_codes.get(visit.arrival.path_params["code"])
        now = self._frame.clock.now()
        if auth is None or auth.spent or now - auth.minted > AUTH_CODE_LASTS:
            raise Refused(400, "Auth code is invalid or expired.")
        auth.spent = True
        return auth

    def _granted(self, visit: Visit, member_id: int) -> RedemptionCode:
        register = visit.company.register
        digits = self._frame.switches.number(UPSTREAM, "redemption_code_digits") or 0
        granted = RedemptionCode(
            code=int(_drawn(register, digits)),
            member_id=member_id,
            integration_id=visit.integration_id,
            expires=self._frame.clock.now() + REDEMPTION_CODE_LASTS,
        )
        register.redemption_codes[granted.code] = granted
        return granted

    def _record(self, member: str, code: str | None) -> None:
        """A code is spent for ever, so that the books must show it like any other effect."""
        effect = Effect(
            upstream=UPSTREAM,
            operation="get_record_by_auth_code",
            kind="authorize",
            member=member,
            at=self._frame.clock.now(),
            reference=code,
        )
        self._frame.books.effect(effect)


def _membership(auth: AuthCode, redemption: RedemptionCode | None) -> dict[str, object]:
    return {
        "mobileUserId": auth.mobile_user_id,
        "memberId": None if redemption is None else redemption.member_id,
        "redemptionCode": None if redemption is None else redemption.code,
        "redemptionCodeExpirationTime": None if redemption is None else _utc(redemption.expires),
    }


def _utc(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _drawn(register: Register, digits: int) -> str:
    """A code without a leading zero that this company never drew before."""
    while True:
        code = str(register.rng.randrange(10 ** (digits - 1), 10**digits))
        if code not in register.auth_codes and int(code) not in register.redemption_codes:
            return code
