"""OpenID Connect (Core 1.0) with the authorization code flow, PKCE (RFC 7636, S256), state and nonce: who somebody is, as the
provider says it, verified against the provider's own keys."""

import secrets
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from supportbot.clock import Clock
from supportbot.errors import SignInError
from supportbot.ports import SignInAttempt
from supportbot.settings import OpenIdSettings

TIMEOUT = 10.0  # seconds for one answer of the provider
LEEWAY = 60  # seconds that its clock may be off
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]  # signed by the provider's own key, never by ours
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OpenIdProvider:
    """One provider, known by its issuer; its description and keys are read when they are first needed."""

    def __init__(self, settings: OpenIdSettings, clock: Clock) -> None:
        self.issuer = settings.issuer
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._said: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def begin(self, return_to: str) -> SignInAttempt:
        """Where to send the browser. Raises `SignInError` where the provider cannot be reached."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        client = self._client(return_to)
        endpoint = self._endpoint("authorization_endpoint")
        address, _state = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
        return SignInAttempt(address, state, nonce, verifier)

    def finish(self, attempt: SignInAttempt, return_to: str, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """The verified claims: of the ID token, and of the userinfo endpoint where there is one. Raises `SignInError`."""
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise SignInError("the answer belongs to another sign-in; begin again")
        if "error" in answer or not answer.get("code"):
            raise SignInError(f"the identity provider refused: {answer.get('error', 'no code')[:80]}")
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207: an answer of another provider
            raise SignInError("the answer is another provider's; begin again")
        client = self._client(return_to)
        try:
            token = client.fetch_token(
                self._endpoint("token_endpoint"),
                code=answer["code"],
                code_verifier=attempt.verifier,
                grant_type="authorization_code",
                timeout=TIMEOUT,
            )
            claims = self._verified(str(token.get("id_token") or ""), attempt.nonce)
            more = self._userinfo(client)
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise SignInError(f"the identity provider did not confirm the sign-in ({type(error).__name__})") from error
        if more and more.get("sub") != claims["sub"]:  # Core 5.3.2
            raise SignInError("the identity provider told of somebody else")
        return {**more, **claims}

    def _client(self, return_to: str) -> OAuth2Session:
        return OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope=" ".join(self._settings.scopes),
            redirect_uri=return_to,
            code_challenge_method="S256",
        )

    def _endpoint(self, name: str) -> str:
        said = self._description().get(name)
        if not isinstance(said, str):
            raise SignInError(f"the identity provider names no {name}")
        return _over_tls(said)

    def _description(self) -> Mapping[str, Any]:
        with self._lock:
            if self._said is None:
                said = _read(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != self.issuer:
                    raise SignInError("the identity provider calls itself otherwise than console.openid.issuer")
                self._said = said
            return self._said

    def _verified(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token (Core 3.1.3.7)."""
        try:
            claims: dict[str, Any] = self._decoded(id_token)
            registry = jwt.JWTClaimsRegistry(
                now=int(self._clock.now().timestamp()),
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            )
            registry.validate(claims)
        except JoseError as error:
            raise SignInError(f"the identity provider's answer is not valid ({error.error})") from error
        parties = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if len(parties) > 1 and claims.get("azp") != self._settings.client_id:
            raise SignInError("the identity provider's answer is for somebody else, too")
        return claims

    def _decoded(self, id_token: str) -> dict[str, Any]:
        keys_at = self._endpoint("jwks_uri")
        for fresh in (False, True):  # a provider changes its keys now and then
            with self._lock:
                if fresh or self._keys is None:
                    self._keys = KeySet.import_key_set(_read(keys_at))  # type: ignore[arg-type]
                keys = self._keys
            try:
                return dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError):
                if fresh:
                    raise
        raise AssertionError("one of the two tries ends the loop")

    def _userinfo(self, client: OAuth2Session) -> dict[str, Any]:
        endpoint = self._description().get("userinfo_endpoint")
        if not isinstance(endpoint, str):
            return {}
        answer = client.get(_over_tls(endpoint), timeout=TIMEOUT)
        answer.raise_for_status()
        said = answer.json()
        return said if isinstance(said, dict) else {}


def _over_tls(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise SignInError("an identity provider is asked over https only")
    return address


def _read(address: str) -> dict[str, Any]:
    """A JSON document of the provider: over TLS, but from this machine. Raises `SignInError`."""
    try:
        answer = requests.get(_over_tls(address), timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        said = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise SignInError(f"the identity provider does not answer ({type(error).__name__})") from error
    if not isinstance(said, dict):
        raise SignInError("the identity provider's document is none")
    return said
