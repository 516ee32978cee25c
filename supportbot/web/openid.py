"""Signing in by an identity provider: away with state, nonce and a PKCE challenge; back with a code; a role by the claims."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from supportbot.errors import SupportbotError, UsageError
from supportbot.ports import IdentityProvider, SignInAttempt
from supportbot.settings import OpenIdSettings
from supportbot.store.people import ROLES
from supportbot.web.doors import Doors, begin, forget, keep, kept_name
from supportbot.web.room import Console, WholeConsole, safe_path, sentence_of

router = APIRouter()


class NoRole(UsageError):
    """The identity provider gives this person no role here."""


_PURPOSE = "openid"
_LASTS = timedelta(minutes=10)


@router.get("/login/openid")
def go(request: Request, console: WholeConsole, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Send the browser to the provider."""
    provider = _provider(request)
    try:
        attempt = provider.begin(_back(request))
    except SupportbotError as error:
        return _refused(request, console, error)
    said = {"state": attempt.state, "nonce": attempt.nonce, "verifier": attempt.verifier, "target": safe_path(next)}
    answer = RedirectResponse(attempt.address, status_code=303)
    keep(request, answer, "openid", console.vault.seal_words(_PURPOSE, said, _LASTS), _LASTS)
    return answer


@router.get("/login/openid/back")
def back(request: Request, console: WholeConsole) -> Response:
    """The browser is back: ask the provider who this is, and let them in with the role that their claims give."""
    provider, doors = _provider(request), request.app.state.doors
    said = console.vault.open_words(_PURPOSE, request.cookies.get(kept_name(request, "openid")))
    try:
        if said is None:
            raise UsageError("this sign-in was not begun in this browser, or too long ago; begin again")
        attempt = SignInAttempt("", said["state"], said["nonce"], said["verifier"])
        claims = provider.finish(attempt, _back(request), dict(request.query_params))
        try:
            name, role, seller = account_of(claims, doors.openid)
        except NoRole:
            with console.store.transaction() as tx:
                tx.turn_away(provider.issuer, str(claims["sub"]))
            raise
        with console.store.transaction() as tx:
            name = tx.welcome(provider.issuer, str(claims["sub"]), name, role, seller)
    except SupportbotError as error:
        return _refused(request, console, error)
    answer = begin(request, console, name, said["target"], by="identity provider")
    forget(request, answer, "openid")
    return answer


def account_of(claims: Mapping[str, Any], said: OpenIdSettings) -> tuple[str, str, str | None]:
    """Name, role and seller of the person with these claims. Raises `NoRole` for who has none here, else `UsageError`."""
    name = str(claims.get(said.name_claim) or "").strip()
    if not name:
        raise UsageError(f"the identity provider says no {said.name_claim} of you; tell an administrator")
    if said.name_claim == "email" and claims.get("email_verified") not in (True, "true"):  # some providers say it as a text
        raise UsageError("the identity provider does not say that it has checked your address")
    values = claims.get(said.role_claim)
    held = {str(value) for value in values} if isinstance(values, list) else {str(values)}
    roles = [row.role for row in said.roles if row.value in held]
    if not roles:
        raise NoRole("you have no role here; an administrator gives one")
    seller = claims.get(said.seller_claim) if said.seller_claim else None
    if seller is not None and (not isinstance(seller, str) or not seller.strip()):  # who has none is of the team, and sees all
        raise UsageError(f"the identity provider says a {said.seller_claim} of you that is none; tell an administrator")
    return name, max(roles, key=ROLES.index), seller


def _provider(request: Request) -> IdentityProvider:
    doors: Doors = request.app.state.doors
    if doors.provider is None:
        raise HTTPException(404)
    return doors.provider


def _back(request: Request) -> str:
    doors: Doors = request.app.state.doors
    return f"{(doors.address or str(request.base_url)).rstrip('/')}/login/openid/back"


def _refused(request: Request, console: Console, error: SupportbotError) -> Response:
    sentence = sentence_of(error)
    answer = console.pages.render(request, "error.html", status=403, code=403, sentence=sentence)
    forget(request, answer, "openid")
    return answer
