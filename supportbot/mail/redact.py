"""Numbers that people should not have typed into a mail, masked where it is shown or logged; the stored mail keeps them.

A payment card is known by its issuer's range, its length and its check digit (ISO/IEC 7812), an account by the length of its
country and its check digits (ISO 13616), a US social security number by its form and its ranges. Order and tracking numbers
have none of these by rule, and only few by chance; those that are written as orders are left alone.
"""

import re

_DIGITS = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w-])")
_ORDER = re.compile(r"\d{3}-\d{7}-\d{7}")  # Amazon's
_GROUPS = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19}")
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}"  # Discover
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14,17}"  # UnionPay
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?)(?![A-Za-z0-9])")
# Lengths by country: the registry of SWIFT, release 99; a country that is not here is not masked.
_IBAN_LENGTHS = dict.fromkeys(("NO",), 15) | {
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "FO", "GL", "NL"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "XK"), 20),
    **dict.fromkeys(("CH", "CR", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "CY", "DO", "GT", "HU", "LB", "PL"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
}
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")


def redact(text: str) -> str:
    """The text with card, account and social security numbers masked; a card and an account keep their last four characters.

    As long as it was, so that places in it stay where they are.
    """
    if not any(character.isdigit() for character in text):
        return text
    text = _IBAN.sub(_account, text)
    text = _DIGITS.sub(_card, text)
    return _SOCIAL_SECURITY.sub(lambda found: _masked(found[0], keep=0), text)


def _masked(written: str, *, keep: int) -> str:
    """Dots for letters and digits, but for the last `keep` of them."""
    places = [place for place, character in enumerate(written) if character.isalnum()]
    hidden = set(places[: len(places) - keep])
    return "".join("•" if place in hidden else character for place, character in enumerate(written))


def _card(found: re.Match[str]) -> str:
    written = found[0]
    digits = written.replace(" ", "").replace("-", "")
    if _ORDER.fullmatch(written) or not _GROUPS.fullmatch(written) or not _ISSUERS.fullmatch(digits) or not _luhn(digits):
        return written
    return _masked(written, keep=4)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _account(found: re.Match[str]) -> str:
    written = found[1].replace(" ", "").replace("-", "")
    # In running text the group may have swallowed the beginning of the next word: the country says where it ends.
    length = _IBAN_LENGTHS.get(written[:2])
    if length is None or len(written) != length:
        return found[0]
    turned = written[4:] + written[:4]
    if int("".join(str(int(character, 36)) for character in turned)) % 97 != 1:
        return found[0]
    return _masked(found[0], keep=4)
