"""What only a console of this house may read: second factors in the database, and words that a browser keeps for us.

Sealed with AES-256-GCM (NIST SP 800-38D; a random nonce of 96 bits each) under a key made of the console's secret, which all
consoles of one database share and which is kept outside it. What something was sealed for is part of the seal.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from supportbot.clock import Clock
from supportbot.errors import UsageError

SHORTEST_SECRET = 32  # octets
_NONCE = 12  # octets
_MARK = "v1"


class Vault:
    """Seals and opens. `key_id` tells two secrets apart without telling either."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise UsageError(f"the console's secret needs at least {SHORTEST_SECRET} characters; this one has {len(secret)}")
        self._cipher = AESGCM(_derived(secret, b"supportbot seal"))
        self._clock = clock
        self.key_id = _derived(secret, b"supportbot key id").hex()[:12]

    def seal(self, purpose: str, text: str) -> str:
        """A text as only this house reads it again, and only for this purpose."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return f"{_MARK}.{self.key_id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    def open(self, purpose: str, sealed: str) -> str:
        """The text again. Raises `UsageError` where it was sealed with another secret or for another purpose, or changed."""
        mark, _, rest = sealed.partition(".")
        key_id, _, payload = rest.partition(".")
        if mark != _MARK or key_id != self.key_id:
            raise UsageError("this was sealed with another secret than `console.secret`; give this console the same one")
        try:
            octets = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
            return self._cipher.decrypt(octets[:_NONCE], octets[_NONCE:], purpose.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise UsageError("what was sealed was changed meanwhile") from error

    def is_sealed(self, text: str) -> bool:
        """Whether a text is a sealed one, by whatever secret."""
        return text.startswith(f"{_MARK}.")

    def seal_words(self, purpose: str, said: Mapping[str, str], lasts: timedelta) -> str:
        """Words that a browser keeps for us, and can neither read, make nor change; for one purpose and for so long."""
        return self.seal(f"words: {purpose}", json.dumps([(self._clock.now() + lasts).timestamp(), dict(said)]))

    def open_words(self, purpose: str, sealed: str | None) -> dict[str, str] | None:
        """The words again; None where they are not ours, were sealed for something else, or are too old."""
        try:
            ends, said = json.loads(self.open(f"words: {purpose}", sealed or ""))
        except UsageError:
            return None
        found: dict[str, str] = said
        return found if self._clock.now().timestamp() <= ends else None


def _derived(secret: bytes, label: bytes) -> bytes:
    """A key of its own for each use (HKDF's expand step, RFC 5869 section 2.3, of one block; the secret is random already)."""
    return hmac.new(secret, label + b"\x01", hashlib.sha256).digest()
