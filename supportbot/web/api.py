"""The API under /api: the same actions as JSON, by tokens; its description (OpenAPI); every error as a problem (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHttpError

from supportbot.errors import StoreError, StoreRefusal, SupportbotError
from supportbot.web import api_views
from supportbot.web.api_shapes import Problem
from supportbot.web.pages import headers_for
from supportbot.web.room import LARGEST_FORM, Console, MustEnrol, NotSignedIn, Person, lacks_factor
from supportbot.web.routes import API_ROUTES, guard
from supportbot.web.sessions import Session

# What a scope of a token allows, as the roles name it; what the role does not allow, no token does.
SCOPE_ALLOWS = {"read": frozenset[str](), "review": frozenset({"review"}), "money": frozenset({"enter", "issue"})}
PROBLEM = "application/problem+json"

_ABOUT = """\
Everything a reviewer does at the console, for programs. Make a token at your account page and send it as
`Authorization: Bearer sbt_…`. A token does no more than its owner may, within its scopes: `read`, `review`, `money`.
An approval names the `content_sha256` that was shown; a draft that changed meanwhile is refused with 409.
Every look at a case, message, draft or ticket is kept, as at the console."""


def create_api(console: FastAPI) -> FastAPI:
    """The API of a console, to be mounted under /api."""
    api = FastAPI(
        title="supportbot",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_FORM,
    )
    api.state.console = console.state.console
    api.state.doors = console.state.doors
    api.state.presence = console.state.presence
    api.state.recognise = by_token
    api.state.routes = API_ROUTES
    api.include_router(api_views.router, dependencies=[Depends(guard)])
    _answer_problems(api)

    def described() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _describe(api)
        return api.openapi_schema

    api.openapi = described  # type: ignore[method-assign]
    return api


def by_token(request: Request, console: Console) -> Person | None:
    """Whom the token speaks for; None without one that stands. Guessing has to wait, by address."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not secret:
        return None
    with console.store.snapshot() as tx:
        token = tx.token_of(secret.strip())
        user = tx.user(token.owner) if token is not None else None
        must_enrol = user is not None and lacks_factor(tx, user, console, request.app.state.doors)
    if token is None or user is None or user.disabled:
        address = request.client.host if request.client else ""
        if wait := console.brake.take("token", address):  # asked for what does not fit only: nobody locks others out
            raise HTTPException(429, "Too many tokens that do not fit; wait.", {"retry-after": str(wait)})
        return None
    with console.store.transaction() as tx:
        tx.token_used(token)
    allowed = frozenset[str]().union(*(SCOPE_ALLOWS[scope] for scope in token.scopes))
    session = Session(token.id, user.name, token.made_at, console.clock.now(), form_token="")
    return Person(user.name, user.role, session, user.seller_id, allowed, must_enrol)


def _answer_problems(api: FastAPI) -> None:
    @api.exception_handler(NotSignedIn)
    def ask_for_a_token(_request: Request, _error: NotSignedIn) -> Response:
        return problem(401, "A token is missing, or it is not, or no more, one of ours.", {"www-authenticate": "Bearer"})

    @api.exception_handler(MustEnrol)
    def ask_to_enrol(_request: Request, _error: MustEnrol) -> Response:
        return problem(403, "The token's owner needs a second factor first, which is set up at the console.")

    @api.exception_handler(AnyHttpError)
    def refuse(_request: Request, error: HTTPException) -> Response:
        plain = error.detail in {HTTPStatus(error.status_code).phrase, ""}
        detail = "There is nothing at this address." if plain and error.status_code == 404 else str(error.detail)
        return problem(error.status_code, detail, error.headers)

    @api.exception_handler(RequestValidationError)
    def misunderstood(_request: Request, error: RequestValidationError) -> Response:
        fields = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
        said = "; ".join(str(one["msg"]) for one in error.errors()[:5])
        return problem(422, f"The request does not fit its description: {said}", fields=fields[:20])

    @api.exception_handler(StoreError)
    def store_failed(_request: Request, error: StoreError) -> Response:
        return problem(503, f"The database could not be used: {error}. Nothing was changed; try again in a moment.")

    @api.exception_handler(StoreRefusal)
    def forbidden_by_a_guard(_request: Request, error: StoreRefusal) -> Response:
        return problem(409, str(error))

    @api.exception_handler(SupportbotError)
    def not_possible(_request: Request, error: SupportbotError) -> Response:
        return problem(409, str(error))

    @api.exception_handler(Exception)
    def surprise(request: Request, _error: Exception) -> Response:
        return problem(500, "Something went wrong that should not have. It is in the log.", headers_for(request.scope))


def problem(status: int, detail: str, headers: Any = None, *, fields: Sequence[str] = ()) -> Response:
    """One problem."""
    said = Problem(title=HTTPStatus(status).phrase, status=status, detail=storable_text(detail), fields=fields)
    return JSONResponse(said.model_dump(), status_code=status, headers=headers, media_type=PROBLEM)


def storable_text(text: str) -> str:
    """The text with what JSON in UTF-8 cannot say (half of a surrogate pair) replaced."""
    return text.encode("utf-8", "replace").decode()


def _describe(api: FastAPI) -> dict[str, Any]:
    """The description: FastAPI's, with every problem that an operation may answer, and the token."""
    said = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
    said["servers"] = [{"url": "/api"}]
    said["components"]["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name in ("HTTPValidationError", "ValidationError"):
        said["components"]["schemas"].pop(name, None)
    said["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    body = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in said["paths"].values():
        for method, operation in operations.items():
            statuses = [401, 403, 404, 422, 429, 503, *([409, 413] if method == "post" else [])]
            answers = {str(status): {"description": HTTPStatus(status).phrase, "content": body} for status in statuses}
            operation["responses"] |= answers
            operation["security"] = [{"token": []}]
    return said
