"""DKIM keys from DNS (RFC 6376 section 3.6.2): a short time limit, a cache, and faults told apart.

That a name does not exist is an answer: "", there is no key. That nobody answers is none: `NoKey`, ask again in a minute.
"""

import time
from collections.abc import Callable, Mapping

import dns.exception
import dns.resolver

from supportbot.mail.signature import NoKey

TIMEOUT = 3.0  # seconds for one key
CACHED = 4096  # keys
KEPT_KEY = 3600.0  # seconds for which an answer is believed
KEPT_NONE = 300.0
KEPT_FAULT = 60.0


class DnsKeys:
    """Looks keys up by "selector._domainkey.domain". `known` keys, as from an archive, come first.

    `resolver` None: the one of this machine. `now` counts seconds, from whenever.
    """

    def __init__(
        self,
        known: Mapping[str, str] | None = None,
        *,
        ask_dns: bool = True,
        resolver: dns.resolver.Resolver | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known = {name.rstrip(".").casefold(): value for name, value in (known or {}).items()}
        self._ask_dns = ask_dns
        self._resolver = resolver
        self._now = now
        self._cache: dict[str, tuple[float, str | NoKey]] = {}

    def __call__(self, name: str) -> str | NoKey:
        name = name.rstrip(".").casefold()
        if name in self._known:
            return self._known[name]
        if not self._ask_dns:
            return NoKey("not in the given archive")
        until, answer = self._cache.get(name, (0.0, NoKey("not asked")))
        if self._now() < until:
            return answer
        answer = self._txt(name)
        if len(self._cache) >= CACHED:
            self._cache.clear()
        kept = KEPT_FAULT if isinstance(answer, NoKey) else KEPT_KEY if answer else KEPT_NONE
        self._cache[name] = (self._now() + kept, answer)
        return answer

    def _txt(self, name: str) -> str | NoKey:
        try:
            resolver = self._resolver or dns.resolver.get_default_resolver()
            answers = resolver.resolve(name, "TXT", lifetime=TIMEOUT)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ""
        except dns.exception.Timeout:
            return NoKey("timeout")
        except dns.resolver.NoNameservers:
            return NoKey("server failure")  # SERVFAIL, REFUSED: of every server that was asked
        except (dns.exception.DNSException, OSError, ValueError) as error:
            return NoKey(f"DNS: {type(error).__name__}")
        return next((b"".join(answer.strings).decode("latin-1") for answer in answers), "")
