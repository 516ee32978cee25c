"""DKIM keys from DNS (RFC 6376 section 3.6.2): a short time limit, a cache, and None where nobody can supply the key."""

from collections.abc import Mapping

import dns.exception
import dns.resolver

TIMEOUT = 3.0  # seconds for one key
CACHED = 4096  # keys


class DnsKeys:
    """Looks keys up by "selector._domainkey.domain". `known` keys, as from an archive, come first."""

    def __init__(self, known: Mapping[str, str] | None = None, *, ask_dns: bool = True) -> None:
        self._known = {name.rstrip(".").casefold(): value for name, value in (known or {}).items()}
        self._ask_dns = ask_dns
        self._cache: dict[str, str | None] = {}

    def __call__(self, name: str) -> str | None:
        name = name.rstrip(".").casefold()
        if name in self._known:
            return self._known[name]
        if not self._ask_dns:
            return None
        if name not in self._cache:
            if len(self._cache) >= CACHED:
                self._cache.clear()
            self._cache[name] = _txt(name)
        return self._cache[name]


def _txt(name: str) -> str | None:
    try:
        answers = dns.resolver.resolve(name, "TXT", lifetime=TIMEOUT)
    except (dns.exception.DNSException, OSError, ValueError):
        return None
    return next((b"".join(answer.strings).decode("latin-1") for answer in answers), None)
