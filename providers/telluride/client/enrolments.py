"""Taking a new member in (CreateMember), after a look whether it is one already (contract 4.1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loyalty.commands import Consents, EnrolMember, PhoneType, Profile
from loyalty.errors import Declined, ErrorCode, RetryAdvice, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Caution
from providers.telluride.client.baskets import Till
from providers.telluride.client.checks import Checks, given, outlet_words, told
from providers.telluride.client.holders import Contact, Holder, Holders
from providers.telluride.client.orders import Fields, Orders
from providers.telluride.client.searches import phone
from providers.telluride.client.sent import Note
from providers.telluride.profile.apis import Api
from providers.telluride.profile.codes import LANGUAGE_LETTER
from providers.telluride.settings import TellurideSettings
from providers.writing import Doubt, Finished, Job, Next

_ENROL = Operation.MEMBER_ENROLL
_PHONE_DIGITS = 10
_LONGEST_NAME, _LONGEST_EMAIL = 30, 49
_LONGEST_KEY, _LONGEST_VALUE, _LONGEST_TERMS = 8, 80, 5
_GENDER_SINCE = 15
_US_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?")
_CANADIAN_ZIP = re.compile(r"([A-Za-z]\d[A-Za-z]) ?(\d[A-Za-z]\d)")


@dataclass(frozen=True, slots=True)
class Known:
    """Who has the contact before; `asked` is false where the account may not search for it."""

    holders: tuple[Holder, ...]
    asked: bool = True


class Enrolments:
    """The script of enrollMember."""

    def __init__(
        self,
        settings: TellurideSettings,
        checks: Checks,
        orders: Orders,
        till: Till,
        holders: Holders,
    ) -> None:
        self._settings = settings
        self._checks = checks
        self._orders = orders
        self._till = till
        self._holders = holders

    async def enrol(self, job: Job[EnrolMember, None]) -> Next:
        """The next step: one creation, for a contact that nobody has."""
        command = job.command
        profile = self._supported(command)
        contact = self._contact(profile)
        fields = self._fields(command, profile, contact)
        if job.steps:
            return self._told(job, profile)
        known = await self._known(contact)
        self._check_free(contact, known.holders)
        doubt = Doubt.LOOK if known.asked else Doubt.NONE
        serial = self._orders.serial("enrolment", contact.email.casefold() or contact.phone)
        note = Note(known=tuple(holder.number for holder in known.holders))
        return self._orders.enrol(fields, job.ticket.began_at, doubt, serial, note)

    def _told(self, job: Job[EnrolMember, None], profile: Profile) -> Finished:
        return told(job.steps[0].outcome, self._cautions(job.command, profile))

    # ------------------------------------------------------------------ who has the contact

    async def _known(self, contact: Contact) -> Known:
        try:
            return Known(await self._holders.of(contact))
        except Unsupported:
            return Known((), asked=False)

    def _check_free(self, contact: Contact, holders: Iterable[Holder]) -> None:
        """An active member's e-mail or mobile number is taken; a home number may be shared."""
        for holder in holders:
            if not holder.is_active:
                continue
            if contact.email and holder.has_email(contact):
                raise self._taken("email")
            if contact.is_mobile and holder.has_mobile(contact):
                raise self._taken("phone")

    def _taken(self, field: str) -> Declined:
        return Declined(
            "another member has this contact; give a different one",
            code=ErrorCode.CONTACT_IN_USE,
            field=("input", "profile", field),
            retry=RetryAdvice.AFTER_CHANGE,
            program=self._holders.program,
        )

    # ------------------------------------------------------------------ what is sent

    def _supported(self, command: EnrolMember) -> Profile:
        checks = self._checks
        if command.mobile_user is not None:
            raise checks.unsupported("this program has no app of its own", _ENROL, "mobileUser")
        if command.profile is None:
            raise checks.invalid("say who is to be enrolled", "profile")
        if command.tier is not None:
            message = "this program gives tiers by itself; leave tier out"
            raise checks.unsupported(message, _ENROL, "tier")
        return command.profile

    def _contact(self, profile: Profile) -> Contact:
        checks = self._checks
        digits = "" if profile.phone is None else phone(profile.phone)
        if profile.phone is not None and len(digits) != _PHONE_DIGITS:
            message = f"a telephone number has {_PHONE_DIGITS} digits here"
            raise checks.invalid(message, "profile", "phone")
        email = (profile.email or "").strip()
        if not email and not digits:
            raise checks.invalid("give an e-mail address or a telephone number", "profile", "email")
        if len(email) > _LONGEST_EMAIL:
            message = f"an e-mail address has at most {_LONGEST_EMAIL} characters here"
            raise checks.invalid(message, "profile", "email")
        return Contact(email, digits, is_home=profile.phone_type is PhoneType.HOME)

    def _fields(self, command: EnrolMember, profile: Profile, contact: Contact) -> Fields:
        outlet = command.outlet
        front = self._till.front(outlet)
        has_register = outlet is not None and outlet.register is not None
        return {
            **self._names(profile),
            **self._zip(profile),
            "EmailAddress": contact.email,
            "DOB": "" if profile.birth_date is None else profile.birth_date.isoformat(),
            "PreferredLanguage": LANGUAGE_LETTER.get(_language(profile), "E"),
            "SHCAssociateInd": "N",
            "CardDesignType": "VRTL",
            "StoreNumber": front.store,
            "Terminal": front.register if has_register else self._settings.terminal,
            **self._consents(command.consents or Consents()),
            **self._gender(profile),
            **_phones(contact),
            **self._attributes(command),
        }

    def _names(self, profile: Profile) -> Fields:
        names = {"FirstName": profile.given_name, "LastName": profile.family_name}
        places = {"FirstName": "givenName", "LastName": "familyName"}
        for field, name in names.items():
            if not name or len(name) > _LONGEST_NAME:
                message = f"a name of at most {_LONGEST_NAME} characters is needed here"
                raise self._checks.invalid(message, "profile", places[field])
        return names

    def _zip(self, profile: Profile) -> Fields:
        """Five digits, or the Canadian form, which also tells the country (contract 4.1)."""
        code = (profile.postal_code or "").strip()
        if (digits := _US_ZIP.fullmatch(code)) is not None:
            more = {"ZipCodeExtension": digits[2]} if digits[2] else {}
            return {"ZipCode": digits[1], "CountryCode": "US", **more}
        if (letters := _CANADIAN_ZIP.fullmatch(code)) is not None:
            return {"ZipCode": f"{letters[1]}{letters[2]}".upper(), "CountryCode": "CA"}
        message = "a postal code of the United States or Canada is needed here"
        raise self._checks.invalid(message, "profile", "postalCode")

    def _consents(self, said: Consents) -> Fields:
        """What was not agreed to is refused: an empty flag would count as agreed (Q-35)."""
        if (said.terms is None) != (said.terms_version is None):
            place = "terms" if said.terms is None else "termsVersion"
            raise self._checks.invalid("terms come with their version", "consents", place)
        if len(said.terms_version or "") > _LONGEST_TERMS:
            message = f"a version has at most {_LONGEST_TERMS} characters here"
            raise self._checks.invalid(message, "consents", "termsVersion")
        terms = {"TnCStatus": _letter(said.terms), "TnCVersion": said.terms_version}
        return {
            "ClubDNPStatus": _PROMOTION[bool(said.mail), bool(said.phone)],
            "ClubEmailOptStatus": _letter(said.email),
            "WirelessPermissionFlag": _letter(said.sms),
            **(terms if said.terms is not None else {}),
        }

    def _gender(self, profile: Profile) -> Fields:
        """One letter, where the configured version of the message has a place for it."""
        if not self._takes_gender:
            return {}
        if profile.gender is None or len(profile.gender) != 1:
            raise self._checks.invalid("a letter is needed here", "profile", "gender")
        return {"Gender": profile.gender}

    @property
    def _takes_gender(self) -> bool:
        return int(self._settings.version(Api.CREATE_MEMBER)) >= _GENDER_SINCE

    def _attributes(self, command: EnrolMember) -> Fields:
        for place, pair in enumerate(command.attributes):
            if not 0 < len(pair.key) <= _LONGEST_KEY or len(pair.value) > _LONGEST_VALUE:
                message = (
                    f"a key has at most {_LONGEST_KEY} characters here, a value {_LONGEST_VALUE}"
                )
                raise self._checks.invalid(message, "attributes", str(place))
        pairs = [{"attrname": pair.key, "attrvalue": pair.value} for pair in command.attributes]
        return {"Attributes": {"Attr": pairs}} if pairs else {}

    def _cautions(self, command: EnrolMember, profile: Profile) -> tuple[Caution, ...]:
        language = _language(profile)
        return self._checks.not_sent([
            given("profile.name", profile.name),
            given("profile.gender", None if self._takes_gender else profile.gender),
            given("profile.language", None if language in LANGUAGE_LETTER else language),
            *outlet_words(command.outlet),
        ])  # fmt: skip


_PROMOTION: Mapping[tuple[bool, bool], str] = {
    (True, True): "",
    (False, True): "M",
    (True, False): "P",
    (False, False): "B",
}
"""ClubDNPStatus by consent to mail and to calls: what a member is not to be bothered with."""


def _letter(agreed: bool | None) -> str:
    return "Y" if agreed else "N"


def _language(profile: Profile) -> str:
    """The language alone, of a tag that may tell more."""
    return (profile.language or "").partition("-")[0].lower()


def _phones(contact: Contact) -> Fields:
    if not contact.phone:
        return {}
    entry = {
        "PhoneType": "H" if contact.is_home else "M",
        "PreferredPhoneType": "Y",
        "PhoneNumber": contact.phone,
    }
    return {"PhoneNumbers": {"Phone": [entry]}}
