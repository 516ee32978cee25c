"""Passwords: argon2id (RFC 9106), and a check that takes as long for a name nobody has (ASVS 6.3)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from supportbot.errors import UsageError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_HASHER = PasswordHasher()


@cache
def _of_nobody() -> str:
    """A hash that costs what a real one costs; made when it is first needed, as every start would wait for it."""
    return _HASHER.hash("the password of nobody")


def hash_password(password: str) -> str:
    """The hash to store for a new password. Raises `UsageError` for one that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UsageError(f"a password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; this one has {len(password)}")
    return _HASHER.hash(password)


def password_fits(stored_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a stored hash; None (no such person, or none set) costs the same time and never fits."""
    try:
        fits = _HASHER.verify(stored_hash or _of_nobody(), password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored_hash is not None
