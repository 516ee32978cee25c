"""Access tokens for mail servers that want no passwords: fetched when needed (RFC 6749 4.4 and 6), kept until they end.

A refresh token stands for the consent of a person; without one the program asks in its own name (client credentials). The
answer of a token endpoint is small, and it is trusted no further than that: what is not a token is a fault with its words.
"""

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlencode, urlsplit

from supportbot.clock import monotonic
from supportbot.settings import OauthSettings

_TIMEOUT = 15.0  # seconds
_ANSWER_OCTETS = 200_000
_EARLY = 60.0  # seconds before its end at which a token is fetched anew
_LIFETIME = 600.0  # seconds, where an endpoint names none


class TokenFault(OSError):
    """No access token could be had. Its words never hold a secret."""


class Tokens:
    """The access tokens of one server. One thread at a time may use it."""

    def __init__(self, settings: OauthSettings) -> None:
        self._settings = settings
        self._refresh = settings.refresh_token.get_secret_value()
        self._token = ""
        self._ends = 0.0

    def token(self) -> str:
        """A token that is good for a minute at least. Raises `TokenFault`."""
        if not self._token or monotonic() >= self._ends - _EARLY:
            self._fetch()
        return self._token

    def forget(self) -> None:
        """The server refused the token: the next one is fetched anew."""
        self._token = ""

    def _fetch(self) -> None:
        settings = self._settings
        asked = {
            "client_id": settings.client_id,
            "scope": settings.scope,
            "client_secret": settings.client_secret.get_secret_value(),
        }
        if self._refresh:
            asked |= {"grant_type": "refresh_token", "refresh_token": self._refresh}
        else:
            asked |= {"grant_type": "client_credentials"}
        begun = monotonic()
        status, said = self._post({name: value for name, value in asked.items() if value})
        token = said.get("access_token")
        if status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            # RFC 6749 section 5.2: `error` is a word of a closed list, safe to show; the description is the provider's.
            reason = " ".join(str(said.get(name, "")) for name in ("error", "error_description")).strip()
            raise TokenFault(_printable(f"the token endpoint answered {status} {reason}"))
        lifetime = said.get("expires_in", _LIFETIME)
        try:
            self._ends = begun + float(lifetime)
        except (TypeError, ValueError):
            self._ends = begun + _LIFETIME
        self._token = token
        if isinstance(said.get("refresh_token"), str) and said["refresh_token"]:
            self._refresh = said["refresh_token"]  # RFC 6749 section 6: the old one may be void from now on

    def _post(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        url = urlsplit(self._settings.token_url)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            if url.scheme == "https":
                context = ssl.create_default_context(cafile=self._settings.ca_file)
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    url.hostname or "", url.port, timeout=_TIMEOUT, context=context
                )
            else:
                connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=_TIMEOUT)
            try:
                connection.request("POST", f"{url.path or '/'}{url.query and f'?{url.query}'}", urlencode(form), headers)
                answer = connection.getresponse()
                body = answer.read(_ANSWER_OCTETS)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            raise TokenFault(_printable(f"the token endpoint {url.hostname} cannot be reached ({error})")) from error
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        return answer.status, said if isinstance(said, dict) else {}


def sasl(kind: str, user: str, token: str) -> str:
    """What AUTHENTICATE sends: XOAUTH2 as Google and Microsoft define it, or OAUTHBEARER (RFC 7628 section 3.1)."""
    if kind == "xoauth2":
        return f"user={user}\1auth=Bearer {token}\1\1"
    return f"n,a={user.replace('=', '=3D').replace(',', '=2C')},\1auth=Bearer {token}\1\1"


def _printable(words: str) -> str:
    return "".join(character if character.isprintable() else " " for character in words)[:200].strip()
