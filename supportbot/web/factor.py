"""Codes of a second factor (TOTP, RFC 6238: six digits, 30 seconds, SHA-1, as every authenticator app reads them), and its
secret, which the database keeps sealed."""

import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

from supportbot.store import SecondFactorRow, Store
from supportbot.web.room import Console
from supportbot.web.vault import Vault

STEP_SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off, either way
RECOVERY_CODES = 10


def new_secret() -> str:
    """A secret of 160 bits, in base 32 (RFC 4226 section 4, R6)."""
    return pyotp.random_base32()


def purpose_of(name: str) -> str:
    """What a secret is sealed for: nobody's secret opens as another's."""
    return f"second factor of {name}"


def sealed(console: Console, name: str, secret: str) -> str:
    """A secret as the database keeps it: useless to who reads that alone."""
    return console.vault.seal(purpose_of(name), secret)


def opened(console: Console, factor: SecondFactorRow) -> str:
    """The secret again. Raises `UsageError` where it was sealed by a console with another secret."""
    return console.vault.open(purpose_of(factor.name), factor.secret)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, among the present one and its neighbours; None where it is none of theirs."""
    plain = "".join(code.split())
    if len(plain) != 6 or not (plain.isascii() and plain.isdecimal()):
        return None
    here = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    fits = [step for step in range(here - DRIFT, here + DRIFT + 1) if hmac.compare_digest(codes.generate_otp(step), plain)]
    return fits[-1] if fits else None


def address_of(secret: str, name: str, team: str) -> str:
    """The `otpauth:` address that a picture carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=team)


def picture(address: str) -> Markup:
    """The address as a QR code, drawn on the server as SVG: dark on light also on a dark page, as cameras want it."""
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False))  # noqa: S704 - drawn here


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 bits each, for the day the phone is gone."""
    codes = (secrets.token_hex(10) for _ in range(RECOVERY_CODES))
    return ["-".join(code[start : start + 5] for start in range(0, 20, 5)) for code in codes]


def recovery_code_in(text: str) -> str:
    """A recovery code as it is kept, from how a person types it."""
    plain = "".join(text.split()).replace("-", "").casefold()
    return "-".join(plain[start : start + 5] for start in range(0, 20, 5)) if len(plain) == 20 else ""


def seal_factors(store: Store, vault: Vault) -> None:
    """Seal what older versions kept plain. Raises `UsageError` where a factor was sealed with another secret: no code of it
    would ever fit."""
    with store.snapshot() as tx:
        factors = tx.second_factors()
    for factor in factors:
        if vault.is_sealed(factor.secret):
            vault.open(purpose_of(factor.name), factor.secret)
    if plain := [factor for factor in factors if not vault.is_sealed(factor.secret)]:
        with store.transaction() as tx:
            for factor in plain:
                tx.seal_second_factor(factor.name, vault.seal(purpose_of(factor.name), factor.secret))
