"""From which network a mail was handed in, as far as its header tells: anybody can write that, so it only raises questions."""

import ipaddress
import re
from collections.abc import Sequence

_FROM_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{3,45})\]")
_HANDED_IN = re.compile(r"\bwith\s{1,4}(?:E?SMTPS?A|HTTPS?|LMTPA)\b", re.IGNORECASE)  # RFC 3848: an authenticated client


def networks_of_origin(headers: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The networks (/24, or /48 of IPv6) of the client that wrote a mail: X-Originating-IP, and the hop that took it from an
    authenticated client. Hops between providers say nothing about who wrote it."""
    found = {network_of(value.strip(" []")) for name, value in headers if name.lower() == "x-originating-ip"}
    received = [value for name, value in headers if name.lower() == "received"]
    if received and _HANDED_IN.search(received[-1]):
        address = _FROM_ADDRESS.search(received[-1])
        found.add(network_of(address[1]) if address else None)
    return frozenset(one for one in found if one)


def network_of(address: str) -> str | None:
    """The network of a public address; None for a private one, which many have, and for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if not found.is_global:
        return None
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))
