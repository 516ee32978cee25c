"""Raw mail at rest, encrypted where a key is configured: AES-256-GCM (NIST SP 800-38D), bound to the hash it is kept under.

    sealed octets = key id (8) | nonce (12) | ciphertext and tag        additional data: the SHA-256 of the mail, in hex

No mark tells sealed octets from plain ones, for a sender could write it: octets whose SHA-256 is that of the mail are plain.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from supportbot.errors import MissingMail, StoreError, UsageError

KEY_OCTETS = 32
_ID, _NONCE = 8, 12


def read_key(text: str) -> bytes:
    """A key as it is written down: 32 octets in base64 or hex. Raises `UsageError`, without the text."""
    for read in (bytes.fromhex, lambda said: base64.b64decode(said, validate=True)):
        try:
            key = read(text.strip())
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_OCTETS:
            return key
    raise UsageError("a key is 32 octets in base64 or hex; `openssl rand -base64 32` makes one")


def key_id(key: bytes) -> str:
    """By what a key is known without being shown, in hex."""
    return hashlib.sha256(b"supportbot raw mail\0" + key).hexdigest()[: 2 * _ID]


class Vault:
    """The keys of one database: the first seals, all open. Without a key everything stays plain."""

    def __init__(self, key: str = "", old_key: str = "", *, closed: bool = False) -> None:
        keys = [read_key(text) for text in (key, old_key) if text]
        self._keys = {key_id(one): AESGCM(one) for one in keys}
        self.seals_with = key_id(read_key(key)) if key else None
        self._closed = closed

    @classmethod
    def closed(cls) -> "Vault":
        """For whoever only carries octets: admitted everywhere, opens nothing and keeps nothing new."""
        return cls(closed=True)

    def admit(self, used: Sequence[str], place: str) -> None:
        """Raises `StoreError` where the database holds mail that was sealed with a key that is not here."""
        missing = sorted(set(used) - self._keys.keys())
        if missing and not self._closed:
            have = "the keys configured are others" if self._keys else "`encryption.key` names none"
            raise StoreError(
                f"raw mail in {place} is encrypted with key {', '.join(missing)}, and {have}: put that key back as"
                " `encryption.key` or `encryption.old_key`; without it no stored mail can be read"
            )

    def seal(self, sha256: str, raw: bytes) -> bytes:
        """The octets as they are to be kept."""
        if self._closed:
            raise StoreError("this program was opened to carry stored mail, not to keep new mail")
        if self.seals_with is None or not raw:
            return raw
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self.seals_with].encrypt(nonce, raw, sha256.encode("ascii"))
        return bytes.fromhex(self.seals_with) + nonce + sealed

    def open(self, sha256: str, kept: bytes) -> bytes:
        """The octets as they came. Raises `MissingMail` where they were erased, are damaged, or their key is not here."""
        if hashlib.sha256(kept).hexdigest() == sha256:
            return kept
        if not kept:
            raise MissingMail(f"the stored bytes of mail {sha256[:12]} were erased", cause="bytes-erased")
        key = self._keys.get(self.sealed_with(sha256, kept) or "")
        if key is not None:
            try:
                raw = key.decrypt(kept[_ID : _ID + _NONCE], kept[_ID + _NONCE :], sha256.encode("ascii"))
            except InvalidTag:
                raw = b""
            if raw and hashlib.sha256(raw).hexdigest() == sha256:
                return raw
        raise MissingMail(f"the stored bytes of mail {sha256[:12]} are not those that came", cause="bytes-damaged")

    @staticmethod
    def sealed_with(sha256: str, kept: bytes) -> str | None:
        """The id of the key that kept octets name; None where they are plain or erased."""
        plain = not kept or hashlib.sha256(kept).hexdigest() == sha256
        return None if plain else kept[:_ID].hex()
